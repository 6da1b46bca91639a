// The story by Microsoft's Graph client itself, with tokens by plain forms.

const { Door } = require("./door.js");
const { FormProvider, administrator, application, automation, connect } = require("./graph.js");
const { claims, tell, usersFrom } = require("./story.js");
const tenant = require("./tenant.js");

tell("@microsoft/microsoft-graph-client", usersFrom(1301), async () => ({
  automation: new Door(automation),
  reader: new Door(application(tenant.READER)),
  administrator: new Door(administrator),
  nobody: new Door(connect({ getAccessToken: async () => "garbage" })),
  claims: async () => claims(await FormProvider.of(tenant.AUTOMATION).getAccessToken()),
  shown: Door.shown,
}));
