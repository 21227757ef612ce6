"""What a wire story's text covers of another text: shared shingles, aligned figures and names, passages that are new.

Source: the design's measurements on handled copy and on templates. Shingles with figures masked find copies through
every handling but merge reports that differ in their figures alone; whether the figures and names that stand in the
same words agree tells those apart. Novelty by three-word coverage finds a clause fused onto an old sentence and lets
light edits pass, where comparing whole sentences does neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from workers.wire.sketch import SHINGLE, shingles
from workers.wire.tokens import FIGURE, STOPS, WORD, Tokens, read, spelling

COVER: Final = 3
"""words: a token is covered if one of the three-word runs that hold it stands in the wire story"""
NOVEL_RUN: Final = 8
"""words in a row without cover that make their sentence new"""
NOVEL_SHARE: Final = 0.6
"""share of a sentence without cover that makes it new"""
NOVEL_LEAST: Final = 3
"""words without cover that a new sentence has at least: less is furniture"""
FURNITURE: Final = 6
HEADLINE: Final = 15
"""words without a stop that are no passage: a line of the page ("Share this article"), the line above the text"""
_PLACES: Final = 16
"""places remembered of one slotted shingle; what recurs more often aligns with the first ones"""
_MIN_WORDS: Final = 2
"""plain words that a slotted shingle needs to align anything"""

Place = tuple[int, int]
"""part of the wire story, index of a token in it"""


@dataclass(frozen=True)
class Ground:
    """A wire story's texts, read, and indexed for comparing as far as they are asked for."""

    parts: tuple[Tokens, ...]
    """the original first; there is one at least"""

    @property
    def scale(self) -> int:
        """That of the original."""
        return self.parts[0].scale

    @cached_property
    def masked(self) -> frozenset[int]:
        """Shingles of all parts, figures masked."""
        return self.original.union(*(shingles(part.masked(), SHINGLE * self.scale) for part in self.parts[1:]))

    @cached_property
    def original(self) -> frozenset[int]:
        """Those of the first part."""
        return frozenset(shingles(self.parts[0].masked(), SHINGLE * self.scale))

    @cached_property
    def runs(self) -> frozenset[int]:
        """Three-word runs of all parts, spelling folded."""
        return frozenset(value for part in self.parts for value in _runs(part, self.scale))

    @cached_property
    def slotted(self) -> dict[int, list[Place]]:
        """Shingle with figures and names masked → where it begins; only those that hold a figure or a name."""
        found: dict[int, list[Place]] = {}
        for number, part in enumerate(self.parts):
            for index, value in _slotted(part, self.scale):
                places = found.setdefault(value, [])
                if len(places) < _PLACES:
                    places.append((number, index))
        return found

    @cached_property
    def pairs(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Two words in a row, spelling folded → part and token span of a sentence that has them."""
        return {
            pair: (number, first, last)
            for number, part in enumerate(self.parts)
            for first, last in part.sentence_spans()
            for pair in pairwise(spelling(form) for form in part.forms[first:last])
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A figure or a name that stands where the wire story had another. Token indices."""

    first: int
    last: int
    """past the end"""
    part: int
    old_first: int
    old_last: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the figures and names of a text stand to those in the same words of the wire story."""

    aligned: int
    agreed: int
    changes: tuple[Change, ...]
    figures_aligned: int = 0
    figures_agreed: int = 0

    @property
    def share(self) -> float | None:
        """Agreed among aligned, or None where nothing is aligned."""
        return self.agreed / self.aligned if self.aligned else None


def ground(parts: Sequence[str]) -> Ground:
    """Reads a wire story's texts, the original first."""
    return Ground(tuple(read(part) for part in parts))


def _runs(tokens: Tokens, scale: int) -> list[int]:
    return shingles([spelling(form) for form in tokens.forms], COVER * scale)


def _slotted(tokens: Tokens, scale: int) -> list[tuple[int, int]]:
    """(index, hash) of each slotted shingle that holds a figure or a name and enough plain words."""
    width = SHINGLE * scale
    plain = sum(kind == WORD for kind in tokens.kinds[: width - 1])
    kept = []
    for index, value in enumerate(shingles(tokens.slotted(), width)):
        plain += tokens.kinds[index + width - 1] == WORD
        if _MIN_WORDS * scale <= plain < width:
            kept.append((index, value))
        plain -= tokens.kinds[index] == WORD
    return kept


def agreement(tokens: Tokens, known: Ground) -> Agreement:
    """Compares each figure and name with those at the aligned places of the wire story."""
    here = dict(_slotted(tokens, known.scale))
    agreed, differing, consumed = 0, [], set()
    figures = [0, 0]
    for index, kind in enumerate(tokens.kinds):
        places = _aligned(index, here, known) if kind != WORD else []
        same = [place for place in places if _form(known, place) == spelling(tokens.forms[index])]
        if same:
            agreed += 1
            figures[0] += kind == FIGURE
            consumed.update(same)
        elif places:
            differing.append((index, places[-1]))
            figures[1] += kind == FIGURE
    changes = _joined([(index, place) for index, place in differing if place not in consumed])
    return Agreement(agreed + len(differing), agreed, changes, sum(figures), figures[0])


def _aligned(index: int, here: dict[int, int], known: Ground) -> list[Place]:
    """Tokens of the wire story that stand in the same words as token `index`, with a word on either side of it."""
    places: list[Place] = []
    for offset in range(1, SHINGLE * known.scale - 1):
        value = here.get(index - offset)
        if value is not None:
            places.extend((part, start + offset) for part, start in known.slotted.get(value, ()))
    return sorted(set(places))


def _form(known: Ground, place: Place) -> str:
    return spelling(known.parts[place[0]].forms[place[1]])


def _joined(differing: list[tuple[int, Place]]) -> tuple[Change, ...]:
    """Neighbouring words that changed together are one change."""
    changes: list[Change] = []
    for index, (part, old) in differing:
        last = changes[-1] if changes else None
        if last and (last.last, last.part, last.old_last) == (index, part, old):
            changes[-1] = Change(last.first, index + 1, part, last.old_first, old + 1)
        else:
            changes.append(Change(index, index + 1, part, old, old + 1))
    return tuple(changes)


def covered(tokens: Tokens, known: Ground) -> list[bool]:
    """For each token whether a three-word run that holds it stands in the wire story."""
    width = COVER * known.scale
    marks = [False] * len(tokens)
    until = 0
    for index, value in enumerate(_runs(tokens, known.scale)):
        if value in known.runs:
            for at in range(max(index, until), index + width):
                marks[at] = True
            until = index + width
    return marks


def unreached(tokens: Tokens, marks: Sequence[bool]) -> list[tuple[int, int]]:
    """The sentences, as token spans, that a cover does not reach: by a run or by their greater part."""
    return [span for span in tokens.sentence_spans() if _is_novel(marks[span[0] : span[1]], tokens.scale)]


def novel(
    tokens: Tokens, spans: Sequence[tuple[int, int]], marks: Sequence[bool], known: Ground
) -> list[tuple[int, int]]:
    """Those of the unreached sentences that say something new.

    A headline does not. Nor does an old sentence with so many edits that none of its runs is whole: a word counts as
    covered if the sentence of the wire story that it comes from has it, and no covered words account for it, neither
    there nor elsewhere in the text.
    """
    if not spans:
        return []
    unused = Counter(spelling(form) for part in known.parts for form in part.forms)
    unused.subtract(spelling(form) for form, mark in zip(tokens.forms, marks, strict=True) if mark)
    new = []
    for first, last in spans:
        if not _is_heading(tokens, first, last):
            forms = [spelling(form) for form in tokens.forms[first:last]]
            if _is_novel(_retold(forms, marks[first:last], known, unused), tokens.scale):
                new.append((first, last))
    return new


def _is_heading(tokens: Tokens, first: int, last: int) -> bool:
    """Whether these words are a headline over the text or a line of furniture: few, and without a stop."""
    after = tokens.starts[last] if last < len(tokens) else len(tokens.text)
    if STOPS & set(tokens.text[tokens.ends[last - 1] : min(after, tokens.ends[last - 1] + 4)]):
        return False
    return last - first <= (FURNITURE if first or last == len(tokens) else HEADLINE) * tokens.scale


def _retold(forms: list[str], marks: Sequence[bool], known: Ground, unused: Counter[str]) -> list[bool]:
    """The marks with those words added that the nearest sentence of the wire story has left over."""
    pairs = (known.pairs[pair] for pair in pairwise(forms) if pair in known.pairs)
    votes = Counter(pairs).most_common(1)
    if not votes:
        return list(marks)
    (part, first, last), _ = votes[0]
    left = Counter(spelling(form) for form in known.parts[part].forms[first:last])
    left.subtract(form for form, mark in zip(forms, marks, strict=True) if mark)
    retold = []
    for form, mark in zip(forms, marks, strict=True):
        retold.append(mark or min(left[form], unused[form]) > 0)
        left[form] -= not mark
    return retold


def _is_novel(marks: Sequence[bool], scale: int) -> bool:
    missing = len(marks) - sum(marks)
    if missing < NOVEL_LEAST * scale:
        return False
    if missing >= NOVEL_SHARE * len(marks):
        return True
    run = 0
    for mark in marks:
        run = 0 if mark else run + 1
        if run >= NOVEL_RUN * scale:
            return True
    return False
