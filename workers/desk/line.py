"""One story's line in memory: what service, store and desk do together, for one article after the other, without them.

Articles go in, in the order in which they would be admitted; the same decisions come out, byte for byte, because the
rooms that decide are the same. For measuring; nothing is stored and nobody is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from service.model import Article, StoryState
from service.stories.matcher import Matcher
from service.stories.story import Story
from workers.claims.compare import Registry
from workers.claims.model import Clause
from workers.claims.novelty.gate import Weighing
from workers.desk.decide import Decided, decide
from workers.desk.finding import Finding
from workers.desk.memory import noticed
from workers.desk.view import View, day, headline_vote
from workers.wire.furniture import Furniture
from workers.wire.index import Index
from workers.wire.match import Candidate, WireStory, enough_votes, most_votes
from workers.wire.notices import signal
from workers.wire.sketch import SCHEME, Sketch, sketch

Read = Callable[[Article, Story], tuple[Clause, ...]]


class Line:
    """A story and all that it knows so far."""

    def __init__(self, story: Story, read: Read, weighing: Weighing | None = None) -> None:
        self.registry = Registry()
        self._story = story
        self._read = read
        self._weighing = weighing
        self._matcher = Matcher(story)
        self._state = StoryState(admitted=0, committed=0, sequence=0, token="")
        self._index = Index()
        self._wire_stories: dict[str, WireStory] = {}
        self._furniture: dict[str, Furniture] = {}
        self._seen: dict[str, Article] = {}
        self._records: dict[str, dict[str, str]] = {}

    def take(self, article: Article) -> Decided | None:
        """Decides an article, and remembers it. None if it does not concern the story, or was here before."""
        if not self._matcher.concerns(article.headline, article.text):
            return None
        before = self._seen.get(article.id)
        if before is not None and before.content_hash() == article.content_hash():
            return None
        article = replace(article, version=1 if before is None else before.version + 1)
        self._seen[article.id] = article
        number = self._state.committed + 1
        asked = sketch(article.text)
        clauses = self._read(article, self._story)
        finding = Finding(entry_id=f"{number}-0", article=article.to_json(), clauses=clauses, sketch=asked.to_json())
        decided = decide(self._story, number, finding, article, self._view(article, asked))
        self._remember(decided)
        return decided

    def _view(self, article: Article, asked: Sketch) -> View:
        best = most_votes(self._index.votes(asked.fingerprints, day(article), SCHEME, enough_votes(asked)))
        notice = signal(article.headline, article.text)
        named: list[str] = []
        if notice is not None and notice.kind == "kill" and notice.quoted_headline:
            named = list(self._index.votes((headline_vote(notice.quoted_headline),), day(article), SCHEME))
        previous = self._records.get(article.id) if article.version > 1 else None
        return View(
            state=self._state,
            registry=self.registry,
            sketch=asked,
            candidates=tuple(Candidate(self._wire_stories[wire_id], count) for wire_id, count in best.items()),
            signal=notice,
            noticed=noticed(notice, [self._wire_stories[wire_id] for wire_id in named]),
            previous=previous,
            previous_wire=self._wire_stories.get(previous["wire_story"]) if previous else None,
            furniture=self._furniture.get(article.source, Furniture()),
            weighing=self._weighing,
        )

    def _remember(self, decided: Decided) -> None:
        commit = decided.commit
        for known in decided.changed.values():
            self.registry.upsert(known)
        for claim_id in decided.dropped:
            self.registry.forget(claim_id)
        self._furniture |= {source: Furniture.from_json(learned) for source, learned in commit.furniture.items()}
        self._records |= {article_id: json.loads(record) for article_id, record in commit.documents.items()}
        wire = commit.wire
        if wire.wire_story:
            self._wire_stories[wire.wire_story] = WireStory.from_bytes(wire.record)
            self._index.add(wire.wire_story, wire.votes, wire.day, wire.scheme)
        sequence = self._state.sequence + len(commit.events)
        self._state = StoryState(
            admitted=commit.number, committed=commit.number, sequence=sequence, token=decided.token
        )
