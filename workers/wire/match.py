"""Is a text one that is known? The decision, and the record of a wire story that it is made against.

    sketch → the index votes → match (at most MAX_CANDIDATES verified, the best taken) → passages → WireStory.join

Best match only: no chain of resemblances ever joins two wire stories.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from workers.wire.cover import Agreement, Ground, agreement, covered, ground, novel, unreached
from workers.wire.sketch import SCHEME, SHINGLE, SHORT_SHINGLE, Sketch, is_short, shingles
from workers.wire.tokens import Tokens, read

MAX_CANDIDATES: Final = 8
MIN_VOTES: Final = 2
MIN_CONTAINMENT: Final = 0.3
"""shared shingles, figures masked, of the smaller side"""
MIN_SHARED: Final = 12
MIN_AGREEMENT: Final = 0.65
"""below this the two are reports made from one template"""
MIN_ALIGNED: Final = 8
"""figures and names aligned before the agreement is judged by MIN_AGREEMENT"""
FEW_ALIGNED: Final = 3
FEW_AGREEMENT: Final = 0.5
"""with so few aligned, at least this share must agree"""
SHORT_CONTAINMENT: Final = 0.7
"""of a short text's three-word shingles; its aligned figures and names must all agree"""
MIN_FIGURES: Final = 0.75
"""of the aligned figures alone, unless one only differs"""
CLOSE: Final = 0.5
MIN_FIGURES_LOOSE: Final = 0.8
"""containment below CLOSE asks more of the figures"""
TINY: Final = 6
"""words below which a text is compared only with one at most twice as long"""
ABSORB: Final = 0.5
"""share of the text that the wire story must cover; a digest that carries less of it is only linked"""
WHOLE: Final = 0.75
ABSORB_WHOLE: Final = 0.25
"""where WHOLE of the original is there, so much of the text is enough: a short first item grew into a full one"""
BEFORE: Final = 0.1
AROUND: Final = 0.3
"""shares of the text before the wire story's words, and before and after them, that make it a longer piece into which
it was embedded; what only follows is an update"""
CUT: Final = 0.9
"""share of the original's words below which a copy without new passages is cut, not edited"""

MAX_MEMBERS: Final = 200
"""kept with their names: the original and the latest; `copies` goes on counting"""
MAX_UNION_CHARS: Final = 200_000
"""code points of text kept in a record; further passages are not learned"""
MAX_PARTS: Final = 100
_MAX_FIELD: Final = 1_000
"""code points of a member's uri, source or headline"""
_VERSION: Final = 1

Kind = Literal["new", "copy", "sibling", "digest"]
CopyKind = Literal["identical", "cut", "embedded", "edited", "update", "correction"]


@dataclass(frozen=True, slots=True)
class Match:
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


@dataclass(frozen=True, slots=True)
class Member:
    """An article that carries a wire story."""

    article_id: str
    uri: str
    source: str
    headline: str
    copy_kind: CopyKind | None = None
    """None for the original"""


@dataclass(frozen=True, slots=True)
class WireStory:
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

        What surrounds an embedded copy is other matter and is not learned. An article that joins again (a revision)
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
        return replace(self, members=joined or self.members, parts=parts, copies=self.copies + (not known))

    def _learned(self, text: str, match: Match) -> list[str]:
        tokens, known = read(text), ground(self.parts)
        marks = covered(tokens, known)
        spans = novel(tokens, unreached(tokens, marks), marks, known)
        if match.copy_kind == "embedded":
            first, last = _reach(marks)
            spans = [span for span in spans if first <= span[0] and span[1] <= last]
        changed = {change.first for change in agreement(tokens, known).changes}
        for span in tokens.sentence_spans():
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
        try:
            fields = json.loads(zlib.decompress(record).decode("utf-8", "surrogatepass"))
            version, scheme, wire_id, copies, members, parts = fields
        except (zlib.error, ValueError, TypeError) as error:
            raise ValueError(f"not a wire story's record: {error}") from error
        if (version, scheme) != (_VERSION, SCHEME):
            raise ValueError(f"a wire story's record of another scheme: {version} {scheme}, not {_VERSION} {SCHEME}")
        return cls(wire_id, tuple(Member(*member) for member in members), tuple(parts), copies)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wire story that an index proposes, with how many of the sketch's fingerprints it shares."""

    wire_story: WireStory
    votes: int


@dataclass(frozen=True, slots=True)
class _Likeness:
    """One candidate, compared."""

    candidate: Candidate
    known: Ground
    shared: int
    containment: float
    agreement: Agreement
    whole: float
    """share of the original's shingles that the text has"""

    def match(self, kind: Kind, copy_kind: CopyKind | None, why: str) -> Match:
        share = self.agreement.share
        detail = (
            f"{self.candidate.votes} votes; {self.shared} shingles shared, {self.containment:.2f} of the smaller side; "
            f"{self.agreement.agreed} of {self.agreement.aligned} aligned figures and names agree; {why}"
        )
        rounded = None if share is None else round(share, 4)
        wire_id = self.candidate.wire_story.id
        return Match(kind, wire_id, copy_kind, self.shared, round(self.containment, 4), rounded, detail)


def match(text: str, sketch: Sketch, candidates: Sequence[Candidate]) -> Match:
    """What a text is, given the wire stories that its sketch found. Ties go to more votes, then to the smaller id.

    Raises:
        ValueError: the sketch is of another scheme.
    """
    if sketch.scheme != SCHEME:
        raise ValueError(f"a sketch of another scheme: {sketch.scheme}, not {SCHEME}")
    tokens = read(text)
    enough = min(MIN_VOTES, max(1, len(sketch.fingerprints)))
    ranked = sorted(candidates, key=lambda candidate: (-candidate.votes, candidate.wire_story.id))
    compared = [_compare(tokens, each) for each in ranked[:MAX_CANDIDATES] if each.votes >= enough]
    alike = [each for each in compared if each is not None]
    alike.sort(key=lambda each: (-each.shared, -each.candidate.votes, each.candidate.wire_story.id))
    siblings = [each for each in alike if not _agrees(tokens, each)]
    copies = [each for each in alike if each not in siblings]
    if copies:
        return _decide(tokens, copies[0])
    if siblings:
        return siblings[0].match("sibling", None, "the same template with other figures and names")
    return Match("new", detail=f"{len(compared)} of {len(candidates)} candidates compared, none alike")


def _compare(tokens: Tokens, candidate: Candidate) -> _Likeness | None:
    """Shared shingles and agreement, or None if too little is shared."""
    known = ground(candidate.wire_story.parts)
    shorter, longer = sorted((len(tokens), len(known.parts[0])))
    if known.scale != tokens.scale or not shorter or shorter < min(TINY * tokens.scale, longer / 2):
        return None
    if is_short(tokens) or is_short(known.parts[0]):
        width, least_shared, least_share = SHORT_SHINGLE, 1, SHORT_CONTAINMENT
    else:
        width, least_shared, least_share = SHINGLE, MIN_SHARED, MIN_CONTAINMENT
    mine, all_parts, original = _masked(tokens, known, width)
    shared = len(mine & all_parts)
    whole = len(mine & original) / max(1, len(original))
    containment = max(shared / max(1, len(mine)), whole)
    if shared < least_shared or containment < least_share:
        return None
    return _Likeness(candidate, known, shared, containment, agreement(tokens, known), whole)


def _masked(tokens: Tokens, known: Ground, width: int) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """Masked shingles of the text, of all parts and of the original; of very short texts as long as they are."""
    width = min(width * tokens.scale, len(tokens), max(1, len(known.parts[0])))
    mine = frozenset(shingles(tokens.masked(), width))
    if width == SHINGLE * tokens.scale:
        return mine, known.masked, known.original
    parts = [frozenset(shingles(part.masked(), width)) for part in known.parts]
    return mine, frozenset().union(*parts), parts[0]


def _agrees(tokens: Tokens, likeness: _Likeness) -> bool:
    """Whether figures and names agree well enough for a copy."""
    if tokens.forms == likeness.known.parts[0].forms:
        return True
    aligned, share = likeness.agreement.aligned, likeness.agreement.share
    if is_short(tokens) or is_short(likeness.known.parts[0]):
        return share is None or share == 1.0
    if not _figures_agree(likeness):
        return False
    if share is None or aligned < FEW_ALIGNED:
        return True
    return share >= (MIN_AGREEMENT if aligned >= MIN_ALIGNED else FEW_AGREEMENT)


def _figures_agree(likeness: _Likeness) -> bool:
    """Figures by themselves: names that a template repeats must not outvote them. One may have been corrected."""
    aligned, agreed = likeness.agreement.figures_aligned, likeness.agreement.figures_agreed
    if aligned - agreed <= 1 and likeness.containment >= CLOSE:
        return True
    return agreed >= (MIN_FIGURES if likeness.containment >= CLOSE else MIN_FIGURES_LOOSE) * aligned


def _decide(tokens: Tokens, best: _Likeness) -> Match:
    """Copy or digest, and which kind of copy."""
    original = best.known.parts[0]
    if tokens.forms == original.forms:
        return best.match("copy", "identical", "word for word")
    marks = covered(tokens, best.known)
    loose = unreached(tokens, marks)
    carried = 1 - sum(last - first for first, last in loose) / len(tokens)
    if carried < (ABSORB_WHOLE if best.whole >= WHOLE else ABSORB):
        return best.match("digest", None, f"only {carried:.2f} of the text is the wire story")
    spans = novel(tokens, loose, marks, best.known)
    first, last = _reach(marks)
    before = sum(end - start for start, end in spans if end <= first)
    around = before + sum(end - start for start, end in spans if start >= last)
    if before >= BEFORE * len(tokens) and around >= AROUND * len(tokens):
        return best.match("copy", "embedded", f"{around} words stand around it")
    if spans:
        return best.match("copy", "update", f"{len(spans)} sentences are new")
    if best.agreement.changes:
        return best.match("copy", "correction", f"{len(best.agreement.changes)} figures or names changed")
    if len(tokens) < CUT * len(original):
        return best.match("copy", "cut", f"{len(tokens)} of {len(original)} words, nothing new")
    return best.match("copy", "edited", "nothing new")


def _reach(marks: Sequence[bool]) -> tuple[int, int]:
    """First and past-the-last token of the wire story's words: from the first to the last run of eight in cover."""
    at = [index for index in range(len(marks) - 7) if all(marks[index : index + 8])]
    return (at[0], at[-1] + 8) if at else (0, len(marks))


def _member(article_id: str, uri: str, source: str, headline: str, copy_kind: CopyKind | None) -> Member:
    return Member(article_id, uri[:_MAX_FIELD], source[:_MAX_FIELD], headline[:_MAX_FIELD], copy_kind)
