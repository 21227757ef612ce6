"""Whether what stands in Redis is what we store: every invariant of a live store, read and never written.

What is open is read in one step. The streams and records behind it are read in pages; of them nothing is expected that
was written after that step.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from service.store import keys
from service.store.connection import Connection, Script, decode
from service.store.frontier import Frontier, frontier, frontier_keys, judge

_FRONTIER = Script("frontier")
_PAGE = 500
NAMED = 20
"""of a kind at most are told; a broken store would tell of each of its entries"""

Reads = Mapping[str, Callable[[bytes], object]]
"""kind of record (claims, documents, furniture, findings, wire) → reads one, and fails if it cannot"""

_HASHES = ("state", "findings", "starts", "claims", "documents", "furniture", "wire:opened", "counts")
_KINDS = {
    **dict.fromkeys((*_HASHES, "dead:ended", "lapsed", "taken-down"), "hash"),
    **dict.fromkeys(("articles", "claims:log", "events", "new-claims", "outcomes", "dead", "gaps"), "stream"),
}
_KINDS_OF_MANY = (("seen:", "hash"), ("doc:", "hash"))
_GROUP = re.compile(r"(events|new-claims):group(-dead)?:.+", re.DOTALL)
_WIRE_LOG = re.compile(r"wire:[^:]*:log:\d+")
_WIRE_RECORD = re.compile(r"wire:([^:]*):record:.+")
_STORY_KEY = re.compile(r"claimwire:\{(.+?)\}:(.+)", re.DOTALL)
_OTHERS = re.compile(r"claimwire:(layout|workers|bell|webhooks:.+|feeds:page:.+)|\{claimwire:feeds\}:.+", re.DOTALL)
_PATTERNS = ("claimwire:*", "{claimwire:feeds}:*")


class Checking:
    """What an operator asks of a store that he does not trust."""

    _connection: Connection

    async def check(self, story: str, reads: Reads) -> list[str]:
        """What is wrong with a story, in plain words; nothing if all is well.

        Raises:
            InvariantBroken: a key is of another type than ours; `check_keys` says which.
        """
        found = frontier(await self._connection.script(_FRONTIER, frontier_keys(story), (keys.GROUP,)))
        wrong = list(judge(found))
        ids, first = await self._events(story, found, wrong)
        await self._new_claims(story, found, ids, first, wrong)
        await self._outcomes(story, found, wrong)
        await self._texts(story, found, wrong)
        await self._records(story, reads, wrong)
        return wrong

    async def check_keys(self, stories: Iterable[str]) -> dict[str, list[str]]:
        """Keys that nobody knows, or of another type than ours: story ('' for none) → what is wrong."""
        known, wrong = set(stories), dict[str, list[str]]()
        strangers = Counter[str]()
        async for page in self._pages(*_PATTERNS):
            kinds = await self._connection.pipeline([("TYPE", name) for name in page])
            for name, kind in zip(page, kinds, strict=True):
                of = _STORY_KEY.fullmatch(name)
                if of is None:
                    if not _OTHERS.fullmatch(name):
                        wrong.setdefault("", []).append(f"nobody knows the key {name}")
                elif of[1] not in known:
                    strangers[of[1]] += 1
                elif complaint := _kind_complaint(of[2], decode(kind)):
                    wrong.setdefault(of[1], []).append(complaint)
        for story, count in sorted(strangers.items()):
            wrong.setdefault("", []).append(f"{count} keys are of {story}, which no story file is about")
        return {story: told[:NAMED] for story, told in wrong.items()}

    async def _events(self, story: str, found: Frontier, wrong: list[str]) -> tuple[dict[str, int], int]:
        """The ids of all events with their sequence, and the first sequence that is still there."""
        ids, first, last = dict[str, int](), 0, 0
        gone = await self._gone(story)
        async for fields in self._stream(keys.events(story)):
            sequence, event_id = int(fields.get("sequence", "0")), fields.get("id", "")
            if first and (sequence <= last or not gone.issuperset(range(last + 1, sequence))):
                _tell(wrong, f"event {sequence} comes after event {last}")
            if event_id in ids:
                _tell(wrong, f"events {ids[event_id]} and {sequence} have one id, {event_id}")
            ids[event_id] = sequence
            first, last = first or sequence, sequence
        if first and not gone.issuperset(range(last + 1, found.sequence + 1)):
            wrong.append(f"the last event has sequence {last}, but {found.sequence} were written")
        if first:
            now = int(await self._connection.run("HGET", keys.state(story), "sequence") or 0)
            if last > now:
                wrong.append(f"there is an event {last}, but only {now} were written")
        return ids, first

    async def _gone(self, story: str) -> set[int]:
        """The sequences of events that went with documents that were taken down."""
        records = [json.loads(record) async for _, record in self._hash(keys.taken_down(story))]
        return {sequence for record in records for sequence in record["sequences"]}

    async def _new_claims(
        self, story: str, found: Frontier, ids: Mapping[str, int], first: int, wrong: list[str]
    ) -> None:
        last = 0
        async for fields in self._stream(keys.new_claims(story)):
            sequence, event_id = int(fields.get("sequence", "0")), fields.get("id", "")
            if sequence <= last:
                _tell(wrong, f"among the new claims, event {sequence} comes after event {last}")
            if first <= sequence <= found.sequence and ids.get(event_id) != sequence:
                _tell(wrong, f"the new claim {event_id} of sequence {sequence} is no event of the story")
            last = sequence

    async def _outcomes(self, story: str, found: Frontier, wrong: list[str]) -> None:
        """Of each number one outcome, as it was counted; where the first ones are trimmed, their sums are unknown."""
        ended, events = Counter[str](), 0
        async for fields in self._stream(keys.outcomes(story), last=f"{found.committed}-0"):
            ended[f"outcome:{fields.get('outcome')}"] += 1
            events += int(fields.get("events", "0"))
        if found.outcomes.first != 1 or found.outcomes.length != found.committed:
            return
        counted = {name: count for name, count in found.counts.items() if name.startswith("outcome:") and count}
        if dict(ended) != counted:
            wrong.append(f"the outcomes are {_sums(ended)}, but counted are {_sums(counted)}")
        if events != found.sequence:
            wrong.append(f"the outcomes tell of {events} events, but {found.sequence} were written")

    async def _texts(self, story: str, found: Frontier, wrong: list[str]) -> None:
        open_ = [(number, *found.articles[number]) for number in found.open() if number in found.articles]
        texts = await self._connection.pipeline(
            [("HEXISTS", keys.doc(story, id_), version) for _, id_, version in open_]
        )
        lost = [number for (number, *_), there in zip(open_, texts, strict=True) if not there]
        committed = int(await self._connection.run("HGET", keys.state(story), "committed") or 0)
        for number in lost:
            if number > committed:
                _tell(wrong, f"the text of number {number} is gone, and it is open")

    async def _records(self, story: str, reads: Reads, wrong: list[str]) -> None:
        for kind in ("claims", "documents", "furniture", "findings"):
            key = f"claimwire:{{{story}}}:{kind}"
            async for name, record in self._hash(key):
                _read(reads, kind, name, record, wrong)
        async for page in self._pages(keys.wire_record(_escaped(story), "*", "*")):
            named = [(name, of[1]) for name in page if (of := _WIRE_RECORD.search(name)) and f"wire:{of[1]}" in reads]
            records = await self._connection.pipeline([("GET", name) for name, _ in named])
            for (name, scheme), record in zip(named, records, strict=True):
                if record is not None:
                    _read(reads, f"wire:{scheme}", name.rpartition(":")[2], record, wrong)
        async for page in self._pages(keys.wire_generation(_escaped(story), "*", "*")):
            for name in page:
                await self._wire_log(name, wrong)

    async def _wire_log(self, name: str, wrong: list[str]) -> None:
        generation, last = name.rpartition(":")[2], "-"
        while entries := await self._connection.run("XRANGE", name, last, "+", "COUNT", _PAGE):
            for entry_id, flat in entries:
                if flat[::2] != [b"w", b"f"] or not flat[1] or len(flat[3]) % 4:
                    _tell(wrong, f"the entry {decode(entry_id)} of the wire log {generation} cannot be read")
            last = f"({decode(entries[-1][0])}"

    async def _stream(self, key: str, last: str = "+") -> AsyncIterator[dict[str, str]]:
        after = "-"
        while entries := await self._connection.run("XRANGE", key, after, last, "COUNT", _PAGE):
            for _, flat in entries:
                yield {decode(flat[i]): decode(flat[i + 1]) for i in range(0, len(flat), 2)}
            after = f"({decode(entries[-1][0])}"

    async def _hash(self, key: str) -> AsyncIterator[tuple[str, bytes]]:
        cursor: Any = "0"
        while True:
            cursor, flat = await self._connection.run("HSCAN", key, cursor, "COUNT", _PAGE)
            for i in range(0, len(flat), 2):
                yield decode(flat[i]), flat[i + 1]
            if int(cursor) == 0:
                return

    async def _pages(self, *patterns: str) -> AsyncIterator[list[str]]:
        """The names of keys, each at least once."""
        for pattern in patterns:
            async for page in self._connection.scan(pattern, 2 * _PAGE):
                yield page


def _kind_complaint(name: str, kind: str) -> str:
    """Why a story's key is not one of ours; the empty string if it is."""
    expected = _KINDS.get(name) or next((of for start, of in _KINDS_OF_MANY if name.startswith(start)), None)
    if (of_group := _GROUP.fullmatch(name)) is not None:
        expected = "stream" if of_group[2] else "hash"
    if expected is None:
        expected = "stream" if _WIRE_LOG.fullmatch(name) else "string" if _WIRE_RECORD.fullmatch(name) else None
    if expected is None:
        return f"nobody knows the key {name}"
    return "" if kind in (expected, "none") else f"the key {name} is a {kind} instead of a {expected}"


def _read(reads: Reads, kind: str, name: str, record: bytes, wrong: list[str]) -> None:
    try:
        reads[kind](record)
    except Exception as error:  # whatever a record does to its reader is what is looked for
        _tell(wrong, f"the record of {name} in {kind} cannot be read: {type(error).__name__}")


def _tell(wrong: list[str], what: str) -> None:
    if len(wrong) < 5 * NAMED:
        wrong.append(what)


def _sums(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[name]} {name.removeprefix('outcome:')}" for name in sorted(counts)) or "none"


def _escaped(story: str) -> str:
    """A story's id as a pattern that matches it alone."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", story)
