"""The calls that the SDK has no typed method for, sent through its own request adapter.

Its `post` of the catalog takes a model and no package, and it has no `upgrade` of a user's installation.
"""

from kiota_abstractions.method import Method
from kiota_abstractions.request_adapter import RequestAdapter
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.teams_app import TeamsApp

ERRORS = {"XXX": ODataError}


async def publish(adapter: RequestAdapter, package: bytes) -> TeamsApp:
    """Publishes an app package to the organization's catalog."""
    return await _send_new_app(adapter, "{+baseurl}/appCatalogs/teamsApps", package)


async def submit(adapter: RequestAdapter, package: bytes) -> TeamsApp:
    """Sends an app package to the administrators, who decide."""
    return await _send_new_app(adapter, "{+baseurl}/appCatalogs/teamsApps?requiresReview=true", package)


async def _send_new_app(adapter: RequestAdapter, url_template: str, package: bytes) -> TeamsApp:
    request = _upload(url_template, {}, package)
    app = await adapter.send_async(request, TeamsApp, ERRORS)
    assert app is not None, "the answer to a publication has no body"
    return app


async def publish_version(adapter: RequestAdapter, app_id: str, package: bytes) -> None:
    """Publishes the next version of an app."""
    request = _upload("{+baseurl}/appCatalogs/teamsApps/{app}/appDefinitions", {"app": app_id}, package)
    await adapter.send_no_response_content_async(request, ERRORS)


def upgrade_request(user: str, installation_id: str) -> RequestInformation:
    """The request that brings an installation to the published version of its app."""
    return RequestInformation(
        Method.POST,
        "{+baseurl}/users/{user}/teamwork/installedApps/{installation}/upgrade",
        {"user": user, "installation": installation_id},
    )


async def upgrade(adapter: RequestAdapter, user: str, installation_id: str) -> None:
    """Sends :func:`upgrade_request`."""
    await adapter.send_no_response_content_async(upgrade_request(user, installation_id), ERRORS)


def _upload(url_template: str, path_parameters: dict[str, str], package: bytes) -> RequestInformation:
    request = RequestInformation(Method.POST, url_template, path_parameters)
    request.headers.try_add("Accept", "application/json")
    request.set_stream_content(package, "application/zip")
    return request
