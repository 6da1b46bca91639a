"""msal by itself: the ways to sign in, its cache, and what it says of a refusal."""

import uuid

import jwt
import pytest

import demo
import litware
from by_msal import SCOPES, by_device_code, msal_app, msal_user
from server import Server
from sign_in import DevicePage

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
