"""Fixtures of all rooms: real servers, empty at the beginning of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from service.store import embedded
from service.store.binaries import Binary
from tests import servers
from tests.origin import Origin
from tests.servers import EACH_WRITE, RealServer, families, family_id

Serve = Callable[[Binary], RealServer]

# The machine may be busy with other things.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture(autouse=True)
def _logs_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that runs within a test configures the logs of that test alone."""
    configure = structlog.configure
    monkeypatch.setattr(structlog, "configure", lambda **how: configure(**(how | {"cache_logger_on_first_use": False})))
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


@pytest.fixture
def each_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedded servers have in their logs what they acknowledged, however slow the disk is."""
    options = embedded._options
    monkeypatch.setattr(embedded, "_options", lambda *given: [*options(*given), *EACH_WRITE])


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """One server of each family for the whole session, started when it is first asked for."""
    running: dict[Binary, RealServer] = {}

    def get(binary: Binary) -> RealServer:
        if binary not in running:
            running[binary] = RealServer(binary).start()
        return running[binary]

    yield get
    for server in running.values():
        server.stop()


@pytest.fixture(params=families(), ids=family_id)
def server(request: pytest.FixtureRequest, serve: Serve) -> RealServer:
    """An empty server; the test runs once with every family found."""
    found = serve(request.param)
    found.tell("FLUSHALL")
    return found


@pytest.fixture
def valkey(serve: Serve) -> RealServer:
    """An empty Valkey."""
    found = serve(servers.valkey())
    found.tell("FLUSHALL")
    return found


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    await origin.server.start_server()
    yield origin
    await origin.server.close()
