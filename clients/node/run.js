// Starts the server, runs the tests of a folder beside this one against it with its certificate authority trusted, and
// stops it: `node run.js [node|m365|browser]`.
//
// `SLIPWAY_BINARY` names the binary, `SLIPWAY_TEST_DATABASE` an empty database for its rows; with `SLIPWAY_URL` and
// `NODE_EXTRA_CA_CERTS` a running server is tested instead. Node reads the latter once, at its own start: so the tests
// run in a process of their own. The file that `SLIPWAY_STEPS` names gets each test as a line.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

// Milliseconds that a start may take before it counts as hanging, on a machine that does other things too.
const START = 30_000;
// Milliseconds that a stop may take: container runtimes give as much before they kill.
const STOP = 10_000;

async function main() {
  if (process.env.SLIPWAY_URL) {
    return runTests(process.env);
  }
  const folder = mkdtempSync(join(tmpdir(), "slipway-node-"));
  try {
    return await withServer(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withServer(folder) {
  const [readyFile, logFile] = [join(folder, "ready.json"), join(folder, "server.log")];
  const binary = process.env.SLIPWAY_BINARY ?? join(__dirname, "../../target/release/slipway");
  const seed = join(__dirname, "../seed.yaml");
  const flags = ["--listen", "127.0.0.1:0", "--mode", "lab", "--no-demo", "--seed", seed, "--ready-file", readyFile];
  // The server takes its settings from such variables and refuses those that it does not know.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SLIPWAY_")));
  if (process.env.SLIPWAY_TEST_DATABASE) {
    env.SLIPWAY_DATABASE = process.env.SLIPWAY_TEST_DATABASE;
  } else {
    flags.push("--in-memory");
  }
  const log = openSync(logFile, "w");
  const server = spawn(binary, ["serve", ...flags], { cwd: folder, env, stdio: ["ignore", log, log] });
  const ended = once(server, "exit");
  try {
    const ready = await waitReady(server, readyFile, logFile);
    const proxy = { HTTPS_PROXY: ready.httpUrl, NODE_USE_ENV_PROXY: "1", NO_PROXY: "localhost,127.0.0.1" };
    const variables = { SLIPWAY_URL: ready.url, NODE_EXTRA_CA_CERTS: ready.caFile, ...proxy };
    const code = await runTests({ ...process.env, ...variables });
    server.kill("SIGTERM");
    const [status] = await Promise.race([ended, sleep(STOP, ["no end in time"])]);
    if (status !== 0) {
      throw new Error(`the server stopped with ${status}\n${readFileSync(logFile)}`);
    }
    return code;
  } finally {
    server.kill("SIGKILL");
  }
}

async function waitReady(server, readyFile, logFile) {
  const deadline = Date.now() + START;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) {
      throw new Error(`the server ended before it was ready\n${readFileSync(logFile)}`);
    }
    const line = read(readyFile);
    if (line.endsWith("\n")) {
      return JSON.parse(line);
    }
    await sleep(10);
  }
  throw new Error(`the server was not ready in time\n${readFileSync(logFile)}`);
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return "";
    }
    throw error;
  }
}

async function runTests(environment) {
  const folder = join(__dirname, "..", process.argv[2] ?? "node");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.js")).map((name) => join(folder, name));
  const env = { ...environment, AZURE_AUTHORITY_HOST: environment.SLIPWAY_URL, GRAPH_ENDPOINT: environment.SLIPWAY_URL };
  const reporters = ["--test-reporter", "spec", "--test-reporter-destination", "stdout"];
  if (env.SLIPWAY_STEPS) {
    const steps = join(__dirname, "steps.mjs");
    reporters.push("--test-reporter", steps, "--test-reporter-destination", env.SLIPWAY_STEPS);
  }
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=3", ...reporters, ...files], { env, stdio: "inherit" });
  const [code] = await once(tests, "exit");
  return code ?? 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
