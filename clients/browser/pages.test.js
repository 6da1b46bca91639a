// The pages that people see, in Chromium.

const assert = require("node:assert/strict");
const { createHash, randomBytes } = require("node:crypto");
const { once } = require("node:events");
const { createServer } = require("node:http");
const { describe, test } = require("node:test");
const tenant = require("../node/tenant.js");
const { browse, picture } = require("./chromium.js");

const url = process.env.SLIPWAY_URL;
const authority = `${url}/${tenant.TENANT}/oauth2/v2.0`;
const scope = "https://graph.microsoft.com/.default";

/** Sends a form, and gives the answer's JSON. */
async function post(path, form) {
  const answer = await fetch(`${authority}/${path}`, { method: "POST", body: new URLSearchParams(form) });
  return answer.json();
}

/** What a device shows, and what it gets once the user has answered. */
async function device() {
  const code = await post("devicecode", { client_id: tenant.PUBLIC, scope });
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", client_id: tenant.PUBLIC };
  return { ...code, token: () => post("token", { ...form, device_code: code.device_code }) };
}

async function enterCode(page, { verification_uri, user_code }, password) {
  await page.goto(verification_uri);
  await page.getByLabel("Code").fill(user_code);
  await page.getByLabel("User name").fill(tenant.MIA);
  await page.getByLabel("Password").fill(password);
}

/** A server of the client's, to which the sign-in sends the browser back; it gives what it was sent. */
async function withClient(use) {
  const sent = [];
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname === "/page") {
      sent.push(Object.fromEntries(searchParams));
    }
    answer.setHeader("Content-Type", "text/html").end("<h1>Back at the client</h1>");
  });
  await once(server.listen(0, "localhost"), "listening");
  try {
    return await use(`http://localhost:${server.address().port}/page`, sent);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** The address at which the client Page asks for a sign-in, and how it redeems the code. */
function authorization(redirectUri, asked) {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const known = { client_id: tenant.PAGE, redirect_uri: redirectUri };
  const query = { ...known, response_type: "code", scope: asked, state: "a state", code_challenge: challenge };
  const address = `${authority}/authorize?${new URLSearchParams({ ...query, code_challenge_method: "S256" })}`;
  const redeem = (code) => fetch(`${authority}/token`, {
    method: "POST",
    headers: { Origin: new URL(redirectUri).origin },
    body: new URLSearchParams({ ...known, grant_type: "authorization_code", code, code_verifier: verifier }),
  });
  return { address, redeem };
}

async function signIn(page, password = tenant.PASSWORD, user = tenant.MIA) {
  await page.getByLabel("User name", { exact: true }).fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

describe("chromium", () => {
  test("a user signs in after a wrong password, and consents", () => browse((page) => withClient(async (back, sent) => {
    const { address, redeem } = authorization(back, "User.Read");
    await page.goto(address);
    await picture(page, "sign-in-1");
    await signIn(page, "not the password");
    assert.match(await page.getByRole("alert").innerText(), /password is not right.*AADSTS50126/);
    await picture(page, "sign-in-2-wrong-password");
    await signIn(page);
    await page.getByRole("heading", { name: "Permissions requested" }).waitFor();
    assert.match(await page.getByRole("main").innerText(), /User\.Read/);
    await picture(page, "sign-in-3-consent");
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    assert.equal(sent[0].state, "a state");
    const tokens = await (await redeem(sent[0].code)).json();
    assert.equal(tokens.token_type, "Bearer", JSON.stringify(tokens));
    assert.match(tokens.scope, /\bUser\.Read\b/);
  })));

  test("a user declines what a client wants", () => browse((page) => withClient(async (back, sent) => {
    await page.goto(authorization(back, "User.ReadBasic.All").address);
    await signIn(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    assert.deepEqual([sent[0].error, sent[0].state, sent[0].code], ["access_denied", "a state", undefined]);
  })));

  test("a user is picked from the list of a lab", () => browse((page) => withClient(async (back, sent) => {
    await page.goto(authorization(back, "openid").address);
    await page.getByLabel("User name begins with").fill("admin");
    await page.getByRole("button", { name: "Search" }).click();
    await picture(page, "sign-in-4-pick");
    await page.getByRole("button", { name: /Administrator/ }).click();
    await page.getByRole("heading", { name: /Permissions requested|Back at the client/ }).waitFor();
    await picture(page, "sign-in-5-picked");
    if (await page.getByRole("button", { name: "Accept" }).isVisible()) {
      await page.getByRole("button", { name: "Accept" }).click();
    }
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    assert.ok(sent[0].code);
  })));

  test("a redirect URI that the client has not is shown to nobody but the user", () => browse(async (page) => {
    await page.goto(authorization("https://elsewhere.example/", "openid").address);
    assert.match(await page.getByRole("main").innerText(), /AADSTS50011/);
    assert.ok(page.url().startsWith(url));
    await picture(page, "sign-in-6-wrong-redirect");
  }));

  test("a user enters a device's code, after a wrong password", () => browse(async (page) => {
    const asking = await device();
    await enterCode(page, asking, "not the password");
    await picture(page, "device-1-code");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /password is not right.*AADSTS50126/);
    assert.equal(await page.getByLabel("Code").inputValue(), asking.user_code);
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    await picture(page, "device-2-wrong-password");
    await page.getByLabel("Password").fill(tenant.PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Signed in" }).waitFor();
    await picture(page, "device-3-signed-in");
    assert.ok((await asking.token()).access_token);
  }));

  test("a user declines a device's code", () => browse(async (page) => {
    const asking = await device();
    await enterCode(page, asking, tenant.PASSWORD);
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("heading", { name: "Sign-in declined" }).waitFor();
    assert.equal((await asking.token()).error, "authorization_declined");
  }));
});
