"""The typed calls about a user's installed apps, as an application would wrap them."""

from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.models.user_scope_teams_app_installation import UserScopeTeamsAppInstallation
from msgraph.generated.users.item.teamwork.installed_apps.installed_apps_request_builder import (
    InstalledAppsRequestBuilder,
)
from msgraph.generated.users.item.teamwork.installed_apps.item.user_scope_teams_app_installation_item_request_builder import (
    UserScopeTeamsAppInstallationItemRequestBuilder,
)

ListQuery = InstalledAppsRequestBuilder.InstalledAppsRequestBuilderGetQueryParameters
GetQuery = UserScopeTeamsAppInstallationItemRequestBuilder.UserScopeTeamsAppInstallationItemRequestBuilderGetQueryParameters

EVERYTHING = ["teamsApp", "teamsAppDefinition"]


def bound_to(app_id: str) -> dict[str, str]:
    """The property that names the app to install; the host is Graph's own, as in every sample."""
    return {"teamsApp@odata.bind": f"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{app_id}"}


async def install(graph: GraphServiceClient, user: str, app_id: str) -> None:
    """Installs the app for the user; the answer has no body."""
    body = UserScopeTeamsAppInstallation(additional_data=bound_to(app_id))
    assert await graph.users.by_user_id(user).teamwork.installed_apps.post(body) is None


async def installed(
    graph: GraphServiceClient, user: str, condition: str | None = None
) -> list[UserScopeTeamsAppInstallation]:
    """The user's installations that fit the condition, with their app and version."""
    query = RequestConfiguration(query_parameters=ListQuery(expand=EVERYTHING, filter=condition))
    page = await graph.users.by_user_id(user).teamwork.installed_apps.get(query)
    assert page is not None and page.value is not None
    return page.value


async def installation(graph: GraphServiceClient, user: str, external_id: str) -> UserScopeTeamsAppInstallation:
    """The user's one installation of the app with this manifest id."""
    [found] = await installed(graph, user, f"teamsApp/externalId eq '{external_id}'")
    assert found.id is not None
    return found


async def read(graph: GraphServiceClient, user: str, installation_id: str) -> UserScopeTeamsAppInstallation:
    """One installation, with its app and version."""
    query = RequestConfiguration(query_parameters=GetQuery(expand=EVERYTHING))
    item = graph.users.by_user_id(user).teamwork.installed_apps.by_user_scope_teams_app_installation_id
    found = await item(installation_id).get(query)
    assert found is not None
    return found


async def uninstall(graph: GraphServiceClient, user: str, installation_id: str) -> None:
    """Removes the installation."""
    item = graph.users.by_user_id(user).teamwork.installed_apps.by_user_scope_teams_app_installation_id
    await item(installation_id).delete()


def version(found: UserScopeTeamsAppInstallation) -> str | None:
    """The installed version."""
    assert found.teams_app_definition is not None
    return found.teams_app_definition.version
