"""What a wire story's text covers of another text: shared shingles, aligned figures and names, passages that are new.

Source: the design's measurements on handled copy and on templates. Shingles with figures masked find copies through
every handling but merge reports that differ in their figures alone; whether the figures and names that stand in the
same words agree tells those apart. Novelty by three-word coverage finds a clause fused onto an old sentence and lets
light edits pass, where comparing whole sentences does neither. What covers is laid like tiles (see `tiles`), each place
once: by any three words in common, a sixth of fused clauses hides behind phrases that recur (Reuters: 87 % found
instead of 98 %). A sentence is new if eight words in a row are without cover, or three fifths of it; with fewer than
three such words it is furniture.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from workers.wire import kernel, pure
from workers.wire.alignment import Differing, Words
from workers.wire.forms import STOPS
from workers.wire.page_lines import in_page_line
from workers.wire.recent import Latest, Recent, once
from workers.wire.tokens import COVER, Tokens, read

FURNITURE: Final = 6
HEADLINE: Final = 15
"""words without a stop that are no passage: a line of the page ("Share this article"), the line above the text"""
_REMEMBERED: Final = 1_000_000
"""tokens of wire stories compared lately that are kept ready for comparing: about 60 MB"""


@dataclass(frozen=True, eq=False)
class Ground:
    """A wire story's texts, read, and indexed for comparing as far as they are asked for.

    Its tokens are numbered through all parts.
    """

    parts: tuple[Tokens, ...]
    """the original first; there is one at least"""

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def scale(self) -> int:
        """That of the original."""
        return self.parts[0].scale

    @once
    def bases(self) -> tuple[int, ...]:
        """Number of each part's first token."""
        return (0, *accumulate(map(len, self.parts[:-1])))

    @once
    def begin(self) -> bytes:
        """The same, packed."""
        return pure.pack("I", self.bases)

    @once
    def words(self) -> Words:
        """All tokens."""
        if len(self.parts) == 1:
            return self.parts[0].words
        codes, kinds, spelled = zip(*(part.words for part in self.parts), strict=True)
        return b"".join(codes), b"".join(kinds), b"".join(spelled)

    @property
    def spelled(self) -> bytes:
        """Codes of all tokens, spelling folded."""
        return self.words[2]

    @once
    def sentences(self) -> bytes:
        """First token of each sentence."""
        return _shifted([part.packed_sentences for part in self.parts], self.bases)

    @once
    def lexicon(self) -> pure.Lexicon:
        """Its words, and which sentence has which two in a row."""
        return kernel.chosen.lexicon(self.spelled, self.sentences)

    def place(self, token: int) -> tuple[int, int]:
        """Part and index in it of a token."""
        part = bisect_right(self.bases, token) - 1
        return part, token - self.bases[part]


def _shifted(packed: list[bytes], bases: Sequence[int]) -> bytes:
    """Numbers of tokens within parts as numbers through all parts."""
    later = zip(packed[1:], bases[1:], strict=True)
    return packed[0] + b"".join(pure.pack("I", (base + at for at in pure.numbers(each, "I"))) for each, base in later)


class Change(NamedTuple):
    """A figure or a name that stands where the wire story had another. Token indices."""

    first: int
    last: int
    """past the end"""
    part: int
    old_first: int
    old_last: int


class Agreement(NamedTuple):
    """How the figures and names of a text stand to those in the same words of the wire story."""

    known: Ground
    aligned: int
    agreed: int
    figures_aligned: int
    figures_agreed: int
    differing: Differing
    """(token, token of the wire story), ascending"""

    @property
    def share(self) -> float | None:
        """Agreed among aligned, or None where nothing is aligned."""
        return self.agreed / self.aligned if self.aligned else None

    def changes(self, marks: bytes) -> tuple[Change, ...]:
        """What differs and is not covered (`marks`); neighbouring words that changed together are one change.

        What is covered is from another place, whose words stand beside it no longer: paragraphs in another order.
        """
        return _joined([each for each in self.differing if not marks[each[0]]], self.known)


def _ground(parts: tuple[str, ...]) -> Ground:
    return Ground(tuple(read(part) for part in parts))


ground: Final = Recent(_ground, lambda known: 64 + len(known), _REMEMBERED)
"""ground(parts) -> Ground: a wire story's texts, the original first"""


def _agreement(tokens: Tokens, known: Ground) -> Agreement:
    """Compares each figure and name with those at the aligned places of the wire story."""
    return Agreement(known, *kernel.chosen.agreement(tokens.words, known.words, known.begin, known.scale))


agreement: Final[Latest[Tokens, Ground, Agreement]] = Latest(_agreement)


def _joined(differing: Differing, known: Ground) -> tuple[Change, ...]:
    changes: list[Change] = []
    for index, token in differing:
        part, old = known.place(token)
        last = changes[-1] if changes else None
        if last and (last.last, last.part, last.old_last) == (index, part, old):
            changes[-1] = Change(last.first, index + 1, part, last.old_first, old + 1)
        else:
            changes.append(Change(index, index + 1, part, old, old + 1))
    return tuple(changes)


def _covered(tokens: Tokens, known: Ground) -> bytes:
    """For each token 1 if the wire story has it in the same words, else 0; see `tiles.covered`."""
    return kernel.chosen.covered(tokens.spelled, COVER * known.scale, known.spelled)


covered: Final[Latest[Tokens, Ground, bytes]] = Latest(_covered)


def unreached(tokens: Tokens, marks: bytes) -> list[tuple[int, int]]:
    """The sentences, as token spans, that a cover does not reach: by a run or by their greater part."""
    return kernel.chosen.unreached(marks, tokens.packed_sentences, tokens.scale)


def novel(tokens: Tokens, spans: Sequence[tuple[int, int]], marks: bytes, known: Ground) -> list[tuple[int, int]]:
    """Those of the unreached sentences that say something new.

    A headline does not, nor what pages print whatever the news is. Nor does an old sentence with so many edits that
    none of its runs is whole: a word counts as covered if the sentence of the wire story that it comes from has it,
    and no covered words account for it, neither there nor elsewhere in the text.
    """
    return list(_novel(tokens, known, tuple(spans), marks))


def _find_novel(tokens: Tokens, known: Ground, spans: Sequence[tuple[int, int]], marks: bytes) -> list[tuple[int, int]]:
    asked = [span for span in spans if not is_line(tokens, *span) and not _stands_in(tokens, *span, known)]
    if not asked:
        return []
    new = kernel.chosen.retold(tokens.spelled, marks, asked, known.lexicon, known.sentences, tokens.scale)
    return [span for span, is_new in zip(asked, new, strict=True) if is_new]


_novel: Final[Latest[Tokens, Ground, list[tuple[int, int]]]] = Latest(_find_novel)


def is_line(tokens: Tokens, first: int, last: int) -> bool:
    """Whether these words are no sentence of news: a headline, a line of the page."""
    before = tokens.ends[first - 1] if first else 0
    start, end = max(before, tokens.starts[first] - 2), tokens.ends[last - 1]
    return _is_heading(tokens, first, last) or in_page_line(tokens.text, start, end)


def _stands_in(tokens: Tokens, first: int, last: int, known: Ground) -> bool:
    """Whether these words stand in the wire story one after another: a point on top, a line under a picture."""
    asked = tokens.spelled[8 * first : 8 * last]
    spelled = known.words[2]
    at = spelled.find(asked)
    while at % 8 and at >= 0:
        at = spelled.find(asked, at + 1)
    return at >= 0


def _is_heading(tokens: Tokens, first: int, last: int) -> bool:
    """Whether these words are a headline over the text or a line of furniture: few, and without a stop."""
    if last - first > HEADLINE * tokens.scale:
        return False
    end = tokens.ends[last - 1]
    after = tokens.starts[last] if last < len(tokens) else len(tokens.text)
    if STOPS & set(tokens.text[end : min(after, end + 4)]):
        return False
    return last - first <= (FURNITURE if first or last == len(tokens) else HEADLINE) * tokens.scale
