"""Tokens: by secret, by device code, and what they carry."""

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError

import demo
from server import Server
from sign_in import DevicePage, application, delegated

pytestmark = pytest.mark.client("azure-identity")

GRAPH = "https://graph.microsoft.com"
SCOPE = f"{GRAPH}/.default"


def verified_claims(server: Server, token: str) -> dict[str, object]:
    """The token's claims, after its signature was checked with the published keys."""
    configuration = requests.get(
        f"{server.url}/{demo.TENANT}/v2.0/.well-known/openid-configuration", timeout=10
    ).json()
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["RS256"], audience=GRAPH)


def test_a_client_signs_in_with_its_secret(server: Server) -> None:
    token = application(server, demo.AUTOMATION).get_token(SCOPE).token
    claims = verified_claims(server, token)
    assert (claims["tid"], claims["appid"], claims["idtyp"]) == (demo.TENANT, demo.AUTOMATION, "app")
    assert "TeamsAppInstallation.ReadWriteAndConsentForUser.All" in claims["roles"]
    assert "scp" not in claims


@pytest.mark.refused
def test_a_wrong_secret_is_refused_in_the_words_of_entra(server: Server) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        application(server, demo.AUTOMATION, "not the secret").get_token(SCOPE)


def test_a_user_confirms_a_device_code_once(server: Server) -> None:
    page = DevicePage(demo.user_name(2), demo.PASSWORD)
    credential = delegated(server, page)
    token = credential.get_token(SCOPE).token
    # The second one comes from MSAL's cache, which finds the user by `id_token` and `client_info`.
    assert credential.get_token(SCOPE).token == token
    assert page.visits == 1
    claims = verified_claims(server, token)
    assert (claims["oid"], claims["upn"], claims["appid"]) == (demo.user_id(2), demo.user_name(2), demo.PUBLIC)
    assert "AppCatalog.ReadWrite.All" in str(claims["scp"]).split()
    assert "roles" not in claims


@pytest.mark.refused
def test_a_user_can_decline(server: Server) -> None:
    page = DevicePage(demo.user_name(2), demo.PASSWORD, button="decline")
    with pytest.raises(ClientAuthenticationError, match="AADSTS65004"):
        delegated(server, page).get_token(SCOPE)
    assert page.visits == 1
