"""Another's figure beside one that was just told: "the organisers put the number at 5,000", "the bureau spoke of nine".

A clause that gives a bare figure says of what by where it stands: behind the sentence, or in the sentence, that does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache

from workers.claims.grammar.words import word_list, word_map, word_set
from workers.claims.links.antecedent import Told, told_by
from workers.claims.links.reply import next_to
from workers.claims.model import Clause, Known
from workers.claims.sameness.figures import values
from workers.claims.sameness.lens import Lens


def beside(
    clause: Clause, text: str, told: Collection[Told], known: Callable[[str], Known], lens: Lens
) -> Known | None:
    """The claim with another's figure that a bare figure stands beside; None if there is none.

    `text`: of the article. Of several claims it is the last one told, and one of the same sentence before all others.
    """
    mine = values(clause.quantities)
    if not mine or not is_bare(clause):
        return None
    same = [one for one in told if one.start == clause.start]
    for places in (same, next_to(clause, text, told)):
        for one in (known(place.claim_id) for place in reversed(places)):
            theirs = values(one.claim.quantities)
            counts = one.kind == "claim" and not one.retracted and one.claim.polarity == "affirmed"
            if counts and theirs and mine.isdisjoint(theirs) and not _says_it(clause, one, lens):
                return one
    return None


def is_bare(clause: Clause) -> bool:
    """Whether a clause gives a figure and nothing that is counted: words of counting, and with the figure it ends."""
    text = clause.text.casefold().rstrip(' .;:,”"')
    found = _counting().search(text)
    words = text[found.end() :].split() if found is not None else []
    return clause.language == "en" and bool(words) and all(_is_of_figure(word) for word in words)


def _is_of_figure(word: str) -> bool:
    parts = word.strip(",").split("-")
    idle = word_set("marks.bound") | word_set("amend.anything") | word_set("amend.share")
    return any(character.isdigit() for character in word) or all(
        part in idle or part in word_map("marks.number") for part in parts
    )


def _says_it(clause: Clause, told: Known, lens: Lens) -> bool:
    """Whether who gives the one figure, by the clause's own subject, gives the other too: "the police figure"."""
    subject = (clause.frame.actor or "").casefold()
    theirs = told_by(told, lens) | {told.claim.frame.actor or ""}
    named = any(one and f" {one.casefold()} " in f" {subject} " for one in theirs)
    return named or not lens.actors(clause.frame.actor).isdisjoint(theirs)


@cache
def _counting() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in word_list("amend.counting")))
