"""How a process of ours ends when it is told to, once or more than once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from service.running import PATIENCE_S

DRAINS = """
import asyncio
from service.running import run

async def main(stop):
    print("runs", flush=True)
    await stop.wait()
    print("asked", flush=True)
    await asyncio.sleep(3)
    print("drained", flush=True)

run(main)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("later_s", "status", "last"), [(0.0, 0, "drained"), (PATIENCE_S + 0.2, 130, "asked")])
def test_told_twice_at_once_it_drains_and_told_again_it_ends_at_once(
    number: signal.Signals, later_s: float, status: int, last: str
) -> None:
    with subprocess.Popen([sys.executable, "-c", DRAINS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "runs\n"
        process.send_signal(number)
        assert process.stdout.readline() == "asked\n"
        time.sleep(later_s)
        process.send_signal(number)
        rest = process.stdout.read().split()
        assert process.wait(timeout=60) == status
        assert (rest or ["asked"])[-1] == last
