// The story that every client tells: sign in, publish, install, list, upgrade, uninstall, and meet 401, 403, 404 and
// 409. What is to be met is written in `clients/story.json`, for all languages.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { before, describe, test } = require("node:test");
const { appPackage } = require("./packages.js");
const tenant = require("./tenant.js");
const { versions: [first, next], refusals } = require("../story.json");

const ANYBODY = "00000000-0000-4000-8000-000000000000";

/** Waits for a refusal, which must be the expected one in whatever the client shows of it. */
async function meets(what, promise, shown) {
  const error = await promise.then(() => assert.fail(`not refused: ${what}`), (thrown) => thrown);
  const { message, ...rest } = shown(error);
  const expected = Object.fromEntries(Object.keys(rest).map((name) => [name, refusals[what][name]]));
  assert.deepEqual(rest, expected, message);
  assert.ok(message.includes(refusals[what].message), message);
}

/**
 * Registers the story's tests. `arrive` gives the doors of automation, reader, administrator and nobody, each with
 * `publish`, `publishVersion`, `install`, `installed`, `upgrade` and `uninstall`; the claims of a token of automation;
 * and what an error shows of `status`, `code` and `message`. `users` gives users whom nobody else touches.
 */
function tell(client, way, users, arrive) {
  describe(client, () => describe(way.name, () => {
    let cast;
    before(async () => {
      cast = await arrive();
    });

    /** A fresh app, published through the client. */
    async function published() {
      const externalId = randomUUID();
      const id = await cast.administrator.publish(appPackage(externalId, first));
      const publishNext = () => cast.administrator.publishVersion(id, appPackage(externalId, next));
      return { id, publishNext };
    }

    /** The user's one app, which must be this. */
    async function installed(user, app) {
      const found = await cast.automation.installed(user);
      assert.deepEqual(found.map((one) => one.app), [app.id]);
      return found[0];
    }

    test("signs in", async () => {
      const { tid, appid, idtyp } = await cast.claims();
      assert.deepEqual({ tid, appid, idtyp }, { tid: tenant.TENANT, appid: tenant.AUTOMATION, idtyp: "app" });
    });

    test("publishes and installs", async () => {
      const [app, user] = [await published(), users()];
      await cast.automation.install(user, app.id);
      assert.equal((await installed(user, app)).version, first);
    });

    test("publishes the next version and upgrades", async () => {
      const [app, user] = [await published(), users()];
      await cast.automation.install(user, app.id);
      const before = await installed(user, app);
      await app.publishNext();
      assert.equal((await installed(user, app)).version, first);
      await cast.automation.upgrade(user, before.id);
      assert.deepEqual(await installed(user, app), { ...before, version: next });
    });

    test("uninstalls", async () => {
      const [app, user] = [await published(), users()];
      await cast.automation.install(user, app.id);
      await cast.automation.uninstall(user, (await installed(user, app)).id);
      assert.deepEqual(await cast.automation.installed(user), []);
    });

    test("meets 401 with garbage for a token", async () => {
      await meets("garbage for a token", cast.nobody.installed(users()), cast.shown);
    });

    test("meets 403 without the permission", async () => {
      await meets("a missing permission", cast.reader.install(users(), ANYBODY), cast.shown);
    });

    test("meets 404 for an unknown app", async () => {
      await meets("an unknown app", cast.automation.install(users(), ANYBODY), cast.shown);
    });

    test("meets 409 when it installs twice", async () => {
      const [app, user] = [await published(), users()];
      await cast.automation.install(user, app.id);
      await meets("a second installation", cast.automation.install(user, app.id), cast.shown);
    });
  }));
}

/** The claims of a token, unchecked. */
function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

module.exports = { tell, claims };
