"""Wire stories in memory: the order of the room in one place, for library use, tests and measurements.

sketch → votes → match → join, or open a wire story of its own → what it brought votes from now on

The desk does the same with the store's index (`workers.desk.decide`), and gives headlines a vote beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workers.wire.index import Index
from workers.wire.match import MAX_CANDIDATES, MAX_UNION_CHARS, Candidate, Match, WireStory, enough_votes, match
from workers.wire.sketch import Sketch, sketch

_PREFIX: Final = "w1-"


class _WireStories(Mapping[str, WireStory]):
    """Wire stories by id. Most are never compared with anything, so one is opened when somebody asks for it."""

    def __init__(self) -> None:
        self._kept: dict[str, WireStory | tuple[str, str, str, str, str]] = {}

    def add(self, wire_id: str, article_id: str, uri: str, source: str, headline: str, text: str) -> None:
        """One that has been opened by an article: the arguments of `WireStory.open`."""
        self._kept[wire_id] = article_id, uri, source, headline, text[:MAX_UNION_CHARS]

    def put(self, after: WireStory) -> None:
        """One that has changed."""
        self._kept[after.id] = after

    def __getitem__(self, wire_id: str) -> WireStory:
        kept = self._kept[wire_id]
        if not isinstance(kept, WireStory):
            kept = self._kept[wire_id] = WireStory.open(wire_id, *kept)
        return kept

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class Shelf:
    """An index of wire stories and their records. Not safe for threads; records are never dropped."""

    def __init__(self) -> None:
        self.wire_stories = _WireStories()
        self.index = Index()

    def candidates(self, asked: Sketch, day: int = 0) -> list[Candidate]:
        """The wire stories that share most fingerprints, and enough of them, at most MAX_CANDIDATES, best first."""
        votes = self.index.votes_packed(asked.packed, day, asked.scheme, enough_votes(asked))
        if not votes:
            return []
        if len(votes) > 1:
            votes.sort(key=lambda item: (-item[1], item[0]))
        return [Candidate(self.wire_stories[wire_id], count) for wire_id, count in votes[:MAX_CANDIDATES]]

    def take(
        self, article_id: str, text: str, *, uri: str = "", source: str = "", headline: str = "", day: int = 0
    ) -> Match:
        """Decides one article and remembers it. The wire story that an article opens is named after it."""
        asked = sketch(text)
        found = match(text, asked, self.candidates(asked, day))
        if found.kind == "copy" and found.wire_story is not None:
            wire_id = found.wire_story
            joined = self.wire_stories[wire_id].join(article_id, uri, source, headline, text, found)
            self.wire_stories.put(joined)
        else:
            wire_id = _PREFIX + article_id
            self.wire_stories.add(wire_id, article_id, uri, source, headline, text)
        self.index.add_packed(wire_id, asked.packed, day, asked.scheme)
        return found
