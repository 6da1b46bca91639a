// The story by Microsoft's Graph client itself, with tokens by plain forms.

const { Door } = require("./door.js");
const { FormProvider } = require("./graph.js");
const { claims, tell } = require("./story.js");
const tenant = require("./tenant.js");
const { WAYS } = require("./ways.js");

const administrator = { grant_type: "password", client_id: tenant.PUBLIC, username: tenant.ADMIN, password: tenant.PASSWORD };

for (const way of WAYS) {
  const door = (authProvider) => new Door(way.connect(authProvider));
  tell("@microsoft/microsoft-graph-client", way, way.users(1301), async () => ({
    automation: door(FormProvider.of(tenant.AUTOMATION)),
    reader: door(FormProvider.of(tenant.READER)),
    administrator: door(new FormProvider(administrator)),
    nobody: door({ getAccessToken: async () => "garbage" }),
    claims: async () => claims(await FormProvider.of(tenant.AUTOMATION).getAccessToken()),
    shown: Door.shown,
  }));
}
