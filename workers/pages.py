"""Which parts of an article are its outlet's page furniture, and what the article teaches about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.model import Article
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.desk.view import View, day
from workers.wire.furniture import Furniture, Names, Piece, Span, joined, outside, pieces
from workers.wire.match import WireStory
from workers.wire.notices import notes
from workers.wire.page_lines import is_page_line
from workers.wire.passages import Passages

GENERATION_DAYS = 7
"""as long as a generation of the wire index"""

_MATCHERS: dict[str, tuple[Story, Matcher]] = {}


@dataclass(frozen=True, slots=True)
class Page:
    """An article's text as its outlet set it."""

    furniture: tuple[Span, ...]
    """with lines that all pages print and what the desk notes about its own text; code points, ascending and apart"""
    learned: Furniture
    """of the outlet, this article included"""

    def news(self, new: Passages, text: str) -> Passages:
        """Passages without furniture."""
        kept = tuple(
            change for change in new.corrections if not _within(change.start, change.end, self.furniture)
        )  # fmt: skip
        return replace(new, additions=outside(new.additions, self.furniture, text), corrections=kept)

    def holds(self, start: int, end: int) -> bool:
        """Whether the better part of a span is furniture."""
        covered = sum(max(0, min(end, last) - max(start, first)) for first, last in self.furniture)
        return 2 * covered > end - start


def page(story: Story, article: Article, view: View, wire: WireStory | None, new: Passages | None) -> Page:
    """Looks at an article before its wire story takes it in.

    Args:
        wire: the wire story that the article is a copy of, as it was; None for a text of its own.
        new: what the copy brings: the rest is the wire story's, whoever's pages it stands on.
    """
    every, names = pieces(article.text), _names(story, article.text)
    lines = [(piece.start, piece.end) for piece in every if is_page_line(article.text, piece.start, piece.end)]
    found = [piece for piece in every if not _within(piece.start, piece.end, lines)]
    learned = view.furniture
    met = wire is not None and any(member.source == article.source for member in wire.members)
    if article.version == 1 and not met:
        own = [piece for piece in found if _own(piece, new)]
        learned = learned.learn(own, day(article) // GENERATION_DAYS, names)
    return Page(joined((*learned.spans(found, names), *lines, *notes(article.text))), learned)


def _own(piece: Piece, new: Passages | None) -> bool:
    return new is None or any(start < piece.end and piece.start < end for start, end in new.additions)


def _within(start: int, end: int, spans: Sequence[Span]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _names(story: Story, text: str) -> Names:
    known = _MATCHERS.get(story.id)
    if known is None or known[0] is not story:
        known = _MATCHERS[story.id] = (story, Matcher(story))
    matcher = known[1]
    return lambda start, end: bool(matcher.mentions(text[start:end]))
