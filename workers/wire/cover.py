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
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from workers.wire import kernel
from workers.wire.alignment import Differing
from workers.wire.forms import STOPS
from workers.wire.page_lines import in_page_line
from workers.wire.recent import Latest, Recent, once
from workers.wire.tokens import Tokens, read

FURNITURE: Final = 6
HEADLINE: Final = 15
"""words without a stop that are no passage: a line of the page ("Share this article"), the line above the text"""
MAX_SPANS: Final = 64
"""stretches that a match names"""
_REMEMBERED: Final = 100_000
"""tokens of wire stories compared lately that are kept read: about 3 MB"""


@dataclass(frozen=True, eq=False)
class Ground:
    """A wire story's texts, read; its tokens are numbered through all parts."""

    parts: tuple[Tokens, ...]
    """the original first; there is one at least"""

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @once
    def bases(self) -> tuple[int, ...]:
        """Number of each part's first token."""
        return (0, *accumulate(map(len, self.parts[:-1])))

    @once
    def spelled(self) -> bytes:
        """Codes of all tokens, spelling folded."""
        return b"".join(part.spelled for part in self.parts)

    def place(self, token: int) -> tuple[int, int]:
        """Part and index in it of a token."""
        part = bisect_right(self.bases, token) - 1
        return part, token - self.bases[part]


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

    identical: bool
    """the text has the words of the original, one for one"""
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


class Cover(NamedTuple):
    """What of a text the wire story has."""

    marks: bytes
    """for each token 1 if the wire story has it in the same words, else 0; see `tiles.cover`"""
    loose: list[tuple[int, int]]
    """the sentences, as token spans, that it does not reach: by a run or by their greater part"""
    spans: tuple[tuple[int, int], ...]
    """the stretches of the text that are covered, in code points, ascending, apart; the first MAX_SPANS"""


def _ground(parts: tuple[str, ...]) -> Ground:
    return Ground(tuple(read(part) for part in parts))


ground: Final = Recent(_ground, lambda known: 64 + len(known), _REMEMBERED)
"""ground(parts) -> Ground: a wire story's texts, the original first"""


class Comparison:
    """A text beside a wire story's texts. What is asked of it is found once."""

    def __init__(self, text: str, parts: tuple[str, ...]) -> None:
        self.text = text
        self.parts = parts

    @once
    def agreement(self) -> Agreement:
        """Each figure and name of the text beside those at the aligned places of the wire story."""
        return Agreement(*kernel.chosen.agreement(self.text, self.parts))

    @once
    def cover(self) -> Cover:
        """The wire story's texts laid over the other."""
        return Cover(*kernel.chosen.cover(self.text, self.parts, MAX_SPANS))

    @once
    def changes(self) -> tuple[Change, ...]:
        """What differs and is not covered; neighbouring words that changed together are one change.

        What is covered is from another place, whose words stand beside it no longer: paragraphs in another order.
        """
        marks = self.cover.marks
        left = [each for each in self.agreement.differing if not marks[each[0]]]
        return _joined(left, ground(self.parts)) if left else ()

    @once
    def novel(self) -> tuple[tuple[int, int], ...]:
        """Those of the sentences that no cover reaches, as token spans, that say something new.

        A headline does not, nor what pages print whatever the news is. Nor does an old sentence with so many edits that
        none of its runs is whole: a word counts as covered if the sentence of the wire story that it comes from has it,
        and no covered words account for it, neither there nor elsewhere in the text.
        """
        loose = self.cover.loose
        if not loose:
            return ()
        tokens, known = read(self.text), ground(self.parts)
        asked = [span for span in loose if not is_line(tokens, *span) and not _stands_in(tokens, *span, known)]
        if not asked:
            return ()
        new = kernel.chosen.retold(self.text, self.parts, self.cover.marks, asked)
        return tuple(span for span, is_new in zip(asked, new, strict=True) if is_new)


compared: Final[Latest[str, tuple[str, ...], Comparison]] = Latest(Comparison)
"""compared(text, parts) -> Comparison"""


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


def is_line(tokens: Tokens, first: int, last: int) -> bool:
    """Whether these words are no sentence of news: a headline, a line of the page."""
    before = tokens.ends[first - 1] if first else 0
    start, end = max(before, tokens.starts[first] - 2), tokens.ends[last - 1]
    return _is_heading(tokens, first, last) or in_page_line(tokens.text, start, end)


def _stands_in(tokens: Tokens, first: int, last: int, known: Ground) -> bool:
    """Whether these words stand in the wire story one after another: a point on top, a line under a picture."""
    asked = tokens.spelled[8 * first : 8 * last]
    at = known.spelled.find(asked)
    while at % 8 and at >= 0:
        at = known.spelled.find(asked, at + 1)
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
