"""Who may not: tokens that do not hold, and clients that lack a permission."""

import pytest
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

import demo
from conftest import App, Connect
from installations import install, installed
from refusal import refusal
from sign_in import FixedToken

pytestmark = pytest.mark.client("msgraph-sdk")


async def test_garbage_for_a_token_is_unauthorized(connect: Connect) -> None:
    with pytest.raises(ODataError) as refused:
        await connect(FixedToken("garbage")).users.get()
    assert refusal(refused.value)[:2] == (401, "InvalidAuthenticationToken")


async def test_a_missing_role_is_forbidden_and_named(self_managing: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as refused:
        await self_managing.app_catalogs.teams_apps.get()
    status, code, message = refusal(refused.value)
    assert (status, code) == (403, "Forbidden")
    needed, roles = message.removesuffix("'.").split("'. Roles on the request '")
    assert needed == (
        "Missing role permissions on the request."
        " API requires one of 'AppCatalog.Read.All, AppCatalog.ReadWrite.All"
    )
    assert "TeamsAppInstallation.ReadWriteSelfForUser.All" in roles.split(", ")
    inner = refused.value.error.inner_error
    assert inner.request_id == refused.value.response_headers["request-id"]
    assert inner.date is not None


async def test_a_self_managing_client_manages_its_own_app_only(
    automation: GraphServiceClient, self_managing: GraphServiceClient, app: App, user: str
) -> None:
    with pytest.raises(ODataError) as foreign:
        await install(self_managing, user, app.id)
    status, code, message = refusal(foreign.value)
    assert (status, code) == (403, "Forbidden")
    assert message.startswith(f"AAD App Id '{demo.SELF}' is not allowed to manage the Teams App '")

    await install(automation, user, app.id)
    assert await installed(self_managing, user) == []
    await install(self_managing, user, demo.POLLS)
    [own] = await installed(self_managing, user)
    assert own.teams_app.id == demo.POLLS
