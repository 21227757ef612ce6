"""`up`: the README's first command, as a stranger runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.store.store import Store
from tests.journeys.conftest import Start, unused_port
from tests.journeys.running import SEEDS, Running, end

Up = Callable[..., Running]

NEW_TEXT = (
    "Qatar's government said on Sunday that 14 Hamas officials had boarded a flight to Ankara.\n\n"
    "Hamas spokesman Jihad Taha said the delegation would return to Doha within three weeks.\n"
)
"""ours; nobody said so"""


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may add to."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


@pytest.fixture
def up(start: Start, seeds: Path) -> Up:
    def run(*arguments: str, **environment: str) -> Running:
        return start("up", "--redis-port", "0", "--http-port", "0", *arguments, **environment)

    return run


def new_claims(running: Running) -> list[str]:
    return [
        event["data"]["claim"]["id"]
        for event in running.events()
        if event["type"] == "claimwire.claim.new.v1" and event["data"]["claim"]["novelty"] == "new"
    ]


def outcomes(seeds: Path, running: Running) -> int:
    """Articles that the workers have committed, by their logs."""
    logs = (seeds.parent / ".claimwire" / "log").glob("worker-*.jsonl")
    return sum(line.count('"article.committed"') for log in logs for line in log.read_text("utf-8").splitlines())


@dataclass(frozen=True)
class Settled:
    """One `up` that has read its seeds, for the tests that ask it something and leave it as it was."""

    running: Running
    seeds: Path
    redis_port: int
    http_port: int


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    folder = tmp_path_factory.mktemp("settled")
    seeds = Path(shutil.copytree(SEEDS, folder / "seeds"))
    redis_port, http_port = unused_port(), unused_port()
    ports = ("--redis-port", str(redis_port), "--http-port", str(http_port))
    running = Running(["up", *ports], folder, {})
    try:
        running.until(lambda: outcomes(seeds, running) == 5)
        yield Settled(running, seeds, redis_port, http_port)
    finally:
        end(running)
    assert running.process.returncode == 0, running.told()


def test_a_second_run_repeats_none_and_starting_over_announces_everything_again(up: Up, seeds: Path) -> None:
    first = up()
    first.until(lambda: outcomes(seeds, first) == 5)
    first.until(lambda: len(new_claims(first)) >= 5)
    assert first.interrupt() == 0
    assert len(set(new_claims(first))) == len(new_claims(first))

    second = up()
    second.until(lambda: "worker-2" in second.pids())
    (seeds / "articles" / "late.txt").write_text(NEW_TEXT, "utf-8")
    second.until(lambda: new_claims(second))
    assert second.interrupt() == 0
    assert {event["data"]["appearance"]["document"]["uri"].rsplit("/", 1)[-1] for event in second.events()} == {"late"}

    (seeds / "articles" / "late.txt").unlink()
    shutil.rmtree(seeds.parent / ".claimwire" / "log")  # `outcomes` counts in it
    again = up("--fresh")
    again.until(lambda: outcomes(seeds, again) == 5)
    again.until(lambda: len(again.out) == len(first.out))
    assert again.interrupt() == 0
    assert [event["subject"] for event in again.events()] == [event["subject"] for event in first.events()]


async def test_the_stream_has_the_literal_name(settled: Settled) -> None:
    store = await Store.open(f"redis://127.0.0.1:{settled.redis_port}/0", wait_s=5)
    try:
        entries = await store.range("claimwire:{qatar-hamas}:new-claims")
    finally:
        await store.close()
    assert [json.loads(entry.fields["data"])["claim"]["id"] for entry in entries] == new_claims(settled.running)


def test_the_endpoints_answer(settled: Settled) -> None:
    def get(path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{settled.http_port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()

    assert [get(path)[0] for path in ("/livez", "/readyz", "/startupz", "/asyncapi.json")] == [200] * 4
    assert re.search(r'claimwire_articles_total\{[^}]*outcome="announced"[^}]*\} [1-5]', get("/metrics")[1])
    listed = json.loads(get("/v1/stories/qatar-hamas/claims?limit=100")[1])
    assert {claim["claim"]["id"] for claim in listed["claims"]} >= set(new_claims(settled.running))


def test_starting_over_under_a_running_one_is_refused(start: Start, settled: Settled) -> None:
    refused = start("up", "--redis-port", "0", "--http-port", "0", "--fresh", folder=settled.seeds.parent)
    assert refused.finish(60) == 2
    assert "in use" in refused.told()
    assert settled.running.process.poll() is None


def test_a_dropped_text_brings_its_claims(settled: Settled) -> None:
    """Of those that share one `up` behind all that look at the seeds' claims: afterwards it knows an article more."""
    running = settled.running
    known = len(new_claims(running))
    (settled.seeds / "articles" / "late.txt").write_text(NEW_TEXT, "utf-8")
    running.until(lambda: len(new_claims(running)) > known)


def test_a_killed_worker_is_replaced(settled: Settled) -> None:
    pid = settled.running.pids()["worker-1"]
    os.kill(pid, signal.SIGKILL)
    settled.running.until(lambda: settled.running.pids()["worker-1"] != pid)


def test_a_port_in_use_is_named_with_the_flag(up: Up) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for flag in ("--redis-port", "--http-port"):
            running = up(flag, port)
            assert running.finish(60) == 2
            assert port in running.told()
            assert flag in running.told()


def test_two_in_one_folder_share_the_server_and_no_name(up: Up, seeds: Path) -> None:
    first = up()
    first.until(lambda: outcomes(seeds, first) == 5)
    second = up()
    second.until(lambda: len(second.pids()) == 3)
    assert not set(first.pids()) & set(second.pids()) - {"service"}
    (seeds / "articles" / "late.txt").write_text(NEW_TEXT, "utf-8")
    first.until(lambda: "/late" in "".join(first.out))
    second.until(lambda: "/late" in "".join(second.out))
    assert first.interrupt() == 0
    assert second.interrupt() == 0
    assert outcomes(seeds, second) == 6


@pytest.mark.parametrize("again", [(), ("--fresh",)], ids=["goes on", "starts over"])
def test_children_end_when_their_parent_is_killed(up: Up, seeds: Path, again: tuple[str, ...]) -> None:
    running = up()
    running.until(lambda: outcomes(seeds, running) == 5)
    pids = running.pids().values()
    running.process.kill()
    running.finish()
    deadline = time.monotonic() + 90
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    after = up(*again)  # takes over, or clears away, the server that was left behind
    after.until(lambda: len(after.pids()) == 3)
    assert after.interrupt() == 0


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_story_file_with_a_typo_starts_nothing(up: Up, seeds: Path) -> None:
    story = seeds / "stories" / "qatar-hamas.toml"
    story.write_text(story.read_text("utf-8").replace("focus =", "focuss =", 1), "utf-8")
    running = up()
    assert running.finish(60) == 2
    assert "focuss" in running.told()
    assert "focus" in running.told()
    assert not (seeds.parent / ".claimwire" / "server").exists()


def test_a_file_of_tokens_that_is_not_there_starts_nothing(up: Up, seeds: Path) -> None:
    running = up(CLAIMWIRE_TOKENS="nowhere.toml")
    assert running.finish(60) == 2
    assert "nowhere.toml" in running.told()
    assert not (seeds.parent / ".claimwire" / "server").exists()
