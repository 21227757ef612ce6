"""What a decision costs: beside other libraries in one interleaved run, by the size of the index, above the floor.

Times are of the processor, not of the clock: other programs that run at the same time are left out, as far as they can
be. The collector of garbage is off while several libraries take turns, for one would pay for what the other keeps.
"""

from __future__ import annotations

import gc
import re
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import redis

from tests.benchmarks.wire_peers import installed
from tests.benchmarks.wire_texts import stream
from tests.servers import RealServer, valkey
from workers.wire import kernel
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

CHUNK = 50


def beside_peers(name: str, texts: Sequence[str]) -> None:
    """Raw text to decision, the libraries taking turns every CHUNK texts."""
    shelf, (peers, missing) = Shelf(), installed()
    contenders: dict[str, Callable[[str, str], object]] = {"claimwire": shelf.take, **peers}
    spent = dict.fromkeys(contenders, 0.0)
    each: list[float] = []
    gc.collect()
    gc.disable()
    for at in range(0, len(texts), CHUNK):
        for contender, decide in contenders.items():
            for number, text in enumerate(texts[at : at + CHUNK], at):
                began = time.process_time()
                decide(str(number), text)
                took = time.process_time() - began
                spent[contender] += took
                if contender == "claimwire":
                    each.append(took)
    gc.enable()
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"\nraw text to decision, {len(texts)} {name} of {words:.0f} words, one interleaved run:")
    for contender, seconds in spent.items():
        print(f"  {contender:12} {len(texts) / seconds:8.0f} docs/s", end="")
        print(
            f"   claimwire is {seconds / spent['claimwire']:.1f}x" if contender != "claimwire" else _percentiles(each)
        )
    if missing:
        print(f"  not installed, so not measured: {', '.join(missing)} (`make bench-wire` installs them)")


def _percentiles(spent: list[float]) -> str:
    ordered = sorted(spent)
    at = {share: 1e3 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99, 0.999)}
    return f"   p50 {at[0.5]:.3f} ms, p99 {at[0.99]:.3f} ms, p99.9 {at[0.999]:.3f} ms"


def curve(sizes: Sequence[int]) -> None:
    """The cost of a document while the index grows, and the memory of the whole."""
    print("\ncost by size of the index (30 % copies; texts of about 130 words; garbage collected as usual):")
    shelf, began_kb = Shelf(), _resident_kb()
    lately: list[float] = []
    for number, text in enumerate(stream(max(sizes)), 1):
        began = time.process_time()
        shelf.take(str(number), text)
        lately.append(time.process_time() - began)
        if number in sizes:
            part = sorted(lately[-10_000:])
            resident = (_resident_kb() - began_kb) * 1024 / number
            print(
                f"  {number:9,} texts, {len(shelf.wire_stories):7,} wire stories: the last {len(part):,} took ", end=""
            )
            print(f"{1e6 * sum(part) / len(part):6.1f} µs each (p50 {1e6 * part[len(part) // 2]:.1f}, ", end="")
            print(f"p99 {1e6 * part[len(part) * 99 // 100]:.0f}); {resident:,.0f} bytes resident each")
            lately = []


def _resident_kb() -> int:
    """What the program takes of the machine's memory now; where nobody tells, the most that it ever took."""
    status = Path("/proc/self/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * resource.getpagesize() // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def memory(texts: Sequence[str]) -> None:
    """What Python allocates for a document."""
    sketches = [sketch(text) for text in texts]
    tracemalloc.start()
    shelf = Shelf()
    for number, text in enumerate(texts):
        shelf.take(str(number), text)
    kept = tracemalloc.get_traced_memory()[0]
    index = shelf.index
    before = tracemalloc.get_traced_memory()[0]
    del shelf.index
    del index
    votes = before - tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    count = len(texts)
    records = sum(len(story.to_bytes()) for story in shelf.wire_stories.values())
    plain = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    print(f"\nmemory a document of {plain / count:.0f} bytes in process: {votes / count:.0f} bytes of votes ", end="")
    print(f"({sum(len(each.fingerprints) for each in sketches) / count:.1f} fingerprints), ", end="")
    print(f"{(kept - votes) / count:.0f} bytes of wire stories, members and what is kept ready for comparing")
    print(f"  record to verify by (compressed, to_bytes): {records / count:.0f} bytes a document, ", end="")
    print(f"{records / len(shelf.wire_stories):.0f} a wire story; a sketch as JSON: ", end="")
    print(f"{sum(len(each.to_json()) for each in sketches) / count:.0f} bytes")


def floors(texts: Sequence[str]) -> None:
    """How far it is down to what cannot be done without."""
    packed = [text.encode("utf-8", "surrogatepass") for text in texts]
    word = re.compile(r"\w+")
    print(f"\nabove the floor, µs a document ({'compiled' if kernel.COMPILED else 'pure Python'} kernel):")
    shelf = Shelf()
    _line("decision (sketch, votes, match, join)", texts, lambda text: shelf.take("x", text))
    _line("sketch alone", texts, lambda text: sketch(text + " "))
    _line("words, figures and sentences alone", texts, kernel.chosen.scan)
    _line("the same in pure Python", texts[:300], kernel.PURE.scan)
    _line("word split by a regular expression", texts, word.findall)
    _line("shingle strings, as the peers need them", texts[:1000], _shingle_strings)
    try:
        xxh3: Any = __import__("xxhash").xxh3_64_intdigest
        _line("xxh3 of the bytes", packed, xxh3)
    except ImportError:
        _line("hash of the bytes (xxhash is not installed: hash())", packed, lambda each: hash(each[1:]))
    server = RealServer(valkey()).start()
    try:
        with redis.Redis(unix_socket_path=server.socket) as client:
            began = time.perf_counter()
            for _ in range(2_000):
                client.ping()
            print(f"  {'one round trip to Valkey, by the clock':52} {1e6 * (time.perf_counter() - began) / 2_000:9.2f}")
    finally:
        server.stop()


def _shingle_strings(text: str) -> set[str]:
    words = text.lower().split()
    return {" ".join(words[at : at + 5]) for at in range(len(words) - 4)}


def _line(what: str, asked: Iterable[Any], do: Callable[[Any], object]) -> None:
    asked = list(asked)
    began = time.process_time()
    for each in asked:
        do(each)
    print(f"  {what:52} {1e6 * (time.process_time() - began) / len(asked):9.2f}")
