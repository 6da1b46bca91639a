// The code blocks of docs/clients.md. The tests run them as they stand there, so that the page cannot say anything else.
// The file that `SLIPWAY_BLOCKS` names gets the name of each that is run, so that none is left out.

const assert = require("node:assert/strict");
const { appendFileSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const PAGE = join(__dirname, "../../docs/clients.md");
const BLOCK = /^<!-- run: (.+) -->\n```(\w+)\n([^]*?)^```$/gm;

/** The code below `<!-- run: NAME -->`. */
function block(name) {
  const found = [...readFileSync(PAGE, "utf8").matchAll(BLOCK)].filter((match) => match[1] === name);
  assert.equal(found.length, 1, `docs/clients.md has ${found.length} blocks named ${name}`);
  if (process.env.SLIPWAY_BLOCKS) {
    appendFileSync(process.env.SLIPWAY_BLOCKS, `${name}\n`);
  }
  return found[0][3];
}

/**
 * Runs a block with these variables beside those of the environment (or without them, where they are undefined), and with
 * these names; gives the value of the last name that it declares.
 */
function documented(name, environment = {}, names = {}) {
  const code = block(name);
  const result = [...code.matchAll(/^const (\w+) =/gm)].at(-1)[1];
  const before = { ...process.env };
  put(environment);
  try {
    const run = new Function("require", ...Object.keys(names), `${code}\nreturn ${result};`);
    return run(require, ...Object.values(names));
  } finally {
    put(Object.fromEntries(Object.keys(environment).map((variable) => [variable, before[variable]])));
  }
}

function put(environment) {
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined) {
      delete process.env[variable];
    } else {
      process.env[variable] = value;
    }
  }
}

module.exports = { block, documented };
