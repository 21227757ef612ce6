"""The claims of one story as readers ask for them: in memory, in order, kept up to date by the registry's deltas."""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.contract.api import ClaimShown, LinkFrom, Status
from service.contract.data import Document, Hop
from service.model import utc
from service.store.values import ClaimsDelta, Cursor
from service.web.held import HeldShown, held_shown

_AT_ONCE = 100
"""records taken apart before others get their turn: some ten milliseconds"""
MOST_LINKS = 50
MOST_CHANGED = 1_000
"""of which it is known when they changed"""
_NOT_SHOWN = ("vectors", "wordings", "frames", "whens", "wire_stories", "signs")


class ClaimsReader(Protocol):
    """What a shelf needs of the store."""

    async def claims_since(self, story: str, cursor: Cursor | None) -> ClaimsDelta:
        """What changed in the registry. May raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims a reader wants; nothing said is everything."""

    words: tuple[str, ...] = ()
    """all in the claim's text, its exact words or the names of those who say it; case aside"""
    side: str = ""
    """one that speaks for it"""
    status: frozenset[Status] = frozenset()
    """any of these"""
    min_sources: int = 0
    """surely so many"""
    min_origins: int = 0
    min_documents: int = 0
    since: datetime | None = None
    """of its last appearance"""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the claims that were asked for."""

    claims: tuple[ClaimShown, ...]
    following: str | None
    """the cursor to go on from; None: there are no more"""


@dataclass(frozen=True, slots=True)
class _Shelved:
    place: str
    """time of the first appearance and id: the order, and the cursor"""
    record: str
    """JSON, without what only comparing needs"""
    words: str
    sides: frozenset[str]
    support: tuple[int, int, int]
    """sources, origins, documents: at least"""
    last_seen: datetime
    background: bool
    retracted: bool
    denied_by: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...]
    """(relation, target, why)"""
    merged_into: str
    """the claim that this one is part of; the empty string: none"""


class Shelf:
    """One story's claims that subscribers were told of."""

    def __init__(self, story: str) -> None:
        self._story = story
        self._cursor: Cursor | None = None
        self._claims: dict[str, _Shelved] = {}
        self._places: list[str] = []
        self._pointing: dict[str, dict[tuple[str, str], str]] = {}
        """target → (relation, claim that points) → why"""
        self._parts: dict[str, set[str]] = {}
        """claim → those that persons merged into it"""
        self._held: dict[str, str] = {}
        """claim that nobody was told of → its record"""
        self._changed: dict[str, int] = {}
        """claim → the commit by which it had changed last, in that order; only of what changed while we looked"""
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._claims)

    @property
    def cursor(self) -> Cursor | None:
        """The commit that the claims stand at; None: nothing was read yet."""
        return self._cursor

    def changed_since(self, number: int) -> list[str]:
        """Claims that changed after a commit, and perhaps some of that commit: those shown first are the last."""
        return [claim_id for claim_id, at in reversed(self._changed.items()) if at > number]

    async def catch_up(self, store: ClaimsReader) -> None:
        """Reads what changed since the last time.

        Raises:
            StoreUnavailable: the shelf stands as it was.
        """
        async with self._turn:
            delta = await store.claims_since(self._story, self._cursor)
            # Whoever reads a page meanwhile has the claims as they were, and whoever is cancelled half way leaves them.
            into = Shelf(self._story) if delta.full else self
            for number, (claim_id, record) in enumerate(delta.records.items(), start=1):
                into._put(claim_id, record)
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._claims, self._places = into._claims, into._places
            self._pointing, self._parts, self._held = into._pointing, into._parts, into._held
            self._note(delta)
            self._cursor = delta.cursor

    def page(self, wanted: Wanted, after: str, limit: int, *, newest_first: bool = False) -> Page:
        """Claims behind the cursor `after` (the empty string: from the first on), in the order of first appearance."""
        ids, following = self.ids(wanted, after, limit, newest_first=newest_first)
        return Page(tuple(self._shown(claim_id) for claim_id in ids), following)

    def ids(
        self, wanted: Wanted, after: str, limit: int, *, newest_first: bool = False
    ) -> tuple[list[str], str | None]:
        """As `page`, the ids alone: what is shown of a thousand claims takes its time, and others want their turn."""
        found: list[str] = []
        for place in self._from(after, newest_first):
            if not self._fits(self._claims[_id(place)], wanted):
                continue
            if len(found) == limit:
                return [_id(one) for one in found], found[-1]
            found.append(place)
        return [_id(one) for one in found], None

    def count(self, wanted: Wanted) -> int:
        """How many claims fit."""
        return sum(self._fits(shelved, wanted) for shelved in self._claims.values())

    def counts(self) -> Counter[Status]:
        """How many claims stand how; one may stand in several ways."""
        return Counter(status for shelved in self._claims.values() for status in self._status(shelved))

    def claim(self, claim_id: str) -> ClaimShown | None:
        """One claim; None if subscribers were never told of it."""
        return self._shown(claim_id) if claim_id in self._claims else None

    def fits(self, claim_id: str, wanted: Wanted) -> bool:
        """Whether a claim that stands here is wanted."""
        return self._fits(self._claims[claim_id], wanted)

    def record(self, claim_id: str) -> Mapping[str, Any]:
        """What the registry keeps of a claim, the parts apart that only comparing needs."""
        kept: dict[str, Any] = json.loads(self._claims[claim_id].record)
        return kept

    def parts(self, claim_id: str) -> list[str]:
        """The claim and all that were merged into it, and into those: the ids under which documents have its words."""
        found = [claim_id]
        for each in found:
            found += sorted(self._parts.get(each, set()).difference(found))
        return found

    def held(self) -> list[HeldShown]:
        """The claims that nobody was told of, those whose time comes first before the others."""
        found = [held_shown(json.loads(record)) for record in self._held.values()]
        return sorted(found, key=lambda one: (one.until, one.id))

    @property
    def holds(self) -> int:
        """How many claims nobody was told of."""
        return len(self._held)

    def sides(self) -> list[str]:
        """Every side that speaks for a claim."""
        return sorted({side for shelved in self._claims.values() for side in shelved.sides})

    # ----------------------------------------------------------------------------------------------------------------

    def _note(self, delta: ClaimsDelta) -> None:
        """Of a full delta nothing is said: it has everything, whether it changed or not."""
        for claim_id in () if delta.full else delta.records:
            self._changed.pop(claim_id, None)
            self._changed[claim_id] = delta.cursor.number
        while len(self._changed) > MOST_CHANGED:
            del self._changed[next(iter(self._changed))]

    def _put(self, claim_id: str, record: str) -> None:
        self._forget(claim_id)
        known = json.loads(record) if record else {"held": {}}
        if known.get("held") is not None:  # nobody was told of it
            if record:
                self._held[claim_id] = _kept(known)
            return
        shelved = _shelved(claim_id, known)
        self._claims[claim_id] = shelved
        insort(self._places, shelved.place)
        for rel, target, why in shelved.links:
            self._pointing.setdefault(target, {})[rel, claim_id] = why
        if shelved.merged_into:
            self._parts.setdefault(shelved.merged_into, set()).add(claim_id)

    def _forget(self, claim_id: str) -> None:
        self._held.pop(claim_id, None)
        before = self._claims.pop(claim_id, None)
        if before is None:
            return
        del self._places[bisect_left(self._places, before.place)]
        for rel, target, _ in before.links:
            self._pointing[target].pop((rel, claim_id), None)
        self._parts.get(before.merged_into, set()).discard(claim_id)

    def _from(self, after: str, newest_first: bool) -> Iterator[str]:
        if newest_first:
            end = bisect_left(self._places, after) if after else len(self._places)
            return (self._places[at] for at in range(end - 1, -1, -1))
        return (self._places[at] for at in range(bisect_right(self._places, after), len(self._places)))

    def _fits(self, shelved: _Shelved, wanted: Wanted) -> bool:
        return (
            all(word in shelved.words for word in wanted.words)
            and (not wanted.side or wanted.side.casefold() in shelved.sides)
            and shelved.support[0] >= wanted.min_sources
            and shelved.support[1] >= wanted.min_origins
            and shelved.support[2] >= wanted.min_documents
            and (wanted.since is None or shelved.last_seen >= wanted.since)
            and (not wanted.status or not wanted.status.isdisjoint(self._status(shelved)))
        )

    def _status(self, shelved: _Shelved) -> tuple[Status, ...]:
        own = _id(shelved.place)
        pointing = {
            rel
            for rel, claim_id in self._pointing.get(own, ())
            if claim_id in self._claims and self._stands(claim_id, own)
        }
        denied = any(self._stands(claim_id, own) for claim_id in shelved.denied_by)
        holds: dict[Status, bool] = {
            "retracted": shelved.retracted,
            "disputed": denied or not pointing.isdisjoint(("denies", "contradicts")),
            "updated": not pointing.isdisjoint(("updates", "narrows")),
            "background": shelved.background,
        }
        return tuple(status for status, holding in holds.items() if holding) or ("new",)

    def _stands(self, claim_id: str, against: str) -> bool:
        """Whether a claim still says something to another: nobody retracted it, and it is no part of that one."""
        one = self._claims.get(claim_id)
        while one is not None and one.merged_into in self._claims:
            one = self._claims[one.merged_into]
        return one is None or not (one.retracted or _id(one.place) == against)

    def _shown(self, claim_id: str) -> ClaimShown:
        shelved = self._claims[claim_id]
        return ClaimShown.model_validate(
            {
                **_public(json.loads(shelved.record)),
                "retracted": shelved.retracted,
                "status": self._status(shelved),
                "last_seen": shelved.last_seen,
                "linked_from": self._linked_from(claim_id),
            }
        )

    def _linked_from(self, claim_id: str) -> tuple[LinkFrom, ...]:
        pointing = [
            (self._claims[other].place, rel, why)
            for (rel, other), why in self._pointing.get(claim_id, {}).items()
            if other in self._claims
        ]
        return tuple(
            LinkFrom(rel=rel, claim=_id(place), text=self.record(_id(place))["claim"]["text"], why=why)  # type: ignore[arg-type]
            for place, rel, why in sorted(pointing)[:MOST_LINKS]
        )


def _shelved(claim_id: str, known: Mapping[str, Any]) -> _Shelved:
    """Raises ValueError or KeyError: not a record of the registry."""
    support, first_seen = known["support"], datetime.fromisoformat(known["appearance_document"]["firstSeen"])
    said = [known["claim"]["text"], known["appearance_document"]["publisher"]]
    said += [item["selector"][0]["exact"] for item in known["evidence"]]
    said += [word for hop in known["attribution"] for word in (hop["name"], hop["descriptor"]) if word]
    last_seen = known.get("last_seen")
    return _Shelved(
        place=f"{utc(first_seen.replace(microsecond=0))[:-1]}.{first_seen.microsecond:06}Z_{claim_id}",
        record=_kept(known),
        words=" ".join(said).casefold(),
        sides=frozenset(side.casefold() for side in support["sides"]),
        support=(support["sources"]["min"], support["origins"], support["documents"]),
        last_seen=datetime.fromisoformat(last_seen) if last_seen else first_seen,
        background=known["claim"]["novelty"] == "background",
        retracted=bool(known.get("retracted")),
        denied_by=tuple(support["deniedBy"]),
        links=tuple((link["rel"], link["target"], link["why"]) for link in known["links"]),
        merged_into=next((one["other"] for one in known.get("marks", ())[::-1] if one["action"] == "merge"), ""),
    )


def _kept(known: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in known.items() if name not in _NOT_SHOWN}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _public(known: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the claim's event as it would be now."""
    document = Document.model_validate(known["appearance_document"])
    publisher = Hop(kind="publisher", name=document.publisher, named=True, relation="wasDerivedFrom")
    hops = [Hop.model_validate(hop) for hop in known["attribution"]]
    return {
        "claim": known["claim"],
        "appearance": {"document": document, "evidence": known["evidence"]},
        "attribution": hops if hops[:1] and hops[0].kind == "publisher" else [publisher, *hops],
        "support": known["support"],
        "links": known["links"],
        "why": known["why"],
        "first_seen": document.first_seen,
    }


def _id(place: str) -> str:
    return place.partition("_")[2]
