"""msal's clients in Litware, made as docs/clients.md says."""

from typing import Any

import msal

import demo
import litware
from documented import documented
from sign_in import DevicePage

SCOPES = ["https://graph.microsoft.com/.default"]


def msal_app(client: str, secret: str = demo.SECRET, ending: str = "") -> msal.ConfidentialClientApplication:
    """msal's client that signs in for itself, in Litware."""
    environment = {"AZURE_TENANT_ID": litware.TENANT, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": secret}
    return documented(f"msal: a secret{ending}", environment)["app"]


def msal_user(ending: str = "") -> msal.PublicClientApplication:
    """msal's client in which users of Litware sign in."""
    environment = {"AZURE_TENANT_ID": litware.TENANT, "AZURE_CLIENT_ID": litware.PUBLIC}
    return documented(f"msal: users{ending}", environment)["app"]


def by_device_code(app: msal.PublicClientApplication, page: DevicePage, scopes: list[str] = SCOPES) -> dict[str, Any]:
    """Signs in the user at the page."""
    flow = app.initiate_device_flow(scopes)
    page.confirm(flow["verification_uri"], flow["user_code"], None)
    return app.acquire_token_by_device_flow(flow)
