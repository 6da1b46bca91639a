"""Several requests in one, built and read by msgraph-core."""

from kiota_abstractions.request_information import RequestInformation
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


def installing(graph: GraphServiceClient, user: str, app: App) -> RequestInformation:
    body = UserScopeTeamsAppInstallation(additional_data=bound_to(app.id))
    return graph.users.by_user_id(user).teamwork.installed_apps.to_post_request_information(body)


async def send(graph: GraphServiceClient, requests: list[RequestInformation]) -> BatchResponseContent:
    """The outcomes of the requests, whose ids count from 1."""
    content = BatchRequestContent()
    for number, request in enumerate(requests, start=1):
        content.add_request(str(number), BatchRequestItem(request, id=str(number)))
    return await BatchRequestBuilder(graph.request_adapter).post(content)


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
    outcomes = await send(
        litware_automation,
        [
            installing(litware_automation, user, litware_app),
            apps.to_get_request_information(),
            installing(litware_automation, "11700000-0000-4000-8000-00000000dead", litware_app),
        ],
    )
    assert outcomes.get_response_status_codes() == {"1": 409, "2": 200, "3": 404}
    page = outcomes.response_body("2", UserScopeTeamsAppInstallationCollectionResponse)
    assert len(page.value) == 1
