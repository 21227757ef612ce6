"""A language that is read by its surface: the lists of its `surface.toml`, made into patterns once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from workers.claims.grammar.words import languages, remembered, table

NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. A list that its folder leaves out finds nothing."""

    code: str
    lists: Mapping[str, Any]
    """`surface.toml` as it stands"""
    say: re.Pattern[str]
    """finite forms of verbs of saying"""
    deny: re.Pattern[str]
    times: tuple[tuple[re.Pattern[str], str], ...]
    """an expression of time, and how English has it, with what its groups hold between braces"""
    number: re.Pattern[str]

    def words(self, name: str) -> tuple[str, ...]:
        """A list of the folder."""
        return tuple(self.lists.get(name, ()))

    def any_of(self, name: str) -> re.Pattern[str]:
        """One of a list's words or phrases, whole, in small letters or capitals."""
        return _any_of(self.words(name))


@remembered
def tongue(code: str) -> Tongue | None:
    """The language of a folder; None if it is told apart and not read."""
    lists = table(code, "surface")
    if code not in languages() or not lists:
        return None
    return Tongue(
        code=code,
        lists=lists,
        say=_verbs(lists, "say"),
        deny=_verbs(lists, "deny"),
        times=tuple(_times(lists)),
        number=_number(lists),
    )


def readable() -> tuple[str, ...]:
    """The languages that are read by their surface."""
    return tuple(code for code in languages() if table(code, "surface"))


@remembered
def measures() -> Mapping[str, frozenset[str]]:
    """What news keep counting, by the words of all languages that are read."""
    found: dict[str, set[str]] = {}
    for code in languages():
        for file, key in (("acts", "measure"), ("surface", "measure")):
            for name, signs in table(code, file).get(key, {}).items():
                found.setdefault(name, set()).update(signs)
    return {name: frozenset(signs) for name, signs in found.items()}


@remembered
def function_words(code: str) -> frozenset[str]:
    """Words between which two wordings need not agree."""
    return frozenset(table(code, "language").get("function", ())) | frozenset(
        table(code, "surface").get("function", ())
    )


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_alternatives(phrases)})(?!\w)", re.I) if phrases else NOTHING


def _alternatives(phrases: Iterable[str]) -> str:
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in ordered)


def _verbs(lists: Mapping[str, Any], name: str) -> re.Pattern[str]:
    """The listed forms, and those of the stems listed by conjugation."""
    verbs, forms = lists.get(name, {}), set(lists.get(name, {}).get("forms", ()))
    perfect = lists.get("perfect", {})
    for conjugation, endings in lists.get("endings", {}).items():
        for stem in verbs.get(conjugation, ()):
            forms |= {stem + ending for ending in endings}
            if conjugation in perfect:
                forms |= {f"{before} {stem}{perfect[conjugation]}" for before in perfect.get("before", ())}
    return _any_of(tuple(sorted(forms)))


def _number(lists: Mapping[str, Any]) -> re.Pattern[str]:
    figures = lists.get("figures", {})
    group, decimal = re.escape(figures.get("group", ",")), re.escape(figures.get("decimal", "."))
    words = _alternatives(lists.get("numbers", {})) or "(?!)"
    return re.compile(
        rf"(?<![\w{group}{decimal}])(?:(?:\d{{1,3}}(?:{group}\d{{3}})+|\d{{1,9}})(?:{decimal}\d{{1,4}})?|{words})(?!\w)",
        re.I,
    )


def _times(lists: Mapping[str, Any]) -> Iterable[tuple[re.Pattern[str], str]]:
    times = lists.get("times", {})
    slots = {
        "n": rf"(?P<n>\d{{1,4}}|{_alternatives(lists.get('numbers', {})) or '(?!)'})",
        "day": r"(?P<day>[0-3]?\d)",
        "year": r"(?P<year>(?:1[6-9]|20)\d\d)",
        **{
            slot: f"(?P<{slot}>{_alternatives(times.get(slot + 's', {})) or '(?!)'})"
            for slot in ("unit", "month", "weekday")
        },
    }
    for pattern, english in times.get("said", ()):
        for slot, inside in slots.items():
            pattern = pattern.replace("{" + slot + "}", inside)
        yield re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.I), english
