"""What a wording is about, apart from who says it, whether it is affirmed and whom it names: topical words, weighed.

A denial says little of what it denies, a withheld comment less. What it does say is compared word by word: a word that
few of the claims in question have in common says more than one that they all share.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache

from workers.claims.grammar.stems import root
from workers.claims.grammar.verbs import any_of, are_near, deed, heads, is_verb
from workers.claims.grammar.words import REMEMBERED, word_set
from workers.claims.model import Known
from workers.claims.sameness.kept import of_claim
from workers.claims.sameness.lens import Lens
from workers.claims.surface.tongue import function_words, readable

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 3
"""letters of a topical word"""
_KIN = 0.7
"""what a verb (or its noun) counts for where a near one stands in the other wording; the same word counts 1"""
_UNSEEN = 0.6


@lru_cache(maxsize=REMEMBERED)
def topics(lens: Lens, text: str, action: str = "") -> frozenset[str]:
    """The stems of what a wording tells: no actor's name, no function word, no word of saying, denying or silence."""
    words = _WORD.findall(f"{lens.content(text)} {action}".casefold())
    return frozenset(root(word) for word in words if len(word) >= _LEAST and word not in _idle())


@of_claim
def told_words(known: Known, lens: Lens) -> frozenset[str]:
    """The topical words of a claim."""
    pairs = zip(known.wordings, known.frames, strict=True)
    return frozenset().union(*(topics(lens, text, frame.action or "") for text, frame in pairs))


@lru_cache(maxsize=1)
def _idle() -> frozenset[str]:
    lists = ("acts.function", "acts.comment", "acts.deny", "acts.dismiss", "acts.report", "acts.pointing", "acts.light")
    others = frozenset().union(*(function_words(language) for language in readable()))
    return frozenset().union(*(word_set(name) for name in lists), (one for one in others if not is_verb(one)))


def head_of(action: str | None) -> str:
    """The verb of an action phrase as a topical word; empty if it says nothing of what was done."""
    first = (action or "").split()[:1]
    return root(first[0]) if first and first[0] not in _idle() and first[0] not in word_set("acts.light") else ""


class Weights:
    """How much each topical word tells among the wordings in question."""

    def __init__(self, wordings: Iterable[Collection[str]]) -> None:
        counted = [frozenset(words) for words in wordings]
        self._seen = Counter(word for words in counted for word in words)
        self._all = len(counted)
        self._asked: dict[frozenset[str], tuple[list[tuple[str, float]], float]] = {}
        """words in their order with what each tells, and all together: one wording is compared with many"""

    def of(self, word: str) -> float:
        """Above 0; a word that only one of them has weighs most. One that none has may be a synonym, and says less."""
        seen = self._seen[word]
        return (math.log((self._all + 2) / (max(seen, 1) + 1)) + 0.2) * (1.0 if seen else _UNSEEN)

    @staticmethod
    def tells(word: str, told: Collection[str]) -> bool:
        """Whether a word or a near verb stands among those of a wording."""
        return _found(word, told) > 0

    @staticmethod
    def names(word: str, told: Collection[str]) -> bool:
        """Whether the word itself, or the verb that it is the noun of, stands among those of a wording."""
        return word in told or not heads(word).isdisjoint(any_of(frozenset(told)).heads)

    def share(self, asked: Collection[str], told: Collection[str]) -> float:
        """How much of what is asked about is told, 0 to 1; 0 where nothing is asked about."""
        words, weight = self._weighed(frozenset(asked))
        if not weight:
            return 0.0
        found, senses = 0.0, None
        for word, tells in words:
            if word in told:
                found += tells
                continue
            senses = senses or any_of(frozenset(told))
            if are_near(deed(word), senses):
                found += tells * _KIN
        return found / weight

    def _weighed(self, asked: frozenset[str]) -> tuple[list[tuple[str, float]], float]:
        if asked not in self._asked:
            words = [(word, self.of(word)) for word in sorted(asked)]
            self._asked[asked] = words, sum(tells for _, tells in words)
        return self._asked[asked]


def _found(word: str, told: Collection[str]) -> float:
    if word in told:
        return 1.0
    return _KIN if are_near(deed(word), any_of(frozenset(told))) else 0.0
