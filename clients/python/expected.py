"""What every client must meet, in every language: `clients/story.json`."""

import json

from server import REPOSITORY

STORY = json.loads((REPOSITORY / "clients/story.json").read_text())
FIRST, NEXT = STORY["versions"]


def check(what: str, status: int | None, code: str | None, message: str) -> None:
    """Compares a refusal with the expected one; of the message, only the words that all clients show."""
    wanted = STORY["refusals"][what]
    assert (status, code) == (wanted["status"], wanted["code"]), message
    assert wanted["message"] in message
