// @azure/identity, and Microsoft's Graph client to send with its tokens.

const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
const { AzureLogger, setLogLevel } = require("@azure/logger");
const { documented } = require("./documented.js");
const { Door } = require("./door.js");
const { claims, tell } = require("./story.js");
const tenant = require("./tenant.js");
const { Visitor } = require("./visitor.js");
const { BY_URL, WAYS } = require("./ways.js");

const litware = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_SECRET: tenant.SECRET };
const SCOPE = "https://graph.microsoft.com/.default";

// What of all that the library and its transport say is louder than information.
const loud = [];
setLogLevel("verbose");
AzureLogger.log = (line) => {
  if (/^azure:(identity|core-rest-pipeline)[^ ]*:(warning|error)/.test(line)) {
    loud.push(line);
  }
};

/** A client that signs in for itself. */
function application(clientId, secret = tenant.SECRET, way = BY_URL) {
  const client = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret };
  return way.documented("@azure/identity: a secret", client);
}

/** A user who signs in with a device code. */
function delegated(visitor, button, way = BY_URL) {
  const client = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_ID: tenant.PUBLIC };
  const show = ({ verificationUri, userCode }) => visitor.confirm({ verificationUri, userCode }, button);
  return way.documented("@azure/identity: a device code", client, { show });
}

for (const way of WAYS) {
  const door = (credential) =>
    new Door(way.connect(documented("@microsoft/microsoft-graph-client: with a credential", {}, { credential })));

  tell("@azure/identity", way, way.users(1101), async () => {
    const automation = application(tenant.AUTOMATION, tenant.SECRET, way);
    return {
      automation: door(automation),
      reader: door(application(tenant.READER, tenant.SECRET, way)),
      administrator: door(delegated(new Visitor(tenant.ADMIN), "approve", way)),
      nobody: new Door(way.connect({ getAccessToken: async () => "garbage" })),
      claims: async () => claims((await automation.getToken(SCOPE)).token),
      shown: Door.shown,
    };
  });
}

describe("@azure/identity", () => {
  test("the second token comes from the cache", async () => {
    const credential = application(tenant.AUTOMATION);
    const [first, second] = [await credential.getToken(SCOPE), await credential.getToken(SCOPE)];
    assert.equal(second.token, first.token);
  });

  test("a client signs in with its certificate", async () => {
    const certificate = { AZURE_CLIENT_ID: tenant.AUTOMATION, AZURE_CLIENT_CERTIFICATE_PATH: tenant.CERTIFICATE };
    const credential = documented("@azure/identity: a certificate", { ...litware, ...certificate });
    assert.equal(claims((await credential.getToken(SCOPE)).token).appid, tenant.AUTOMATION);
  });

  test("a code of the page is redeemed", async () => {
    const asked = { client_id: tenant.ORDERS, response_type: "code", redirect_uri: tenant.ORDERS_REDIRECT, scope: "User.Read" };
    const url = `${process.env.SLIPWAY_URL}/${tenant.TENANT}/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`;
    const { code } = await new Visitor(tenant.MIA).signIn(url);
    const names = { code, redirectUri: tenant.ORDERS_REDIRECT };
    const credential = documented("@azure/identity: a code", { ...litware, AZURE_CLIENT_ID: tenant.ORDERS }, names);
    assert.equal(claims((await credential.getToken("https://graph.microsoft.com/User.Read")).token).upn, tenant.MIA);
  });

  test("an API acts for the user who called it", async () => {
    const api = `api://${tenant.ORDERS}/access_as_user`;
    const called = await delegated(new Visitor(tenant.MIA)).getToken(api);
    const names = { userAssertionToken: called.token };
    const credential = documented("@azure/identity: on behalf of", { ...litware, AZURE_CLIENT_ID: tenant.ORDERS }, names);
    const { upn, appid } = claims((await credential.getToken("https://graph.microsoft.com/User.Read")).token);
    assert.deepEqual({ upn, appid }, { upn: tenant.MIA, appid: tenant.ORDERS });
  });

  test("said nothing loud so far", () => assert.deepEqual(loud, []));

  test("a wrong secret is refused in the words of Entra", async () => {
    await assert.rejects(application(tenant.AUTOMATION, "not the secret").getToken(SCOPE), /AADSTS7000215/);
  });

  test("a user can decline", async () => {
    await assert.rejects(delegated(new Visitor(tenant.MIA), "decline").getToken(SCOPE), /AADSTS65004|access_denied|declined/);
  });
});
