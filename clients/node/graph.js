// Microsoft's client, pointed at the server under test, and what the tests share.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { documented } = require("./documented.js");
const { appPackage } = require("./packages.js");
const tenant = require("./tenant.js");

const url = process.env.SLIPWAY_URL;

/** Gets tokens by a form of the token endpoint, and keeps the last one. */
class FormProvider {
  constructor(form) {
    this.form = { scope: "https://graph.microsoft.com/.default", ...form };
  }

  /** A client that signs in for itself. */
  static of(client) {
    return new FormProvider({ grant_type: "client_credentials", client_id: client, client_secret: tenant.SECRET });
  }

  async getAccessToken() {
    this.token ??= this.fetchToken();
    return this.token;
  }

  async fetchToken() {
    const answer = await fetch(`${url}/${tenant.TENANT}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams(this.form),
    });
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    return body.access_token;
  }
}

/** A client of Graph with whatever hands out its tokens. */
function connect(authProvider, defaultVersion = "v1.0") {
  return documented("@microsoft/microsoft-graph-client", {}, { authProvider, version: defaultVersion });
}

/** A client that signs in for itself. */
function application(id, defaultVersion) {
  return connect(FormProvider.of(id), defaultVersion);
}

/** A user who signed in through the client Public. */
function delegated(username, scope) {
  const form = { grant_type: "password", client_id: tenant.PUBLIC, username, password: tenant.PASSWORD };
  return connect(new FormProvider(scope ? { ...form, scope } : form));
}

const administrator = delegated(tenant.ADMIN);
const automation = application(tenant.AUTOMATION);

/** Tabs for every scope. */
const everywhere = {
  configurableTabs: [{ configurationUrl: "https://hello.example/configure", scopes: ["team", "groupChat"] }],
};

/** Sends a package. */
function upload(graph, path, bytes) {
  return graph.api(path).header("Content-Type", "application/zip").post(bytes);
}

/** A fresh app for everywhere, published as 1.0.0. */
async function publishedApp(more = everywhere) {
  const externalId = randomUUID();
  const app = await upload(administrator, "/appCatalogs/teamsApps", appPackage(externalId, "1.0.0", more));
  const publish = async (version) => {
    const path = `/appCatalogs/teamsApps/${app.id}/appDefinitions`;
    await empty(upload(administrator, path, appPackage(externalId, version, more)));
  };
  return { id: app.id, externalId, name: app.displayName, publish };
}

/** The body that installs an app; the host is Graph's own, as in every sample. */
function bind(appId) {
  return { "teamsApp@odata.bind": `https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/${appId}` };
}

/** The id of an installation. */
function installationId(owner, appId) {
  return Buffer.from(`${owner}##${appId}`).toString("base64");
}

/** Waits for an answer without a body, which the client gives as nothing or as a stream with nothing in it. */
async function empty(promise) {
  const answer = await promise;
  assert.equal(answer === undefined ? "" : await new Response(answer).text(), "");
}

/** Waits for a refusal, and gives its status, code and message. */
async function refusal(promise) {
  let error;
  await assert.rejects(promise, (thrown) => {
    error = thrown;
    return true;
  });
  return { status: error.statusCode, code: error.code, message: error.message };
}

module.exports = {
  url, FormProvider, connect, application, delegated, administrator, automation, appPackage, everywhere, upload, publishedApp, bind,
  installationId, empty, refusal,
};
