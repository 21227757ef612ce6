"""docs/subscribing.md does what it says: its examples are run against a real server, and it shows them as they are.

What needs a program or package that this machine does not have is left out and said: `node-redis` is run where the
environment variable CLAIMWIRE_NODE_MODULES names a folder that has the package.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.main import app
from service.cli.up import free_port
from service.store import keys
from service.store.store import Store
from service.stories.story import load_story
from service.web.app import make_app, serving
from service.web.state import ServiceState
from tests.servers import RealServer, valkey
from tests.subscribers.builders import STORY, publish_new
from tests.subscribers.target import SECRET
from workers.subscribers.webhook_file import load_webhooks

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
DOCUMENT = (ROOT / "docs" / "subscribing.md").read_text("utf-8")
NODE_MODULES = os.environ.get("CLAIMWIRE_NODE_MODULES", "")

RUN: dict[str, list[str]] = {"follow.py": [sys.executable, str(EXAMPLES / "follow.py")]}
if shutil.which("redis-cli"):
    RUN["redis-cli.sh"] = ["sh", str(EXAMPLES / "redis-cli.sh")]
if importlib.util.find_spec("faststream"):
    RUN["faststream_app.py"] = [sys.executable, str(EXAMPLES / "faststream_app.py")]
if NODE_MODULES and shutil.which("node"):
    RUN["follow.mjs"] = ["node", "follow.mjs"]
GROUPS = {"follow.py": "printers", "redis-cli.sh": "shell", "faststream_app.py": "faststream", "follow.mjs": "node"}
LEFT_OUT = sorted(GROUPS.keys() - RUN.keys())
if LEFT_OUT:
    sys.stderr.write(f"not run here, for want of a program or package: {', '.join(LEFT_OUT)}\n")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def reachable() -> Iterator[tuple[RealServer, str]]:
    """A server that clients reach by an address."""
    port = free_port()
    server = RealServer(valkey(), ("--port", str(port))).start()
    yield server, f"redis://127.0.0.1:{port}/0"
    server.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def begin(command: list[str], **environment: str) -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=tmp_path,
                    env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "STORY": STORY, **environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    start_new_session=True,
                )
            )
            stack.callback(_kill, process)
            return process

        yield begin


def _kill(process: subprocess.Popen[str]) -> None:
    """With what it started, which would keep its output open."""
    os.killpg(process.pid, 9)


def lines_of(process: subprocess.Popen[str], count: int, about: str) -> list[str]:
    """The next lines that speak of something; FastStream logs between them."""
    assert process.stdout is not None
    found: list[str] = []
    while len(found) < count:
        line = process.stdout.readline()
        assert line, "it ended"
        found += [line] if about in line else []
    return found


@pytest.mark.parametrize("name", RUN)
def test_an_example_prints_each_claim_and_acknowledges_it(
    reachable: tuple[RealServer, str], start: Start, tmp_path: Path, name: str
) -> None:
    server, url = reachable
    stream = keys.new_claims(STORY)
    publish_new(server, 2)
    server.tell("XGROUP", "CREATE", stream, "faststream", "0")
    if name == "follow.mjs":
        shutil.copy(EXAMPLES / name, tmp_path)
        (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    running = start(RUN[name], REDIS_URL=url)
    told = lines_of(running, 2, "Skerry sold ")
    publish_new(server, 1, first=3)
    told += lines_of(running, 1, "Skerry sold ")
    assert [re.findall(r"Skerry sold (\d) lighthouses", line)[0] for line in told] == ["1", "2", "3"]
    deadline_s = time.monotonic() + 90
    while server.tell("XPENDING", stream, GROUPS[name])[0]:
        assert time.monotonic() < deadline_s, "it does not acknowledge"
        time.sleep(0.02)


@pytest.fixture
async def service(reachable: tuple[RealServer, str]) -> AsyncIterator[str]:
    store = await Store.open(reachable[1])
    story = load_story(ROOT / "tests" / "stories" / "lighthouse.toml")
    state = ServiceState(store, {story.id: story}, [], 1000)
    async with serving(make_app(state), "127.0.0.1", 0) as address:
        yield address
    await store.close()


if shutil.which("curl"):

    async def test_events_over_http_with_curl(reachable: tuple[RealServer, str], service: str, start: Start) -> None:
        publish_new(reachable[0], 1)
        running = start(["sh", str(EXAMPLES / "sse.sh")], CLAIMWIRE=service)
        told = await asyncio.to_thread(lines_of, running, 1, "Skerry sold 1")
        publish_new(reachable[0], 1, first=2)
        told += await asyncio.to_thread(lines_of, running, 1, "Skerry sold 2")
        assert all(line.startswith('{"specversion"') for line in told)


def test_the_receiver_takes_what_is_signed_and_nothing_else(start: Start, tmp_path: Path) -> None:
    port = free_port()
    receiver = start([sys.executable, str(EXAMPLES / "receive_webhooks.py")], DESK_SECRET=SECRET, PORT=str(port))
    file = tmp_path / "webhooks.toml"
    text = (EXAMPLES / "webhooks.toml").read_text("utf-8")
    address = f"http://127.0.0.1:{port}/"
    local = text.replace('url = "https://desk.example.org/claims"', f'url = "{address}"\nallow_private = true')
    file.write_text(local, "utf-8")

    def test(secret: str) -> int:
        environment = {
            "DESK_SECRET": secret,
            "CHAT_URL": "https://chat.example/x",
            "CLAIMWIRE_STORIES": "seeds/stories",
        }
        given = ["webhooks", "test", "desk", "--webhooks", str(file), "--stories", str(ROOT / "seeds" / "stories")]
        return CliRunner().invoke(app, given, env=environment).exit_code

    deadline_s = time.monotonic() + 90
    while test(SECRET) != 0:
        assert time.monotonic() < deadline_s, "it never listens"
        time.sleep(0.05)
    assert lines_of(receiver, 1, "claimwire.webhook.test.v1")
    assert test("whsec_" + "A" * 32) == 1


def test_the_webhooks_shown_can_be_used() -> None:
    environment = {"DESK_SECRET": SECRET, "CHAT_URL": "https://chat.example/x"}
    loaded = load_webhooks(EXAMPLES / "webhooks.toml", ["qatar-hamas"], environment)
    assert list(loaded.webhooks) == ["desk", "chat"]


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_page_shows_the_example_as_it_is(example: str) -> None:
    assert (EXAMPLES / example).read_text("utf-8").rstrip("\n") in DOCUMENT


def test_the_python_example_is_short() -> None:
    lines = [line for line in (EXAMPLES / "follow.py").read_text("utf-8").splitlines() if line.strip()]
    assert len(lines) <= 15
