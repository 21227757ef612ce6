"""The version of what is stored: keys, fields and scripts of one layout do not mix with those of another."""

from __future__ import annotations

from typing import Final

from service.errors import ServerUnusable
from service.store import keys
from service.store.connection import Connection, Script, decode, without_password

LAYOUT: Final = 2
"""raised when a key, a field or a script changes so that a worker of the release before would do harm

1  to version 0.1.0
2  what is kept of feeds stands in one slot of a cluster, so its keys begin with `{claimwire:feeds}:`
"""

_LAYOUT = Script("layout")
_MOVE_LAYOUT = Script("move_layout")
_MOVING = b"1 to 2"
"""a store of layout 1 whose keys are being renamed; who broke off is followed by the next who opens it"""
_BEFORE = "claimwire:feeds:"
_RENAMED = ("feed:*", "slow", "events", "counts", "replicas")


async def agree(connection: Connection, *, read_only: bool = False) -> None:
    """Makes sure that a server's keys are laid out as this release expects; notes it where nothing is noted yet.

    What the release before wrote is changed to what this one reads, once, unless its services still run.

    Raises:
        ServerUnusable: another release laid them out otherwise. Nothing was written.
    """
    found = await connection.run("GET", keys.layout())
    if found is None and not read_only:
        found = await connection.script(_LAYOUT, (keys.layout(),), (LAYOUT,))
    if found in (b"1", _MOVING) and not read_only:
        found = await _from_1(connection, found)
    if found is not None and found != b"%d" % LAYOUT:
        raise ServerUnusable(
            f"the store at {without_password(connection.url)} has layout {decode(found)}; this Claimwire reads and "
            f"writes layout {LAYOUT}",
            "Run the release that wrote it, or start over on an empty server (`claimwire up --fresh`, another "
            "database in REDIS_URL). Nothing was changed.",
        )


async def _from_1(connection: Connection, found: bytes) -> bytes:
    """Gives the feeds' keys their new names. To be repeated without harm, by several at once too."""
    flat = await connection.run("HGETALL", f"{_BEFORE}replicas")
    now_ms = int((await connection.run("TIME"))[0]) * 1000
    said = zip(flat[::2], flat[1::2], strict=True)
    if alive := sorted(decode(name) for name, until in said if int(until.split()[0]) > now_ms):
        raise ServerUnusable(
            f"on {without_password(connection.url)} services of the release before still run: {', '.join(alive)}",
            "Stop its services and workers, wait ten seconds, and start again. Nothing was changed.",
        )
    await connection.script(_MOVE_LAYOUT, (keys.layout(),), (found, _MOVING))
    for pattern in _RENAMED:
        async for page in connection.scan(_BEFORE + pattern, 1000):
            for name in page:  # somebody else may have been faster: then there is nothing of the old name
                await connection.replies([("RENAMENX", name, "{claimwire:feeds}:" + name.removeprefix(_BEFORE))])
    moved: bytes = await connection.script(_MOVE_LAYOUT, (keys.layout(),), (_MOVING, LAYOUT))
    return moved
