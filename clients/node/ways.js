// How a client finds the server: by URL, or by proxy with Microsoft's own names.

const { documented } = require("./documented.js");
const tenant = require("./tenant.js");

class Way {
  constructor(name, ending, variables) {
    Object.assign(this, { name, ending, variables });
  }

  /** Runs a block of docs/clients.md, as it is for this way. */
  documented(block, environment = {}, names = {}) {
    return documented(block + this.ending, { ...this.variables, ...environment }, names);
  }

  /** Microsoft's Graph client with whatever hands out its tokens. */
  connect(authProvider, version = "v1.0") {
    return this.documented("@microsoft/microsoft-graph-client", {}, { authProvider, version });
  }

  /** The object ids of users from a number on, one after the other; each way has fifty. */
  users(first) {
    let next = first + 50 * WAYS.indexOf(this);
    return () => tenant.userId(next++);
  }
}

const BY_URL = new Way("by URL", "", {});
// Nobody says where the server is, but HTTPS_PROXY.
const BY_PROXY = new Way("by proxy", ", by proxy", { AZURE_AUTHORITY_HOST: undefined, GRAPH_ENDPOINT: undefined });
const WAYS = [BY_URL, BY_PROXY];

module.exports = { BY_URL, BY_PROXY, WAYS };
