"""Wire stories in memory: the order of the room in one place, for library use, tests and measurements.

sketch → votes → match → join, or open a wire story of its own → the fingerprints vote from now on
"""

from __future__ import annotations

from typing import Final

from workers.wire.index import Index
from workers.wire.match import MAX_CANDIDATES, Candidate, Match, WireStory, enough_votes, match
from workers.wire.sketch import Sketch, sketch

_PREFIX: Final = "w1-"


class Shelf:
    """An index of wire stories and their records. Not safe for threads; records are never dropped."""

    def __init__(self) -> None:
        self.wire_stories: dict[str, WireStory] = {}
        self.index = Index()

    def candidates(self, asked: Sketch, day: int = 0) -> list[Candidate]:
        """The wire stories that share most fingerprints, and enough of them, at most MAX_CANDIDATES, best first."""
        votes = self.index.votes(asked.fingerprints, day, asked.scheme, enough_votes(asked))
        ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:MAX_CANDIDATES]
        return [Candidate(self.wire_stories[wire_id], count) for wire_id, count in ranked]

    def take(
        self, article_id: str, text: str, *, uri: str = "", source: str = "", headline: str = "", day: int = 0
    ) -> Match:
        """Decides one article and remembers it. The wire story that an article opens is named after it."""
        asked = sketch(text)
        found = match(text, asked, self.candidates(asked, day))
        if found.kind == "copy" and found.wire_story is not None:
            after = self.wire_stories[found.wire_story].join(article_id, uri, source, headline, text, found)
        else:
            after = WireStory.open(_PREFIX + article_id, article_id, uri, source, headline, text)
        self.wire_stories[after.id] = after
        self.index.add(after.id, asked.fingerprints, day, asked.scheme)
        return found
