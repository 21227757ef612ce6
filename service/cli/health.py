"""`health`: what a container's healthcheck asks."""

from __future__ import annotations

import asyncio
import socket
import sys
import urllib.error
import urllib.request

from service.settings import Settings

TIMEOUT_S = 4.0


def run_health(settings: Settings, url: str | None, worker: bool) -> None:
    """Exits 0 if well, else 1 with the reason on stderr."""
    reason = _worker(settings) if worker else _endpoint(url or f"http://127.0.0.1:{settings.http_port}/readyz")
    if reason is not None:
        sys.stderr.write(f"{reason}\n")
        sys.exit(1)


def _endpoint(url: str) -> str | None:
    if not url.startswith(("http://", "https://")):
        return f"{url} is not an http address"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return None if answer.status == 200 else f"{url} answered {answer.status}"
    except urllib.error.HTTPError as error:
        return f"{url} answered {error.code}: {error.read(500).decode('utf-8', 'replace')}"
    except OSError as error:
        reason = getattr(error, "reason", error)
        return f"{url} does not answer: {getattr(reason, 'strerror', None) or reason}"


def _worker(settings: Settings) -> str | None:
    from service.store.store import Store

    async def age_s(url: str) -> float | None:
        store = await Store.open(url, wait_s=TIMEOUT_S)
        try:
            return (await store.workers()).get(socket.gethostname())
        finally:
            await store.close()

    if settings.redis_url is None:
        return "REDIS_URL is not set"
    age = asyncio.run(age_s(settings.redis_url))
    return None if age is not None else f"no worker of the name {socket.gethostname()} has given a sign of life"
