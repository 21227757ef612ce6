"""Which language a text is in: told by its letters and function words, so that nothing is read as what it is not.

    clear text                        its own words decide, whatever it is marked as: feeds mark wrongly
    short, or without function words  its mark decides; without a mark the language of the story
    long and without function words   "und": in no language here
    letters of no language here       "und-" and the script: und-Cyrl

A language is a folder of `lexicon/` with a `language.toml`; one that is read has more files (see `surface`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from workers.claims.grammar.words import languages, table, word_set
from workers.claims.surface.tongue import function_words, tongue

UNTOLD = frozenset({"", "und", "mul", "zxx"})
LEAST = 2
"""function words of another language that say nothing: short words are shared by many languages"""
ENOUGH = 20
"""words from which a text without function words of a language is not in it; headlines and lists are shorter"""
SPARSE = 25
"""one function word in so many words is too few. Source: news in English has one in three to five"""
QUOTED_SHARE = 4
"""one function word of another language in so many words makes a quotation foreign, if English has fewer"""
READ_AT_MOST = 20_000
"""characters; a language shows much earlier"""
SCRIPTS = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "GREEK": "Grek", "ARABIC": "Arab", "HEBREW": "Hebr", "CJK": "Hani",
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "HANGUL": "Kore", "DEVANAGARI": "Deva", "BENGALI": "Beng", "THAI": "Thai",
    "GEORGIAN": "Geor", "ARMENIAN": "Armn", "TAMIL": "Taml", "ETHIOPIC": "Ethi",
}  # fmt: skip
"""first words of the names of letters, to ISO 15924"""
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 400
"""letters that tell the script"""


def language_of(text: str, marked: str | None = None, story: str = "en", least: int = LEAST) -> str:
    """The language of a text as BCP 47 has it; `marked`: what its feed says; `story`: what is likely if nobody does."""
    expected = primary(marked) or primary(story)
    words = _WORD.findall(text[:READ_AT_MOST].lower())
    if not words:
        return expected
    script = _script(words)
    known = [language for language in languages() if table(language, "language").get("script") == script]
    if not known or (script != "Latn" and expected not in known):
        marked_so = script != "Latn" and bool(primary(marked)) and expected not in languages()
        others = [language for language in known if _hits(Counter(words), language) > max(least, len(words) // 8)]
        return others[0] if others else expected if marked_so else f"und-{script}"
    # What another language shares with the one expected does not speak for the other.
    shared = function_words(expected) if tongue(expected) is not None else frozenset()
    every = Counter(words)
    own = Counter({word: often for word, often in every.items() if word not in shared})
    hits = {language: _hits(every if language == expected else own, language) for language in known}
    found = max(known, key=lambda language: hits[language])
    if hits[found] > max(hits.get(expected, 0), least, len(words) // 8):
        return found
    unlike = expected in hits and len(words) >= ENOUGH and hits[expected] * SPARSE < len(words)
    return "und" if unlike else expected


def is_english(text: str, marked: str | None = None) -> bool:
    """Whether a text is to be read as English: nothing in it says that it is not."""
    return language_of(text, marked) == "en"


def is_read(language: str | None) -> bool:
    """Whether claims are read from a language."""
    return language == "en" or (language is not None and tongue(language) is not None)


def is_foreign_speech(quotation: str) -> bool:
    """Whether words in quotation marks, in an English text, are of another language: there are few, and no mark."""
    words = _WORD.findall(quotation[:READ_AT_MOST].lower())
    if not words or _script(words) != "Latn" or "¿" in quotation or "¡" in quotation:
        return bool(words)
    english = word_set("acts.function") | word_set("language.function")
    others = (sum(word in function_words(one) - english for word in words) for one in languages() if one != "en")
    theirs = max(others, default=0)
    return theirs >= LEAST and theirs > sum(word in english for word in words) and theirs * QUOTED_SHARE >= len(words)


def primary(mark: str | None) -> str:
    """The language of a mark without region and script, in small letters; empty if it tells none."""
    first = re.split(r"[-_]", (mark or "").strip().lower())[0]
    first = {"eng": "en", "fra": "fr", "fre": "fr", "spa": "es", "deu": "de", "ger": "de"}.get(first, first)
    return "" if first in UNTOLD else first


def _hits(words: Counter[str], language: str) -> int:
    return sum(words[word] for word in word_set("language.function", language).intersection(words))


def _script(words: list[str]) -> str:
    """The script of most words; Kanji among Kana is Japanese."""
    letters = "".join(words[:_LOOKED_AT])[:_LOOKED_AT]
    if letters.isascii():
        return "Latn"
    seen = Counter(map(_script_of, letters))
    if seen["Jpan"] and 2 * (seen["Jpan"] + seen["Hani"]) > sum(seen.values()):
        return "Jpan"
    return max(sorted(seen), key=lambda script: seen[script])


@lru_cache(maxsize=4_096)
def _script_of(letter: str) -> str:
    return SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0], "Zyyy")
