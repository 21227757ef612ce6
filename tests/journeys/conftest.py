"""Starts `claimwire` as a user does; whatever still runs at a test's end is ended."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.running import Running, end

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `claimwire` in the test's own folder; whatever still runs at the end is ended."""
    with ExitStack() as stack:

        def begin(*arguments: str, folder: Path = tmp_path, **environment: str) -> Running:
            running = Running(list(arguments), folder, environment)
            stack.callback(end, running)
            return running

        yield begin


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return unused_port()
