"""What a wire story's text covers of another text: shared shingles, aligned figures and names, passages that are new.

Source: the design's measurements on handled copy and on templates. Shingles with figures masked find copies through
every handling but merge reports that differ in their figures alone; whether the figures and names that stand in the
same words agree tells those apart. Novelty by three-word coverage finds a clause fused onto an old sentence and lets
light edits pass, where comparing whole sentences does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workers.wire.sketch import SHINGLE, shingles
from workers.wire.tokens import FIGURE, WORD, Tokens, read, spelling

COVER: Final = 3
"""words: a token is covered if one of the three-word runs that hold it stands in the wire story"""
NOVEL_RUN: Final = 8
"""words in a row without cover that make their sentence new"""
NOVEL_SHARE: Final = 0.6
"""share of a sentence without cover that makes it new"""
NOVEL_LEAST: Final = 3
"""words without cover that a new sentence has at least: less is furniture"""
_PLACES: Final = 4
"""places remembered of one slotted shingle; what recurs more often aligns with the first ones"""
_MIN_WORDS: Final = 2
"""plain words that a slotted shingle needs to align anything"""

Place = tuple[int, int]
"""part of the wire story, index of a token in it"""


@dataclass(frozen=True, slots=True)
class Ground:
    """A wire story's texts, read and indexed for comparing."""

    parts: tuple[Tokens, ...]
    masked: frozenset[int]
    """shingles of all parts, figures masked"""
    original: frozenset[int]
    """those of the first part"""
    runs: frozenset[int]
    """three-word runs of all parts, spelling folded"""
    slotted: dict[int, list[Place]]
    """shingle with figures and names masked → where it begins; only those that hold a figure or a name"""
    scale: int


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
    texts = tuple(read(part) for part in parts)
    scale = texts[0].scale if texts else 1
    masked = [frozenset(shingles(text.masked(), SHINGLE * scale)) for text in texts]
    slotted: dict[int, list[Place]] = {}
    for part, text in enumerate(texts):
        for index, value in _slotted(text, scale):
            places = slotted.setdefault(value, [])
            if len(places) < _PLACES:
                places.append((part, index))
    runs = frozenset(value for text in texts for value in _runs(text, scale))
    return Ground(texts, frozenset().union(*masked), masked[0] if masked else frozenset(), runs, slotted, scale)


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


def novel(tokens: Tokens, marks: Sequence[bool]) -> list[tuple[int, int]]:
    """The sentences, as token spans, that a cover does not reach: by a run or by their greater part."""
    return [span for span in tokens.sentence_spans() if _is_novel(marks[span[0] : span[1]], tokens.scale)]


def _is_novel(marks: Sequence[bool], scale: int) -> bool:
    missing = marks.count(False) if isinstance(marks, list) else sum(not mark for mark in marks)
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
