"""Builds `lexicon/en/verbs.tsv` out of WordNet: `python -m workers.claims.grammar.verbs_table WORDNET_DIR [OUT]`.

WORDNET_DIR holds data.verb, index.verb, data.noun, index.noun of WordNet 3.0 (Debian's package wordnet-base has them in
/usr/share/wordnet). Never part of a running Claimwire. One line a word, in alphabetical order, columns parted by tabs:

    v  verb   its senses   what its senses imply: their kind, group, cause   senses opposed to it
    n  noun   verbs that the noun tells of: "rejection" tells of reject

Source: Fellbaum (1998), WordNet; the licence stands in `lexicon/en/verbs.LICENSE`.
"""

from __future__ import annotations

import collections
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SENSES = 6
"""senses of a verb that count, the most frequent first; rarer ones make everything a synonym of everything"""
NOUN_SENSES = 3
WIDE = 40
"""a kind with more members than this ("change", "move") says nothing about its members"""


@dataclass(frozen=True, slots=True)
class Synset:
    """A sense: its words, and its pointers (symbol, offset, part of speech, source and target word)."""

    words: tuple[str, ...]
    pointers: tuple[tuple[str, str, str, str], ...]


def _lines(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="ascii").splitlines():
        if not line.startswith("  "):
            yield line.split(" | ")[0].split()


def _synsets(path: Path) -> dict[str, Synset]:
    found = {}
    for fields in _lines(path):
        count = int(fields[3], 16)
        at = 5 + 2 * count
        rest = fields[at : at + 4 * int(fields[at - 1])]
        pointers = tuple((rest[i], rest[i + 1], rest[i + 2], rest[i + 3]) for i in range(0, len(rest), 4))
        found[fields[0]] = Synset(tuple(word.lower() for word in fields[4 : at - 1 : 2]), pointers)
    return found


def _index(path: Path) -> dict[str, tuple[list[str], bool]]:
    """Word → (its senses by frequency, whether any was seen in the tagged texts)."""
    found = {}
    for fields in _lines(path):
        at = 4 + int(fields[3])
        found[fields[0]] = (fields[at + 2 :], fields[at + 1] != "0")
    return found


def table(folder: Path) -> list[str]:
    """The lines of the table."""
    synsets, verbs = _synsets(folder / "data.verb"), _index(folder / "index.verb")
    members = collections.Counter(
        target for synset in synsets.values() for symbol, target, _, _ in synset.pointers if symbol == "@"
    )
    names = {offset: format(number, "x") for number, offset in enumerate(sorted(synsets))}
    kept = {verb: senses[:SENSES] for verb, (senses, _) in verbs.items() if verb.count("_") <= 1}
    lines = []
    for verb, senses in sorted(kept.items()):
        pointers = [
            (symbol, target) for sense in senses for symbol, target, part, _ in synsets[sense].pointers if part == "v"
        ]
        implied = {t for s, t in pointers if s in "$*>" or (s == "@" and members[t] <= WIDE)} - set(senses)
        opposed = {target for symbol, target in pointers if symbol == "!"}
        columns = (" ".join(names[offset] for offset in group) for group in (senses, sorted(implied), sorted(opposed)))
        lines.append("\t".join(("v", verb, *columns)))
    return lines + _nouns(folder, synsets, kept)


def _nouns(folder: Path, synsets: dict[str, Synset], kept: dict[str, list[str]]) -> list[str]:
    nouns, lines = _synsets(folder / "data.noun"), []
    for noun, (senses, seen) in sorted(_index(folder / "index.noun").items()):
        told = dict.fromkeys(
            synsets[target].words[int(words[2:], 16) - 1]
            for sense in senses[:NOUN_SENSES]
            for symbol, target, part, words in nouns[sense].pointers
            if symbol == "+" and part == "v" and nouns[sense].words[int(words[:2], 16) - 1] == noun
        )
        verbs = [verb for verb in told if verb in kept]
        if seen and verbs and "_" not in noun:
            lines.append("\t".join(("n", noun, " ".join(verbs))))
    return lines


if __name__ == "__main__":
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1] / "lexicon" / "en" / "verbs.tsv"
    out.write_text("\n".join(table(Path(sys.argv[1]))) + "\n", encoding="ascii")
