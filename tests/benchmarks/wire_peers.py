"""Other people's libraries on the same task: raw text in, "a copy of which" out. Each is used as its documents say."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

Decide = Callable[[str, str], str | None]
"""(name, text) → name of the document that the text is a copy of; the text is remembered"""

_WORD = re.compile(r"\w+")
PERMUTATIONS = 128
THRESHOLD = 0.5


def shingles(text: str) -> list[str]:
    """Word 5-grams, lower case, each once."""
    words = _WORD.findall(text.lower())
    return list({" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))})


def datasketch() -> Decide:
    """MinHash of 128 permutations in an LSH index, the best estimate taken."""
    made: Any = import_module("datasketch")
    index = made.MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept: dict[str, Any] = {}

    def decide(name: str, text: str) -> str | None:
        asked = made.MinHash(num_perm=PERMUTATIONS)
        asked.update_batch([each.encode() for each in shingles(text)])
        found = [(asked.jaccard(kept[each]), each) for each in index.query(asked)]
        index.insert(name, asked)
        kept[name] = asked
        return _best(found)

    return decide


def rensa() -> Decide:
    """RMinHash of 128 permutations in an LSH index of 32 bands, the best estimate taken."""
    made: Any = import_module("rensa")
    index = made.RMinHashLSH(THRESHOLD, PERMUTATIONS, 32)
    names: list[str] = []
    kept: list[Any] = []

    def decide(name: str, text: str) -> str | None:
        asked = made.RMinHash(PERMUTATIONS, 42)
        asked.update(shingles(text))
        found = [(asked.jaccard(kept[each]), names[each]) for each in index.query(asked)]
        index.insert(len(names), asked)
        names.append(name)
        kept.append(asked)
        return _best(found)

    return decide


def gaoya() -> Decide:
    """Its string index, which shingles by itself: 32 bands of 4."""
    made: Any = import_module("gaoya.minhash")
    index = made.MinHashStringIndex(
        32, THRESHOLD, 32, 4, num_hashes=PERMUTATIONS, analyzer="word", lowercase=True, ngram_range=(5, 5)
    )
    names: list[str] = []

    def decide(name: str, text: str) -> str | None:
        found = index.query(text)
        index.insert_document(len(names), text)
        names.append(name)
        return names[min(found)] if found else None

    return decide


def _best(found: list[tuple[float, str]]) -> str | None:
    score, name = max(found, default=(0.0, ""))
    return name if score >= THRESHOLD else None


PEERS = {"datasketch": datasketch, "rensa": rensa, "gaoya": gaoya}


def installed() -> tuple[dict[str, Decide], list[str]]:
    """Those that are installed, each with an empty index, and the names of those that are not."""
    found, missing = {}, []
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except ImportError:
            missing.append(name)
    return found, missing
