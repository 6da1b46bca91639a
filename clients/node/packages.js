// App packages made of the example's.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { strFromU8, strToU8, unzipSync, zipSync } = require("fflate");

const example = join(__dirname, "../../examples/hello-1.0.0.zip");

/** The example's package with another id, another version and, if given, more in its manifest. */
function appPackage(manifestId, version, more = {}) {
  const files = unzipSync(readFileSync(example));
  const manifest = JSON.parse(strFromU8(files["manifest.json"]));
  const name = { short: `App ${manifestId.slice(0, 8)}`, full: "An app for tests" };
  Object.assign(manifest, { id: manifestId, version, name, ...more });
  return Buffer.from(zipSync({ ...files, "manifest.json": strToU8(JSON.stringify(manifest)) }));
}

module.exports = { appPackage };
