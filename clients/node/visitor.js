// A person at the server's pages without a browser: forms are read, filled in and sent, cookies kept.

const assert = require("node:assert/strict");
const tenant = require("./tenant.js");

class Visitor {
  constructor(username, password = tenant.PASSWORD) {
    this.typed = { username, password };
    this.cookies = new Map();
  }

  /** Opens a page. A redirect to another origin is not followed. */
  async open(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, redirect: "manual", headers: cookie ? { Cookie: cookie } : {} });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      this.cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location === null) {
      return { url, status: answer.status, html: await answer.text() };
    }
    const next = new URL(location, url);
    return next.origin === new URL(url).origin ? this.open(next.href) : { url: next.href, status: answer.status, html: "" };
  }

  /** Sends the page's form with what the person types, and with the button of this value pressed. */
  async press(page, button, typed = {}) {
    const [, form] = page.html.match(/(<form[^]*?<\/form>)/) ?? assert.fail(`no form at ${page.url}: ${page.html}`);
    const body = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(tag, "name");
      const value = { ...this.typed, ...typed }[name] ?? attribute(tag, "value");
      if (name && !["checkbox", "radio"].includes(attribute(tag, "type"))) {
        body.set(name, value ?? "");
      }
    }
    const buttons = [...form.matchAll(/<button\b[^>]*>/g)].map(([tag]) => tag);
    const pressed = buttons.find((tag) => attribute(tag, "value") === button);
    assert.ok(pressed ?? button === undefined, `no button ${button} at ${page.url}: ${buttons}`);
    if (pressed && attribute(pressed, "name")) {
      body.set(attribute(pressed, "name"), button);
    }
    const action = attribute(form.match(/<form\b[^>]*>/)[0], "action") ?? page.url;
    return this.open(new URL(action, page.url).href, { method: "POST", body });
  }

  /** Signs in at the page of an authorization request, consents if asked, and gives what the redirect URI is sent. */
  async signIn(url, answer = "accept") {
    let page = await this.open(url);
    // A password, consent, and not more.
    for (let pages = 0; pages < 3 && page.html; pages += 1) {
      page = await this.press(page, page.html.includes(`value="${answer}"`) ? answer : undefined);
    }
    assert.equal(page.html, "", "the sign-in does not end");
    return Object.fromEntries(new URL(page.url).searchParams);
  }

  /** Confirms a device code, or presses another button of the page. */
  async confirm({ verificationUri, userCode }, button = "approve") {
    const page = await this.open(verificationUri);
    const answer = await this.press(page, button, { user_code: userCode });
    assert.equal(answer.status, 200, answer.html);
  }
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found?.[1].replace(/&#39;/g, "'").replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

module.exports = { Visitor };
