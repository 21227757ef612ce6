"""The store: the only way to Redis. Every write is one script that gives the same answer when it is called twice."""

from __future__ import annotations

from service.store.admission import Admitting
from service.store.audit import Audit
from service.store.checking import Checking
from service.store.committing import Committing
from service.store.connection import Connection
from service.store.convoy import Convoy
from service.store.dead import Dead
from service.store.feeds import Feeds
from service.store.hubs import Hubs
from service.store.keeping import Keeping
from service.store.layout import agree
from service.store.leases import Leases
from service.store.pages import Pages
from service.store.takedowns import Takedowns
from service.store.taking import Taking
from service.store.values import (
    ClaimsDelta,
    Cursor,
    DeadLimit,
    Durability,
    FeedState,
    Head,
    ServerIdentity,
    StreamEntry,
    Tombstone,
)
from service.store.webhooks import Webhooks
from service.store.wire_index import WireIndex

__all__ = [
    "ClaimsDelta",
    "Convoy",
    "Cursor",
    "DeadLimit",
    "Durability",
    "FeedState",
    "Head",
    "ServerIdentity",
    "Store",
    "StreamEntry",
    "Tombstone",
]


class Store(
    Admitting,
    Taking,
    Committing,
    Dead,
    WireIndex,
    Feeds,
    Hubs,
    Leases,
    Pages,
    Webhooks,
    Keeping,
    Checking,
    Audit,
    Takedowns,
):
    """One server, seen from one process. For use by any number of tasks of one event loop.

    Every call may raise StoreUnavailable: the server is gone or full for now, and the same call may be made again.
    InvariantBroken means that what is stored is not what we store; never catch it.
    """

    def __init__(
        self, connection: Connection, dead_limit: DeadLimit | None = None, durability: Durability | None = None
    ) -> None:
        super().__init__()
        self._connection = connection
        self._paused = set()
        self._heard = None
        self._numbered = {}
        self.dead_limit = dead_limit or DeadLimit()
        self.durability = durability or Durability()

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        wait_s: float = 0,
        dead_limit: DeadLimit | None = None,
        durability: Durability | None = None,
        read_only: bool = False,
    ) -> Store:
        """Connects to one server, to a cluster or to whom sentinels name: service.store.addresses has the forms.

        Args:
            wait_s: seconds to keep trying while no server answers.
            dead_limit: when a story's line pauses.
            durability: what an admission waits for.
            read_only: a store without a version is not given one.

        Raises:
            ServerUnusable: no server answers, it is older than 7.0, it does not let us in, or what is stored there is
                laid out otherwise than here.
        """
        connection = Connection(url)
        try:
            await connection.wait(wait_s)
            await agree(connection, read_only=read_only)
        except BaseException:
            await connection.close()
            raise
        return cls(connection, dead_limit, durability)

    async def close(self) -> None:
        """Gives up all connections; blocked reads end."""
        await self._connection.close()

    async def ping(self) -> None:
        """Returns if the server answers.

        Raises:
            StoreUnavailable: it does not.
        """
        await self._connection.run("PING")

    async def server(self) -> ServerIdentity:
        """Which server answers."""
        return await self._connection.identity()
