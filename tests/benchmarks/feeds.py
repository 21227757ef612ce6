"""What watching feeds costs:  python -m tests.benchmarks.feeds [--feeds 2000] [--cold 300] [--many 10000]

A local origin and a Redis in processes of their own; every part in another. Beside our figures stand the floors of the
same run: expat and feedparser over the same documents, aiohttp's client alone over the same connections; and
lemon24/reader.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers import RealServer, valkey

BUDGET_MB, PARSER_MB = 150, 80
PART = "from tests.benchmarks.feeds_parts import main; main()"
"""A parser process imports the program's first file again. That of the service is next to empty, and so is this."""


@contextmanager
def origin() -> Iterator[int]:
    """The port of an origin of its own process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.feeds_origin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


def part(name: str, *arguments: object, redis: bool = True) -> dict[str, Any]:
    """What one part found, with a fresh origin and a fresh Redis."""
    server = RealServer(valkey()).start() if redis else None
    try:
        with origin() as port:
            told = [name, str(port), *([server.url] if server else []), *map(str, arguments)]
            command = [sys.executable, "-c", PART, *told]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    finally:
        if server is not None:
            server.stop()


def line(what: str, figure: str, target: str = "", floor: str = "") -> None:
    print(f"{what:<62} {figure:>22}  {target:<16} {floor}")


def warm_and_changed(feeds: int, floor: dict[str, Any]) -> None:
    found = part("rounds", feeds, 5)
    assert found["failed"] == 0, found
    warm_s = min(one["watcher_s"] for one in found["warm"])
    line(
        f"{feeds} feeds warm, CPU of the watcher",
        f"{warm_s:.2f} s",
        "< 1 s",
        f"aiohttp alone {floor['client_s']:.2f} s",
    )
    changed = min(found["changed"], key=lambda one: one["watcher_s"] + one["parsers_s"])
    both_ms = (changed["watcher_s"] + changed["parsers_s"]) / feeds * 1000
    expat_ms = floor["expat_ms"] / 10 + floor["client_s"] / feeds * 1000
    line(
        "10 % changed, CPU a feed, parsers included",
        f"{both_ms:.2f} ms",
        "<= 1 ms",
        f"expat + aiohttp {expat_ms:.2f} ms",
    )
    line("  of it in the parsers", f"{changed['parsers_s'] / feeds * 1000:.2f} ms")


def cold(feeds: int, floor: dict[str, Any]) -> None:
    ours, other = part("rounds", feeds, 1), None
    with tempfile.TemporaryDirectory() as folder:
        try:
            other = part("reader", feeds, folder, redis=False)
        except subprocess.CalledProcessError:
            print("lemon24/reader is not installed, or failed")
    watcher_ms, parsers_ms = (ours["cold"][name] / feeds * 1000 for name in ("watcher_s", "parsers_s"))
    own_ms = watcher_ms + parsers_ms
    floor_words = f"expat {floor['expat_ms']:.2f} ms, feedparser {floor['feedparser_ms']:.1f} ms ({floor['kb']:.0f} KB)"
    line(f"{feeds} feeds cold, CPU a feed", f"{own_ms:.1f} ms", "", floor_words)
    line("  of it in the parsers", f"{parsers_ms:.1f} ms", "", "their start apart: it is the same for any number")
    if other is not None:
        assert other["failed"] == 0, other
        reader_ms = sum(other["cold"][name] for name in ("watcher_s", "parsers_s")) / feeds * 1000
        line("  lemon24/reader on the same", f"{reader_ms:.1f} ms")
        line("  reader / ours", f"{reader_ms / own_ms:.1f}x", ">= 4x")


def held(feeds: int, seconds: float, hostile: int) -> None:
    found = part("many", feeds, seconds, hostile)
    name = f"{feeds} feeds at 15 min" + (f", {hostile} hostile among them" if hostile else "")
    line(f"{name}: loop lag p99", f"{found['p99_ms']:.1f} ms", "< 50 ms", f"max {found['max_ms']:.0f} ms")
    line("  while it starts", f"{found['start_p99_ms']:.1f} ms", "", f"max {found['start_max_ms']:.0f} ms")
    line(
        "  CPU",
        f"{found['cpu_share']:.1%} of a core",
        "",
        f"{found['polls']} polls, start {found['start_cpu_s']:.1f} s",
    )
    line("  RSS of the watcher", f"{found['rss_mb']:.0f} MB", f"< {BUDGET_MB} MB")
    if any(found["parsers_mb"]):
        sizes = ", ".join(f"{size:.0f}" for size in found["parsers_mb"])
        line("  of each parser, and of what starts them", f"{sizes} MB", f"<= {PARSER_MB} MB")
    for feed, error in found["told"].items():
        line(f"  {feed}", "", "", error or "no error told")


def appears() -> None:
    found = part("appearance", 20, 2.0)
    line(
        f"item appears → article in the stream, polled every {found['interval_s']:g} s",
        f"median {found['median_s']:.2f} s", "", f"max {found['max_s']:.2f} s",
    )  # fmt: skip
    found = part("pushed", 20)
    line("  pushed by its hub", f"median {found['median_s']:.3f} s", "", f"max {found['max_s']:.3f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--cold", type=int, default=300)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--hostile", type=int, default=70)
    asked = parser.parse_args()
    line("", "measured", "target", "floor, or more")
    floor = part("floors", asked.feeds, redis=False)
    warm_and_changed(asked.feeds, floor)
    cold(asked.cold, floor)
    held(asked.many, asked.seconds, 0)
    held(asked.many, asked.seconds, asked.hostile)
    appears()
    return 0


if __name__ == "__main__":
    sys.exit(main())
