// The story by the CLI for Microsoft 365 through the proxy.

const { claims, tell } = require("../node/story.js");
const tenant = require("../node/tenant.js");
const { BY_PROXY } = require("../node/ways.js");
const { CLIENT, Door, application, delegated } = require("./m365.js");

tell(CLIENT, BY_PROXY, BY_PROXY.users(1351), async () => {
  const automation = await application("automation", tenant.AUTOMATION);
  return {
    automation: new Door(automation),
    reader: new Door(await application("reader", tenant.READER)),
    administrator: new Door(await delegated("administrator", tenant.ADMIN)),
    nobody: new Door(automation.garbled("nobody")),
    claims: async () => claims(automation.tokens()[0]),
    shown: Door.shown,
  };
});
