"""A client with the permissions of the first documentation: served on beta, refused on v1.0."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta import GraphServiceClient as BetaGraphServiceClient
from msgraph_beta.generated.models.user_scope_teams_app_installation import UserScopeTeamsAppInstallation
from msgraph_beta.generated.users.item.teamwork.installed_apps.installed_apps_request_builder import (
    InstalledAppsRequestBuilder,
)

import calls
import installations
from conftest import App
from refusal import refusal

pytestmark = pytest.mark.client("msgraph-beta-sdk")

Query = InstalledAppsRequestBuilder.InstalledAppsRequestBuilderGetQueryParameters

# Microsoft's permission data of 2026-08-07 for installing, in its order.
ACCEPTED_FOR_INSTALLING = [
    "TeamsAppInstallation.ManageSelectedForUser.All",
    "TeamsAppInstallation.ReadWriteAndConsentForUser.All",
    "TeamsAppInstallation.ReadWriteAndConsentSelfForUser.All",
    "TeamsAppInstallation.ReadWriteForUser.All",
    "TeamsAppInstallation.ReadWriteSelectedForUser.All",
    "TeamsAppInstallation.ReadWriteSelfForUser.All",
]


async def test_beta_installs_and_upgrades(legacy_beta: BetaGraphServiceClient, app: App, user: str) -> None:
    installed_apps = legacy_beta.users.by_user_id(user).teamwork.installed_apps
    query = RequestConfiguration(
        query_parameters=Query(
            expand=["teamsApp", "teamsAppDefinition"], filter=f"teamsApp/externalId eq '{app.external_id}'"
        )
    )

    bind = {"teamsApp@odata.bind": f"https://graph.microsoft.com/beta/appCatalogs/teamsApps/{app.id}"}
    await installed_apps.post(UserScopeTeamsAppInstallation(additional_data=bind))
    [first] = (await installed_apps.get(query)).value
    assert (first.teams_app.id, first.teams_app_definition.version) == (app.id, "1.0.0")

    await app.publish("1.1.0")
    await calls.upgrade(legacy_beta.request_adapter, user, first.id)
    [upgraded] = (await installed_apps.get(query)).value
    assert (upgraded.id, upgraded.teams_app_definition.version) == (first.id, "1.1.0")


async def test_v1_refuses_and_names_the_permissions_of_today(
    legacy: GraphServiceClient, automation: GraphServiceClient, app: App, user: str
) -> None:
    with pytest.raises(ODataError) as refused:
        await installations.install(legacy, user, app.id)
    status, code, message = refusal(refused.value)
    assert (status, code) == (403, "Forbidden")
    needed, roles = message.removesuffix("'.").split("'. Roles on the request '")
    assert needed == (
        "Missing role permissions on the request."
        f" API requires one of '{', '.join(ACCEPTED_FOR_INSTALLING)}"
    )
    assert sorted(roles.split(", ")) == ["Directory.ReadWrite.All", "User.ReadWrite.All"]
    assert await installations.installed(automation, user) == []
