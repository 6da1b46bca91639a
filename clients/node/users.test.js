// The directory: more users than fit a page, and one by name.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { PageIterator } = require("@microsoft/microsoft-graph-client");
const { automation, refusal } = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  for (const size of [undefined, 999]) {
    test(`pages of ${size ?? "the server's size"} hold more than 2,000 users, each once`, async () => {
      const users = automation.api("/users").select("id");
      const first = await (size ? users.top(size) : users).get();
      assert.equal(first.value.length, size ?? 100);
      const seen = new Set();
      const pages = new PageIterator(automation, first, (user) => {
        assert.ok(!seen.has(user.id), user.id);
        seen.add(user.id);
        return true;
      });
      await pages.iterate();
      assert.equal(seen.size, tenant.USERS);
      assert.ok(seen.has(tenant.userId(1)) && seen.has(tenant.userId(2100)));
    });
  }

  test("a user is found by name and by id", async () => {
    const byName = await automation.api("/users/user7@litware.example").get();
    assert.equal(byName.id, tenant.userId(7));
    const byId = await automation.api(`/users/${tenant.userId(7)}`).select("userPrincipalName").get();
    assert.equal(byId.userPrincipalName, "user7@litware.example");
    const { value } = await automation.api("/users").filter("userPrincipalName eq 'user7@litware.example'").get();
    assert.deepEqual(value.map((user) => user.id), [tenant.userId(7)]);
  });

  test("an unknown user is not found", async () => {
    const refused = await refusal(automation.api("/users/11700000-0000-4000-8000-00000000dead").get());
    assert.deepEqual([refused.status, refused.code], [404, "Request_ResourceNotFound"]);
  });
});
