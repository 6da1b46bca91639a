// Debian's Chromium without a window, with a home folder of its own in which the server's authority is trusted.

const { execFileSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { chromium } = require("playwright-core");
const { block } = require("../node/documented.js");

const KEPT = process.env.SLIPWAY_KEPT ?? join(__dirname, "../../target/clients/browser");

/** Chromium's own calls home are off: nothing here has a way out. */
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Opens a browser with nothing in it, gives `use` a page of it, and closes it. */
async function browse(use, { proxy } = {}) {
  const home = mkdtempSync(join(tmpdir(), "slipway-chromium-"));
  const env = { ...process.env, HOME: home };
  // Only what a command line says.
  for (const name of ["HTTPS_PROXY", "NO_PROXY"]) {
    delete env[name];
  }
  execFileSync("sh", ["-euc", block("chromium: the authority")], { env, stdio: ["ignore", "ignore", "inherit"] });
  const args = proxy ? [...QUIET, ...words(block("chromium: by proxy"), { ...env, HTTPS_PROXY: proxy })] : QUIET;
  const options = { executablePath: "/usr/bin/chromium", headless: true, args, env, locale: "en-US" };
  const context = await chromium.launchPersistentContext(join(home, "profile"), options);
  try {
    return await use(context.pages()[0] ?? (await context.newPage()));
  } finally {
    await context.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The options of the documented command, with its variables filled in. */
function words(command, env) {
  const printed = execFileSync("sh", ["-euc", `chromium() { printf '%s\\n' "$@"; }\n${command}`], { env, encoding: "utf8" });
  return printed.trim().split("\n").filter((word) => word.startsWith("--"));
}

/** Keeps a picture of the page, to be looked at. */
async function picture(page, name) {
  mkdirSync(KEPT, { recursive: true });
  await page.screenshot({ path: join(KEPT, `${name}.png`), fullPage: true });
}

module.exports = { browse, picture };
