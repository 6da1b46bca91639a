"""The ways to Graph that the story is told on: by each SDK, and by each sign-in library with the transport it comes with."""

import contextlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import requests
from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest
from kiota_abstractions.base_request_configuration import RequestConfiguration

import calls
from installations import bound_to
from refusal import refusal

SCOPE = "https://graph.microsoft.com/.default"


class Installed(NamedTuple):
    """An app that a user has."""

    id: str
    app: str
    version: str


class Refused(Exception):
    """What Graph refused, whatever class the client has for it."""

    def __init__(self, status: int | None, code: str | None, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


class Graph(Protocol):
    """What the story does."""

    async def publish(self, package: bytes) -> str: ...
    async def publish_version(self, app: str, package: bytes) -> None: ...
    async def install(self, user: str, app: str) -> None: ...
    async def installed(self, user: str) -> list[Installed]: ...
    async def upgrade(self, user: str, installation: str) -> None: ...
    async def uninstall(self, user: str, installation: str) -> None: ...


class Typed:
    """An SDK with its own models, requests and errors: `msgraph` or `msgraph_beta`."""

    def __init__(self, graph: Any, sdk: str) -> None:
        self.graph, self.sdk = graph, sdk
        self.error = self._class("models.o_data_errors.o_data_error", "ODataError")

    def _class(self, module: str, name: str) -> Any:
        return getattr(import_module(f"{self.sdk}.generated.{module}"), name)

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except self.error as error:
            raise Refused(*refusal(error)) from error

    def _apps(self, user: str) -> Any:
        return self.graph.users.by_user_id(user).teamwork.installed_apps

    async def publish(self, package: bytes) -> str:
        with self._refusals():
            return (await calls.publish(self.graph.request_adapter, package)).id

    async def publish_version(self, app: str, package: bytes) -> None:
        with self._refusals():
            await calls.publish_version(self.graph.request_adapter, app, package)

    async def install(self, user: str, app: str) -> None:
        installation = self._class("models.user_scope_teams_app_installation", "UserScopeTeamsAppInstallation")
        with self._refusals():
            await self._apps(user).post(installation(additional_data=bound_to(app)))

    async def installed(self, user: str) -> list[Installed]:
        module = "users.item.teamwork.installed_apps.installed_apps_request_builder"
        query = self._class(module, "InstalledAppsRequestBuilder").InstalledAppsRequestBuilderGetQueryParameters
        expand = RequestConfiguration(query_parameters=query(expand=["teamsApp", "teamsAppDefinition"]))
        with self._refusals():
            page = await self._apps(user).get(expand)
        return [Installed(one.id, one.teams_app.id, one.teams_app_definition.version) for one in page.value]

    async def upgrade(self, user: str, installation: str) -> None:
        with self._refusals():
            await calls.upgrade(self.graph.request_adapter, user, installation)

    async def uninstall(self, user: str, installation: str) -> None:
        with self._refusals():
            await self._apps(user).by_user_scope_teams_app_installation_id(installation).delete()


class Answer(NamedTuple):
    """Status and JSON of an answer."""

    status: int
    body: dict[str, Any] | None


# Sends a method and a path below the version, with a body and its type.
Send = Callable[[str, str, Any, str | None], Answer]


class Plain:
    """Requests as the documentation writes them, sent by whatever sends."""

    def __init__(self, send: Send) -> None:
        self.send = send

    def _sent(self, method: str, path: str, json: Any = None, package: bytes | None = None) -> dict[str, Any] | None:
        body, kind = (package, "application/zip") if package else (json, "application/json" if json else None)
        answer = self.send(method, path, body, kind)
        if answer.status >= 400:
            error = (answer.body or {})["error"]
            raise Refused(answer.status, error["code"], error["message"])
        return answer.body

    async def publish(self, package: bytes) -> str:
        return self._sent("POST", "/appCatalogs/teamsApps", package=package)["id"]

    async def publish_version(self, app: str, package: bytes) -> None:
        self._sent("POST", f"/appCatalogs/teamsApps/{app}/appDefinitions", package=package)

    async def install(self, user: str, app: str) -> None:
        self._sent("POST", f"/users/{user}/teamwork/installedApps", json=bound_to(app))

    async def installed(self, user: str) -> list[Installed]:
        page = self._sent("GET", f"/users/{user}/teamwork/installedApps?$expand=teamsApp,teamsAppDefinition")
        return [
            Installed(one["id"], one["teamsApp"]["id"], one["teamsAppDefinition"]["version"]) for one in page["value"]
        ]

    async def upgrade(self, user: str, installation: str) -> None:
        self._sent("POST", f"/users/{user}/teamwork/installedApps/{installation}/upgrade")

    async def uninstall(self, user: str, installation: str) -> None:
        self._sent("DELETE", f"/users/{user}/teamwork/installedApps/{installation}")


def by_azure_core(endpoint: str, credential: TokenCredential) -> Plain:
    """azure-identity with the pipeline of azure-core, as Azure's own libraries use it."""
    client = PipelineClient(endpoint, policies=[BearerTokenCredentialPolicy(credential, SCOPE)])

    def send(method: str, path: str, body: Any, kind: str | None) -> Answer:
        headers = {"Content-Type": kind} if kind else None
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        response = client.send_request(HttpRequest(method, f"{endpoint}/v1.0{path}", headers=headers, **content))
        return Answer(response.status_code, response.json() if response.text() else None)

    return Plain(send)


def by_requests(endpoint: str, token: Callable[[], str]) -> Plain:
    """msal with requests, as its samples do."""
    session = requests.Session()

    def send(method: str, path: str, body: Any, kind: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {token()}"} | ({"Content-Type": kind} if kind else {})
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        response = session.request(method, f"{endpoint}/v1.0{path}", headers=headers, timeout=30, **content)
        return Answer(response.status_code, response.json() if response.content else None)

    return Plain(send)
