"""Writes down each test as a step of the client that it is about: a line of JSON in the file that `SLIPWAY_STEPS` names."""

import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest


def client_of(item: pytest.Item) -> str:
    """The client that a test is about, as its nearest mark says."""
    mark = item.get_closest_marker("client")
    if mark is None:
        raise pytest.UsageError(f"{item.nodeid} has no mark that says which client it is about")
    return mark.args[0]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "client(name): the package whose steps these tests are")
    config.addinivalue_line("markers", "refused: a sign-in is refused here, which the libraries warn of")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        client_of(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if (file := os.environ.get("SLIPWAY_STEPS")) and (report.when == "call" or report.outcome != "passed"):
        client = client_of(item)
        step = {
            "client": client,
            "version": version(client),
            "name": item.nodeid.removeprefix("clients/python/"),
            # A skipped test is no step that was taken.
            "passed": report.outcome == "passed",
            "seconds": call.duration,
        }
        with Path(file).open("a") as steps:
            steps.write(json.dumps(step) + "\n")
    return report
