"""He or she: what titles, words of kinship and office, and common given names tell of a person.

Nothing is guessed from the rest of a name; somebody of whom nothing tells it can be either.
"""

from __future__ import annotations

from typing import Literal

from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.words import word_set

Gender = Literal["m", "f"]


class Genders:
    """What one article tells, by last name: "Ms Lund" stays a woman in the next sentence."""

    def __init__(self, doc: Doc) -> None:
        self._told: dict[str, Gender] = {}
        for token in doc:
            if token.pos_ != "PROPN" or token.dep_ == "compound":
                continue
            parts = [part for part in token.children if part.dep_ in {"compound", "appos", "nmod"}]
            if token.dep_ == "appos":
                parts.append(token.head)
            found = next((gender for part in parts if (gender := _by_word(part.lower_)) is not None), None)
            if found is not None:
                self._told.setdefault(token.text, found)

    def of(self, name: str, said: Token) -> Gender | None:
        """The gender of a person called `name`, or by the noun `said`; none if nothing tells it."""
        words = name.split()
        told = self._told.get(words[-1]) if words else None
        if told is not None:
            return told
        by_noun = _by_word(said.lower_)
        if by_noun is not None or not words:
            return by_noun
        return _by_word(words[0].lower()) or _by_given_name(words[0].lower())


def _by_word(word: str) -> Gender | None:
    if word.rstrip(".") in word_set("names.male"):
        return "m"
    return "f" if word.rstrip(".") in word_set("names.female") else None


def _by_given_name(word: str) -> Gender | None:
    if word in word_set("names.given_male"):
        return "m"
    return "f" if word in word_set("names.given_female") else None
