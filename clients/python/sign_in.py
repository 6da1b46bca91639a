"""Credentials of azure-identity, and the page on which a user confirms a device code."""

import time
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential, DeviceCodeCredential

import demo
from documented import documented
from server import Server


def application(
    server: Server, client_id: str, secret: str = demo.SECRET, tenant: str = demo.TENANT
) -> ClientSecretCredential:
    """A client that signs in for itself."""
    client = {"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client_id, "AZURE_CLIENT_SECRET": secret}
    return documented("azure-identity: a secret", client)["credential"]


class DevicePage:
    """A user at the page that a device code sign-in points to, who presses one of its buttons."""

    def __init__(self, user_name: str, password: str, button: str = "approve") -> None:
        self.user_name = user_name
        self.password = password
        self.button = button
        self.visits = 0

    def confirm(self, verification_uri: str, user_code: str, _expires_on: datetime | None) -> None:
        """Opens the page, fills in its form and sends it; the prompt callback of a DeviceCodeCredential."""
        self.visits += 1
        with requests.Session() as browser:
            page = browser.get(verification_uri, timeout=10)
            page.raise_for_status()
            form = Form(page.text)
            answer = browser.request(
                form.method,
                urljoin(page.url, form.action),
                data=form.filled(user_code, self.user_name, self.password) | form.pressed(self.button),
                timeout=10,
            )
            answer.raise_for_status()


def sign_in_at(url: str, user_name: str, password: str, answer: str = "accept") -> dict[str, str]:
    """Signs in at the page of an authorization request, answers the consent page if there is one, and gives what the
    client's redirect URI is sent."""
    typed = {"username": user_name, "password": password}
    with requests.Session() as browser:
        page = browser.get(url, timeout=10)
        # A password, consent, and not more.
        for _ in range(3):
            form = Form(page.text)
            consent = any(button.get("value") == answer for button in form.buttons)
            sent = form.sent(typed) | (form.pressed(answer) if consent else {})
            page = browser.post(urljoin(page.url, form.action), data=sent, timeout=10, allow_redirects=False)
            if location := page.headers.get("Location"):
                return dict(parse_qsl(urlsplit(urljoin(page.url, location)).query))
            page.raise_for_status()
    raise AssertionError(f"the sign-in does not end: {page.text}")


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ended = False
        self.action = ""
        self.method = "get"
        self.inputs: list[dict[str, str]] = []
        self.buttons: list[dict[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self.ended:
            return
        if tag == "form":
            self.action = attributes.get("action", "")
            self.method = attributes.get("method", "get")
        elif tag == "input" and "name" in attributes:
            self.inputs.append(attributes)
        elif tag == "button":
            self.buttons.append(attributes)

    def handle_endtag(self, tag: str) -> None:
        self.ended = self.ended or tag == "form"

    def sent(self, typed: dict[str, str]) -> dict[str, str]:
        """What a browser sends: the fields as they are, but for what is typed."""
        fields = [field for field in self.inputs if field.get("type") not in ("checkbox", "radio")]
        return {field["name"]: typed.get(field["name"], field.get("value", "")) for field in fields}

    def filled(self, user_code: str, user_name: str, password: str) -> dict[str, str]:
        """What a browser sends: hidden fields as they are, and the three that a user types."""
        typed = {"password": password, "code": user_code, "user": user_name}
        values: dict[str, str] = {}
        for field in self.inputs:
            name = field["name"]
            if field.get("type") == "hidden":
                values[name] = field.get("value", "")
            elif field.get("type") == "password":
                values[name] = typed.pop("password")
            elif "code" in name.lower():
                values[name] = typed.pop("code")
            else:
                values[name] = typed.pop("user")
        assert not typed, f"the page has no field for {', '.join(typed)}: {self.inputs}"
        return values

    def pressed(self, value: str) -> dict[str, str]:
        """What a browser sends for the button with this value."""
        [button] = [button for button in self.buttons if button.get("value") == value]
        return {button["name"]: value}


def delegated(
    server: Server, page: DevicePage, client_id: str = demo.PUBLIC, tenant: str = demo.TENANT
) -> DeviceCodeCredential:
    """The user at `page`, signed in through a client without a secret."""
    client = {"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client_id}
    return documented("azure-identity: a device code", client, show=page.confirm)["credential"]


class FixedToken:
    """A credential that hands out one text as its token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)
