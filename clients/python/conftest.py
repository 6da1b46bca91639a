"""What the tests start from: the server, the SDK's clients, an app of one's own and a user of one's own."""

import itertools
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import pytest
from azure.core.credentials import TokenCredential
from msgraph import GraphServiceClient
from msgraph_beta import GraphServiceClient as BetaGraphServiceClient

import calls
import demo
import litware
from documented import documented
from package import app_package
from server import Server, running_server
from sign_in import DevicePage, application, delegated


pytest_plugins = ["steps"]

# The logs of azure-identity, with the pipeline that sends for it, and of msal.
SIGN_IN_LOGS = ("azure", "msal")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
async def event_loop_of_all_tests(anyio_backend: str) -> AsyncIterator[None]:
    """Keeps one event loop from the first test to the last: the SDK's open connections belong to it."""
    yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, whose authority the clients trust as an operating system or a container would make them."""
    with running_server(tmp_path_factory.mktemp("server")) as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", running.ca_file)  # httpx, under the SDK
        environment.setenv("REQUESTS_CA_BUNDLE", running.ca_file)  # requests, under azure-identity
        environment.setenv("AZURE_AUTHORITY_HOST", running.url)
        environment.setenv("GRAPH_ENDPOINT", running.url)
        if running.proxy:
            environment.setenv("HTTPS_PROXY", running.proxy)
        environment.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield running


@pytest.fixture(autouse=True)
def nothing_to_complain_about(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The sign-in libraries say all they can, and none of it is a warning, unless the test is about a refusal."""
    for name in SIGN_IN_LOGS:
        caplog.set_level(logging.DEBUG, name)
    yield
    if request.node.get_closest_marker("refused") is None:
        said = [*caplog.get_records("setup"), *caplog.get_records("call")]
        loud = [f"{one.name}: {one.getMessage()}" for one in said if one.levelno >= logging.WARNING]
        assert [line for line in loud if line.startswith(SIGN_IN_LOGS)] == []


Connect = Callable[[TokenCredential], GraphServiceClient]


@pytest.fixture(scope="session")
def connect(server: Server) -> Connect:
    """Makes a client of v1.0 for a credential."""

    def client(credential: TokenCredential) -> GraphServiceClient:
        return documented("msgraph-sdk", credential=credential)["graph"]

    return client


@pytest.fixture(scope="session")
def automation(server: Server, connect: Connect) -> GraphServiceClient:
    """Application permissions for everything that takes them."""
    return connect(application(server, demo.AUTOMATION))


@pytest.fixture(scope="session")
def self_managing(server: Server, connect: Connect) -> GraphServiceClient:
    """Application permissions on the client's own Teams app only."""
    return connect(application(server, demo.SELF))


@pytest.fixture(scope="session")
def legacy(server: Server, connect: Connect) -> GraphServiceClient:
    """The permissions of the first documentation, on v1.0."""
    return connect(application(server, demo.LEGACY))


@pytest.fixture(scope="session")
def legacy_beta(server: Server) -> BetaGraphServiceClient:
    """The permissions of the first documentation, on beta."""
    return documented("msgraph-beta-sdk", credential=application(server, demo.LEGACY))["graph"]


@pytest.fixture(scope="session")
def administrator(server: Server, connect: Connect) -> GraphServiceClient:
    """The Teams administrator, signed in by device code."""
    return connect(delegated(server, DevicePage(demo.ADMIN, demo.PASSWORD)))


@pytest.fixture(scope="session")
def litware_automation(server: Server, connect: Connect) -> GraphServiceClient:
    """Application permissions in the tenant Litware."""
    return connect(application(server, litware.AUTOMATION, tenant=litware.TENANT))


@pytest.fixture(scope="session")
def litware_administrator(server: Server, connect: Connect) -> GraphServiceClient:
    """Litware's Teams administrator."""
    page = DevicePage(litware.ADMIN, demo.PASSWORD)
    return connect(delegated(server, page, litware.PUBLIC, litware.TENANT))


@pytest.fixture(scope="session")
def mia(server: Server, connect: Connect) -> GraphServiceClient:
    """A user of Litware who is nobody's administrator."""
    page = DevicePage(litware.MIA, demo.PASSWORD)
    return connect(delegated(server, page, litware.PUBLIC, litware.TENANT))


@dataclass(frozen=True)
class App:
    """An app that a test published for itself."""

    administrator: GraphServiceClient
    id: str
    external_id: str
    name: str

    async def publish(self, version: str) -> None:
        """Publishes another version."""
        package = app_package(self.external_id, version, self.name)
        await calls.publish_version(self.administrator.request_adapter, self.id, package)


async def published(administrator: GraphServiceClient) -> App:
    """A fresh app for every scope, published as 1.0.0."""
    external_id = str(uuid.uuid4())
    name = f"App {external_id[:8]}"
    package = app_package(external_id, "1.0.0", name)
    entry = await calls.publish(administrator.request_adapter, package)
    assert entry.id is not None
    return App(administrator, entry.id, external_id, name)


@pytest.fixture
async def app(administrator: GraphServiceClient) -> App:
    """A fresh app of the demo tenant."""
    return await published(administrator)


@pytest.fixture
async def litware_app(litware_administrator: GraphServiceClient) -> App:
    """A fresh app of Litware."""
    return await published(litware_administrator)


@pytest.fixture(scope="session")
def user_numbers() -> Iterator[int]:
    return itertools.count(demo.POLLS_USER + 1)


@pytest.fixture
def user(user_numbers: Iterator[int]) -> str:
    """The object id of a user whom no other test touches."""
    number = next(user_numbers)
    assert number <= demo.USERS, "there are more tests than users in the demo tenant"
    return demo.user_id(number)
