"""The apps of a team and of a chat: the SDK has the same typed calls for both."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.chats.item.installed_apps.installed_apps_request_builder import (
    InstalledAppsRequestBuilder as ChatApps,
)
from msgraph.generated.chats.item.installed_apps.item.upgrade.upgrade_post_request_body import (
    UpgradePostRequestBody as ChatUpgrade,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.teams_app_installation import TeamsAppInstallation
from msgraph.generated.teams.item.installed_apps.installed_apps_request_builder import (
    InstalledAppsRequestBuilder as TeamApps,
)
from msgraph.generated.teams.item.installed_apps.item.upgrade.upgrade_post_request_body import (
    UpgradePostRequestBody as TeamUpgrade,
)

import litware
from conftest import App
from installations import EVERYTHING, bound_to
from refusal import refusal

pytestmark = pytest.mark.client("msgraph-sdk")


@dataclass(frozen=True)
class Owner:
    """A team or a chat."""

    id: str
    apps: Callable[[GraphServiceClient], TeamApps | ChatApps]
    upgrade: type[TeamUpgrade | ChatUpgrade]

    async def installed(self, graph: GraphServiceClient, app: App) -> list[TeamsAppInstallation]:
        """Its installations of this app."""
        apps = self.apps(graph)
        query = apps.InstalledAppsRequestBuilderGetQueryParameters(
            expand=EVERYTHING, filter=f"teamsApp/externalId eq '{app.external_id}'"
        )
        return (await apps.get(RequestConfiguration(query_parameters=query))).value


TEAM = Owner(litware.SALES, lambda graph: graph.teams.by_team_id(litware.SALES).installed_apps, TeamUpgrade)
CHAT = Owner(litware.LAUNCH, lambda graph: graph.chats.by_chat_id(litware.LAUNCH).installed_apps, ChatUpgrade)


@pytest.mark.parametrize("owner", [TEAM, CHAT], ids=["team", "chat"])
async def test_an_app_from_installation_to_removal(
    litware_automation: GraphServiceClient, litware_app: App, owner: Owner
) -> None:
    apps = owner.apps(litware_automation)
    body = TeamsAppInstallation(additional_data=bound_to(litware_app.id))
    assert await apps.post(body) is None
    with pytest.raises(ODataError) as again:
        await apps.post(body)
    assert refusal(again.value)[:2] == (409, "Conflict")

    [first] = await owner.installed(litware_automation, litware_app)
    assert first.id == base64.b64encode(f"{owner.id}##{litware_app.id}".encode()).decode()
    assert (first.teams_app.display_name, first.teams_app_definition.version) == (litware_app.name, "1.0.0")

    await litware_app.publish("1.1.0")
    one = apps.by_teams_app_installation_id(first.id)
    await one.upgrade.post(owner.upgrade())
    [upgraded] = await owner.installed(litware_automation, litware_app)
    assert (upgraded.id, upgraded.teams_app_definition.version) == (first.id, "1.1.0")
    assert (await one.get()).id == first.id

    await one.delete()
    assert await owner.installed(litware_automation, litware_app) == []
    with pytest.raises(ODataError) as gone:
        await one.get()
    assert refusal(gone.value)[:2] == (404, "NotFound")


@pytest.mark.parametrize("owner", [TEAM, CHAT], ids=["team", "chat"])
async def test_members_manage_the_apps(mia: GraphServiceClient, litware_app: App, owner: Owner) -> None:
    await owner.apps(mia).post(TeamsAppInstallation(additional_data=bound_to(litware_app.id)))
    [found] = await owner.installed(mia, litware_app)
    await owner.apps(mia).by_teams_app_installation_id(found.id).delete()


async def test_others_do_not(mia: GraphServiceClient, litware_app: App) -> None:
    apps = mia.teams.by_team_id(litware.OPERATIONS).installed_apps
    with pytest.raises(ODataError) as refused:
        await apps.post(TeamsAppInstallation(additional_data=bound_to(litware_app.id)))
    assert refusal(refused.value).status == 403
    with pytest.raises(ODataError) as refused:
        await apps.get()
    assert refusal(refused.value).status == 403
