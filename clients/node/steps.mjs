// A reporter of Node's test runner that writes down each test as a step of the client that it is about: a line of JSON.
//
// The client is the name of the outermost `describe`, and a package, whose version is the installed one's.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";

const require = createRequire(import.meta.url);

/** What is installed, however the package hides its own description. */
function version(client) {
  if (client === "chromium") {
    return execFileSync("chromium", ["--version"], { encoding: "utf8" }).match(/[\d.]+/)[0];
  }
  for (const folder of [...(process.env.NODE_PATH ?? "").split(":"), ...require.resolve.paths(client)]) {
    try {
      return JSON.parse(readFileSync(join(folder, client, "package.json"), "utf8")).version;
    } catch (error) {
      if (error.code !== "ENOENT") {
        throw error;
      }
    }
  }
  throw new Error(`${client} is not installed`);
}

const versions = new Map();

export default async function* steps(source) {
  // The names of the suites that are open, per file: events of files that run at the same time are mixed.
  const open = new Map();
  for await (const { type, data } of source) {
    if (type === "test:start") {
      const names = open.get(data.file) ?? [];
      names.length = data.nesting;
      open.set(data.file, [...names, data.name]);
    } else if ((type === "test:pass" || type === "test:fail") && data.details.type !== "suite") {
      const client = data.nesting > 0 ? open.get(data.file)?.[0] : undefined;
      if (client === undefined) {
        // A file that did not load, or a test outside of a client.
        yield JSON.stringify({ client: "nobody", version: "", name: data.name, passed: false, seconds: 0 }) + "\n";
        continue;
      }
      if (!versions.has(client)) {
        versions.set(client, version(client));
      }
      const name = [...open.get(data.file).slice(1, data.nesting), data.name].join(" > ");
      // A skipped test is no step that was taken.
      const passed = type === "test:pass" && !data.skip && !data.todo;
      const seconds = data.details.duration_ms / 1000;
      yield JSON.stringify({ client, version: versions.get(client), name, passed, seconds }) + "\n";
    }
  }
}
