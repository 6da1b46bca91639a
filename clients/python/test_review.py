"""From a user's submission to an administrator's decision, with typed definitions."""

import uuid

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.teams_app import TeamsApp
from msgraph.generated.models.teams_app_definition import TeamsAppDefinition
from msgraph.generated.models.teams_app_publishing_state import TeamsAppPublishingState

import calls
import installations
import litware
from package import app_package
from refusal import refusal
from test_catalog import listed

pytestmark = pytest.mark.client("msgraph-sdk")


async def submitted(mia: GraphServiceClient) -> tuple[TeamsApp, TeamsAppDefinition]:
    """An app that Mia submitted, and its one definition."""
    package = app_package(str(uuid.uuid4()), "1.0.0", "Submitted")
    entry = await calls.submit(mia.request_adapter, package)
    [app] = await listed(mia, f"id eq '{entry.id}'")
    [definition] = app.app_definitions
    assert definition.publishing_state == TeamsAppPublishingState.Submitted
    return app, definition


async def decide(
    graph: GraphServiceClient, definition: TeamsAppDefinition, state: TeamsAppPublishingState, etag: str
) -> TeamsAppDefinition:
    """Approves or rejects a definition."""
    app = graph.app_catalogs.teams_apps.by_teams_app_id(definition.teams_app_id)
    configuration = RequestConfiguration(HeadersCollection({"If-Match": etag}))
    item = app.app_definitions.by_teams_app_definition_id(definition.id)
    return await item.patch(TeamsAppDefinition(publishing_state=state), configuration)


def etag_of(definition: TeamsAppDefinition) -> str:
    return definition.additional_data["@odata.etag"]


async def test_an_approved_app_can_be_installed(
    litware_administrator: GraphServiceClient, litware_automation: GraphServiceClient, mia: GraphServiceClient
) -> None:
    app, waiting = await submitted(mia)
    with pytest.raises(ODataError) as early:
        await installations.install(litware_automation, litware.user_id(1), app.id)
    assert refusal(early.value)[:2] == (404, "NotFound")

    published = TeamsAppPublishingState.Published
    approved = await decide(litware_administrator, waiting, published, etag_of(waiting))
    assert approved.publishing_state == published
    assert approved.id != waiting.id
    await installations.install(litware_automation, litware.user_id(1), app.id)


async def test_an_old_etag_decides_nothing(
    litware_administrator: GraphServiceClient, mia: GraphServiceClient
) -> None:
    app, waiting = await submitted(mia)
    with pytest.raises(ODataError) as stale:
        await decide(litware_administrator, waiting, TeamsAppPublishingState.Published, "b2xk")
    assert refusal(stale.value)[:2] == (412, "PreconditionFailed")
    rejected = TeamsAppPublishingState.Rejected
    assert (await decide(litware_administrator, waiting, rejected, etag_of(waiting))).publishing_state == rejected


async def test_a_submission_can_be_withdrawn(mia: GraphServiceClient) -> None:
    app, waiting = await submitted(mia)
    item = mia.app_catalogs.teams_apps.by_teams_app_id(app.id).app_definitions
    await item.by_teams_app_definition_id(waiting.id).delete()
    assert await listed(mia, f"id eq '{app.id}'") == []


async def test_users_neither_publish_nor_decide(mia: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as refused:
        await calls.publish(mia.request_adapter, app_package(str(uuid.uuid4()), "1.0.0", "Refused"))
    assert refusal(refused.value)[:2] == (403, "Forbidden")
    _, waiting = await submitted(mia)
    with pytest.raises(ODataError) as refused:
        await decide(mia, waiting, TeamsAppPublishingState.Published, etag_of(waiting))
    assert refusal(refused.value)[:2] == (403, "Forbidden")
