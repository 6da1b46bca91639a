// Several requests in one, built and read by the client's own classes.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { BatchRequestContent, BatchResponseContent } = require("@microsoft/microsoft-graph-client");
const { automation, bind, publishedApp, url } = require("./graph.js");
const tenant = require("./tenant.js");

describe("@microsoft/microsoft-graph-client", () => {
  function install(user, appId) {
    return new Request(`${url}/users/${user}/teamwork/installedApps`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(bind(appId)),
    });
  }

  async function send(steps) {
    const content = await new BatchRequestContent(steps).getContent();
    return new BatchResponseContent(await automation.api("/$batch").post(content));
  }

  test("twenty installations in one request", async () => {
    const app = await publishedApp();
    const users = Array.from({ length: 20 }, (_, index) => tenant.userId(101 + index));
    const answers = await send(users.map((user, index) => ({ id: `${index + 1}`, request: install(user, app.id) })));
    for (let id = 1; id <= 20; id += 1) {
      assert.equal(answers.getResponseById(`${id}`).status, 201);
    }
  });

  test("a part waits for the one before it, and fails with it", async () => {
    const app = await publishedApp();
    const user = tenant.userId(121);
    const list = () => new Request(`${url}/users/${user}/teamwork/installedApps?$expand=teamsApp`);
    const answers = await send([
      { id: "1", request: install(user, app.id) },
      { id: "2", request: list(), dependsOn: ["1"] },
      { id: "3", request: install(user, app.id), dependsOn: ["2"] },
      { id: "4", request: list(), dependsOn: ["3"] },
    ]);
    assert.equal(answers.getResponseById("1").status, 201);
    const { value } = await answers.getResponseById("2").json();
    assert.deepEqual(value.map((installation) => installation.teamsApp.id), [app.id]);
    assert.equal(answers.getResponseById("3").status, 409);
    assert.equal(answers.getResponseById("4").status, 424);
  });
});
