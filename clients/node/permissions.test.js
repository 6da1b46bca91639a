// Who may not: tokens that do not hold, and clients that lack a permission.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { application, bind, connect, refusal } = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  test("garbage for a token is unauthorized", async () => {
    const graph = connect({ getAccessToken: async () => "garbage" });
    const refused = await refusal(graph.api("/users").get());
    assert.deepEqual([refused.status, refused.code], [401, "InvalidAuthenticationToken"]);
  });

  test("a missing role is forbidden and named", async () => {
    const reader = application(tenant.READER);
    const list = `/users/${tenant.userId(31)}/teamwork/installedApps`;
    assert.deepEqual((await reader.api(list).get()).value, []);
    const refused = await refusal(reader.api(list).post(bind("any")));
    assert.deepEqual([refused.status, refused.code], [403, "Forbidden"]);
    assert.match(refused.message, /^Missing role permissions on the request\. API requires one of '.+'\. Roles on/);
    assert.match(refused.message, /Roles on the request 'TeamsAppInstallation\.ReadForUser\.All'\.$/);
  });
});
