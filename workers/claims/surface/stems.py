"""Wordings of a language that no encoder was trained on, as vectors: their content words, counted.

Words are cut to their first letters and hashed into the width of the encoder's vectors, so that they lie in the same
matrix: a cosine is the share of words in common. Wordings of two languages are as near as chance makes them.

Source: truncation as a stemmer for European languages, McNamee and Mayfield (2004); feature hashing with signs,
Weinberger et al. (2009).
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache

from workers.claims.surface.tongue import function_words

LEVEL = 0.5
"""a component that all vectors share: it lifts a share c of words in common to 0.8 c + 0.2, and so to what two wordings
of one claim have in English, where words in common are not all that is alike"""
LETTERS = 5
"""of a word that are kept. Source: as above, where 5 was best for the Romance languages"""
_WORD = re.compile(r"[^\W_]+")


def stems(text: str, language: str) -> tuple[str, ...]:
    """The content words of a wording, each cut to its first letters, in the order of the text."""
    idle = function_words(language)
    return tuple(_bare(word)[:LETTERS] for word in _WORD.findall(text.casefold()) if word not in idle)


def vector(text: str, language: str, dimensions: int) -> bytes:
    """Signed bytes of length about 127; all zero for a text without content words."""
    sums = [0.0] * (dimensions - 1)
    for stem, count in Counter(stems(text, language)).items():
        for at, sign in _places(f"{language}\0{stem}", dimensions - 1):
            sums[at] += sign * count
    length = math.sqrt(sum(number * number for number in sums))
    if not length:
        return bytes(dimensions)
    longer = math.sqrt(1 + LEVEL**2)
    return bytes(round(127 * number / longer) % 256 for number in (*(part / length for part in sums), LEVEL))


@lru_cache(maxsize=50_000)
def _places(stem: str, dimensions: int) -> tuple[tuple[int, int], ...]:
    """Eight places for each stem: two that share one of them are still told apart."""
    digest = hashlib.blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    numbers = (int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4))
    return tuple(((number >> 1) % dimensions, 1 if number & 1 else -1) for number in numbers)


def _bare(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
