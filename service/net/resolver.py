"""Names of hosts become addresses, in threads of their own.

The loop's own threads (four, with uvloop) are few and shared with files: a name server that does not answer would hold
every other feed. So there are more of them here, and a limit on the wait.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

_THREADS = 16
_FLAGS = socket.AI_ADDRCONFIG


class Resolver(AbstractResolver):
    """The system's resolver.

    Args:
        wait_s: how long to wait for the addresses of one name.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            OSError: there are none, or none in time.
        """
        asking = asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host, port, family)
        try:
            found = await asyncio.wait_for(asking, self._wait_s)
        except TimeoutError:
            raise OSError(None, "its name could not be resolved in time") from None
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, address in found
        ]

    async def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[tuple[socket.AddressFamily, str]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=_FLAGS)
    # A scope (fe80::1%eth0) stays with its address: without it, it is another one.
    return [(kind, _scoped(end)) for kind, _, _, _, end in found]


def _scoped(end: tuple[object, ...]) -> str:
    return socket.getnameinfo(end, socket.NI_NUMERICHOST)[0] if len(end) == 4 and end[3] else str(end[0])  # type: ignore[arg-type]
