// The pages that people see, in Chromium.

const assert = require("node:assert/strict");
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

describe("chromium", () => {
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
