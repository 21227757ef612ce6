"""The version of what is stored: keys, fields and scripts of one layout do not mix with those of another."""

from __future__ import annotations

from typing import Final

from service.errors import ServerUnusable
from service.store import keys
from service.store.connection import Connection, Script, decode, without_password

LAYOUT: Final = 1
"""raised when a key, a field or a script changes so that a worker of the release before would do harm"""

_LAYOUT = Script("layout")


async def agree(connection: Connection, *, read_only: bool = False) -> None:
    """Makes sure that a server's keys are laid out as this release expects; notes it where nothing is noted yet.

    Raises:
        ServerUnusable: another release laid them out otherwise. Nothing was written.
    """
    found = await connection.run("GET", keys.layout())
    if found is None and not read_only:
        found = await connection.script(_LAYOUT, (keys.layout(),), (LAYOUT,))
    if found is not None and found != b"%d" % LAYOUT:
        raise ServerUnusable(
            f"the store at {without_password(connection.url)} has layout {decode(found)}; this Claimwire reads and "
            f"writes layout {LAYOUT}",
            "Run the release that wrote it, or start over on an empty server (`claimwire up --fresh`, another "
            "database in REDIS_URL). Nothing was changed.",
        )
