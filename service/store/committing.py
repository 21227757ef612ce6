"""The desk's side, second half: whose turn it is, and the one write that ends an article's path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from service.errors import InvariantBroken
from service.model import Commit, StoryState, WireWrite
from service.store import keys
from service.store.connection import Arg, Call, Connection, Script, decode
from service.store.convoy import Convoy
from service.store.values import ClaimsDelta, Commitment, Cursor, Head
from service.store.wire_index import packed

_HEAD = Script("head", "mark")
_COMMIT = Script("commit")
_CLAIMS_SINCE = Script("claims_since", "history")

_NOTHING: tuple[Arg, ...] = (0,)
_SPACE = re.compile(r"\s")
_OF_STORY = 13
"""keys that every commit of a story has"""

MOST_AT_ONCE = 100
"""commits in one step: nobody else is served meanwhile, for some ten milliseconds"""

LATENCY_BOUNDS_MS = tuple(map(int, _COMMIT.source.partition("BOUNDS_MS = {")[2].partition("}")[0].split(",")))
"""as the script has them"""


class Committing:
    """What a worker does when it decides."""

    _connection: Connection

    async def head(self, story: str, most: int = 1) -> Head:
        """Where the story stands, and the findings of the next `most` articles to commit, as far as they are there.
        One round trip.
        """
        return head_of(await self._connection.script(*head_call(story, most)))

    async def state(self, story: str) -> StoryState:
        """Where the story stands."""
        return (await self.head(story)).state

    async def commit(self, commit: Commit) -> Commitment:
        """Writes a commit if it is its turn and the state is the one it was decided upon; or writes nothing.

        The state's token becomes `commit.next_token()`. A commit that stands already (its reply was lost, or another
        worker decided the same) is not written twice.

        Returns:
            STALE, which is false: nothing was written; read the head again. WRITTEN and STANDS are true.

        Raises:
            StoreUnavailable: nothing was written, or the reply was lost; the same call may be made again.
            InvariantBroken: a key of another type; nothing was written.
        """
        return Commitment(await self._connection.script(*commit_call((commit,))))

    def convoy(self) -> Convoy:
        """For commits that are sent while those that they were decided upon are still on their way."""
        return Convoy(self._connection)

    async def commit_on(
        self, commits: Sequence[Commit], most: int = 1, first: int = 0, convoy: Convoy | None = None
    ) -> tuple[Commitment, Head]:
        """Writes commits of one story, each upon the one before it, in one step, as `commit` writes one: all of them or
        none. Then `head`. One round trip.

        Args:
            commits: by number, without a gap; one at least, `MOST_AT_ONCE` at most.
            first: number of the first finding to be told; 0: the next to commit.
            convoy: to go behind what travels with it. Where that is refused, this is: its token is of what was not
                written.

        Raises:
            StoreUnavailable: nothing was written, or the reply was lost; the same call may be made again.
            InvariantBroken: as `commit`.
        """
        calls = [commit_call(commits), head_call(commits[0].story, most, first)]
        ended, told = await (self._connection if convoy is None else convoy).in_order(calls)
        return Commitment(ended), head_of(told)

    async def claims_since(self, story: str, cursor: Cursor | None) -> ClaimsDelta:
        """The claims that changed since `cursor`, exact at the cursor of the answer; all of them when that cannot
        be told: no cursor, one that is too old, or one of a history that the server has lost.
        """
        reply = await self._connection.script(
            _CLAIMS_SINCE,
            (keys.state(story), keys.claims(story), keys.claims_log(story)),
            (cursor.number, cursor.token) if cursor else (0, "none"),
        )
        full, committed, token, *flat = reply
        records = {decode(flat[i]): decode(flat[i + 1]) for i in range(0, len(flat), 2)}
        return ClaimsDelta(full == 1, dict(sorted(records.items())), Cursor(int(committed), decode(token)))


def head_call(story: str, most: int = 1, first: int = 0) -> Call:
    """The call behind `Committing.head`; with findings from `first` on, where that is not 0."""
    return _HEAD, (keys.state(story), keys.findings(story), keys.articles(story)), (most, first)


def head_of(told: Sequence[Any]) -> Head:
    """What that call tells."""
    admitted, committed, sequence, token, paused, slowed, *turns = told
    state = StoryState(int(admitted or 0), int(committed or 0), int(sequence or 0), decode(token or b""))
    waiting = [(turns[at], decode(turns[at + 1])) for at in range(0, len(turns), 2)]
    finding, mark = waiting[0] if waiting else (None, "")
    return Head(state, finding, decode(paused or b""), mark, decode(slowed or b""), tuple(waiting[1:]))


def commit_call(commits: Sequence[Commit]) -> Call:
    """The call that writes commits of one story, each upon the one before it.

    Raises:
        InvariantBroken: they are not commits that can be written in one step.
    """
    first, last = commits[0], commits[-1]
    upon_each_other = all(one.next_token() == other.token for one, other in pairwise(commits))
    if len(commits) > MOST_AT_ONCE or last.number - first.number + 1 != len(commits) or not upon_each_other:
        raise InvariantBroken(f"{len(commits)} commits from {first.number} to {last.number} are no one step")
    names = [*_story_keys(first.story)]
    generations = _generations(commits)
    names += (keys.wire_generation(first.story, scheme, week) for scheme, week in generations)
    args: list[Arg] = [first.token, last.next_token(), keys.GROUP]
    args += (f"{max(0, last.number - keys.LOG_LENGTH)}-0", keys.WIRE_TTL_S)
    args.append(sum([len(commit.events) for commit in commits]))
    args += _list([commit.number for commit in commits])
    args += _claims(commits)
    args += _group(_merged([commit.documents for commit in commits]))
    args += _group(_merged([commit.furniture for commit in commits]))
    counts = _counts(commits)
    args += (len(counts), *counts, len(counts), *counts.values())
    args += _list([f"{scheme}:{week}" for scheme, week in generations])
    for commit in commits:
        names += _keys_of(commit)
        args += _head_of(commit, generations)
    for commit in commits:
        for event in commit.events:
            args.append(int(event.new_claim))
            args += _group({**event.attributes, "data": event.data})
    return _COMMIT, names, args


@lru_cache
def _story_keys(story: str) -> tuple[str, ...]:
    """The keys that every commit of a story has, in the script's order."""
    return (
        keys.state(story),
        keys.articles(story),
        keys.findings(story),
        keys.starts(story),
        keys.claims(story),
        keys.claims_log(story),
        keys.documents(story),
        keys.events(story),
        keys.new_claims(story),
        keys.counts(story),
        keys.outcomes(story),
        keys.furniture(story),
        keys.wire_opened(story),
    )


def _keys_of(commit: Commit) -> tuple[str, ...]:
    """Of this commit alone."""
    story, wire = commit.story, commit.wire
    names = (keys.seen(story, commit.article_id), keys.doc(story, commit.article_id))
    return (*names, keys.wire_record(story, wire.scheme, wire.wire_story)) if wire.wire_story else names


def _head_of(commit: Commit, generations: Mapping[tuple[str, int], int]) -> list[Arg]:
    """What is told of this commit alone."""
    wire = commit.wire
    if wire.votes and not wire.wire_story:
        raise InvariantBroken("votes for no wire story")
    args: list[Arg] = [commit.next_token(), " ".join(sorted(commit.claims)), commit.article_id, commit.uri]
    args += (commit.outcome.value, commit.wire_story or "", commit.mark, len(commit.events))
    if wire.wire_story:
        args += (generations[_generation(wire)], wire.wire_story, wire.record, packed(wire.votes))
    else:
        args.append(0)
    return args


def _generations(commits: Sequence[Commit]) -> dict[tuple[str, int], int]:
    """Those that are written to, and which of the script's keys each is."""
    distinct = dict.fromkeys(_generation(commit.wire) for commit in commits if commit.wire.wire_story)
    return {generation: at for at, generation in enumerate(distinct, _OF_STORY + 1)}


def _generation(wire: WireWrite) -> tuple[str, int]:
    return wire.scheme, wire.day // keys.WIRE_GENERATION_DAYS


def _claims(commits: Sequence[Commit]) -> list[Arg]:
    """Those that stand behind the last commit, and those that were held and are dropped."""
    claims = _merged([commit.claims for commit in commits])
    if any(map(_SPACE.search, claims)):
        raise InvariantBroken(f"a claim id holds white space: {sorted(claims)}")
    dropped = [claim_id for claim_id, record in claims.items() if not record]
    if dropped:
        claims = {claim_id: record for claim_id, record in claims.items() if record}
    return [*_group(claims), *_list(dropped)]


def _merged(each: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """What is left when one is written over the other."""
    if len(each) == 1:
        return each[0]
    merged: dict[str, str] = {}
    for fields in each:
        merged.update(fields)
    return merged


def _counts(commits: Sequence[Commit]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for commit in commits:
        of_events = [f"event:{event.attributes['type']}" for event in commit.events]
        for name in (f"outcome:{commit.outcome}", *of_events):
            counts[name] = counts.get(name, 0) + 1
        for name, by in commit.counts.items():
            counts[name] = counts.get(name, 0) + by
    return {name: counts[name] for name in sorted(counts)}


def _list(words: Sequence[Arg]) -> Sequence[Arg]:
    return (len(words), *words)


def _group(fields: Mapping[str, str]) -> Iterable[Arg]:
    return (2 * len(fields), *chain.from_iterable(fields.items())) if fields else _NOTHING
