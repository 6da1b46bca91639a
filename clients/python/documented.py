"""The code blocks of docs/clients.md. The tests run them as they stand there, so that the page cannot say anything else.

The file that `SLIPWAY_BLOCKS` names gets the name of each that is run, so that none is left out.
"""

import os
import re
from pathlib import Path
from typing import Any
from unittest import mock

from server import REPOSITORY

BLOCK = re.compile(r"^<!-- run: (?P<name>[^\n]+) -->\n```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def block(name: str) -> str:
    """The code below `<!-- run: NAME -->`."""
    page = (REPOSITORY / "docs/clients.md").read_text()
    [code] = [found["code"] for found in BLOCK.finditer(page) if found["name"] == name]
    if file := os.environ.get("SLIPWAY_BLOCKS"):
        with Path(file).open("a") as blocks:
            blocks.write(name + "\n")
    return code


def documented(name: str, environment: dict[str, str] | None = None, **names: Any) -> dict[str, Any]:
    """Runs a block with these variables beside those of the environment, and with these names; gives all its names."""
    with mock.patch.dict(os.environ, environment or {}):
        exec(compile(block(name), f"docs/clients.md, {name}", "exec"), names)
    return names
