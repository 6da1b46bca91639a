"""The organization's app catalog: publish, look up, next version, delete."""

import uuid

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.app_catalogs.teams_apps.teams_apps_request_builder import TeamsAppsRequestBuilder
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.teams_app import TeamsApp
from msgraph.generated.models.teams_app_distribution_method import TeamsAppDistributionMethod
from msgraph.generated.models.teams_app_publishing_state import TeamsAppPublishingState

import calls
import demo
import installations
from conftest import App
from package import app_package
from refusal import refusal

pytestmark = pytest.mark.client("msgraph-sdk")

Query = TeamsAppsRequestBuilder.TeamsAppsRequestBuilderGetQueryParameters


async def listed(graph: GraphServiceClient, condition: str) -> list[TeamsApp]:
    """The apps that fit the condition, with their versions."""
    query = RequestConfiguration(query_parameters=Query(filter=condition, expand=["appDefinitions"]))
    page = await graph.app_catalogs.teams_apps.get(query)
    assert page is not None and page.value is not None
    return page.value


def versions(app: TeamsApp) -> list[str | None]:
    return sorted(definition.version for definition in app.app_definitions)


async def test_a_published_app_is_found_by_its_manifest_id(automation: GraphServiceClient, app: App) -> None:
    [found] = await listed(automation, f"externalId eq '{app.external_id}'")
    assert (found.id, found.external_id, found.display_name) == (app.id, app.external_id, app.name)
    assert found.id != found.external_id
    assert found.distribution_method == TeamsAppDistributionMethod.Organization
    [definition] = found.app_definitions
    assert (definition.teams_app_id, definition.version) == (app.id, "1.0.0")
    assert (definition.display_name, definition.short_description) == (app.name, "An app to install")
    assert definition.publishing_state == TeamsAppPublishingState.Published


async def test_a_next_version_joins_the_first(automation: GraphServiceClient, app: App) -> None:
    await app.publish("1.1.0")
    [found] = await listed(automation, f"id eq '{app.id}'")
    assert versions(found) == ["1.0.0", "1.1.0"]
    definitions = await automation.app_catalogs.teams_apps.by_teams_app_id(app.id).app_definitions.get()
    assert sorted(definition.version for definition in definitions.value) == ["1.0.0", "1.1.0"]


async def test_the_demo_app_is_there(automation: GraphServiceClient) -> None:
    filtered = f"distributionMethod eq 'organization' and externalId eq '{demo.POLLS_EXTERNAL_ID}'"
    [polls] = await listed(automation, filtered)
    assert (polls.id, polls.display_name) == (demo.POLLS, "Contoso Polls")
    assert versions(polls) == ["1.0.0", "1.1.0"]


async def test_a_deleted_app_takes_its_installations_along(
    automation: GraphServiceClient, administrator: GraphServiceClient, app: App, user: str
) -> None:
    await installations.install(automation, user, app.id)
    await administrator.app_catalogs.teams_apps.by_teams_app_id(app.id).delete()
    assert await installations.installed(automation, user) == []
    assert await listed(automation, f"id eq '{app.id}'") == []
    with pytest.raises(ODataError) as gone:
        await automation.app_catalogs.teams_apps.by_teams_app_id(app.id).get()
    assert refusal(gone.value)[:2] == (404, "NotFound")


async def test_the_same_manifest_id_is_published_once(administrator: GraphServiceClient, app: App) -> None:
    package = app_package(app.external_id, "2.0.0", app.name)
    with pytest.raises(ODataError) as taken:
        await calls.publish(administrator.request_adapter, package)
    assert refusal(taken.value)[:2] == (409, "Conflict")
    assert taken.value.error.inner_error.additional_data["code"] == "AppDefinitionAlreadyExists"


async def test_a_faulty_manifest_is_refused_with_its_faults(administrator: GraphServiceClient) -> None:
    package = app_package(str(uuid.uuid4()), "not a version", "A name that is longer than thirty characters")
    with pytest.raises(ODataError) as faulty:
        await calls.publish(administrator.request_adapter, package)
    assert refusal(faulty.value)[:2] == (400, "BadRequest")
    inner = faulty.value.error.inner_error.additional_data
    assert inner["code"] == "UnableToParseTeamsAppManifest"
    assert len(inner["details"]) >= 2


async def test_a_model_in_place_of_a_package_is_refused(administrator: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as wrong:
        await administrator.app_catalogs.teams_apps.post(TeamsApp(display_name="Not a package"))
    assert refusal(wrong.value).status == 415
    assert "application/zip" in refusal(wrong.value).message


async def test_a_client_without_a_user_may_not_publish(automation: GraphServiceClient) -> None:
    package = app_package(str(uuid.uuid4()), "1.0.0", "Refused")
    with pytest.raises(ODataError) as refused:
        await calls.publish(automation.request_adapter, package)
    assert refusal(refused.value)[:2] == (403, "Forbidden")
