"""The story that every client tells: sign in, publish, install, list, upgrade, uninstall, and meet 401, 403, 404 and 409.

By URL and by proxy, with tokens gotten as docs/clients.md says, each client's own way; the app is fresh in every test.
"""

import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import jwt
import pytest

import demo
import doors
import expected
import litware
from by_msal import SCOPES, by_device_code, msal_app, msal_user
from documented import documented
from doors import Graph, Installed, Refused
from package import app_package
from server import Server
from sign_in import DevicePage, FixedToken

ANYBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Cast:
    """Who comes up in the story, each with a door of their own."""

    automation: Graph
    reader: Graph
    administrator: Graph
    nobody: Graph
    # A token of the client Automation.
    token: Callable[[], str]


class Way(NamedTuple):
    """How the client finds the server."""

    # What the names of its blocks in docs/clients.md end in.
    ending: str
    # Where Graph is.
    endpoint: str


def by_sdk(way: Way, sdk: str) -> Cast:
    """An SDK with azure-identity for its tokens."""

    def graph(credential: object) -> Graph:
        name = {"msgraph": "msgraph-sdk", "msgraph_beta": "msgraph-beta-sdk"}[sdk] + way.ending
        return doors.Typed(documented(name, credential=credential)["graph"], sdk)

    return by_azure_identity(way, graph)


def by_azure_identity(way: Way, graph: Callable[[object], Graph] | None = None) -> Cast:
    """azure-identity, and azure-core to send unless there is something else."""

    def client(name: str, client_id: str, **names: object) -> object:
        environment = {"AZURE_TENANT_ID": litware.TENANT, "AZURE_CLIENT_ID": client_id}
        environment["AZURE_CLIENT_SECRET"] = demo.SECRET
        return documented(f"azure-identity: {name}{way.ending}", environment, **names)["credential"]

    def door(credential: object) -> Graph:
        return graph(credential) if graph else doors.by_azure_core(way.endpoint, credential)

    if way.ending:
        with pytest.warns(DeprecationWarning):
            person = {"username": litware.ADMIN, "password": demo.PASSWORD}
            administrator = client("a user's password", litware.PUBLIC, **person)
    else:
        show = DevicePage(litware.ADMIN, demo.PASSWORD).confirm
        administrator = client("a device code", litware.PUBLIC, show=show)
    automation = client("a secret", litware.AUTOMATION)
    return Cast(
        door(automation),
        door(client("a secret", litware.READER)),
        door(administrator),
        door(FixedToken("garbage")),
        lambda: automation.get_token(doors.SCOPE).token,
    )


def by_msal(way: Way) -> Cast:
    """msal, and requests to send."""

    def app_only(client: str) -> Callable[[], str]:
        app = msal_app(client, ending=way.ending)
        return lambda: app.acquire_token_for_client(SCOPES)["access_token"]

    user = msal_user(way.ending)
    if way.ending:
        with pytest.warns(DeprecationWarning):
            answer = user.acquire_token_by_username_password(litware.ADMIN, demo.PASSWORD, SCOPES)
    else:
        answer = by_device_code(user, DevicePage(litware.ADMIN, demo.PASSWORD))
    assert "error" not in answer, answer
    [account] = user.get_accounts()
    automation = app_only(litware.AUTOMATION)
    return Cast(
        doors.by_requests(way.endpoint, automation),
        doors.by_requests(way.endpoint, app_only(litware.READER)),
        doors.by_requests(way.endpoint, lambda: user.acquire_token_silent(SCOPES, account)["access_token"]),
        doors.by_requests(way.endpoint, lambda: "garbage"),
        automation,
    )


CLIENTS = {
    "msgraph-sdk": lambda way: by_sdk(way, "msgraph"),
    "msgraph-beta-sdk": lambda way: by_sdk(way, "msgraph_beta"),
    "azure-identity": by_azure_identity,
    "msal": by_msal,
}

# A balancer before the server is no proxy.
WAYS = ["by URL"] if "SLIPWAY_URL" in os.environ else ["by URL", "by proxy"]

TELLINGS = [
    pytest.param((client, way), marks=pytest.mark.client(client), id=f"{client} {way}")
    for client in CLIENTS
    for way in WAYS
]


@pytest.fixture(scope="module", params=TELLINGS)
def cast(request: pytest.FixtureRequest, server: Server) -> Iterator[Cast]:
    """The cast, brought along by one client on one way."""
    client, way = request.param
    with pytest.MonkeyPatch.context() as environment:
        if way == "by URL":
            yield CLIENTS[client](Way("", server.url))
        else:
            environment.delenv("AZURE_AUTHORITY_HOST")
            environment.delenv("GRAPH_ENDPOINT")
            yield CLIENTS[client](Way(", by proxy", "https://graph.microsoft.com"))


# Other tests have the users of lower numbers.
_numbers = itertools.count(1001)


@pytest.fixture
def user() -> str:
    """The object id of a user of Litware whom no other test touches."""
    return litware.user_id(next(_numbers))


@dataclass(frozen=True)
class Published:
    """A fresh app."""

    id: str
    external_id: str

    def package(self, version: str) -> bytes:
        return app_package(self.external_id, version, f"App {self.external_id[:8]}")


@pytest.fixture
async def app(cast: Cast) -> Published:
    """A fresh app, published through the client."""
    external_id = str(uuid.uuid4())
    package = Published("", external_id).package(expected.FIRST)
    return Published(await cast.administrator.publish(package), external_id)


async def installed(cast: Cast, user: str, app: Published) -> Installed:
    """The user's one app, which must be this."""
    [found] = await cast.automation.installed(user)
    assert found.app == app.id
    return found


def test_signs_in(cast: Cast) -> None:
    claims = jwt.decode(cast.token(), options={"verify_signature": False})
    assert (claims["tid"], claims["appid"], claims["idtyp"]) == (litware.TENANT, litware.AUTOMATION, "app")


async def test_publishes_and_installs(cast: Cast, app: Published, user: str) -> None:
    await cast.automation.install(user, app.id)
    assert (await installed(cast, user, app)).version == expected.FIRST


async def test_publishes_the_next_version_and_upgrades(cast: Cast, app: Published, user: str) -> None:
    await cast.automation.install(user, app.id)
    first = await installed(cast, user, app)
    await cast.administrator.publish_version(app.id, app.package(expected.NEXT))
    assert (await installed(cast, user, app)).version == expected.FIRST
    await cast.automation.upgrade(user, first.id)
    assert await installed(cast, user, app) == first._replace(version=expected.NEXT)


async def test_uninstalls(cast: Cast, app: Published, user: str) -> None:
    await cast.automation.install(user, app.id)
    await cast.automation.uninstall(user, (await installed(cast, user, app)).id)
    assert await cast.automation.installed(user) == []


async def test_meets_401_with_garbage_for_a_token(cast: Cast, user: str) -> None:
    with pytest.raises(Refused) as refused:
        await cast.nobody.installed(user)
    expected.check("garbage for a token", *refused.value.args)


async def test_meets_403_without_the_permission(cast: Cast, user: str) -> None:
    with pytest.raises(Refused) as refused:
        await cast.reader.install(user, ANYBODY)
    expected.check("a missing permission", *refused.value.args)


async def test_meets_404_for_an_unknown_app(cast: Cast, user: str) -> None:
    with pytest.raises(Refused) as refused:
        await cast.automation.install(user, ANYBODY)
    expected.check("an unknown app", *refused.value.args)


async def test_meets_409_when_it_installs_twice(cast: Cast, app: Published, user: str) -> None:
    await cast.automation.install(user, app.id)
    with pytest.raises(Refused) as refused:
        await cast.automation.install(user, app.id)
    expected.check("a second installation", *refused.value.args)
