"""azure-identity by itself: the ways to sign in that the story does not take."""

import time
import uuid
from urllib.parse import urlencode

import jwt
import pytest
from azure.core.credentials import TokenCredential
from azure.identity import ClientAssertionCredential
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

import demo
import litware
from by_msal import by_device_code, msal_user
from documented import documented
from doors import SCOPE
from server import Server
from sign_in import DevicePage, sign_in_at

pytestmark = pytest.mark.client("azure-identity")

LITWARE = {"AZURE_TENANT_ID": litware.TENANT, "AZURE_CLIENT_SECRET": demo.SECRET}


def claims(credential: TokenCredential, scope: str = SCOPE) -> dict[str, str]:
    """The claims of the credential's token."""
    return jwt.decode(credential.get_token(scope).token, options={"verify_signature": False})


def test_a_client_signs_in_with_its_certificate(server: Server) -> None:
    certificate = {"AZURE_CLIENT_ID": litware.AUTOMATION, "AZURE_CLIENT_CERTIFICATE_PATH": str(litware.CERTIFICATE)}
    credential = documented("azure-identity: a certificate", LITWARE | certificate)["credential"]
    assert claims(credential)["appid"] == litware.AUTOMATION


def test_a_client_signs_in_with_an_assertion_of_its_own(server: Server) -> None:
    pem = litware.CERTIFICATE.read_bytes()
    key, certificate = load_pem_private_key(pem, None), load_pem_x509_certificate(pem)
    thumbprint = jwt.utils.base64url_encode(certificate.fingerprint(SHA256())).decode()

    def assertion() -> str:
        token = f"{server.url}/{litware.TENANT}/oauth2/v2.0/token"
        now = int(time.time())
        body = {"aud": token, "iss": litware.AUTOMATION, "sub": litware.AUTOMATION, "jti": str(uuid.uuid4())}
        return jwt.encode(body | {"nbf": now, "exp": now + 300}, key, "PS256", {"x5t#S256": thumbprint})

    credential = ClientAssertionCredential(
        litware.TENANT, litware.AUTOMATION, assertion, disable_instance_discovery=True
    )
    assert claims(credential)["appid"] == litware.AUTOMATION


def test_everything_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (LITWARE | {"AZURE_CLIENT_ID": litware.AUTOMATION}).items():
        monkeypatch.setenv(name, value)
    assert claims(documented("azure-identity: the environment")["credential"])["appid"] == litware.AUTOMATION


def test_a_code_of_the_page_is_redeemed(server: Server) -> None:
    asked = {"client_id": litware.ORDERS, "response_type": "code", "redirect_uri": litware.ORDERS_REDIRECT}
    query = urlencode(asked | {"scope": "User.Read offline_access", "state": "s"})
    page = f"{server.url}/{litware.TENANT}/oauth2/v2.0/authorize?{query}"
    sent = sign_in_at(page, litware.MIA, demo.PASSWORD)
    assert sent["state"] == "s"
    names = {"code": sent["code"], "redirect_uri": litware.ORDERS_REDIRECT}
    credential = documented("azure-identity: a code", LITWARE | {"AZURE_CLIENT_ID": litware.ORDERS}, **names)["credential"]
    assert claims(credential, "User.Read")["upn"] == litware.MIA


def test_an_api_acts_for_the_user_who_called_it(server: Server) -> None:
    called = by_device_code(msal_user(), DevicePage(litware.MIA, demo.PASSWORD), [f"{litware.ORDERS_API}/access_as_user"])
    client = LITWARE | {"AZURE_CLIENT_ID": litware.ORDERS}
    names = {"user_assertion": called["access_token"]}
    credential = documented("azure-identity: on behalf of", client, **names)["credential"]
    acting = claims(credential, "https://graph.microsoft.com/User.Read")
    assert (acting["upn"], acting["appid"]) == (litware.MIA, litware.ORDERS)
