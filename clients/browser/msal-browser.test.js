// A page with @azure/msal-browser in it, in Chromium: the user signs in, and the page itself tells the story.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { once } = require("node:events");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { after, before, describe, test } = require("node:test");
const { block } = require("../node/documented.js");
const { appPackage } = require("../node/packages.js");
const tenant = require("../node/tenant.js");
const { versions: [first, next], refusals } = require("../story.json");
const { browse, picture } = require("./chromium.js");

const library = readFileSync(require.resolve("@azure/msal-browser").replace(/[^/]*$/, "msal-browser.min.js"));
const scopes = ["AppCatalog.ReadWrite.All", "TeamsAppInstallation.ReadWriteAndConsentForUser", "User.Read"];
const ANYBODY = "00000000-0000-4000-8000-000000000000";

/** The page: the documented lines, a sign-in when nobody is signed in, and requests with the library's token. */
function html(name) {
  const known = { clientId: tenant.PUBLIC, tenant: tenant.TENANT, host: process.env.SLIPWAY_URL };
  return `<!DOCTYPE html><title>Page</title><h1>Page</h1><script src="/library.js"></script><script>
const { clientId, tenant, host } = ${JSON.stringify(known)};
${block(name)}
const scopes = ${JSON.stringify(scopes)};
async function start() {
  await app.initialize();
  await app.handleRedirectPromise();
  const [account] = app.getAllAccounts();
  if (!account) {
    return app.loginRedirect({ scopes });
  }
  document.querySelector("h1").textContent = "Signed in: " + account.username;
}
async function token(more) {
  const [account] = app.getAllAccounts();
  return (await app.acquireTokenSilent({ scopes, account, ...more })).accessToken;
}
async function call(method, url, { bearer, json, zip } = {}) {
  const headers = { Authorization: "Bearer " + (bearer ?? await token()) };
  if (json || zip) headers["Content-Type"] = json ? "application/json" : "application/zip";
  const body = json ? JSON.stringify(json) : zip && Uint8Array.from(atob(zip), (c) => c.charCodeAt(0));
  const answer = await fetch(url, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}
start().catch((error) => { document.querySelector("h1").textContent = String(error); });
</script>`;
}

async function servePage(name) {
  const server = createServer((request, answer) => {
    const isLibrary = request.url === "/library.js";
    answer.setHeader("Content-Type", isLibrary ? "text/javascript" : "text/html");
    answer.end(isLibrary ? library : html(name));
  });
  await once(server.listen(0, "localhost"), "listening");
  return server;
}

const ways = [
  ["by URL", "@azure/msal-browser", process.env.SLIPWAY_URL, {}],
  ["by proxy", "@azure/msal-browser, by proxy", "https://graph.microsoft.com", { proxy: process.env.HTTPS_PROXY }],
];

for (const [way, name, graph, browser] of ways) {
  describe("@azure/msal-browser", () => describe(way, () => {
    let page;
    let close;
    before(async () => {
      const server = await servePage(name);
      const opened = new Promise((resolve) => {
        const closed = browse((fresh) => new Promise((done) => resolve([fresh, done])), browser);
        close = async (done) => {
          done();
          await closed;
          server.close();
          server.closeAllConnections();
        };
      });
      const [fresh, done] = await opened;
      [page, close] = [fresh, close.bind(null, done)];
      await page.goto(`http://localhost:${server.address().port}/spa`);
      await page.getByLabel("User name", { exact: true }).fill(tenant.ADMIN);
      await page.getByLabel("Password").fill(tenant.PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
    });
    after(() => close());

    const call = (method, path, more) =>
      page.evaluate((words) => call(...words), [method, `${graph}/v1.0${path}`, more]);
    const zip = (id, version) => appPackage(id, version).toString("base64");
    const bind = (id) => ({ "teamsApp@odata.bind": `https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/${id}` });

    async function published() {
      const externalId = randomUUID();
      const { status, body } = await call("POST", "/appCatalogs/teamsApps", { zip: zip(externalId, first) });
      assert.equal(status, 201, JSON.stringify(body));
      return { id: body.id, externalId };
    }

    async function installed(app) {
      const { body } = await call("GET", "/me/teamwork/installedApps?$expand=teamsApp,teamsAppDefinition");
      return body.value.find((one) => one.teamsApp.id === app.id);
    }

    function meets(what, { status, body }) {
      const expected = refusals[what];
      assert.deepEqual([status, body.error.code], [expected.status, expected.code], body.error.message);
      assert.ok(body.error.message.includes(expected.message), body.error.message);
    }

    test("signs in", async () => {
      await page.getByRole("heading", { name: `Signed in: ${tenant.ADMIN}` }).waitFor();
      await picture(page, `page-${way.replace(" ", "-")}`);
      const { body } = await call("GET", "/me");
      assert.equal(body.userPrincipalName, tenant.ADMIN);
    });

    test("gets another token with the refresh token", async () => {
      const [before, after] = [await page.evaluate(() => token()), await page.evaluate(() => token({ forceRefresh: true }))];
      assert.notEqual(after, before);
    });

    test("publishes, installs, upgrades and uninstalls", async () => {
      const app = await published();
      assert.equal((await call("POST", "/me/teamwork/installedApps", { json: bind(app.id) })).status, 201);
      const { id, teamsAppDefinition } = await installed(app);
      assert.equal(teamsAppDefinition.version, first);
      const definitions = `/appCatalogs/teamsApps/${app.id}/appDefinitions`;
      assert.equal((await call("POST", definitions, { zip: zip(app.externalId, next) })).status, 204);
      assert.equal((await call("POST", `/me/teamwork/installedApps/${id}/upgrade`, { json: {} })).status, 204);
      assert.equal((await installed(app)).teamsAppDefinition.version, next);
      assert.equal((await call("DELETE", `/me/teamwork/installedApps/${id}`)).status, 204);
      assert.equal(await installed(app), undefined);
    });

    test("meets 401 with garbage for a token", async () => {
      meets("garbage for a token", await call("GET", "/me", { bearer: "garbage" }));
    });

    test("meets 403 without the permission", async () => {
      const { status, body } = await call("GET", `/teams/${tenant.SALES}/installedApps`);
      assert.deepEqual([status, body.error.code], [403, "Forbidden"]);
    });

    test("meets 404 for an unknown app", async () => {
      meets("an unknown app", await call("POST", "/me/teamwork/installedApps", { json: bind(ANYBODY) }));
    });

    test("meets 409 when it installs twice", async () => {
      const app = await published();
      await call("POST", "/me/teamwork/installedApps", { json: bind(app.id) });
      meets("a second installation", await call("POST", "/me/teamwork/installedApps", { json: bind(app.id) }));
    });
  }));
}
