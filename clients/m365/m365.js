// The CLI for Microsoft 365, each person with a home folder of their own, run as docs/clients.md says.

const { execFile } = require("node:child_process");
const { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { delimiter, join } = require("node:path");
const { promisify } = require("node:util");
const { block } = require("../node/documented.js");
const tenant = require("../node/tenant.js");

const CLIENT = "@pnp/cli-microsoft365";
const litware = { AZURE_TENANT_ID: tenant.TENANT, AZURE_CLIENT_SECRET: tenant.SECRET };

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "slipway-m365-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// Where the programs of the npm packages are, and the Node that runs this.
const programs = process.env.NODE_PATH.split(delimiter).map((modules) => join(modules, ".bin"));

/** A command that failed, with what it printed. */
class Failure extends Error {}

/** A person at a terminal. */
class Terminal {
  /** The home folder keeps the CLI's settings and connections. */
  constructor(name, variables = {}) {
    this.home = join(folder, name);
    mkdirSync(this.home, { recursive: true });
    this.env = {
      ...process.env,
      ...variables,
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, ".config"),
      // It would ask npm's registry.
      CLIMICROSOFT365_NOUPDATE: "1",
      PATH: [...programs, process.env.PATH].join(delimiter),
    };
  }

  /** Runs lines of the page in the shell. */
  async paste(name, variables = {}) {
    return this.shell(block(name), variables);
  }

  /** Runs `m365` with these arguments, and gives what it prints as JSON. */
  async m365(...words) {
    const printed = await this.shell('m365 "$@"', {}, words);
    return printed.trim() ? JSON.parse(printed) : undefined;
  }

  /** Runs lines of the page that show a device code, and has `confirm` answer it. */
  async pasteAndConfirm(name, confirm) {
    const running = this.start(block(name));
    let said = "";
    running.child.stderr.on("data", (text) => {
      const had = said;
      said += text;
      const shown = said.match(/(https:\S+) and enter the code (\w+)/);
      if (shown && !/enter the code \w+/.test(had)) {
        confirm({ verificationUri: shown[1], userCode: shown[2] }).catch(() => running.child.kill());
      }
    });
    await running;
  }

  start(script, variables = {}, words = []) {
    return run("sh", ["-euc", script, "sh", ...words], { env: { ...this.env, ...variables } });
  }

  async shell(script, variables = {}, words = []) {
    try {
      return (await this.start(script, variables, words)).stdout;
    } catch (error) {
      const message = error.stderr?.replace(/\u001b\[\d+m/g, "").trim();
      throw Object.assign(new Failure(message ?? String(error)), { code: error.code });
    }
  }

  /** Another person with the same connection, whose tokens are garbage. */
  garbled(name) {
    const other = new Terminal(name, this.env);
    cpSync(this.home, other.home, { recursive: true });
    for (const file of [".cli-m365-connection.json", ".cli-m365-all-connections.json"]) {
      const text = readFileSync(join(other.home, file), "utf8");
      writeFileSync(join(other.home, file), text.replace(/("accessToken":")[^"]*"/g, '$1garbage"'));
    }
    return other;
  }

  /** The tokens that the CLI keeps. */
  tokens() {
    const { accessTokens } = JSON.parse(readFileSync(join(this.home, ".cli-m365-connection.json"), "utf8"));
    return Object.values(accessTokens).map((token) => token.accessToken);
  }

  /** A package as a file. */
  file(bytes) {
    const path = join(mkdtempSync(join(this.home, "package-")), "app.zip");
    writeFileSync(path, bytes);
    return path;
  }
}

/** The story's steps by commands. */
class Door {
  constructor(terminal) {
    this.terminal = terminal;
  }

  async publish(bytes) {
    return (await this.terminal.m365("teams", "app", "publish", "--filePath", this.terminal.file(bytes))).id;
  }

  async publishVersion(app, bytes) {
    await this.terminal.m365("teams", "app", "update", "--id", app, "--filePath", this.terminal.file(bytes));
  }

  async install(user, app) {
    await this.terminal.m365("teams", "user", "app", "add", "--id", app, "--userId", user);
  }

  async installed(user) {
    const list = await this.terminal.m365("teams", "user", "app", "list", "--userId", user);
    return list.map((one) => ({ id: one.id, app: one.appId, version: one.teamsAppDefinition.version }));
  }

  async upgrade(user, id) {
    await this.terminal.m365("teams", "user", "app", "upgrade", "--id", id, "--userId", user);
  }

  async uninstall(user, id) {
    await this.terminal.m365("teams", "user", "app", "remove", "--id", id, "--userId", user, "--force");
  }

  /** Of a refusal the CLI prints the message. */
  static shown({ message }) {
    return { message };
  }
}

/** A client signed in with its secret. */
async function application(name, id, variables = {}) {
  const terminal = new Terminal(name, { ...litware, AZURE_CLIENT_ID: id, ...variables });
  await terminal.paste("@pnp/cli-microsoft365: a secret");
  return terminal;
}

/** A user signed in with the password. */
async function delegated(name, user) {
  const terminal = new Terminal(name, { ...litware, AZURE_CLIENT_ID: tenant.PUBLIC });
  await terminal.paste("@pnp/cli-microsoft365: a user's password", { USER_NAME: user, PASSWORD: tenant.PASSWORD });
  return terminal;
}

module.exports = { CLIENT, Door, Failure, Terminal, application, delegated, litware };
