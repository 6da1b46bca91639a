"""What a typed error of the SDK says."""

from typing import NamedTuple

from kiota_abstractions.api_error import APIError


class Refusal(NamedTuple):
    """Status, code and message of an error answer."""

    status: int | None
    code: str | None
    message: str


def refusal(error: APIError) -> Refusal:
    """Reads an ODataError of either SDK; they share no class below APIError."""
    assert error.error is not None and error.error.message is not None, "the error has no body"
    return Refusal(error.response_status_code, error.error.code, error.error.message)
