"""What an answer answers by where it stands: "the ministry denies it" the sentence before, "no comment" the report.

A report by people who are not named is put to those whom it is about; on what it begins with they decline to comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from workers.claims.links.antecedent import Told, quiet, told_by, whose
from workers.claims.links.stance import Stance, negates_itself, pointed, points_back, says_otherwise
from workers.claims.links.topic import topics
from workers.claims.model import Clause, Known
from workers.claims.sameness.lens import Lens

_WORD = re.compile(r"\w")


def replied(
    clause: Clause, text: str, told: Collection[Told], known: Callable[[str], Known], lens: Lens
) -> Known | None:
    """The claim of the sentence directly before a denial or silence that only points at it; None if there is none.

    `text`: of the article. Of several claims of that sentence it is one that others make, rather one that names him who
    answers, rather one that is affirmed, and the first of these. Source: on sixteen sets with gold 14 of 22 such links
    of denials are exact, the other 8 join sentences that the gold joins; of three such links of silences all are exact.
    """
    if not points_back(clause) or negates_itself(clause):
        return None
    return _answered(clause, next_to(clause, text, told), known, lens)


def gainsaid(
    clause: Clause, text: str, told: Collection[Told], known: Callable[[str], Known], lens: Lens
) -> Known | None:
    """The claim of the sentence directly before one that says that it is otherwise; None if there is none."""
    if not says_otherwise(clause) or negates_itself(clause):
        return None
    return _answered(clause, next_to(clause, text, told), known, lens)


def _answered(clause: Clause, may_be: Collection[Told], known: Callable[[str], Known], lens: Lens) -> Known | None:
    mine = whose(clause, lens)
    claims = [one for one in (known(told.claim_id) for told in may_be) if one.kind == "claim" and not one.retracted]
    return max(claims, key=lambda one: _fits(one, mine, lens), default=None)


def next_to(clause: Clause, text: str, told: Collection[Told]) -> list[Told]:
    """What the article told in the sentence directly before that of a clause; nothing if that told no claim."""
    before = [one for one in told if one.start + len(one.sentence) <= clause.start]
    last = max(before, key=lambda one: one.start, default=None)
    if last is None or _WORD.search(text, last.start + len(last.sentence), clause.start):
        return []
    return [one for one in before if one.start == last.start]


def _fits(known: Known, mine: frozenset[str], lens: Lens) -> tuple[bool, bool, bool]:
    of_him = not mine.isdisjoint(lens.parties(lens.actors(known.claim.text)))
    return not mine & told_by(known, lens), of_him, known.claim.polarity == "affirmed"


def reported(
    clause: Clause, taken: Stance, told: Collection[Told], known: Callable[[str], Known], lens: Lens
) -> Known | None:
    """What people who are not named say at the beginning of the article of him who keeps silent; None if nothing is.

    Source: on sixteen sets with gold 11 of 18 such links are exact, 14 join sentences that the gold joins.
    """
    start = min((one.start for one in told), default=clause.start)
    if start >= clause.start:
        return None
    lead = [one for one in told if one.start == start]
    sentence = lead[0].sentence
    asked, words = pointed(clause, taken, lens), topics(lens, sentence)
    if (asked and asked.isdisjoint(words)) or not _tells_of(clause, sentence, words, lens):
        return None
    may_be = [known(one.claim_id) for one in lead]
    return next((one for one in may_be if _is_told_in_confidence(one)), None)


def _tells_of(clause: Clause, sentence: str, words: frozenset[str], lens: Lens) -> bool:
    """Whether a sentence tells of him who keeps silent, or of his party, by a name of the story's or by his noun."""
    if not lens.parties(quiet(clause, lens)).isdisjoint(lens.parties(lens.actors(sentence))):
        return True
    noun = topics(lens, clause.frame.actor or "")
    return bool(noun) and noun <= words


def _is_told_in_confidence(known: Known) -> bool:
    """Whether who says it is a person, or several, whom the text does not name."""
    heard = [hop for hop in known.attribution if hop.kind not in ("outlet", "publisher")]
    unnamed = bool(heard) and heard[-1].kind != "document" and not heard[-1].named
    return unnamed and known.kind == "claim" and known.claim.polarity == "affirmed" and not known.retracted
