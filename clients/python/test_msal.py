"""msal by itself: the ways to sign in, its cache, and what it says of a refusal."""

import uuid

import jwt
import msal
import pytest

import demo
import litware
from by_msal import SCOPES, by_device_code, msal_app, msal_user
from documented import documented
from server import Server
from sign_in import DevicePage, sign_in_at

pytestmark = pytest.mark.client("msal")


def claims(answer: dict[str, str]) -> dict[str, str]:
    """The claims of the access token."""
    assert "error" not in answer, answer
    return jwt.decode(answer["access_token"], options={"verify_signature": False})


def test_the_second_token_of_a_client_comes_from_the_cache(server: Server) -> None:
    app = msal_app(litware.AUTOMATION)
    first, second = (app.acquire_token_for_client(SCOPES) for _ in range(2))
    assert (first["token_source"], second["token_source"]) == ("identity_provider", "cache")
    assert claims(first)["appid"] == litware.AUTOMATION
    assert first["access_token"] == second["access_token"]


@pytest.mark.refused
def test_a_wrong_secret_is_refused_with_all_that_entra_says(server: Server) -> None:
    answer = msal_app(litware.AUTOMATION, "not the secret").acquire_token_for_client(SCOPES)
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert answer["error_description"].startswith("AADSTS7000215: ")
    for name in ("trace_id", "correlation_id"):
        uuid.UUID(answer[name])
    assert answer["correlation_id"] in answer["error_description"]
    assert "timestamp" in answer


def test_a_device_code_signs_in_a_user_whom_the_cache_knows(server: Server) -> None:
    app = msal_user()
    answer = by_device_code(app, DevicePage(litware.MIA, demo.PASSWORD))
    assert claims(answer)["upn"] == litware.MIA
    assert answer["id_token_claims"]["preferred_username"] == litware.MIA
    [account] = app.get_accounts(litware.MIA)
    silent = app.acquire_token_silent(SCOPES, account)
    assert silent["access_token"] == answer["access_token"]
    # With the refresh token, which is another one each time.
    renewed = [app.acquire_token_silent(SCOPES, account, force_refresh=True) for _ in range(2)]
    assert {claims(one)["oid"] for one in renewed} == {claims(answer)["oid"]}
    assert len({answer["access_token"], *(one["access_token"] for one in renewed)}) == 3


def test_a_client_signs_in_with_its_certificate(server: Server) -> None:
    client = {"AZURE_TENANT_ID": litware.TENANT, "AZURE_CLIENT_ID": litware.AUTOMATION}
    client["AZURE_CLIENT_CERTIFICATE_PATH"] = str(litware.CERTIFICATE)
    app: msal.ConfidentialClientApplication = documented("msal: a certificate", client)["app"]
    assert claims(app.acquire_token_for_client(SCOPES))["appid"] == litware.AUTOMATION


def by_code(app: msal.ClientApplication, scopes: list[str], redirect_uri: str) -> dict[str, str]:
    """Mia signs in at the page; PKCE, state and nonce are the library's."""
    flow = app.initiate_auth_code_flow(scopes, redirect_uri=redirect_uri)
    assert "code_challenge=" in flow["auth_uri"] and "code_challenge_method=S256" in flow["auth_uri"]
    return app.acquire_token_by_auth_code_flow(flow, sign_in_at(flow["auth_uri"], litware.MIA, demo.PASSWORD))


def test_a_user_signs_in_at_the_page_of_a_program(server: Server) -> None:
    answer = by_code(msal_user(), SCOPES, "http://localhost:8400")
    assert claims(answer)["upn"] == litware.MIA
    assert answer["id_token_claims"]["aud"] == litware.PUBLIC


def test_a_user_signs_in_at_the_page_of_a_web_application(server: Server) -> None:
    app = msal_app(litware.ORDERS)
    answer = by_code(app, ["User.Read"], litware.ORDERS_REDIRECT)
    assert (claims(answer)["upn"], claims(answer)["appid"]) == (litware.MIA, litware.ORDERS)
    [account] = app.get_accounts(litware.MIA)
    renewed = app.acquire_token_silent(["User.Read"], account, force_refresh=True)
    assert claims(renewed)["oid"] == claims(answer)["oid"]


def test_an_api_acts_for_the_user_who_called_it(server: Server) -> None:
    caller = msal_user()
    called = by_device_code(caller, DevicePage(litware.MIA, demo.PASSWORD), [f"{litware.ORDERS_API}/access_as_user"])
    assert claims(called)["aud"] == litware.ORDERS_API
    answer = msal_app(litware.ORDERS).acquire_token_on_behalf_of(called["access_token"], ["User.Read"])
    acting = claims(answer)
    assert (acting["upn"], acting["appid"], acting["aud"]) == (litware.MIA, litware.ORDERS, "https://graph.microsoft.com")
