// @azure/msal-node, and Microsoft's Graph client to send with its tokens.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { CryptoProvider, Logger, LogLevel } = require("@azure/msal-node");
const { documented } = require("./documented.js");
const { Door } = require("./door.js");
const { claims, tell } = require("./story.js");
const tenant = require("./tenant.js");
const { Visitor } = require("./visitor.js");
const { BY_URL, WAYS } = require("./ways.js");

const litware = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_CERTIFICATE_PATH: tenant.CERTIFICATE };
const scopes = ["https://graph.microsoft.com/.default"];

// What of all that the library says is louder than information.
const loud = [];

function listened(app) {
  const loggerCallback = (level, message) => {
    if (level <= LogLevel.Warning) {
      loud.push(message);
    }
  };
  app.setLogger(new Logger({ loggerCallback, logLevel: LogLevel.Trace, piiLoggingEnabled: true }));
  return app;
}

/** A client that signs in for itself. */
function application(clientId, secret = tenant.SECRET, way = BY_URL) {
  const client = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret };
  return listened(way.documented("@azure/msal-node: a secret", client));
}

/** A client in which users sign in. */
function users(way = BY_URL) {
  const client = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_ID: tenant.PUBLIC };
  return listened(way.documented("@azure/msal-node: users", client));
}

/** Signs in a user with a device code. */
function byDeviceCode(app, visitor, asked = scopes) {
  return app.acquireTokenByDeviceCode({ scopes: asked, deviceCodeCallback: (code) => visitor.confirm(code) });
}

for (const way of WAYS) {
  const door = (getAccessToken) => new Door(way.connect({ getAccessToken }));
  const doorOf = (app) => door(async () => (await app.acquireTokenByClientCredential({ scopes })).accessToken);

  tell("@azure/msal-node", way, way.users(1201), async () => {
    const [automation, app] = [application(tenant.AUTOMATION, tenant.SECRET, way), users(way)];
    const { account } = await byDeviceCode(app, new Visitor(tenant.ADMIN));
    return {
      automation: doorOf(automation),
      reader: doorOf(application(tenant.READER, tenant.SECRET, way)),
      administrator: door(async () => (await app.acquireTokenSilent({ scopes, account })).accessToken),
      nobody: door(async () => "garbage"),
      claims: async () => claims((await automation.acquireTokenByClientCredential({ scopes })).accessToken),
      shown: Door.shown,
    };
  });
}

describe("@azure/msal-node", () => {
  test("the second token of a client comes from the cache", async () => {
    const app = application(tenant.AUTOMATION);
    const [first, second] = [
      await app.acquireTokenByClientCredential({ scopes }),
      await app.acquireTokenByClientCredential({ scopes }),
    ];
    assert.deepEqual([first.fromCache, second.fromCache], [false, true]);
    assert.equal(second.accessToken, first.accessToken);
  });

  test("a device code signs in a user whom the cache knows", async () => {
    const app = users();
    const answer = await byDeviceCode(app, new Visitor(tenant.MIA));
    assert.equal(claims(answer.accessToken).upn, tenant.MIA);
    assert.equal(answer.account.username, tenant.MIA);
    const silent = await app.acquireTokenSilent({ scopes, account: answer.account });
    assert.ok(silent.fromCache);
    assert.equal(silent.accessToken, answer.accessToken);
  });

  test("the refresh token gets other tokens", async () => {
    const app = users();
    const { account, accessToken } = await byDeviceCode(app, new Visitor(tenant.MIA));
    const renewed = await app.acquireTokenSilent({ scopes, account, forceRefresh: true });
    const again = await app.acquireTokenSilent({ scopes, account, forceRefresh: true });
    assert.equal(new Set([accessToken, renewed.accessToken, again.accessToken]).size, 3);
    assert.equal(claims(again.accessToken).upn, tenant.MIA);
  });

  test("a client signs in with its certificate", async () => {
    const client = { ...litware, AZURE_CLIENT_ID: tenant.AUTOMATION };
    const app = listened(documented("@azure/msal-node: a certificate", client));
    const { accessToken } = await app.acquireTokenByClientCredential({ scopes });
    assert.equal(claims(accessToken).appid, tenant.AUTOMATION);
  });

  test("a user signs in at the page of a web application", async () => {
    const app = application(tenant.ORDERS);
    const asked = { scopes: ["User.Read"], redirectUri: tenant.ORDERS_REDIRECT };
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const pkce = { codeChallenge: challenge, codeChallengeMethod: "S256" };
    const { code } = await new Visitor(tenant.MIA).signIn(await app.getAuthCodeUrl({ ...asked, ...pkce }));
    const { accessToken, account } = await app.acquireTokenByCode({ ...asked, code, codeVerifier: verifier });
    assert.equal(claims(accessToken).upn, tenant.MIA);
    const renewed = await app.acquireTokenSilent({ scopes: ["User.Read"], account, forceRefresh: true });
    assert.equal(claims(renewed.accessToken).upn, tenant.MIA);
  });

  test("an API acts for the user who called it", async () => {
    const api = [`api://${tenant.ORDERS}/access_as_user`];
    const called = await byDeviceCode(users(), new Visitor(tenant.MIA), api);
    const asked = { oboAssertion: called.accessToken, scopes: ["User.Read"] };
    const { upn, appid } = claims((await application(tenant.ORDERS).acquireTokenOnBehalfOf(asked)).accessToken);
    assert.deepEqual({ upn, appid }, { upn: tenant.MIA, appid: tenant.ORDERS });
  });

  test("said nothing loud so far", () => assert.deepEqual(loud, []));

  test("a wrong secret is refused with all that Entra says", async () => {
    const refused = application(tenant.AUTOMATION, "not the secret").acquireTokenByClientCredential({ scopes });
    await assert.rejects(refused, (error) => {
      assert.equal(error.errorCode, "invalid_client");
      assert.equal(error.errorNo, 7000215);
      assert.match(error.errorMessage, /AADSTS7000215/);
      assert.match(error.correlationId, /^[0-9a-f-]{36}$/);
      return true;
    });
  });
});
