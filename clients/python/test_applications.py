"""A program that sets up another one: an application, its secret, its service principal, its permissions."""

import uuid

import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.applications.applications_request_builder import ApplicationsRequestBuilder
from msgraph.generated.applications.item.add_password.add_password_post_request_body import (
    AddPasswordPostRequestBody,
)
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.application import Application
from msgraph.generated.models.federated_identity_credential import FederatedIdentityCredential
from msgraph.generated.models.o_auth2_permission_grant import OAuth2PermissionGrant
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.web_application import WebApplication

import demo
from conftest import Connect
from server import Server
from sign_in import application

pytestmark = pytest.mark.client("msgraph-sdk")

GRAPH = "00000003-0000-0000-c000-000000000000"

Query = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters


async def registered(graph: GraphServiceClient) -> tuple[str, str]:
    """The object id and the client id of a new application."""
    wish = Application(
        display_name=f"Orders {uuid.uuid4()}",
        sign_in_audience="AzureADMyOrg",
        web=WebApplication(redirect_uris=["https://orders.example/back"]),
    )
    made = await graph.applications.post(wish)
    assert made is not None and made.id is not None and made.app_id is not None
    assert made.web is not None and made.web.redirect_uris == ["https://orders.example/back"]
    return made.id, made.app_id


async def with_secret(graph: GraphServiceClient, object_id: str) -> str:
    """A new secret of the application."""
    wish = AddPasswordPostRequestBody(password_credential=PasswordCredential(display_name="tests"))
    made = await graph.applications.by_application_id(object_id).add_password.post(wish)
    assert made is not None and made.secret_text is not None and made.end_date_time is not None
    return made.secret_text


async def test_a_client_is_set_up_and_gets_what_it_was_granted(
    server: Server, automation: GraphServiceClient, connect: Connect
) -> None:
    object_id, client_id = await registered(automation)
    secret = await with_secret(automation, object_id)
    principal = await automation.service_principals.post(ServicePrincipal(app_id=client_id))
    assert principal is not None and principal.id is not None
    graph = await automation.service_principals_with_app_id(GRAPH).get()
    assert graph is not None and graph.id is not None and graph.app_roles is not None
    role = next(role for role in graph.app_roles if role.value == "User.Read.All")
    assert role.id is not None

    before = connect(application(server, client_id, secret))
    with pytest.raises(APIError) as refused:
        await before.users.get()
    assert refused.value.response_status_code == 403

    wish = AppRoleAssignment(
        principal_id=uuid.UUID(principal.id), resource_id=uuid.UUID(graph.id), app_role_id=role.id
    )
    assignments = automation.service_principals.by_service_principal_id(principal.id).app_role_assignments
    made = await assignments.post(wish)
    assert made is not None and made.resource_display_name == "Microsoft Graph"
    with pytest.raises(APIError) as twice:
        await assignments.post(wish)
    assert twice.value.response_status_code == 400

    with pytest.raises(APIError) as still_refused:
        await before.users.get()
    assert still_refused.value.response_status_code == 403, "roles are those of the token"
    after = connect(application(server, client_id, secret))
    users = await after.users.get()
    assert users is not None and users.value

    await automation.applications.by_application_id(object_id).delete()
    with pytest.raises(APIError) as gone:
        await after.users.get()
    assert gone.value.response_status_code == 401


async def test_an_application_is_found_changed_and_deleted(automation: GraphServiceClient) -> None:
    object_id, client_id = await registered(automation)
    by_filter = RequestConfiguration(query_parameters=Query(filter=f"appId eq '{client_id}'"))
    found = await automation.applications.get(by_filter)
    assert found is not None and found.value is not None
    assert [one.id for one in found.value] == [object_id]
    change = Application(identifier_uris=[f"api://{client_id}"])
    await automation.applications.by_application_id(object_id).patch(change)
    shown = await automation.applications_with_app_id(client_id).get()
    assert shown is not None and shown.identifier_uris == [f"api://{client_id}"]

    credentials = automation.applications.by_application_id(object_id).federated_identity_credentials
    wish = FederatedIdentityCredential(
        name="main",
        issuer="https://token.actions.githubusercontent.com",
        subject="repo:contoso/orders:ref:refs/heads/main",
        audiences=["api://AzureADTokenExchange"],
    )
    made = await credentials.post(wish)
    assert made is not None and made.id is not None
    listed = await credentials.get()
    assert listed is not None and listed.value is not None and listed.value[0].name == "main"

    await automation.applications.by_application_id(object_id).delete()
    with pytest.raises(APIError) as gone:
        await automation.applications.by_application_id(object_id).get()
    assert gone.value.response_status_code == 404


async def test_delegated_permissions_are_granted_and_taken_back(automation: GraphServiceClient) -> None:
    object_id, client_id = await registered(automation)
    principal = await automation.service_principals.post(ServicePrincipal(app_id=client_id))
    graph = await automation.service_principals_with_app_id(GRAPH).get()
    assert principal is not None and principal.id is not None and graph is not None
    wish = OAuth2PermissionGrant(
        client_id=principal.id, consent_type="AllPrincipals", resource_id=graph.id, scope="User.Read"
    )
    made = await automation.oauth2_permission_grants.post(wish)
    assert made is not None and made.id is not None
    one = automation.oauth2_permission_grants.by_o_auth2_permission_grant_id(made.id)
    await one.patch(OAuth2PermissionGrant(scope="User.Read AppCatalog.Read.All"))
    shown = await one.get()
    assert shown is not None and shown.scope == "User.Read AppCatalog.Read.All"
    await one.delete()
    with pytest.raises(APIError) as gone:
        await one.get()
    assert gone.value.response_status_code == 404
    await automation.applications.by_application_id(object_id).delete()


async def test_the_organization_is_the_tenant(automation: GraphServiceClient) -> None:
    organizations = await automation.organization.get()
    assert organizations is not None and organizations.value is not None
    assert [one.id for one in organizations.value] == [demo.TENANT]
