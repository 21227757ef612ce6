"""Words that stand for one act in whatever form: a verb, its tenses, and the nouns made of it."""

from __future__ import annotations

from functools import lru_cache

from workers.claims.grammar.verbs import is_verb, tells_of
from workers.claims.grammar.words import REMEMBERED, word_map, word_set

_LEAST = 3
"""letters of a verb that a word may be made of"""
_STEM = 4
"""letters that are left of a word at least"""
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s", "e", "y")
_DERIVED = ("ions", "ion", "ors", "or")
_DIRECT = "to direct"


@lru_cache(maxsize=REMEMBERED)
def root(word: str) -> str:
    """A verb or a noun made of one in its base form where that is listed, else the word without its ending.

    "Asked", "ordered" and "an ultimatum" are one act in different strength, and one word here.
    """
    word = _bases().get(word, word)
    if word in word_set("acts.direct"):
        return _DIRECT
    if is_verb(word) or (tells_of(word) and not word.endswith(("ing", "ings"))):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            if any(base in word_set("acts.direct") for base in (stem, stem + "e")):
                return _DIRECT
            for base in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem, stem + "y"):
                if len(base) >= _LEAST and (is_verb(base) or tells_of(base)):
                    return base
    for ending in _DERIVED:  # "mediation", "mediator": to mediate
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= _STEM and stem not in word_set("acts.direct") and is_verb(stem + "e"):
            return stem + "e"
    return next((word[: -len(e)] for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _STEM), word)


@lru_cache(maxsize=1)
def _bases() -> dict[str, str]:
    """Past tense or participle of an irregular verb → its base form."""
    return {form: base for form_of in ("past", "participle") for base, form in word_map(f"forms.{form_of}").items()}
