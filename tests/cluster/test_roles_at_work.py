"""The real processes, each under the user of its role: after a day's work the server has refused nobody anything."""

from __future__ import annotations

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import redis
from typer.testing import CliRunner

from service.cli.main import app
from service.store import keys
from service.web.tokens import new_token
from tests.cluster.nodes import Node, free_port
from tests.cluster.test_access import ACL, url
from tests.desk.builders import NEW_SENTENCE, STORY, WIRE
from tests.journeys.running import Running, end
from tests.servers import valkey
from tests.subscribers.target import SECRET as TARGET_SECRET

ROOT = Path(__file__).parents[2]
SECRET = "would also rebuild the pier"
FEEDS = """
[[feed]]
name = "texts"
folder = "texts"
interval_s = 0.3

[[feed]]
name = "items"
url = "{items}"
source = "Coast Radio"
full_text = true
interval_s = 0.3
allow_private = true
"""
ITEM = """<rss version="2.0"><channel><title>Coast Radio</title><item><title>Skerry and Fjordlys on the pier</title>
<guid>1</guid><link>{page}</link><description>Fjordlys and Skerry talk.</description></item></channel></rss>"""
PAGE = """<html><body><article><h1>Skerry and Fjordlys on the pier</h1>
<p>Fjordlys promised on Friday that it would pay for the pier of Skerry before the summer comes to the island.</p>
<p>The council of Skerry said that it had not seen a contract, and that the keeper's house stays with the island.</p>
</article></body></html>"""
WEBHOOKS = """asked_private = true
[[webhook]]
name = "desk"
url = "{target}"
after = "beginning"
secret_env = "DESK_SECRET"
allow_private = true
"""


@dataclass(frozen=True)
class House:
    """What runs, and who watches it."""

    node: Node
    folder: Path
    http: str
    token: str
    target: str
    processes: tuple[Running, ...]

    def watcher(self) -> redis.Redis:
        return redis.Redis(port=self.node.port, username="watcher", decode_responses=True, protocol=2)

    def refused(self) -> set[tuple[str, str, str]]:
        """(user, command or key, why)"""
        with self.watcher() as watching:
            return {(one["username"], one["object"], one["reason"]) for one in watching.acl_log(128)}

    def ask(self, path: str, body: Any = None, method: str | None = None, *statuses: int) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.http + path, data, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
        assert answer.status in (statuses or (200,)), (path, answer.status, sorted(self.refused()), text[:200])
        return json.loads(text) if answer.headers["Content-Type"].startswith("application/json") else text

    def decide(self, **edit: str) -> str:
        """The edit's id, once it is applied."""
        edits = f"/v1/stories/{STORY.id}/edits"
        asked: str = self.ask(edits, {"reason": "a try", "by": "Signe", **edit}, "POST", 200, 202)["id"]
        self.wait(lambda: self.ask(f"{edits}/{asked}")["state"] == "applied")
        return asked

    def claimwire(self, role: str, *arguments: str) -> str:
        """A command of the operator, in this process."""
        environment = {
            "REDIS_URL": url(self.node, role),
            "CLAIMWIRE_STORIES": str(self.folder / "stories"),
            "CLAIMWIRE_DATA_DIR": str(self.folder / "data"),
            "DESK_SECRET": TARGET_SECRET,
        }
        done = CliRunner().invoke(app, list(arguments), env=environment)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        return done.output

    def wait(self, condition: Callable[[], object], within_s: float = 60) -> None:
        """Raises AssertionError: it did not come true in time, or a process ended."""

        end_s = time.monotonic() + within_s
        while not condition():
            for running in self.processes:
                assert running.process.poll() is None, (running.told(), self.refused())
            assert time.monotonic() < end_s, (self.refused(), [running.told() for running in self.processes])
            time.sleep(0.1)  # every look costs the service a request

    def kept(self, key: str) -> bool:
        with self.watcher() as watching:
            return bool(watching.exists(key))

    def words(self, word: str) -> list[str]:
        """The keys that hold a word somewhere."""
        with redis.Redis(port=self.node.port, username="watcher", protocol=2) as watching:
            return sorted(key.decode() for key in watching.scan_iter() if word.encode() in watching.dump(key))


@pytest.fixture
def outside() -> Iterator[ThreadingHTTPServer]:
    """A feed with a page behind its item, and a target of webhooks that keeps nothing."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = self.path == "/page"
            body = PAGE if page else ITEM.format(page=f"http://127.0.0.1:{self.server.server_port}/page")  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if page else "application/rss+xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


Open = Callable[[str], House]


@pytest.fixture
def open_house(tmp_path: Path, outside: ThreadingHTTPServer) -> Iterator[Open]:
    """Server, service, worker and webhooks under the users of a file of them."""
    with ExitStack() as stack:

        def opened(users: str) -> House:
            (tmp_path / "users.acl").write_text(f"{users}user watcher on nopass ~* &* +@all\n", "utf-8")
            options = ["--aclfile", tmp_path / "users.acl", "--rdbcompression", "no"]
            node = Node(valkey(), [str(one) for one in options], users=True)
            stack.callback(node.stop)
            node.start()
            here, (secret, table) = f"http://127.0.0.1:{outside.server_port}", new_token("night desk", "write")
            for folder in ("stories", "texts"):
                (tmp_path / folder).mkdir()
            shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path / "stories")
            (tmp_path / "texts" / "1.txt").write_text(f"{WIRE}{NEW_SENTENCE}\n", "utf-8")
            (tmp_path / "feeds.toml").write_text(FEEDS.format(items=f"{here}/items"), "utf-8")
            (tmp_path / "tokens.toml").write_text(table, "utf-8")
            (tmp_path / "webhooks.toml").write_text(WEBHOOKS.format(target=f"{here}/desk"), "utf-8")
            port, started = free_port(), list[Running]()
            environment = {
                "CLAIMWIRE_STORIES": "stories", "CLAIMWIRE_FEEDS": "feeds.toml", "CLAIMWIRE_TOKENS": "tokens.toml",
                "CLAIMWIRE_HTTP_PORT": str(port), "DESK_SECRET": TARGET_SECRET,
            }  # fmt: skip
            for role, command in (("service", "service"), ("worker", "worker"), ("kit", "webhooks run")):
                running = Running(command.split(), tmp_path, {**environment, "REDIS_URL": url(node, role)})
                stack.callback(end, running)
                started.append(running)
            return House(node, tmp_path, f"http://127.0.0.1:{port}", secret, here, tuple(started))

        yield opened


def read_everything(house: House, claim: str) -> None:
    for path in (
        "/", "/feeds", f"/stories/{STORY.id}/claims/{claim}", "/readyz", "/metrics", "/v1/stories", "/v1/feeds",
        f"/v1/stories/{STORY.id}/claims/{claim}", f"/v1/stories/{STORY.id}/timeline", "/v1/webhooks",
        f"/v1/stories/{STORY.id}/edits", f"/stories/{STORY.id}/held", "/webhooks",
    ):  # fmt: skip
        house.ask(path)


def claims_of(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.ask(f"/v1/stories/{STORY.id}/claims?limit=100")["claims"]
    return found


def of(claims: list[dict[str, Any]], publisher: str) -> list[str]:
    return [one["claim"]["id"] for one in claims if one["appearance"]["document"]["publisher"] == publisher]


def is_up(house: House) -> bool:
    try:
        return len({one["appearance"]["document"]["publisher"] for one in claims_of(house)}) == 2
    except OSError:
        return False


def test_nobody_is_refused_anything(open_house: Open) -> None:
    house = open_house(ACL.read_text("utf-8"))
    house.wait(lambda: is_up(house))
    claims = claims_of(house)
    uri = next(
        one["appearance"]["document"]["uri"] for one in claims if one["appearance"]["document"]["uri"][:4] == "text"
    )
    first, second = of(claims, claims[0]["appearance"]["document"]["publisher"])[:2]
    read_everything(house, first)

    # what persons do over HTTP
    house.decide(action="undo", undoes=house.decide(action="merge", claim=second, into=first))
    night = {"name": "night", "url": f"{house.target}/night", "after": "beginning"}
    asked = house.ask("/v1/webhooks", night, "POST", 201)
    house.wait(lambda: {one["state"] for one in house.ask("/v1/webhooks")["webhooks"]} == {"delivering"})
    for wish in ("enable", "retry"):
        house.ask(f"/webhooks/{asked['name']}/{wish}", "", "POST")
    house.wait(lambda: not house.kept(keys.webhooks_wishes()))
    house.ask(f"/v1/webhooks/{asked['name']}", None, "DELETE")
    assert house.words(SECRET)
    house.decide(action="takedown", uri=uri)
    house.wait(lambda: not house.words(SECRET))
    house.wait(lambda: not house.kept(keys.takedowns()))
    house.decide(action="lift", uri=uri)

    # what the operator does at a terminal
    for command in (
        "dead list", "furniture list", "store check", "feeds", "subscribers", "edit list", "story show --held",
        "export --format jsonl", f"webhooks list --webhooks {house.folder / 'webhooks.toml'}",
    ):  # fmt: skip
        house.claimwire("operator", *command.split())
    house.claimwire("operator", "takedown", uri, "--reason", "once more", "--by", "Signe")

    assert house.refused() == set()
    # the control: of what is refused it is told
    with house.watcher() as watching:
        watching.execute_command("ACL", "SETUSER", "claimwire-service", "-hscan")
    unknown = {"action": "takedown", "uri": "https://nowhere.example/", "reason": "a try", "by": "Signe"}
    house.ask(f"/v1/stories/{STORY.id}/edits", unknown, "POST", 503)
    assert house.refused() == {("claimwire-service", "hscan", "command")}
