"""Redis gone, full or not there: nothing is lost, and what is wrong is said."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from service.store.binaries import Binary
from tests.journeys.conftest import Start
from tests.journeys.running import SEEDS, Running
from tests.servers import RealServer, families, family_id

EVENTS = "claimwire:{qatar-hamas}:events"
STATE = "claimwire:{qatar-hamas}:state"


@pytest.fixture(params=families(), ids=family_id)
def own_server(request: pytest.FixtureRequest) -> Iterator[RealServer]:
    """A server of the test's own, to be filled and killed."""
    binary: Binary = request.param
    running = RealServer(binary, ("--appendonly", "yes")).start()
    yield running
    running.stop()


def arguments(role: str) -> list[str]:
    feeds = ["--feeds", str(SEEDS / "feeds.toml")] if role == "service" else []
    return ["--stories", str(SEEDS / "stories"), *feeds]


def begin(start: Start, url: str, port: int) -> tuple[Running, Running]:
    service = start("service", *arguments("service"), "--http-port", str(port), REDIS_URL=url)
    return service, start("worker", *arguments("worker"), "--name", "w", REDIS_URL=url)


def committed(server: RealServer) -> int:
    return int(server.tell("HGET", STATE, "committed") or 0)


def ready(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("role", ["service", "worker"])
def test_no_redis_at_the_start_is_said_with_what_to_do(start: Start, role: str, free_port: int) -> None:
    url = f"redis://127.0.0.1:{free_port}/0"
    running = start(role, *arguments(role), REDIS_URL=url, CLAIMWIRE_CONNECT_WAIT_S="0.5")
    assert running.finish(30) == 2
    assert f"127.0.0.1:{free_port}" in running.told()
    assert "claimwire up" in running.told()


@pytest.mark.parametrize("role", ["service", "worker"])
def test_without_redis_url_the_two_ways_are_named(start: Start, role: str) -> None:
    running = start(role, *arguments(role))
    assert running.finish(30) == 2
    assert "REDIS_URL" in running.told()
    assert "claimwire up" in running.told()


def test_a_full_server_is_a_pause(start: Start, own_server: RealServer, free_port: int) -> None:
    own_server.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
    own_server.tell("CONFIG", "SET", "maxmemory", "1")
    service, worker = begin(start, own_server.url, free_port)
    service.until(lambda: any("store.unavailable" in line for line in list(service.err)))
    worker.until(
        lambda: any("desk.opened" in line for line in list(worker.err)), 60
    )  # there is nothing for it to write
    assert committed(own_server) == 0

    own_server.tell("CONFIG", "SET", "maxmemory", "0")

    worker.until(lambda: committed(own_server) == 5)
    assert int(own_server.tell("HGET", STATE, "admitted")) == 5
    assert own_server.tell("XLEN", EVENTS) == int(own_server.tell("HGET", STATE, "sequence"))


def test_a_server_that_is_killed_and_comes_back_loses_nothing(
    start: Start, own_server: RealServer, free_port: int
) -> None:
    service, worker = begin(start, own_server.url, free_port)
    service.until(lambda: int(own_server.tell("HGET", STATE, "admitted") or 0) == 5)
    worker.until(lambda: committed(own_server) >= 1)
    before = own_server.tell("XLEN", EVENTS)
    own_server.kill()
    in_time = "".join(worker.err).count('"article.committed"') < 5
    worker.until(lambda: any("store.unavailable" in line for line in list(worker.err)))
    assert ready(free_port) == 503

    own_server.start()

    worker.until(lambda: committed(own_server) == 5)
    assert own_server.tell("XLEN", EVENTS) >= before
    deadline = time.monotonic() + 90
    while ready(free_port) != 200:
        assert time.monotonic() < deadline
    assert service.interrupt() == 0
    assert worker.interrupt() == 0
    assert in_time, "the kill came too late to test anything"
