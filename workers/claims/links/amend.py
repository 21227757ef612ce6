"""Which known claim a clause brings up to date: another count of the same thing, a figure replaced, a date moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

from service.contract.data import Quantity
from workers.claims.grammar.words import word_list, word_map, word_set
from workers.claims.links.antecedent import whose
from workers.claims.links.topic import Weights, head_of, told_words, topics
from workers.claims.memory.known import as_clause
from workers.claims.memory.registry import Context
from workers.claims.model import Clause, Known
from workers.claims.sameness.figures import values
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.tally import Tally, measured, tallies

COUNTED_AT = 0.15
"""content similarity from which two counts of the dead are counts of one event"""
REPLACED_AT = 0.25
"""share of the words in common from which a figure that a clause itself calls replaced is the one of a claim"""
RECOUNTED_AT = 0.15
"""the same where a figure is corrected"""
TOLD_AT = 0.50
"""share of a clause's words that a claim must tell of which it gives another figure, or which has come about.
Source: on eight stories with gold 9 of 15 such links were right, below it 2 of 12"""
MONEY_AT = 0.30
"""share of the claim's words that the clause must tell too where both count money or per cents, which are counted of
everything"""
MOVED_AT = 0.70
"""the same, the verb apart, where a date is moved. Source: reasoned. With 0.30, or the same actor alone, none of six
links of another date was right on twelve sets; which of them this bars was not counted"""

UNDONE_AT, UNDONE_WORDS, UNDONE_CONTENT = 0.45, 3, 0.45
"""share and number of the words in common, and content similarity, from which what is undone is what a claim told of"""
LONG_PAST = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Amended:
    """The claim that is brought up to date, and how."""

    claim_id: str
    why: str
    sure: bool = False
    """whether both count one of the things that news keep counting, or the text itself names the older figure"""


def amended(
    clause: Clause,
    sentence: str,
    knowns: Iterable[Known],
    scores: Mapping[str, float],
    context: Context,
    lens: Lens,
    *,
    counted: bool = False,
) -> tuple[Amended, ...]:
    """The claims that a clause updates, by counts, by a figure that it calls replaced, or by a date that it moves.

    `sentence`: the words around the clause; `counted`: whether another clause tells what they count.
    """
    if _long_past(clause, context):
        return ()
    earlier = [
        known
        for known in knowns
        if known.kind == "claim" and not known.retracted and known.appearance_document.uri != context.document.uri
    ]
    shares = _Shares(clause, earlier, lens)
    if counts := _counted(clause, sentence, earlier, scores, lens, counted=counted):
        return tuple(counts)
    found = (
        _replaced(clause, earlier, shares)
        or _recounted(clause, earlier, shares)
        or _moved(clause, earlier, shares)
        or _undone(clause, earlier, scores, lens)
    )
    return (found,) if found is not None else ()


class _Shares:
    """How much of a clause's words each claim tells; reckoned for the few clauses and claims that are asked about."""

    def __init__(self, clause: Clause, earlier: list[Known], lens: Lens) -> None:
        self._clause, self._earlier, self._lens = clause, earlier, lens

    @cached_property
    def _told(self) -> dict[str, frozenset[str]]:
        return {known.claim.id: told_words(known, self._lens) for known in self._earlier}

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self._told.values())

    def __getitem__(self, claim_id: str) -> float:
        return self._share(claim_id, frozenset())

    def beside_verb(self, claim_id: str) -> float:
        """The share of the words other than the clause's verb."""
        return self._share(claim_id, {head_of(self._clause.frame.action)})

    def _share(self, claim_id: str, without: Set[str]) -> float:
        asked = topics(self._lens, self._clause.text, self._clause.frame.action or "")
        return self._weights.share(asked - without, self._told[claim_id])


def _long_past(clause: Clause, context: Context) -> bool:
    """Whether it tells of another year, and so of another event."""
    when = clause.when
    return when is not None and when.latest is not None and context.document.first_seen - when.latest > LONG_PAST


def comparable(clause: Clause, known: Known, context: Context, lens: Lens) -> bool:
    """Whether two figures may be of one thing: not of another year; money and per cents are counted of everything."""
    if known.retracted or _long_past(clause, context):
        return False
    if measured(clause.text) and not tallies(clause.text):
        return False  # "two more", "nine of the injured": no count of its own
    anything = _of_anything(clause.quantities) and _of_anything(known.claim.quantities)
    return tells_most(known, clause, lens, and_back=MONEY_AT if anything else 0.0)


def tells_most(known: Known, clause: Clause, lens: Lens, *, and_back: float = 0.0) -> bool:
    """Whether a claim tells most of what a clause does, and the clause so much of what the claim does."""
    asked, told = topics(lens, clause.text, clause.frame.action or ""), told_words(known, lens)
    weights = Weights([told])
    return weights.share(asked, told) >= TOLD_AT and weights.share(told, asked) >= and_back


def _counted(
    clause: Clause,
    sentence: str,
    earlier: list[Known],
    scores: Mapping[str, float],
    lens: Lens,
    *,
    counted: bool,
) -> list[Amended]:
    """One for each count that the clause brings up to date; "two more bodies" stand for the count in their sentence."""
    told = measured(clause.text)
    counts = tallies(clause.text) or tuple(
        count for count in tallies(sentence) if count.measure in told or (not counted and not clause.presupposed)
    )
    found = []
    for count in counts:
        same = [(known, other) for known in earlier for other in _counts(known) if other.measure == count.measure]
        same = [
            (known, other)
            for known, other in same
            if scores.get(known.claim.id, 0.0) >= COUNTED_AT and _one_place(clause.text, known.claim.text, lens)
        ]
        if not same or any(other.value == count.value for _, other in same):
            continue  # nobody counted it, or the count is known
        own = [pair for pair in same if not whose(clause, lens).isdisjoint(whose(as_clause(pair[0]), lens))]
        # Of those told at one moment the highest: counts rise.
        latest = max(own or same, key=lambda pair: (pair[0].appearance_document.first_seen, pair[1].value))[1]
        if count.value < latest.value and not _may_fall(count, sentence):
            continue
        telling = [known for known, other in own or same if other == latest]
        known = min(
            telling, key=lambda known: (_aside(known, latest), known.appearance_document.first_seen, known.claim.id)
        )
        why, firm = (
            f"{count.measure}: {count.value:g}, {latest.value:g} before",
            count.measure in word_set("tally.firm"),
        )
        found.append(Amended(known.claim.id, why, sure=firm))
    return found


def _may_fall(count: Tally, text: str) -> bool:
    """Whether a count below the last one is of the same: the missing are found, the dead only counted wrongly."""
    if count.measure not in word_set("tally.grows"):
        return True
    return any(word.startswith(tuple(word_list("tally.lowered"))) for word in text.casefold().split())


_IN_ITS_SENTENCE = 2


def _aside(known: Known, count: Tally) -> int:
    """How far a count stands from what a claim tells: 0 it is what it tells, 1 told in passing, 2 in its sentence."""
    if count not in tallies(known.wordings[0]):
        return _IN_ITS_SENTENCE
    return 0 if count.measure in measured(f"{known.claim.frame.action or ''} {known.claim.frame.actor or ''}") else 1


def _counts(known: Known) -> tuple[Tally, ...]:
    return tallies(known.wordings[0]) or tallies(known.evidence[0].selector[0].exact)


def _one_place(one: str, other: str, lens: Lens) -> bool:
    mine, theirs = lens.places(one) | _located(one), lens.places(other) | _located(other)
    return not mine or not theirs or not mine.isdisjoint(theirs)


_LOCATED = re.compile(r"\b(?:in|across) (?:the )?((?:[A-Z][\w’'-]+)(?: [A-Z][\w’'-]+)*)")


def _located(text: str) -> frozenset[str]:
    return frozenset(found for found in _LOCATED.findall(text) if found.casefold() not in word_set("amend.times"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in word_list(f"amend.{name}")))


def _replaced(clause: Clause, earlier: list[Known], shares: _Shares) -> Amended | None:
    """ "to 15 from 14", "21, not 23", "some 400 rather than the 1,200": the older figure stands in it."""
    for quantity in clause.quantities:
        if not _is_older(quantity, clause):
            continue
        found = [
            (round(shares[known.claim.id], 1), -len(known.claim.quantities), known.support.documents, known.claim.id)
            for known in earlier
            if any(other.value == quantity.value for other in known.claim.quantities)
            and (shares[known.claim.id] >= REPLACED_AT or _distinctive(quantity.value))
        ]
        if found:
            return Amended(max(found)[-1], f"replaces {quantity.text}", sure=True)
    return None


def outdates(clause: Clause, known: Known) -> bool:
    """Whether a clause calls a figure of a claim the older one and gives another: it corrects what it seems to say."""
    theirs = values(known.claim.quantities)
    old = {one.value for one in clause.quantities if one.value in theirs and _is_older(one, clause)}
    return bool(old) and not values(clause.quantities) <= theirs


def _is_older(quantity: Quantity, clause: Clause) -> bool:
    words = _figure_words(quantity)
    return words is not None and _is_replaced(words, clause.text.casefold(), several=len(clause.quantities) > 1)


def calls_replaced(text: str) -> bool:
    """Whether a text says that it replaces or corrects a figure: "to 15 from 14", "corrected the number"."""
    lowered = text.casefold()
    return bool(_pattern("replaces").search(lowered) or _pattern("recounts").search(lowered))


def _is_replaced(words: str, text: str, *, several: bool) -> bool:
    """Whether a figure is called the older one; "from 14" and "more than 14" are that only beside another."""
    if not _pattern("replaces").search(text):
        return False  # before a pattern is made for one figure
    found = re.search(rf"(?P<how>{_pattern('replaces').pattern}) (?:\w+ ){{0,2}}?{words}", text)
    bound = found is not None and (found["how"] == "from" or found["how"].startswith(("more", "less", "fewer")))
    return found is not None and (several or not bound)


def _distinctive(value: float | None) -> bool:
    """Whether hardly two claims of a story give this figure of different things."""
    return value is not None and (value >= 100 or not value.is_integer())


def _recounted(clause: Clause, earlier: list[Known], shares: _Shares) -> Amended | None:
    """ "corrected the number of those on board to 21"."""
    if len(clause.quantities) != 1 or not _pattern("recounts").search(clause.text.casefold()):
        return None
    found = [
        (shares[known.claim.id], known.appearance_document.first_seen, known.claim.id)
        for known in earlier
        if any(_other(clause.quantities[0], before) for before in known.claim.quantities)
        and shares[known.claim.id] >= RECOUNTED_AT
    ]
    return Amended(max(found)[2], "a corrected figure") if found else None


def _other(one: Quantity, before: Quantity) -> bool:
    """Whether both may count one thing and differ."""
    units = {(quantity.unit or "").casefold().removesuffix("s") for quantity in (one, before)} - {""}
    return None not in (one.value, before.value) and one.value != before.value and len(units) <= 1


def _figure_words(quantity: Quantity) -> str | None:
    """The first figure of a quantity's text, for a pattern."""
    numbers = word_map("marks.number")
    for word in quantity.text.casefold().split():
        if word[:1].isdigit() or word[1:2].isdigit() or all(part in numbers for part in word.split("-")):
            return re.escape(word)
    return None


def _moved(clause: Clause, earlier: list[Known], shares: _Shares) -> Amended | None:
    """ "put off by a month", "needs four weeks longer": what was said to be due has another date."""
    if not _pattern("moves").search(clause.text.casefold()):
        return None
    found = [
        (shares.beside_verb(known.claim.id), known.appearance_document.first_seen, known.claim.id)
        for known in earlier
        if _due(known) and shares.beside_verb(known.claim.id) >= MOVED_AT
    ]
    return Amended(max(found)[2], "another date") if found else None


def _undone(clause: Clause, earlier: list[Known], scores: Mapping[str, float], lens: Lens) -> Amended | None:
    """ "lifted the ban": what was done is undone. The claim tells of the same thing by another verb."""
    verb = head_of(clause.frame.action)
    if clause.polarity == "denied" or verb not in word_set("amend.undoes"):
        return None
    thing = topics(lens, f"{clause.frame.target or ''} {clause.text}") - {verb}
    told = {known.claim.id: told_words(known, lens) for known in earlier}
    weights = Weights(told.values())
    found = [
        (known.appearance_document.first_seen, known.claim.id)
        for known in earlier
        if known.claim.polarity == "affirmed"
        and verb not in told[known.claim.id]
        and len(thing & told[known.claim.id]) >= UNDONE_WORDS
        and weights.share(thing, told[known.claim.id]) >= UNDONE_AT
        and scores.get(known.claim.id, 0.0) >= UNDONE_CONTENT
    ]
    return Amended(max(found)[1], f"undone: {verb}") if found else None


def _due(known: Known) -> bool:
    """Whether the claim tells of a time after its publication."""
    when = known.claim.when
    return when is not None and when.latest is not None and when.latest > known.appearance_document.first_seen


def _of_anything(quantities: tuple[Quantity, ...]) -> bool:
    return any((quantity.unit or "").casefold() in word_set("amend.anything") for quantity in quantities)
