"""Events against gold: which event is which annotated claim, and what that makes of it.

hit        nobody had been told of the claim, and no earlier article carried it
late       nobody had been told of it, but an earlier article carried it
redundant  subscribers had been told of it
relevance  the article is about another matter (a hard negative)
spurious   no annotated claim stands there
neutral    the claim is optional (background): it counts neither way
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workers.evaluation.attribution import Said, judged
from workers.evaluation.gold import GoldStory, Mention
from workers.evaluation.told import GOOD, Mark, Marked, Pushed
from workers.evaluation.wording import likeness, overlap

SAME_PLACE = 0.5
"""stems in common, as a share of the smaller side, from which an event's evidence is a mention's sentence"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """None where there is nothing to count."""
        return self.part / self.whole if self.whole else None

    def __add__(self, other: Ratio) -> Ratio:
        """Both together."""
        return Ratio(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Scored:
    """All that one run over one story came to."""

    marked: tuple[Marked, ...]
    told: frozenset[str]
    """gold claims that subscribers were told of"""
    wanted: frozenset[str]
    first: Mapping[str, str]
    """gold claim → the article that carries it first"""
    links_found: Ratio = field(default=Ratio(0, 0))
    """of the gold relations whose two ends were told, those linked, in either direction and by any relation"""
    links_right: Ratio = field(default=Ratio(0, 0))
    """of the links between events that are annotated claims, those that gold has"""
    links_near: Ratio = field(default=Ratio(0, 0))
    """of all links told, those that gold has between what the two sentences tell, or further back among updates"""
    said: tuple[Said, ...] = ()
    """for each hit, whether its attribution is right"""

    @property
    def sources_right(self) -> Ratio:
        """Of the hits with a known asserter, those whose attribution names one."""
        return _right(one.source for one in self.said)

    @property
    def kinds_right(self) -> Ratio:
        """Of the hits, those whose source is named, unnamed, a document or the outlet itself, as gold has it there."""
        return _right(one.kind for one in self.said)

    @property
    def chains_right(self) -> Ratio:
        """Of the hits that gold has through an outlet or agency, those whose attribution names it."""
        return _right(one.chain for one in self.said)


def score(gold: GoldStory, events: Sequence[Pushed]) -> Scored:
    """Marks every event, in the order of emission."""
    marker = Marker(gold)
    marked = tuple(marker.mark(event) for event in events)
    links_found, links_right = _links(gold, marked)
    return Scored(
        marked=marked,
        told=frozenset(one.claim for one in marked if one.claim is not None) & gold.wanted(),
        wanted=gold.wanted(),
        first={first.claim: first.article for first in gold.annotation.new},
        links_found=links_found,
        links_right=links_right,
        links_near=_links_near(marker, marked),
        said=tuple(judged(gold, ((one, marker.mentions_of(one)) for one in marked if one.mark in GOOD))),
    )


class Marker:
    """Remembers what subscribers have been told."""

    def __init__(self, gold: GoldStory) -> None:
        self._gold = gold
        self._articles = {article.url.rstrip("/"): article for article in gold.articles}
        self._when = {article.id: article.published for article in gold.articles}
        self._first = {first.claim: first.article for first in gold.annotation.new}
        self._told: set[str] = set()
        self._mentions: dict[str, list[Mention]] = defaultdict(list)
        for mention in gold.annotation.mentions:
            self._mentions[mention.article].append(mention)

    def mark(self, event: Pushed, *, told: bool = True) -> Marked:
        """What an event comes to; unless it is `told`, subscribers get no knowledge of it."""
        article = self._articles.get(event.uri.rstrip("/"))
        if article is None:
            return Marked(event, "spurious", None, event.uri)
        if article.hard_negative:
            return Marked(event, "relevance", None, article.id)
        there = [one for one in self._mentions[article.id] if overlap(event.evidence, one.evidence) >= SAME_PLACE]
        if not there:
            return Marked(event, "spurious", None, article.id)
        untold = [mention for mention in there if mention.claim not in self._told] or there
        claim = max(untold, key=lambda mention: (self._fits(event, mention), mention.claim)).claim
        mark = self._told_mark(claim, article.id)
        if told:
            self._told.add(claim)
        return Marked(event, mark, claim, article.id)

    def told_there(self, one: Marked) -> set[str]:
        """The annotated claims of an event's sentence, and the one that it stands for."""
        there = {
            mention.claim
            for mention in self._mentions.get(one.article, ())
            if overlap(one.pushed.evidence, mention.evidence) >= SAME_PLACE
        }
        return there | ({one.claim} if one.claim is not None else set())

    def mentions_of(self, one: Marked) -> list[Mention]:
        """The mentions of an event's claim in its sentence."""
        return [
            mention
            for mention in self._mentions.get(one.article, ())
            if mention.claim == one.claim and overlap(one.pushed.evidence, mention.evidence) >= SAME_PLACE
        ]

    @property
    def gold(self) -> GoldStory:
        """What is scored against."""
        return self._gold

    def _fits(self, event: Pushed, mention: Mention) -> float:
        statement = self._gold.annotation.claims[mention.claim].statement
        return max(likeness(event.text, statement), 0.5 * likeness(event.text, mention.evidence))

    def _told_mark(self, claim: str, article: str) -> Mark:
        if claim in self._told:
            return "redundant"
        if claim not in self._gold.wanted():
            return "neutral"
        return "hit" if self._when[article] <= self._when[self._first[claim]] else "late"


def _links(gold: GoldStory, marked: Sequence[Marked]) -> tuple[Ratio, Ratio]:
    claims = gold.annotation.claims
    related = {(name, target) for name, claim in claims.items() for ts in claim.relations.values() for target in ts}
    of: dict[str, str] = {}
    """claim id → gold claim"""
    for one in marked:
        if one.claim is not None:
            of.setdefault(one.pushed.claim_id, one.claim)
    pairs = {
        (one.claim, of[target])
        for one in marked
        if one.claim is not None
        for target in one.pushed.links
        if target in of and of[target] != one.claim
    }
    told = {one.claim for one in marked}
    ends = [(name, target) for name, target in related if name in told and target in told]
    found = sum((name, target) in pairs or (target, name) in pairs for name, target in ends)
    right = sum((name, target) in related or (target, name) in related for name, target in pairs)
    return Ratio(found, len(ends)), Ratio(right, len(pairs))


def related(gold: GoldStory) -> set[tuple[str, str]]:
    """The pairs of claims that gold relates, both ways; of a row of updates each with all before it."""
    claims = gold.annotation.claims
    found = {(name, to) for name, claim in claims.items() for ts in claim.relations.values() for to in ts}
    for name in claims:
        row = list(claims[name].relations.get("updates", ()))
        for before in row:
            row += [one for one in claims[before].relations.get("updates", ()) if one not in row]
        found |= {(name, before) for before in row if before != name}
    return found | {(to, name) for name, to in found}


def _links_near(marker: Marker, marked: Sequence[Marked]) -> Ratio:
    pairs = related(marker.gold)
    of: dict[str, set[str]] = defaultdict(set)
    for one in marked:
        of[one.pushed.claim_id] |= marker.told_there(one)
    told = [(one, target) for one in marked for target in one.pushed.links]
    right = sum(
        any((a, b) in pairs for a in of[one.pushed.claim_id] for b in of.get(target, ())) for one, target in told
    )
    return Ratio(right, len(told))


def _right(answers: Iterable[bool | None]) -> Ratio:
    known = [answer for answer in answers if answer is not None]
    return Ratio(sum(known), len(known))


def counts(marked: Sequence[Marked]) -> Counter[Mark]:
    """How many events came to what."""
    return Counter(one.mark for one in marked)
