// A user's apps: install, list, read, upgrade, uninstall.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const {
  application, automation, bind, delegated, empty, installationId, publishedApp, refusal,
} = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  test("an app from installation to removal", async () => {
    const app = await publishedApp();
    const user = tenant.userId(11);
    const list = `/users/${user}/teamwork/installedApps`;
    await empty(automation.api(list).post(bind(app.id)));

    const { value } = await automation.api(list)
      .expand("teamsApp,teamsAppDefinition")
      .filter(`teamsApp/externalId eq '${app.externalId}'`)
      .get();
    assert.equal(value.length, 1);
    assert.equal(value[0].id, installationId(user, app.id));
    assert.equal(value[0].teamsApp.displayName, app.name);
    assert.equal(value[0].teamsAppDefinition.version, "1.0.0");

    await app.publish("1.1.0");
    const one = `${list}/${value[0].id}`;
    await empty(automation.api(`${one}/upgrade`).post());
    const upgraded = await automation.api(one).expand("teamsAppDefinition").get();
    assert.equal(upgraded.teamsAppDefinition.version, "1.1.0");

    await empty(automation.api(one).delete());
    const gone = await refusal(automation.api(one).get());
    assert.deepEqual([gone.status, gone.code], [404, "NotFound"]);
  });

  test("a second installation is a conflict", async () => {
    const app = await publishedApp();
    const list = `/users/${tenant.userId(12)}/teamwork/installedApps`;
    await automation.api(list).post(bind(app.id));
    const again = await refusal(automation.api(list).post(bind(app.id)));
    assert.deepEqual(again, {
      status: 409, code: "Conflict", message: `AppEntitlement id: '${app.id}' already exists in thread`,
    });
  });

  test("an app that the catalog lacks, and a bind that is missing", async () => {
    const list = `/users/${tenant.userId(13)}/teamwork/installedApps`;
    const unknown = await refusal(automation.api(list).post(bind("11700000-0000-4000-8000-00000000dead")));
    assert.deepEqual([unknown.status, unknown.message], [404, "Not Found"]);
    const missing = await refusal(automation.api(list).post({}));
    assert.equal(missing.message, "The navigation bind for the teamsApp was missing in request.");
  });

  test("a user's own apps", async () => {
    const app = await publishedApp();
    const mia = delegated(tenant.MIA);
    await mia.api("/me/teamwork/installedApps").post(bind(app.id));
    const { value } = await mia.api("/me/teamwork/installedApps").expand("teamsApp").get();
    assert.ok(value.some((installation) => installation.teamsApp.id === app.id));
    const others = await refusal(mia.api(`/users/${tenant.userId(14)}/teamwork/installedApps`).get());
    assert.equal(others.status, 403);
  });

  test("what an app wants is consented to with its installation", async () => {
    const app = await publishedApp({
      webApplicationInfo: { id: "11700000-0000-4000-8000-00000000a0ff", resource: "https://hello.example" },
      authorization: { permissions: { resourceSpecific: [{ name: "TeamsActivity.Send.User", type: "Application" }] } },
    });
    const list = `/users/${tenant.userId(15)}/teamwork/installedApps`;
    const missing = await refusal(automation.api(list).post(bind(app.id)));
    assert.deepEqual([missing.status, missing.code], [400, "ResourceSpecificPermissionsMismatch"]);

    const { value } = await automation.api("/appCatalogs/teamsApps")
      .filter(`id eq '${app.id}'`)
      .expand("appDefinitions($select=id,authorization)")
      .get();
    const consentedPermissionSet = value[0].appDefinitions[0].authorization.requiredPermissionSet;
    await automation.api(list).post({ ...bind(app.id), consentedPermissionSet });
  });

  test("beta says in which scope an app is", async () => {
    const app = await publishedApp();
    const user = tenant.userId(16);
    const beta = application(tenant.AUTOMATION, "beta");
    await beta.api(`/users/${user}/teamwork/installedApps`).post(bind(app.id));
    const one = `/users/${user}/teamwork/installedApps/${installationId(user, app.id)}`;
    const installation = await beta.api(one).select("id,scopeInfo").get();
    assert.equal(installation.scopeInfo.scope, "personal");
  });
});
