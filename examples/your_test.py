"""A test as it is written for Microsoft 365, without a word about Slipway: slipway exec -- python your_test.py"""

import asyncio

from azure.identity import EnvironmentCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.user_scope_teams_app_installation import UserScopeTeamsAppInstallation

POLLS = "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/51190000-0000-4000-8000-00000000b001"
USER = "user03@contoso.example"


async def main() -> None:
    graph = GraphServiceClient(EnvironmentCredential(), ["https://graph.microsoft.com/.default"])
    installed_apps = graph.users.by_user_id(USER).teamwork.installed_apps
    await installed_apps.post(UserScopeTeamsAppInstallation(additional_data={"teamsApp@odata.bind": POLLS}))
    page = await installed_apps.get()
    assert len(page.value) == 1, page.value
    print(f"{USER} has Contoso Polls")


asyncio.run(main())
