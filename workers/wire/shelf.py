"""Wire stories in memory: the order of the room in one place, for library use, tests and measurements.

sketch → votes → match → join, or open a wire story of its own → the fingerprints vote from now on
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from workers.wire.match import MAX_CANDIDATES, Candidate, Match, WireStory, match
from workers.wire.sketch import Sketch, sketch

_PREFIX: Final = "w1-"


class Shelf:
    """An index of wire stories. Not safe for threads; grows without limit."""

    def __init__(self) -> None:
        self.wire_stories: dict[str, WireStory] = {}
        self._voters: dict[int, list[str]] = {}

    def candidates(self, asked: Sketch) -> list[Candidate]:
        """The wire stories that share most fingerprints, at most MAX_CANDIDATES, best first."""
        votes = Counter(wire_id for each in asked.fingerprints for wire_id in self._voters.get(each, ()))
        ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:MAX_CANDIDATES]
        return [Candidate(self.wire_stories[wire_id], count) for wire_id, count in ranked]

    def take(self, article_id: str, text: str, *, uri: str = "", source: str = "", headline: str = "") -> Match:
        """Decides one article and remembers it. The wire story that an article opens is named after it."""
        asked = sketch(text)
        found = match(text, asked, self.candidates(asked))
        if found.kind == "copy" and found.wire_story is not None:
            after = self.wire_stories[found.wire_story].join(article_id, uri, source, headline, text, found)
        else:
            after = WireStory.open(_PREFIX + article_id, article_id, uri, source, headline, text)
        self.wire_stories[after.id] = after
        for each in asked.fingerprints:
            voters = self._voters.setdefault(each, [])
            if after.id not in voters:
                voters.append(after.id)
        return found
