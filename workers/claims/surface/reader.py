"""From an article to its clauses by a language's folder alone, without a parser: less is read, and nothing wrongly.

sentences and quotations      pieces
who says what                 speech, sources
what is said, one by one      here: parts joined by "but", "while", a semicolon
polarity, figures, times …    marks

A pure function of the article and the story. What it cannot be sure of it leaves open: a frame's slot, a pronoun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from service.contract.data import Frame
from service.model import Article
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.grammar.clean import Reading
from workers.claims.grammar.intervals import Anchor
from workers.claims.language import language_of
from workers.claims.model import Clause, Kind
from workers.claims.surface import marks
from workers.claims.surface.pieces import Piece, paragraphs, pieces
from workers.claims.surface.sources import Sources
from workers.claims.surface.speech import Range, Spoken, spoken
from workers.claims.surface.tongue import Tongue, function_words

LEAST_WORDS = 3
"""words of a part that can be a claim"""
APART_WORDS = 4
"""words on both sides of a conjunction that make two claims of one sentence"""
SHARED_WORDS = 2
"""content words in common with paragraphs that name an actor, which make a paragraph one of the story"""
_EDGES = " \t\n,;:–—-“”«»„\"'()\x00"


class SurfaceReader:
    """Reads one article."""

    def __init__(self, article: Article, reading: Reading, story: Story, matcher: Matcher, tongue: Tongue) -> None:
        self._article, self._reading, self._matcher, self._tongue = article, reading, matcher, tongue
        self._title = story.title
        self._sources = Sources(reading, story, matcher, tongue)

    def clauses(self) -> tuple[Clause, ...]:
        """In the order of the text."""
        found: list[Clause] = []
        passed_over = self._other_language() | self._elsewhere()
        speaking: tuple[int, Spoken, int] | None = None
        for piece in pieces(self._reading, self._tongue):
            frame = spoken(piece, self._tongue)
            at = piece.start
            if frame is not None and frame.source is not None:
                speaking = (piece.paragraph, frame, piece.start)
            elif speaking is not None and piece.paragraph - speaking[0] <= 1 and (frame or piece.wholly_quoted):
                # The same goes on speaking: in a further quotation, or as the subject that the verb need not name.
                said = frame.said if frame else ((0, len(piece.text)),)
                form = frame.form if frame else "direct"
                frame = replace(frame or speaking[1], form=form, source=speaking[1].source, told=None, said=said)
                at, speaking = speaking[2], (piece.paragraph, speaking[1], speaking[2])
            elif not piece.wholly_quoted:
                speaking = None
            if piece.paragraph not in passed_over:
                found.extend(self._clauses(piece, frame, at))
        return tuple(found)

    def _clauses(self, piece: Piece, frame: Spoken | None, at: int) -> Iterator[Clause]:
        spans = frame.said if frame is not None else ((0, len(piece.text)),)
        whole = frame is not None and frame.form in ("denial", "no_comment", "demand")
        parts = [piece.text[start:end] for start, end in spans]
        text = " ".join(part for part in (_trimmed(part) for part in parts) if part)
        quoted = any(start < q_end and q_start < end for start, end in spans for q_start, q_end in piece.quotes)
        for said in [text] if whole else self._apart(text):
            if len(marks.words(said)) >= LEAST_WORDS and not self._foreign(piece, said):
                yield self._clause(piece, frame, said, at, quoted=quoted)

    def _clause(self, piece: Piece, frame: Spoken | None, said: str, at: int, *, quoted: bool) -> Clause:
        tongue, form = self._tongue, frame.form if frame is not None else None
        modality = marks.modality(said, tongue)
        start, end = self._evidence(piece)
        kind: Kind = "no_comment" if form == "no_comment" else marks.kind(piece.text, said, tongue)
        return Clause(
            start=start,
            end=end,
            text=_sentence(said),
            frame=self._frame(said),
            polarity="denied" if form == "denial" else marks.polarity(said, tongue),
            modality="unconfirmed" if form == "no_comment" else modality,
            kind=kind,
            quantities=marks.quantities(said, tongue),
            when=marks.times(said, tongue, self._anchor(ahead=modality in ("expected", "demanded", "possible"))),
            # Who says nothing is not the source of it: the outlet tells of a silence.
            attribution=self._sources.hops(None if form == "no_comment" else frame, at, quoted=quoted),
            language=tongue.code,
        )

    def _evidence(self, piece: Piece) -> Range:
        lead = len(piece.text) - len(piece.text.lstrip())
        return self._reading.original(piece.start + lead, piece.start + len(piece.text.rstrip()))

    def _frame(self, said: str) -> Frame:
        """An actor of the story that opens the clause, unless it is acted upon; one that it acts upon."""
        mentions = self._matcher.mentions(said)
        counted = self._tongue.lists.get("measure", {})
        words = {word.casefold() for word in marks.words(said)}
        action = next((sign for signs in counted.values() for sign in signs if sign in words), None)
        if (
            not mentions
            or len(marks.words(said[: mentions[0].start])) > 1
            or self._tongue.any_of("passive").search(said)
        ):
            return Frame(action=action)
        before = said[: mentions[0].start].strip().casefold()
        behind = [word.casefold() for word in marks.words(said[mentions[0].end :])[:1]]
        aside = said[mentions[0].end : mentions[0].end + 1] in (",", ":")
        if (
            (before and before not in self._tongue.words("articles"))
            or aside
            or set(behind) & set(self._tongue.words("not_acting"))
        ):
            return Frame(action=action)
        upon = {
            mention.actor
            for mention in mentions[1:]
            if said[: mention.start].casefold().split()[-1:]
            and said[: mention.start].casefold().split()[-1] in self._tongue.words("acted_upon")
        }
        target = next(iter(upon)) if len(upon) == 1 else None
        return Frame(actor=mentions[0].actor, action=action, target=target)

    def _apart(self, text: str) -> Iterator[str]:
        """The things said in one sentence: parts at a semicolon, or a comma and a conjunction."""
        joins = "|".join(
            re.escape(word) for word in sorted(self._tongue.words("joins"), key=lambda word: (-len(word), word))
        )
        split = re.compile(rf"\s*;\s+(?:(?:{joins})\s+)?|\s*,\s+(?:{joins})\s+" if joins else r"\s*;\s+", re.I)
        at = 0
        for match in split.finditer(text):
            if min(len(marks.words(text[at : match.start()])), len(marks.words(text[match.end() :]))) >= APART_WORDS:
                yield text[at : match.start()]
                at = match.end()
        yield text[at:]

    def _foreign(self, piece: Piece, said: str) -> bool:
        """Whether what is said are quoted words of another language."""
        code = self._tongue.code
        return bool(piece.quotes) and language_of(said, code, code) != code

    def _anchor(self, *, ahead: bool) -> Anchor:
        published = self._article.published
        if published is not None:
            return Anchor(published.value, "relative_to_publication", ahead)
        return Anchor(self._article.first_seen, "relative_to_first_seen", ahead)

    def _other_language(self) -> set[int]:
        code = self._tongue.code
        spans = enumerate(paragraphs(self._reading))
        return {
            number for number, (start, end) in spans if language_of(self._reading.text[start:end], code, code) != code
        }

    def _elsewhere(self) -> set[int]:
        """Paragraphs of another matter: before the first that names an actor, or two in a row further down."""
        texts = [self._reading.text[start:end] for start, end in paragraphs(self._reading)]
        named = [bool(self._matcher.mentions(text)) for text in texts]
        idle = function_words(self._tongue.code)
        content = [{word.casefold() for word in marks.words(text) if len(word) > 3} - idle for text in texts]
        about = set().union(*(words for words, anchored in zip(content, named, strict=True) if anchored))
        title = {word for word in marks.words(f"{self._title} {self._article.headline}") if len(word) > 3} - idle
        names = {word.casefold() for word in title if not word.islower()}
        about |= {word.casefold() for word in title}
        near = [
            anchored or len(words & about) >= SHARED_WORDS or not words.isdisjoint(names) or text[0] in '“«"'
            for words, anchored, text in zip(content, named, texts, strict=True)
        ]
        first = next((number for number, anchored in enumerate(named) if anchored), None)
        if first is None or (all(near[:first]) and not any(not a and not b for a, b in pairwise(near))):
            return set()
        return {number for number, kept in enumerate(near) if not kept}


def _trimmed(part: str) -> str:
    """A part without the marks at its edges, and without a stop inside its last quotation mark."""
    found = part.strip(_EDGES)
    found = re.sub(r"[“”«»„\"]", "", found).strip(" ,;:")
    return " ".join(found.split())


def _sentence(said: str) -> str:
    said = said.strip(" ,;:")
    said = said if said.endswith((".", "!", "?", "…")) else said + "."
    return said[:1].upper() + said[1:]
