"""The server under test as a process: started, waited for and stopped."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# A second tenant, beside the demo tenant, with many users, teams and chats.
SEED = REPOSITORY / "clients/seed.yaml"

# Seconds that a start may take before it counts as hanging, on a machine that does other things too.
START = 30.0
# Seconds that a stop may take: container runtimes give as much before they kill.
STOP = 10.0


@dataclass(frozen=True)
class Server:
    """Where a running server answers, as its ready file says."""

    url: str
    ca_file: str
    # Where it is a proxy; a balancer before it is none.
    proxy: str | None


@contextlib.contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """The server that `SLIPWAY_URL` and `SLIPWAY_CA_FILE` name, or one of our own on a free port, with storage in memory
    or in the empty database of `SLIPWAY_TEST_DATABASE`.

    The log and the ready file of our own are kept in `folder`. At the end it gets SIGTERM, with the clients' connections
    still open; anything but a clean exit in time is an error.
    """
    if url := os.environ.get("SLIPWAY_URL"):
        yield Server(url=url, ca_file=os.environ["SLIPWAY_CA_FILE"], proxy=None)
        return
    binary = os.environ.get("SLIPWAY_BINARY", str(REPOSITORY / "target/release/slipway"))
    ready_file, log_file = folder / "ready.json", folder / "server.log"
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--mode", "lab"]
    command += ["--seed", str(SEED), "--ready-file", str(ready_file)]
    # The server takes its settings from such variables and refuses those that it does not know.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    if database := os.environ.get("SLIPWAY_TEST_DATABASE"):
        environment["SLIPWAY_DATABASE"] = database
    else:
        command.append("--in-memory")
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield _wait_ready(process, ready_file, log_file)
        process.send_signal(signal.SIGTERM)
        status = process.wait(STOP)
        assert status == 0, f"the server stopped with {status}\n{log_file.read_text()}"
    finally:
        process.kill()
        process.wait()


def _wait_ready(process: subprocess.Popen[bytes], ready_file: Path, log_file: Path) -> Server:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if ready_file.exists() and (line := ready_file.read_text()).endswith("\n"):
            ready = json.loads(line)
            return Server(url=ready["url"], ca_file=ready["caFile"], proxy=ready["httpUrl"])
        assert process.poll() is None, f"the server ended before it was ready\n{log_file.read_text()}"
        time.sleep(0.01)
    raise TimeoutError(f"the server was not ready after {START} s\n{log_file.read_text()}")
