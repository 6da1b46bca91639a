// The app catalog: publish, submit, review, next version, delete.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { describe, test } = require("node:test");
const {
  administrator, appPackage, automation, bind, delegated, empty, publishedApp, refusal, upload,
} = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  /** The app with its versions. */
  async function withDefinitions(graph, id) {
    const { value } = await graph.api("/appCatalogs/teamsApps").filter(`id eq '${id}'`).expand("appDefinitions").get();
    assert.equal(value.length, 1);
    return value[0].appDefinitions;
  }

  test("a published app is found by its manifest's id", async () => {
    const app = await publishedApp();
    const { value } = await automation.api("/appCatalogs/teamsApps")
      .filter(`distributionMethod eq 'organization' and externalId eq '${app.externalId}'`)
      .get();
    assert.deepEqual(value.map((found) => found.id), [app.id]);
    await app.publish("1.1.0");
    const versions = (await withDefinitions(automation, app.id)).map((definition) => definition.version);
    assert.deepEqual(versions.sort(), ["1.0.0", "1.1.0"]);
  });

  test("what a user submits waits for an administrator", async () => {
    const mia = delegated(tenant.MIA, "AppCatalog.Submit");
    const bytes = appPackage(randomUUID(), "1.0.0");
    assert.equal((await refusal(upload(mia, "/appCatalogs/teamsApps", bytes))).status, 403);
    const app = await upload(mia, "/appCatalogs/teamsApps?requiresReview=true", bytes);
    const list = `/users/${tenant.userId(21)}/teamwork/installedApps`;
    assert.equal((await refusal(automation.api(list).post(bind(app.id)))).status, 404);

    const [submitted] = await withDefinitions(administrator, app.id);
    assert.equal(submitted.publishingState, "submitted");
    const approved = await administrator.api(`/appCatalogs/teamsApps/${app.id}/appDefinitions/${submitted.id}`)
      .header("If-Match", submitted["@odata.etag"])
      .patch({ publishingState: "published" });
    assert.equal(approved.publishingState, "published");
    assert.notEqual(approved.id, submitted.id);
    await automation.api(list).post(bind(app.id));
  });

  test("a submission can be withdrawn", async () => {
    const mia = delegated(tenant.MIA, "AppCatalog.Submit");
    const app = await upload(mia, "/appCatalogs/teamsApps?requiresReview=true", appPackage(randomUUID(), "1.0.0"));
    const [submitted] = await withDefinitions(mia, app.id);
    await mia.api(`/appCatalogs/teamsApps/${app.id}/appDefinitions/${submitted.id}`).delete();
    const { value } = await mia.api("/appCatalogs/teamsApps").filter(`id eq '${app.id}'`).get();
    assert.deepEqual(value, []);
  });

  test("a deleted app is gone", async () => {
    const app = await publishedApp();
    await empty(administrator.api(`/appCatalogs/teamsApps/${app.id}`).delete());
    assert.equal((await refusal(automation.api(`/appCatalogs/teamsApps/${app.id}`).get())).status, 404);
  });

  test("a manifest's id is published once, and a faulty one never", async () => {
    const app = await publishedApp();
    const taken = await refusal(upload(administrator, "/appCatalogs/teamsApps", appPackage(app.externalId, "2.0.0")));
    assert.deepEqual([taken.status, taken.code], [409, "Conflict"]);
    const faulty = await refusal(upload(administrator, "/appCatalogs/teamsApps", appPackage(randomUUID(), "one")));
    assert.deepEqual([faulty.status, faulty.code], [400, "BadRequest"]);
  });
});
