// Apps of a team and of a chat: the same calls, other paths.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { automation, bind, delegated, empty, installationId, publishedApp, refusal } = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  const owners = [
    ["a team", `/teams/${tenant.SALES}`, tenant.SALES],
    ["a chat", `/chats/${tenant.LAUNCH}`, tenant.LAUNCH],
    ["a chat whose id is encoded", `/chats/${encodeURIComponent(tenant.LAUNCH)}`, tenant.LAUNCH],
  ];

  for (const [what, path, id] of owners) {
    test(`an app in ${what}, from installation to removal`, async () => {
      const app = await publishedApp();
      const list = `${path}/installedApps`;
      await empty(automation.api(list).post(bind(app.id)));
      const again = await refusal(automation.api(list).post(bind(app.id)));
      assert.deepEqual([again.status, again.code], [409, "Conflict"]);

      const { value } = await automation.api(list)
        .expand("teamsAppDefinition")
        .filter(`teamsAppDefinition/teamsAppId eq '${app.id}'`)
        .get();
      assert.deepEqual(value.map((found) => found.id), [installationId(id, app.id)]);

      await app.publish("1.1.0");
      await automation.api(`${list}/${value[0].id}/upgrade`).post({});
      const upgraded = await automation.api(`${list}/${value[0].id}`).expand("teamsAppDefinition").get();
      assert.equal(upgraded.teamsAppDefinition.version, "1.1.0");

      await automation.api(`${list}/${value[0].id}`).delete();
      assert.equal((await refusal(automation.api(`${list}/${value[0].id}`).get())).status, 404);
    });
  }

  test("members manage the apps of their team, and of no other", async () => {
    const app = await publishedApp();
    const mia = delegated(tenant.MIA, "TeamsAppInstallation.ReadWriteForTeam");
    await mia.api(`/teams/${tenant.SALES}/installedApps`).post(bind(app.id));
    const refused = await refusal(mia.api(`/teams/${tenant.OPERATIONS}/installedApps`).get());
    assert.equal(refused.status, 403);
  });
});
