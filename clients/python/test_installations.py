"""A user's installed apps on v1.0: install, list, read, upgrade, uninstall."""

import uuid

import httpx
import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user_scope_teams_app_installation import UserScopeTeamsAppInstallation

import calls
import demo
from conftest import App
from installations import bound_to, install, installation, installed, read, uninstall, version
from refusal import Refusal, refusal

pytestmark = pytest.mark.client("msgraph-sdk")


async def test_an_app_from_installation_to_removal(automation: GraphServiceClient, app: App, user: str) -> None:
    await install(automation, user, app.id)
    first = await installation(automation, user, app.external_id)
    assert (first.teams_app.id, first.teams_app.display_name) == (app.id, app.name)
    assert version(first) == "1.0.0"

    await app.publish("1.1.0")
    assert version(await read(automation, user, first.id)) == "1.0.0"
    await calls.upgrade(automation.request_adapter, user, first.id)
    upgraded = await read(automation, user, first.id)
    assert (upgraded.id, version(upgraded)) == (first.id, "1.1.0")

    await uninstall(automation, user, first.id)
    assert await installed(automation, user) == []
    for call in (read, uninstall):
        with pytest.raises(ODataError) as gone:
            await call(automation, user, first.id)
        assert refusal(gone.value)[:2] == (404, "NotFound")

    await install(automation, user, app.id)
    assert (await installation(automation, user, app.external_id)).id == first.id


async def test_the_demo_installation_can_be_upgraded(automation: GraphServiceClient) -> None:
    user = demo.user_name(demo.POLLS_USER)
    found = await installation(automation, user, demo.POLLS_EXTERNAL_ID)
    assert version(found) == "1.0.0"
    await calls.upgrade(automation.request_adapter, user, found.id)
    assert version(await read(automation, user, found.id)) == "1.1.0"


async def test_a_second_installation_is_a_conflict(automation: GraphServiceClient, app: App, user: str) -> None:
    await install(automation, user, app.id)
    with pytest.raises(ODataError) as twice:
        await install(automation, user, app.id)
    assert refusal(twice.value) == Refusal(
        409, "Conflict", f"AppEntitlement id: '{app.id}' already exists in thread"
    )
    assert len(await installed(automation, user)) == 1


async def test_writes_answer_without_a_body(automation: GraphServiceClient, app: App, user: str) -> None:
    client_request_id = str(uuid.uuid4())
    options = [ResponseHandlerOption(NativeResponseHandler())]
    configuration = RequestConfiguration(HeadersCollection({"client-request-id": client_request_id}), options)
    apps = automation.users.by_user_id(user).teamwork.installed_apps
    body = UserScopeTeamsAppInstallation(additional_data=bound_to(app.id))
    answers: list[httpx.Response] = [await apps.post(body, configuration)]
    found = await installation(automation, user, app.external_id)
    upgrade = calls.upgrade_request(user, found.id)
    upgrade.configure(configuration)
    answers.append(await automation.request_adapter.send_no_response_content_async(upgrade, calls.ERRORS))
    answers.append(await apps.by_user_scope_teams_app_installation_id(found.id).delete(configuration))

    assert [answer.status_code for answer in answers] == [201, 204, 204]
    for answer in answers:
        assert (answer.http_version, answer.content) == ("HTTP/2", b"")
        assert "content-type" not in answer.headers
        assert answer.headers["client-request-id"] == client_request_id
        assert uuid.UUID(answer.headers["request-id"])


@pytest.mark.parametrize(
    "condition",
    [
        "teamsApp/id eq '{app.id}'",
        "teamsApp/externalId eq '{app.external_id}'",
        "teamsAppDefinition/teamsAppId eq '{app.id}'",
        "teamsAppDefinition/displayName eq '{app.name}'",
    ],
)
async def test_filters_pick_one_of_two_apps(
    automation: GraphServiceClient, app: App, user: str, condition: str
) -> None:
    await install(automation, user, demo.POLLS)
    await install(automation, user, app.id)
    assert len(await installed(automation, user)) == 2
    [found] = await installed(automation, user, condition.format(app=app))
    assert found.teams_app.id == app.id


async def test_a_signed_in_user_installs_for_oneself_only(
    administrator: GraphServiceClient, automation: GraphServiceClient, app: App, user: str
) -> None:
    await install(administrator, demo.ADMIN_ID, app.id)
    found = await installation(administrator, demo.ADMIN, app.external_id)
    await uninstall(administrator, demo.ADMIN_ID, found.id)
    with pytest.raises(ODataError) as refused:
        await install(administrator, user, app.id)
    assert refusal(refused.value)[:2] == (403, "Forbidden")
    assert await installed(automation, user) == []


async def test_an_unknown_app_is_not_found(automation: GraphServiceClient, user: str) -> None:
    with pytest.raises(ODataError) as unknown:
        await install(automation, user, "00000000-0000-4000-8000-000000000000")
    assert refusal(unknown.value)[:2] == (404, "NotFound")


async def test_a_catalog_id_is_no_installation_id(automation: GraphServiceClient, user: str) -> None:
    with pytest.raises(ODataError) as mistaken:
        await read(automation, user, demo.POLLS)
    assert refusal(mistaken.value) == Refusal(400, "BadRequest", f"Invalid id '{demo.POLLS}' provided.")


async def test_the_bind_as_the_documented_python_sample_spells_it(automation: GraphServiceClient, user: str) -> None:
    misspelt = {"teams_app@odata_bind": bound_to(demo.POLLS)["teamsApp@odata.bind"]}
    body = UserScopeTeamsAppInstallation(additional_data=misspelt)
    with pytest.raises(ODataError) as missing:
        await automation.users.by_user_id(user).teamwork.installed_apps.post(body)
    assert refusal(missing.value) == Refusal(
        400, "BadRequest", "The navigation bind for the teamsApp was missing in request."
    )
