"""The desk's side, first half: entries handed out, kept alive, taken over, and parked as findings."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import structlog
from redis.exceptions import ResponseError

from service.errors import InvariantBroken
from service.model import Admission, Article
from service.store import keys
from service.store.bell import Bell
from service.store.committing import head_call, head_of
from service.store.connection import Arg, Connection, Script, decode
from service.store.ids import EntryId
from service.store.values import DeadLimit, Head, Look, Tombstone

_ENSURE_GROUP = Script("ensure_group")
_BEGIN = Script("begin")
_PUT_FINDING = Script("put_finding", "mark")
_DEAD_LETTER = Script("dead_letter", "mark")
_LOOK = Script("look")
_REDATE = Script("redate")
_UNREAD_AGAIN = Script("unread_again")
_PAGE = 100
_LOOKED_AT = 250
"""stories in one round trip: some 3 ms of the server (measured: tests.faults.cluster)"""
_DELETED = "somebody deleted its entry from the stream of articles: what it said is not known"
_REASON, _DETAIL = 1000, 6000
"""code points of a dead letter"""

log = structlog.get_logger(__name__)

RawEntry = tuple[bytes, list[bytes] | None]


class Taking(Bell):
    """What a worker does before it decides."""

    _connection: Connection
    dead_limit: DeadLimit
    _paused: set[str]
    """stories whose line stood still when it was last looked at"""

    async def ensure_group(self, story: str) -> None:
        """Creates the workers' group, or creates it again behind the last commit if somebody deleted it."""
        await self._connection.script(_ENSURE_GROUP, (keys.state(story), keys.articles(story)), (keys.GROUP,))

    async def take(self, stories: Sequence[str], consumer: str, count: int, block_s: float) -> list[Admission]:
        """Takes up to `count` new entries of each story; waits up to `block_s` (at most 2 s) until the bell rings.

        After StoreUnavailable, entries may have been handed out whose answer was lost: `own_pending` has them. Of a
        story whose line is paused nothing is taken; that it goes on is noticed by `reclaim` and `looks`.
        """
        if self._heard is None:
            await self.listen(0)
        taken = await self._take_now(stories, consumer, count)
        if taken or block_s <= 0:
            return taken
        rung = await self.listen(block_s)
        return await self._take_now([story for story in stories if story in rung], consumer, count)

    async def _take_now(self, stories: Sequence[str], consumer: str, count: int) -> list[Admission]:
        open_ = [story for story in stories if story not in self._paused]
        found, made = list[tuple[str, Sequence[RawEntry]]](), list[str]()
        for story, reply in zip(open_, await self._unread(open_, consumer, count), strict=True):
            if isinstance(reply, ResponseError) and "NOGROUP" in str(reply):
                await self.ensure_group(story)
                made.append(story)
            elif isinstance(reply, Exception):
                raise InvariantBroken(f"Redis: {reply}") from reply
            elif reply:
                found.append((story, reply[0][1]))
        taken = await self._joined(consumer, found)
        return [*taken, *(await self._take_now(made, consumer, count) if made else ())]

    async def _unread(self, stories: Sequence[str], consumer: str, count: int) -> list[Any]:
        read = ("XREADGROUP", "GROUP", keys.GROUP, consumer, "COUNT", count, "STREAMS")
        return await self._connection.once([(*read, keys.articles(story), ">") for story in stories])

    async def looks(self, stories: Sequence[str], consumer: str, idle_s: float) -> dict[str, Look]:
        """What there is to do in each of many stories; those where there is nothing are left out.

        Args:
            idle_s: without a sign of life for an entry, after which it is stale.
        """
        found: dict[str, Look] = {}
        for start in range(0, len(stories), _LOOKED_AT):
            some = stories[start : start + _LOOKED_AT]
            calls = [(_look_keys(story), (keys.GROUP, consumer, int(idle_s * 1000))) for story in some]
            for story, told in zip(some, await self._connection.scripts(_LOOK, calls), strict=True):
                look = Look(*(flag > 0 for flag in told))
                (self._paused.add if look.paused else self._paused.discard)(story)
                if any(told):
                    found[story] = look
        return found

    async def own_pending(self, story: str, consumer: str) -> list[Admission]:
        """What `consumer` took and has not parked: to be asked after a restart and after StoreUnavailable."""
        after, pending = "0-0", list[Admission]()
        while True:
            command = ("XREADGROUP", "GROUP", keys.GROUP, consumer, "COUNT", _PAGE, "STREAMS", keys.articles(story))
            reply = await self._grouped([story], (*command, after))
            entries = reply[0][1] if reply else []
            if not entries:
                return pending
            pending += await self._admissions(story, consumer, entries)
            after = decode(entries[-1][0])

    async def reclaim(self, story: str, consumer: str, idle_s: float) -> list[Admission]:
        """Takes over what no worker gave a sign of life for since `idle_s`; its own forgotten entries too. What no
        worker has at all is unread again. Where somebody deleted the entry whose turn it is, its number is given up.
        """
        start, stale = "0-0", list[Admission]()
        if await self._is_paused(story):
            return stale
        again = (keys.state(story), keys.articles(story), keys.findings(story))
        _, deleted = await self._connection.in_order(
            [(_REDATE, (keys.articles(story),), (keys.GROUP,)), (_UNREAD_AGAIN, again, (keys.GROUP,))]
        )
        if deleted:
            await self._give_up(story, f"{deleted}-0", {}, _DELETED, "", consumer)
        while True:
            command = ("XAUTOCLAIM", keys.articles(story), keys.GROUP, consumer, int(idle_s * 1000), start)
            reply = await self._grouped([story], (*command, "COUNT", _PAGE))
            if reply is None:
                return stale
            gone = [(entry_id, None) for entry_id in reply[2]] if len(reply) > 2 else []
            stale += await self._admissions(story, consumer, [*reply[1], *gone])
            start = decode(reply[0])
            if start == "0-0":
                return stale

    async def heartbeat(self, admissions: Iterable[Admission], consumer: str) -> None:
        """Says that `consumer` still works on these: they are not stale."""
        held: dict[str, list[str]] = {}
        for admission in admissions:
            held.setdefault(admission.story, []).append(admission.entry_id)
        for story, entry_ids in held.items():
            claim: list[Arg] = ["XCLAIM", keys.articles(story), keys.GROUP, consumer, 0]
            await self._grouped([story], [*claim, *entry_ids, "JUSTID"])

    async def begin(self, story: str, number: int) -> int:
        """Counts one start of reading an article, over all workers; returns the count, 0 if it is not open."""
        count: int = await self._connection.script(
            _BEGIN, (keys.state(story), keys.starts(story)), (number, secrets.token_hex(8))
        )
        return count

    async def put_finding(self, story: str, number: int, finding: bytes, mark: str = "") -> bool:
        """Parks what was found in an article until its turn; its entry is acknowledged, it needs no worker any more.

        Args:
            mark: of the admission that was read; nothing is written if the number belongs to another by now.

        Returns:
            False if it is committed or has another finding already; that one stands.
        """
        put: int = await self._connection.script(*_put(story, number, finding, mark))
        return put == 1

    async def put_on(self, story: str, number: int, finding: bytes, mark: str = "", most: int = 1) -> Head:
        """`put_finding`, then `head`. One round trip."""
        _, told = await self._connection.in_order([_put(story, number, finding, mark), head_call(story, most)])
        return head_of(told)

    async def dead_letter(
        self,
        story: str,
        number: int,
        entry_id: str,
        reason: str,
        detail: str,
        consumer: str,
        finding: bytes | None = None,
        mark: str = "",
    ) -> bool:
        """Gives an article up, once: an entry in `dead`, and a tombstone in place of its finding.

        The article keeps its place in the order; its tombstone is to be committed with Outcome.PARKED. If it is one
        too many of the last, the story's line pauses (`dead_limit`) until `resume`.

        Args:
            finding: the tombstone as the desk writes it; without it a `Tombstone` of the store's own.
            mark: of the admission that was read; nothing is written if the number belongs to another by now.

        Returns:
            False if it is committed or was given up before; nothing was written then.
        """
        article_id, uri, version, article = await self._carried(story, entry_id)
        tombstone = Tombstone(number, entry_id, article_id, uri, version, reason)
        fields = ("number", number, "entry_id", entry_id, "article_id", article_id, "uri", uri, "version", version)
        why = ("reason", reason[:_REASON], "detail", _bounded(detail), "consumer", consumer, "article", article)
        buried: int = await self._connection.script(
            _DEAD_LETTER,
            (keys.state(story), keys.findings(story), keys.articles(story), keys.dead(story), keys.starts(story)),
            (
                number,
                tombstone.to_bytes() if finding is None else finding,
                keys.GROUP,
                keys.DEAD_LENGTH,
                f"dead:{number}",
                secrets.token_hex(8),
                self.dead_limit.most,
                self.dead_limit.of,
                mark,
                *fields,
                *why,
            ),
        )
        return buried == 1

    async def _grouped(self, stories: Iterable[str], command: Sequence[Arg]) -> Any:
        """A command on the group; if somebody deleted the group, it is made again and there is no reply."""
        try:
            return await self._connection.run(*command)
        except InvariantBroken as error:
            if not isinstance(error.__cause__, ResponseError) or "NOGROUP" not in str(error):
                raise
        for story in stories:
            await self.ensure_group(story)
        return None

    async def _is_paused(self, story: str) -> bool:
        if await self._connection.run("HGET", keys.state(story), "paused"):
            self._paused.add(story)
            return True
        self._paused.discard(story)
        return False

    async def _carried(self, story: str, entry_id: str) -> tuple[str, str, int, str]:
        """What an entry says of its article: id, uri, version, and the record if it can be read."""
        found = await self._connection.run("XRANGE", keys.articles(story), entry_id, entry_id)
        fields = _fields(found[0][1]) if found else {}
        try:
            raw = decode(fields.get(b"article", b""))
            record = Article.from_json(raw, "")
        except (KeyError, TypeError, ValueError):
            return decode(fields.get(b"id", b"")), "", 0, ""
        return record.id, record.uri, int(fields.get(b"version", b"1")), raw

    async def _admissions(self, story: str, consumer: str, entries: Sequence[RawEntry]) -> list[Admission]:
        """Joins entries with their texts; what is committed or parked is acknowledged, what is broken is given up."""
        return await self._joined(consumer, [(story, entries)] if entries else [])

    async def _joined(self, consumer: str, found: Sequence[tuple[str, Sequence[RawEntry]]]) -> list[Admission]:
        """The same for several stories, in as few round trips as there are servers."""
        parsed = [(story, [(decode(id_), _fields(flat or ())) for id_, flat in entries]) for story, entries in found]
        commands = [command for story, entries in parsed for command in _lookups(story, entries)]
        replies = iter(await self._connection.pipeline(commands))
        admissions = list[Admission]()
        for story, entries in parsed:
            committed, paused = next(replies)
            joined = [(*entry, next(replies), next(replies)) for entry in entries]
            if paused:  # they stay pending, and are taken over once the line goes on
                self._paused.add(story)
                continue
            for entry_id, fields, text, parked in joined:
                number = EntryId.of(entry_id).ms
                if number <= int(committed or 0) or parked:
                    await self._connection.run("XACK", keys.articles(story), keys.GROUP, entry_id)
                    continue
                try:
                    admissions.append(Admission(story, number, entry_id, _article(fields, text), _mark(fields)))
                except (KeyError, TypeError, ValueError, zlib.error) as error:
                    reason = "the entry cannot be read" if fields else _DELETED
                    await self._give_up(story, entry_id, fields, reason, repr(error), consumer)
        return admissions

    async def _give_up(
        self, story: str, entry_id: str, fields: dict[bytes, bytes], reason: str, detail: str, consumer: str
    ) -> None:
        """What no desk sees; unless its number is another's by now."""
        number = EntryId.of(entry_id).ms
        if await self.dead_letter(story, number, entry_id, reason, detail, consumer, mark=_mark(fields)):
            log.error("article.parked", story=story, number=number, reason=reason)


def _lookups(story: str, entries: Sequence[tuple[str, dict[bytes, bytes]]]) -> Iterator[tuple[Arg, ...]]:
    """What is asked beside entries: where the story stands, and of each its text, and whether its finding is there."""
    yield "HMGET", keys.state(story), "committed", "paused"
    for entry_id, fields in entries:
        yield "HGET", keys.doc(story, decode(fields.get(b"id", b""))), fields.get(b"version", b"")
        yield "HEXISTS", keys.findings(story), EntryId.of(entry_id).ms


def _put(story: str, number: int, finding: bytes, mark: str) -> tuple[Script, Sequence[str], Sequence[Arg]]:
    names = (keys.state(story), keys.findings(story), keys.articles(story))
    return _PUT_FINDING, names, (number, finding, keys.GROUP, mark)


def _bounded(detail: str) -> str:
    """A traceback begins with where it came from and ends with what happened: both ends are kept."""
    if len(detail) <= _DETAIL:
        return detail
    return f"{detail[: _DETAIL // 4]}\n[…]\n{detail[-_DETAIL * 3 // 4 :]}"


def _article(fields: dict[bytes, bytes], text: bytes | None) -> Article:
    if text is None:
        raise ValueError("its text is gone")
    article = Article.from_json(decode(fields[b"article"]), decode(zlib.decompress(text)))
    return replace(article, version=int(fields[b"version"]))


def _mark(fields: dict[bytes, bytes]) -> str:
    """As scripts/mark.lua makes it."""
    return " ".join(decode(fields.get(name, b"")) for name in (b"at", b"id", b"version"))


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


@lru_cache(20_000)
def _look_keys(story: str) -> tuple[str, str, str]:
    return keys.state(story), keys.articles(story), keys.findings(story)
