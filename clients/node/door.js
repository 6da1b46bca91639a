// The story's steps by Microsoft's Graph client, with whatever hands out its tokens.

const { bind, empty, upload } = require("./graph.js");

class Door {
  constructor(graph) {
    this.graph = graph;
  }

  async publish(bytes) {
    return (await upload(this.graph, "/appCatalogs/teamsApps", bytes)).id;
  }

  async publishVersion(app, bytes) {
    await empty(upload(this.graph, `/appCatalogs/teamsApps/${app}/appDefinitions`, bytes));
  }

  async install(user, app) {
    await empty(this.graph.api(`/users/${user}/teamwork/installedApps`).post(bind(app)));
  }

  async installed(user) {
    const list = this.graph.api(`/users/${user}/teamwork/installedApps`).expand("teamsApp,teamsAppDefinition");
    const { value } = await list.get();
    return value.map((one) => ({ id: one.id, app: one.teamsApp.id, version: one.teamsAppDefinition.version }));
  }

  async upgrade(user, id) {
    await empty(this.graph.api(`/users/${user}/teamwork/installedApps/${id}/upgrade`).post());
  }

  async uninstall(user, id) {
    await empty(this.graph.api(`/users/${user}/teamwork/installedApps/${id}`).delete());
  }

  /** What a GraphError shows. */
  static shown({ statusCode, code, message }) {
    return { status: statusCode, code, message };
  }
}

module.exports = { Door };
