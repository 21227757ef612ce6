"""Parts of speech and lemmas out of tags: the parser's own rules and tables, each question asked once.

spaCy matches 179 patterns against every text and looks every lemma up anew, which takes as long as its network. But a
pattern looks at one token (a few at two), so what they come to is a function of few words, tags and dependencies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from spacy.language import Language
from spacy.tokens import MorphAnalysis

from workers.claims.grammar.sheet import Doc

KEPT = 50_000
"""words of which something is kept"""

Attributes = Mapping[str, str]
Condition = Mapping[str, Any]


class _Lemmatizer(Protocol):
    cache: dict[object, list[str]]
    """grows for ever; what is found out is kept here, in bounds"""

    def lemmatize(self, token: Any) -> list[str]:
        """The possible lemmas, the best first."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the lemmatizer looks at."""

    text: str
    pos_: str
    morph: MorphAnalysis

    @property
    def orth(self) -> str:
        return self.text

    @property
    def pos(self) -> str:
        return self.pos_


class _Looks(NamedTuple):
    """What a rule may look at, in one token. A tuple: there is one a word."""

    LOWER: str
    TAG: str
    DEP: str
    IS_SPACE: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is set on the token at `at` of a run of tokens that meet the conditions."""

    number: int
    """a later rule wins"""
    conditions: tuple[Condition, ...]
    at: int
    sets: Attributes


class _Words:
    """The words that conditions name."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        named = [condition["LOWER"] for condition in conditions if "LOWER" in condition]
        self._exact = {word for words in named if isinstance(words, dict) for word in words.get("IN", ())}
        self._exact |= {word for word in named if isinstance(word, str)}
        patterns = [words["REGEX"] for words in named if isinstance(words, dict) and "REGEX" in words]
        self._pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
        self.has = lru_cache(maxsize=KEPT)(self._has)

    def _has(self, word: str) -> bool:
        return word in self._exact or self._pattern.search(word) is not None


class Tagging:
    """Does what spaCy's attribute ruler and lemmatizer do, attribute by attribute the same."""

    def __init__(self, language: Language) -> None:
        ruler: Any = language.get_pipe("attribute_ruler")
        lemmatizer: Any = language.get_pipe("lemmatizer")
        self._lemmatizer: _Lemmatizer = lemmatizer
        table = lemmatizer.lookups.get_table("lemma_index")
        for pos in list(table):
            table[pos] = frozenset(table[pos])  # looked up ten times a word, and given as a list of thousands
        self._vocab = language.vocab
        rules = [rule for number, pattern in enumerate(ruler.patterns) for rule in _rules(number, pattern)]
        self._single: dict[str, list[_Rule]] = defaultdict(list)
        """rules of one token, by the tag or else the word that they name; by "" those that name neither"""
        for rule in rules:
            if len(rule.conditions) == 1:
                self._single[_names(rule.conditions[0])].append(rule)
        self._pairs = [rule for rule in rules if len(rule.conditions) == 2]
        self._sets = {rule.number: rule.sets for rule in rules}
        self._named = _Words(condition for rule in rules for condition in rule.conditions)
        self._second = _Words(rule.conditions[1] for rule in self._pairs)
        self._numbers = lru_cache(maxsize=KEPT)(self._met)
        self._attributes = lru_cache(maxsize=KEPT)(self._merged)
        self._lemma = lru_cache(maxsize=KEPT)(self._looked_up)
        self._set = lru_cache(maxsize=KEPT)(self._found)

    def tag(self, doc: Doc) -> None:
        """Sets parts of speech and lemmas, and the tags and dependencies of blanks."""
        paired = self._in_pairs(doc)
        for token in doc.tokens:
            numbers = paired.get(token.i, ()) if paired else ()
            found = self._set(token.text, token.lower_, token.tag_, token.dep_, token.is_space, numbers)
            token.pos_, token.tag_, token.dep_, token.lemma_ = found

    def _found(
        self, text: str, lower: str, tag: str, dep: str, is_space: bool, paired: tuple[int, ...]
    ) -> tuple[str, str, str, str]:
        """Part of speech, tag, dependency and lemma of a token of which these rules of two hold."""
        sets = self._attributes((*self._numbers(self._looks(lower, tag, dep, is_space)), *paired))
        pos = sets.get("POS", "")
        lemma = sets.get("LEMMA") or self._lemma(text, pos, sets.get("MORPH", ""))
        return pos, sets.get("TAG", tag), sets.get("DEP", dep), lemma

    def _looks(self, lower: str, tag: str, dep: str, is_space: bool) -> _Looks:
        """A word that no rule names is as good as any other."""
        return _Looks(lower if self._named.has(lower) else "", tag, dep, is_space)

    def _in_pairs(self, doc: Doc) -> dict[int, tuple[int, ...]]:
        found: dict[int, tuple[int, ...]] = {}
        for token in doc[1:]:
            if not self._second.has(token.lower_):
                continue
            before, here = (
                self._looks(one.lower_, one.tag_, one.dep_, one.is_space) for one in (doc[token.i - 1], token)
            )
            for rule in self._pairs:
                if _meets(before, rule.conditions[0]) and _meets(here, rule.conditions[1]):
                    at = token.i - 1 + rule.at
                    found[at] = (*found.get(at, ()), rule.number)
        return found

    def _met(self, looks: _Looks) -> tuple[int, ...]:
        may_be = [rule for name in {looks.TAG, looks.LOWER, ""} for rule in self._single.get(name, ())]
        return tuple(sorted(rule.number for rule in may_be if _meets(looks, rule.conditions[0])))

    def _merged(self, numbers: tuple[int, ...]) -> Attributes:
        return {name: value for number in sorted(numbers) for name, value in self._sets[number].items()}

    def _looked_up(self, text: str, pos: str, morph: str) -> str:
        self._lemmatizer.cache.clear()
        return self._lemmatizer.lemmatize(_Asked(text, pos, MorphAnalysis(self._vocab, morph)))[0]


def _rules(number: int, pattern: Mapping[str, Any]) -> Iterator[_Rule]:
    """A pattern may have several forms; each is a rule."""
    for conditions in pattern["patterns"]:
        yield _Rule(number, tuple(conditions), pattern["index"], pattern["attrs"])


def _names(condition: Condition) -> str:
    """The one tag or word that a token must have; a word in small letters is no tag."""
    return next((str(condition[key]) for key in ("TAG", "LOWER") if isinstance(condition.get(key), str)), "")


def _meets(looks: _Looks, condition: Condition) -> bool:
    return all(_is(getattr(looks, name), wanted) for name, wanted in condition.items())


def _is(value: str | bool, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    if "REGEX" in wanted:
        return re.search(wanted["REGEX"], str(value)) is not None
    return (value in wanted["IN"]) if "IN" in wanted else (value not in wanted["NOT_IN"])
