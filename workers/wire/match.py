"""Is a text one that is known? The decision, and the record of a wire story that it is made against.

    sketch → the index votes → match (at most MAX_CANDIDATES verified, the best taken) → passages → WireStory.join

Best match only: no chain of resemblances ever joins two wire stories.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from workers.wire.cover import Agreement, Comparison, compared, ground
from workers.wire.kinds import CopyKind, copy_kind
from workers.wire.likeness import Likeness, likenesses
from workers.wire.pure import numbers
from workers.wire.recent import Recent
from workers.wire.sketch import SCHEME, Sketch
from workers.wire.tokens import FIGURE, NAME, WORD, Tokens, read

MAX_CANDIDATES: Final = 8
MIN_VOTES: Final = 2
MIN_AGREEMENT: Final = 0.65
"""below this the two are reports made from one template"""
MIN_ALIGNED: Final = 8
"""figures and names aligned before the agreement is judged by MIN_AGREEMENT"""
FEW_ALIGNED: Final = 3
FEW_AGREEMENT: Final = 0.5
"""with so few aligned, at least this share must agree"""
MIN_FIGURES: Final = 0.75
"""of the aligned figures alone, unless one only differs"""
CONTAINED: Final = 0.6
"""of which the figures are asked wherever they stand"""
MANY_FIGURES: Final = 8
MIN_RECURRING: Final = 0.5
"""share of so many different figures, or more, that must recur in the other text; two tables made from one template
share a fifth, a table and a cut or edited copy of it all that is left"""
CLOSE: Final = 0.5
MIN_FIGURES_LOOSE: Final = 0.8
"""containment below CLOSE asks more of the figures"""
ABSORB: Final = 0.5
"""share of the text that the wire story must cover; a digest that carries less of it is only linked"""
WHOLE: Final = 0.75
ABSORB_WHOLE: Final = 0.25
"""where WHOLE of the original is there, so much of the text is enough: a short first item grew into a full one"""
MAX_MEMBERS: Final = 200
"""kept with their names: the original and the latest; `copies` goes on counting"""
MAX_UNION_CHARS: Final = 200_000
"""code points of text kept in a record; further passages are not learned"""
MAX_PARTS: Final = 100
_MAX_FIELD: Final = 1_000
"""code points of a member's uri, source or headline"""
_REMEMBERED: Final = 10_000_000
"""code points of texts in records opened lately that are kept open, for one record is asked for again and again"""
_VERSION: Final = 1

Kind = Literal["new", "copy", "sibling", "digest"]


class Match(NamedTuple):
    """What a text is."""

    kind: Kind
    """sibling: made from the same template as the wire story; digest: carries it among other matter. Both are wire
    stories of their own, linked to the one named"""
    wire_story: str | None = None
    copy_kind: CopyKind | None = None
    shared: int = 0
    """shingles shared with the wire story, figures masked"""
    containment: float = 0.0
    """of the smaller side, four places"""
    agreement: float | None = None
    """share of aligned figures and names that agree, four places; None where nothing is aligned"""
    detail: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    """the stretches of the text that the wire story has too, in code points, ascending, apart; the first MAX_SPANS"""


class Member(NamedTuple):
    """An article that carries a wire story."""

    article_id: str
    uri: str
    source: str
    headline: str
    copy_kind: CopyKind | None = None
    """None for the original"""


class WireStory(NamedTuple):
    """One text and the articles that carry it."""

    id: str
    members: tuple[Member, ...]
    """the first is the original"""
    parts: tuple[str, ...]
    """the original text, then each passage that a copy added or corrected"""
    copies: int = 0
    """articles that joined, those no longer listed included"""

    @classmethod
    def open(cls, wire_id: str, article_id: str, uri: str, source: str, headline: str, text: str) -> WireStory:
        """A wire story whose original is this article. Of a longer text the first MAX_UNION_CHARS are kept."""
        return cls(wire_id, (_member(article_id, uri, source, headline, None),), (text[:MAX_UNION_CHARS],))

    def join(self, article_id: str, uri: str, source: str, headline: str, text: str, match: Match) -> WireStory:
        """The wire story after a copy: one member more, its text grown by what the copy adds or corrects.

        What is new around an embedded copy is other matter and is not learned. An article that joins again (a revision)
        stays one member.

        Raises:
            ValueError: the match is not a copy of this wire story.
        """
        if match.kind != "copy" or match.wire_story != self.id:
            raise ValueError(f"{article_id} is no copy of {self.id}: {match.kind} of {match.wire_story}")
        known = any(member.article_id == article_id for member in self.members)
        others = tuple(member for member in self.members[1:] if member.article_id != article_id)
        joined = self.members[:1]
        if self.members[0].article_id != article_id:
            latest = (*others, _member(article_id, uri, source, headline, match.copy_kind))
            joined = (*joined, *latest[-(MAX_MEMBERS - 1) :])
        parts = (*self.parts, *self._learned(text, match))
        return self._replace(members=joined or self.members, parts=parts, copies=self.copies + (not known))

    def _learned(self, text: str, match: Match) -> list[str]:
        found = compared(text, self.parts)
        spans = [] if match.copy_kind == "embedded" else list(found.novel)
        changed = {change.first for change in found.changes}
        if not spans and not changed:
            return []
        tokens = read(text)
        for span in tokens.sentence_spans() if changed else ():
            if span not in spans and any(span[0] <= index < span[1] for index in changed):
                spans.append(span)
        room = MAX_UNION_CHARS - sum(map(len, self.parts))
        learned: list[str] = []
        for first, last in sorted(spans)[: max(0, MAX_PARTS - len(self.parts))]:
            passage = text[tokens.starts[first] : tokens.ends[last - 1]]
            room -= len(passage)
            if room >= 0:
                learned.append(passage)
        return learned

    def to_bytes(self) -> bytes:
        """A compressed, versioned record; bounded by the limits of this module."""
        members = [[m.article_id, m.uri, m.source, m.headline, m.copy_kind] for m in self.members]
        record = [_VERSION, SCHEME, self.id, self.copies, members, self.parts]
        packed = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(packed.encode("utf-8", "surrogatepass"), 6)

    @classmethod
    def from_bytes(cls, record: bytes) -> WireStory:
        """Inverse of `to_bytes`.

        Raises:
            ValueError: not such a record, or one of another version or sketch scheme.
        """
        return _opened(record)


def _open(record: bytes) -> WireStory:
    try:
        fields = json.loads(zlib.decompress(record).decode("utf-8", "surrogatepass"))
        version, scheme, wire_id, copies, members, parts = fields
    except (zlib.error, ValueError, TypeError) as error:
        raise ValueError(f"not a wire story's record: {error}") from error
    if (version, scheme) != (_VERSION, SCHEME):
        raise ValueError(f"a wire story's record of another scheme: {version} {scheme}, not {_VERSION} {SCHEME}")
    return WireStory(wire_id, tuple(Member(*member) for member in members), tuple(parts), copies)


_opened: Final = Recent(_open, lambda story: 1_000 + sum(map(len, story.parts)), _REMEMBERED)


class Candidate(NamedTuple):
    """A wire story that an index proposes, with how many of the sketch's fingerprints it shares."""

    wire_story: WireStory
    votes: int


class _Case(NamedTuple):
    """A text beside a candidate that shares shingles with it."""

    candidate: Candidate
    likeness: Likeness

    @property
    def rank(self) -> tuple[int, float, int, str]:
        """The best comes first; of two that share as much, the one whose original it is rather than an addition."""
        found = self.likeness
        return -found.shared, -found.whole, -self.candidate.votes, self.candidate.wire_story.id

    def match(self, kind: Kind, copy_kind: CopyKind | None, found: Comparison, why: str) -> Match:
        """The match with this candidate."""
        (wire_story, votes), (_, _, _, shared, containment, _), agreed = *self, found.agreement
        detail = (
            f"{votes} votes; {shared} shingles shared, {containment:.2f} of the smaller side; {agreed.agreed} of "
            f"{agreed.aligned} aligned figures and names agree; {why}"
        )
        share = None if agreed.share is None else round(agreed.share, 4)
        return Match(kind, wire_story.id, copy_kind, shared, round(containment, 4), share, detail, found.cover.spans)


_NAME: Final = bytes([NAME])
_NOBODY: Final = Match("new", detail="0 of 0 candidates compared, none alike")


def enough_votes(sketch: Sketch) -> int:
    """Votes that make a candidate: MIN_VOTES, or one for a text that has no more."""
    return MIN_VOTES if len(sketch.packed) >= 8 * MIN_VOTES else 1


def most_votes(votes: Mapping[str, int]) -> dict[str, int]:
    """The wire stories that are compared: those with most votes, at most MAX_CANDIDATES, best first."""
    return dict(sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:MAX_CANDIDATES])


def match(text: str, sketch: Sketch, candidates: Sequence[Candidate]) -> Match:
    """What a text is, given the wire stories that its sketch found. Ties go to the original that is there in
    greater part, to more votes, to the smaller id.

    Raises:
        ValueError: the sketch is of another scheme.
    """
    if sketch.scheme != SCHEME:
        raise ValueError(f"a sketch of another scheme: {sketch.scheme}, not {SCHEME}")
    if not candidates:
        return _NOBODY
    enough = enough_votes(sketch)
    voted = [candidate for candidate in candidates if candidate.votes >= enough]
    if not voted:
        return Match("new", detail=f"0 of {len(candidates)} candidates compared, none alike")
    if len(voted) > 1:
        voted.sort(key=lambda candidate: (-candidate.votes, candidate.wire_story.id))
    sibling: Match | None = None
    cases = _alike(text, voted[:MAX_CANDIDATES])
    for case in cases:
        found = compared(text, case.candidate.wire_story.parts)
        if _agrees(case.likeness, found):
            return _decide(case, found, [other.candidate.wire_story.parts for other in cases if other is not case])
        sibling = sibling or case.match("sibling", None, found, "the same template with other figures and names")
    compared_with = min(len(voted), MAX_CANDIDATES)
    return sibling or Match("new", detail=f"{compared_with} of {len(candidates)} candidates compared, none alike")


def _alike(text: str, candidates: list[Candidate]) -> list[_Case]:
    """The candidates that share enough, the best first."""
    found = likenesses(text, [candidate.wire_story.parts for candidate in candidates])
    cases = [_Case(candidate, each) for candidate, each in zip(candidates, found, strict=True) if each is not None]
    return sorted(cases, key=lambda case: case.rank) if len(cases) > 1 else cases


def _agrees(likeness: Likeness, found: Comparison) -> bool:
    """Whether figures and names agree well enough for a copy."""
    agreed = found.agreement
    if agreed.identical:
        return True
    aligned, share = agreed.aligned, agreed.share
    if likeness.is_short:
        return share in (None, 1.0) and _name_the_same((read(found.text),), ground(found.parts).parts)
    if not _figures_agree(agreed, close=likeness.containment >= CLOSE):
        return False
    if likeness.containment >= CONTAINED and not _figures_recur(likeness, found):
        return False
    if share is None or aligned < FEW_ALIGNED:
        return True
    return share >= (MIN_AGREEMENT if aligned >= MIN_ALIGNED else FEW_AGREEMENT)


def _name_the_same(mine: Sequence[Tokens], theirs: Sequence[Tokens]) -> bool:
    """Whether the one of two short texts has no figure that the other lacks, and the one or the other no such name."""
    one, other = _figures(mine), _figures(theirs)
    if not (one <= other or other <= one):
        return False
    return _names(mine) <= _words(theirs) or _names(theirs) <= _words(mine)


def _figures(texts: Sequence[Tokens]) -> set[int]:
    """The codes of all figures."""
    each = (zip(numbers(text.codes, "Q"), text.kinds, strict=True) for text in texts)
    return {code for words in each for code, kind in words if kind == FIGURE}


def _words(texts: Sequence[Tokens]) -> set[int]:
    """The codes of all words, spelling folded."""
    return {code for text in texts for code in numbers(text.spelled, "Q")}


def _figures_recur(likeness: Likeness, found: Comparison) -> bool:
    """Whether enough of the figures of that text which is contained in the other are the other's too, wherever they
    stand: in a table there are too few words about a figure to align it by."""
    mine, theirs = (read(found.text),), ground(found.parts).parts
    original_is = likeness.whole >= likeness.containment
    contained, other = (_figures(theirs[:1]), _figures(mine)) if original_is else (_figures(mine), _figures(theirs))
    return len(contained) < MANY_FIGURES or len(contained & other) >= MIN_RECURRING * len(contained)


def _names(texts: Sequence[Tokens]) -> set[int]:
    """The codes of all names, and of capitals before one: a report may begin with its subject."""
    found: set[int] = set()
    for text in texts:
        spelled, kinds = numbers(text.spelled, "Q"), text.kinds
        for index, code in enumerate(spelled):
            begins = kinds[index] == WORD and kinds[index + 1 : index + 2] == _NAME
            if kinds[index] == NAME or (begins and text.text[text.starts[index]].isupper()):
                found.add(code)
    return found


def _figures_agree(agreed: Agreement, *, close: bool) -> bool:
    """Figures by themselves: names that a template repeats must not outvote them. One may have been corrected."""
    if agreed.figures_aligned - agreed.figures_agreed <= 1 and close:
        return True
    return agreed.figures_agreed >= (MIN_FIGURES if close else MIN_FIGURES_LOOSE) * agreed.figures_aligned


def _decide(case: _Case, found: Comparison, others: Sequence[tuple[str, ...]]) -> Match:
    """Copy or digest, and which kind of copy; `others` are further wire stories that the text shares words with."""
    alike, laid = case.likeness, found.cover
    whole = max(alike.whole, laid.marks.count(1) / alike.original)
    carried = 1 - sum(last - first for first, last in laid.loose) / alike.words
    if carried < (ABSORB_WHOLE if whole >= WHOLE else ABSORB):
        return case.match("digest", None, found, f"only {carried:.2f} of the text is the wire story")
    kind, why = copy_kind(found, alike.original, others)
    return case.match("copy", kind, found, why)


def _member(article_id: str, uri: str, source: str, headline: str, copy_kind: CopyKind | None) -> Member:
    return Member(article_id, uri[:_MAX_FIELD], source[:_MAX_FIELD], headline[:_MAX_FIELD], copy_kind)
