"""Articles about an invented story, and what a worker makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.model import Article, StoryState, article_id
from service.stories.story import load_story
from workers.claims.compare import Registry
from workers.claims.extract import Extractor
from workers.desk.decide import Decided, decide
from workers.desk.finding import Finding
from workers.desk.view import View
from workers.wire.furniture import Furniture
from workers.wire.match import Candidate, WireStory
from workers.wire.notices import signal
from workers.wire.sketch import sketch

STORY = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")
EXTRACTOR = Extractor()
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)

WIRE = (
    "SKERRY (Nordnytt) - Fjordlys has offered to buy the lighthouse of Skerry for 14 million crowns, the mayor said "
    "on Thursday.\n\n"
    "Ada Brandt told reporters that the council of Skerry would vote on the offer of Fjordlys within three weeks.\n\n"
    "Fjordlys wants to turn the tower into a hotel with 22 rooms and to keep the lamp burning.\n\n"
    "Skerry bought the tower from the coast guard when the last keeper retired, and has tried to sell it twice.\n\n"
    "The company declined to say how it would pay for the repairs of the pier."
)
NEW_SENTENCE = "\n\nA Fjordlys spokesman said that the company would also rebuild the pier of Skerry by next summer."


def article(number: int, text: str, headline: str = "", source: str = "Nordnytt", version: int = 1) -> Article:
    return Article(
        id=article_id(source, str(number)),
        source=source,
        uri=f"https://{source.lower().replace(' ', '')}.example/{number}",
        headline=headline,
        text=text,
        language="en",
        published=None,
        first_seen=NOON + timedelta(minutes=number),
        version=version,
    )


@dataclass
class Bench:
    """Decides articles one after another as the desk does, with what is known held here instead of in Redis."""

    registry: Registry = field(default_factory=Registry)
    wires: dict[str, WireStory] = field(default_factory=dict)
    documents: dict[str, dict[str, str]] = field(default_factory=dict)
    furniture: dict[str, str] = field(default_factory=dict)
    state: StoryState = field(default_factory=lambda: StoryState(0, 0, 0, ""))

    def decide(self, article: Article, named: WireStory | None = None) -> Decided:
        number = self.state.committed + 1
        finding = Finding(
            entry_id=f"{number}-0", article=article.to_json(), clauses=EXTRACTOR.extract(article, STORY),
            sketch=sketch(article.text).to_json(), cut=EXTRACTOR.was_cut(article),
        )  # fmt: skip
        decided = decide(STORY, number, finding, article, self.view(article, named))
        self._apply(decided)
        return decided

    def view(self, article: Article, named: WireStory | None) -> View:
        previous = self.documents.get(article.id)
        return View(
            state=self.state,
            registry=self.registry,
            sketch=sketch(article.text),
            candidates=tuple(Candidate(wire, 9) for wire in self.wires.values()),
            signal=signal(article.headline, article.text),
            noticed=named,
            previous=previous,
            previous_wire=self.wires[previous["wire_story"]] if previous else None,
            furniture=Furniture.from_json(self.furniture.get(article.source, "")),
        )

    def _apply(self, decided: Decided) -> None:
        commit = decided.commit
        for known in decided.changed.values():
            self.registry.upsert(known)
        if commit.wire.record:
            self.wires[commit.wire.wire_story] = WireStory.from_bytes(commit.wire.record)
        self.furniture |= commit.furniture
        if commit.wire_story is not None:
            self.documents[commit.article_id] = {"uri": commit.uri, "wire_story": commit.wire_story}
        sequence = self.state.sequence + len(commit.events)
        self.state = StoryState(commit.number, commit.number, sequence, decided.token)
