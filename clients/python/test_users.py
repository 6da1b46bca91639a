"""The directory: paging through all users, and one user by name."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user import User
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.tasks.page_iterator import PageIterator

import demo
import litware
from refusal import refusal

pytestmark = pytest.mark.client("msgraph-sdk")

Query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters


async def test_pages_of_seven_hold_every_user_once(automation: GraphServiceClient) -> None:
    first = await automation.users.get(RequestConfiguration(query_parameters=Query(top=7)))
    assert len(first.value) == 7
    assert first.odata_next_link is not None

    seen: list[str] = []

    def note(user: User) -> bool:
        seen.append(user.user_principal_name)
        return True

    pages = PageIterator(first, automation.request_adapter)
    await pages.iterate(note)
    assert sorted(seen) == sorted([demo.ADMIN, *(demo.user_name(number) for number in range(2, demo.USERS + 1))])


@pytest.mark.parametrize(("top", "size"), [(None, 100), (999, 999)])
async def test_more_than_2000_users_come_page_by_page(
    litware_automation: GraphServiceClient, top: int | None, size: int
) -> None:
    query = RequestConfiguration(query_parameters=Query(top=top, select=["id"]))
    first = await litware_automation.users.get(query)
    assert len(first.value) == size

    seen: list[str] = []

    def note(user: User) -> bool:
        seen.append(user.id)
        return True

    await PageIterator(first, litware_automation.request_adapter).iterate(note)
    assert len(seen) == len(set(seen)) == litware.USERS
    assert {litware.user_id(1), litware.user_id(2100)} <= set(seen)


async def test_a_user_is_found_by_name_and_by_id(automation: GraphServiceClient) -> None:
    by_name = await automation.users.by_user_id(demo.user_name(2)).get()
    by_id = await automation.users.by_user_id(demo.user_id(2)).get()
    assert by_name.id == by_id.id == demo.user_id(2)
    assert by_name.user_principal_name == by_id.user_principal_name == demo.user_name(2)


async def test_an_unknown_user_is_not_found(automation: GraphServiceClient) -> None:
    with pytest.raises(ODataError) as unknown:
        await automation.users.by_user_id("51190000-0000-4000-8000-00000000dead").get()
    assert refusal(unknown.value)[:2] == (404, "Request_ResourceNotFound")
