// Commands of the CLI for Microsoft 365 that the story does not have.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { before, describe, test } = require("node:test");
const { appPackage } = require("../node/packages.js");
const { claims } = require("../node/story.js");
const tenant = require("../node/tenant.js");
const { Visitor } = require("../node/visitor.js");
const { CLIENT, Failure, Terminal, application, delegated, litware } = require("./m365.js");

describe(CLIENT, () => {
  test("signs in with a certificate", async () => {
    const variables = { ...litware, AZURE_CLIENT_ID: tenant.AUTOMATION, AZURE_CLIENT_CERTIFICATE_PATH: tenant.CERTIFICATE };
    const terminal = new Terminal("certificate", variables);
    await terminal.paste("@pnp/cli-microsoft365: a certificate");
    assert.equal(claims(terminal.tokens()[0]).appid, tenant.AUTOMATION);
    const apps = await terminal.m365("teams", "app", "list");
    assert.ok(Array.isArray(apps));
  });

  test("signs in a user with a device code", async () => {
    const terminal = new Terminal("device", { ...litware, AZURE_CLIENT_ID: tenant.PUBLIC });
    const mia = new Visitor(tenant.MIA);
    await terminal.pasteAndConfirm("@pnp/cli-microsoft365: a device code", (code) => mia.confirm(code));
    assert.equal(claims(terminal.tokens()[0]).upn, tenant.MIA);
  });

  let automation;
  let administrator;
  let app;
  before(async () => {
    automation = await application("automation-2", tenant.AUTOMATION);
    administrator = await delegated("administrator-2", tenant.ADMIN);
    app = await administrator.m365("teams", "app", "publish", "--filePath", administrator.file(everywhere(randomUUID())));
  });

  /** A package for every scope. */
  function everywhere(id) {
    const tabs = [{ configurationUrl: "https://hello.example/configure", scopes: ["team", "groupChat"] }];
    return appPackage(id, "1.0.0", { configurableTabs: tabs });
  }

  test("lists the organization's apps", async () => {
    const apps = await automation.m365("teams", "app", "list", "--distributionMethod", "organization");
    assert.ok(apps.some((found) => found.id === app.id && found.displayName === app.displayName));
  });

  test("installs for a user by the app's name, whom it looks up before", async () => {
    const user = tenant.userId(1451);
    await automation.m365("teams", "app", "install", "--name", app.displayName, "--userId", user);
    const [installed] = await automation.m365("teams", "user", "app", "list", "--userName", "user1451@litware.example");
    assert.equal(installed.appId, app.id);
  });

  test("installs in a team and uninstalls", async () => {
    await automation.m365("teams", "app", "install", "--id", app.id, "--teamId", tenant.SALES);
    const again = automation.m365("teams", "app", "install", "--id", app.id, "--teamId", tenant.SALES);
    await assert.rejects(again, /already exists in TeamId/);
    const id = Buffer.from(`${tenant.SALES}##${app.id}`).toString("base64");
    await automation.m365("teams", "app", "uninstall", "--id", id, "--teamId", tenant.SALES, "--force");
  });

  test("removes an app from the catalog", async () => {
    const gone = await administrator.m365(
      "teams", "app", "publish", "--filePath", administrator.file(everywhere(randomUUID())),
    );
    await administrator.m365("teams", "app", "remove", "--id", gone.id, "--force");
    const apps = await administrator.m365("teams", "app", "list", "--distributionMethod", "organization");
    assert.ok(!apps.some((found) => found.id === gone.id));
  });

  test("a wrong secret is refused in the words of Entra", async () => {
    const refused = application("wrong", tenant.AUTOMATION, { AZURE_CLIENT_SECRET: "not the secret" });
    await assert.rejects(refused, (error) => error instanceof Failure && /AADSTS7000215/.test(error.message));
  });
});
