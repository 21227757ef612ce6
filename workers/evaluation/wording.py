"""How much two texts have in words: coarse on purpose, so that the measure does not share the system's own notions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_FUNCTION = frozenset(
    re.findall(
        r"\w+",
        "a an the of to in on at by for from and or but as is are was were be been has have had it its that this with "
        "not no their his her he she they who which will would had said says told",
    )
)
_ENDINGS = ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s")
_STEM = 4
"""letters that a stem keeps at least"""


@lru_cache(maxsize=65_536)
def bag(text: str) -> frozenset[str]:
    """The stems of a text's content words."""
    words = re.findall(r"[a-z0-9]+", text.lower().replace("’", "'"))
    return frozenset(_stem(word) for word in words if word not in _FUNCTION)


def overlap(left: str, right: str) -> float:
    """Stems in common, as a share of the smaller bag."""
    mine, theirs = bag(left), bag(right)
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def likeness(left: str, right: str) -> float:
    """Stems in common, as the Dice coefficient of the two bags."""
    mine, theirs = bag(left), bag(right)
    shared = len(mine & theirs)
    return 2 * shared / (len(mine) + len(theirs)) if shared else 0.0


def under_one_name(text: str, actors: Mapping[str, Iterable[str]]) -> str:
    """The text with every alias of an actor as the actor's name."""
    for name, aliases in actors.items():
        for alias in sorted(aliases, key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(alias)}\b", lambda _, name=name: name, text)  # type: ignore[misc]
    return text


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word
