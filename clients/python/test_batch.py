"""Several requests in one, built and read by msgraph-core."""

import json

import pytest
from kiota_abstractions.request_information import RequestInformation
from kiota_serialization_json.json_parse_node import JsonParseNode
from msgraph import GraphServiceClient
from msgraph.generated.models.user_scope_teams_app_installation import UserScopeTeamsAppInstallation
from msgraph.generated.models.user_scope_teams_app_installation_collection_response import (
    UserScopeTeamsAppInstallationCollectionResponse,
)
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.requests.batch_response_content import BatchResponseContent

import litware
from conftest import App
from installations import bound_to, installed

pytestmark = pytest.mark.client("msgraph-sdk")


def installing(graph: GraphServiceClient, user: str, app: App) -> RequestInformation:
    body = UserScopeTeamsAppInstallation(additional_data=bound_to(app.id))
    return graph.users.by_user_id(user).teamwork.installed_apps.to_post_request_information(body)


def batch_of(requests: list[RequestInformation]) -> BatchRequestContent:
    """The requests in one, whose ids count from 1."""
    content = BatchRequestContent()
    for number, request in enumerate(requests, start=1):
        content.add_request(str(number), BatchRequestItem(request, id=str(number)))
    return content


async def send(graph: GraphServiceClient, requests: list[RequestInformation]) -> BatchResponseContent:
    """The outcomes of the requests, whose ids count from 1."""
    return await BatchRequestBuilder(graph.request_adapter).post(batch_of(requests))


async def bodies(graph: GraphServiceClient, requests: list[RequestInformation]) -> dict[str, dict]:
    """The JSON bodies of the answers by the requests' ids.

    Read from the whole answer: the SDK's own outcomes have no body where it is an object
    (https://github.com/microsoft/kiota-python/issues/737).
    """
    batch = await BatchRequestBuilder(graph.request_adapter).to_post_request_information(batch_of(requests))
    answer = await graph.request_adapter.send_primitive_async(batch, "bytes", {})
    return {part["id"]: part["body"] for part in json.loads(answer)["responses"]}


async def test_twenty_installations_in_one_request(litware_automation: GraphServiceClient, litware_app: App) -> None:
    users = [litware.user_id(number) for number in range(11, 31)]
    requests = [installing(litware_automation, user, litware_app) for user in users]
    outcomes = await send(litware_automation, requests)
    assert outcomes.get_response_status_codes() == {str(number): 201 for number in range(1, 21)}
    for user in (users[0], users[-1]):
        [found] = await installed(litware_automation, user)
        assert found.teams_app.id == litware_app.id


async def test_each_part_has_an_outcome_of_its_own(litware_automation: GraphServiceClient, litware_app: App) -> None:
    user = litware.user_id(31)
    await send(litware_automation, [installing(litware_automation, user, litware_app)])
    apps = litware_automation.users.by_user_id(user).teamwork.installed_apps
    requests = [
        installing(litware_automation, user, litware_app),
        apps.to_get_request_information(),
        installing(litware_automation, "11700000-0000-4000-8000-00000000dead", litware_app),
    ]
    outcomes = await send(litware_automation, requests)
    assert outcomes.get_response_status_codes() == {"1": 409, "2": 200, "3": 404}
    found = await bodies(litware_automation, requests)
    assert found["1"]["error"]["code"] == "Conflict"
    assert found["3"]["error"]["code"] == "NotFound"
    page = JsonParseNode(found["2"]).get_object_value(UserScopeTeamsAppInstallationCollectionResponse)
    assert len(page.value) == 1
