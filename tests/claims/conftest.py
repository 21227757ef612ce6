"""A newsroom in miniature: articles of invented outlets, read into clauses by hand, compared one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from service.contract.data import Document, Frame, Hop, Quantity, When
from service.stories.story import Actor, Story
from workers.claims.compare import Comparison, Context, Registry, compare
from workers.claims.model import Clause, Known, Place
from workers.claims.novelty.worth import Line, Worth

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
READ = Place(
    sentence=0, paragraph=0, paragraphs=1, form="finite", hangs="ROOT", joined=False, depth=0, mark="", tag="VBD",
    subject="name", quoted=False, full_words=6, names=1, words=12,
)  # fmt: skip
"""of a clause that was read out of a text"""
DEEDS = [
    "painted the old cranes", "rented three barges", "burned a shed", "hired new pilots", "lost the spare anchor",
    "drowned a cat", "elected a treasurer", "printed a calendar", "planted lime trees", "won the regatta",
    "cooked soup for the poor", "insured the lorries", "buried a founder", "repaired the church roof",
    "founded a choir", "closed its canteen",
]  # fmt: skip
"""none like another"""


def story(*actors: str, **aliases: list[str]) -> Story:
    names = dict.fromkeys(actors, ()) | aliases
    cast = {name: Actor(kind="organisation", side=name, aliases=tuple(more)) for name, more in names.items()}
    return Story(id="invented", title="Invented", language="en", focus=((next(iter(cast)),),), actors=cast)


def said(
    text: str, actor: str | None = None, action: str | None = None, target: str | None = None, **more: Any
) -> Clause:
    fields: dict[str, Any] = {"polarity": "affirmed", "modality": "asserted", "kind": "claim"} | more
    return Clause(start=0, end=len(text), text=text, frame=Frame(actor=actor, action=action, target=target), **fields)


def person(name: str, **more: Any) -> Hop:
    return Hop(kind="person", name=name, named=True, cue="said", relation="wasAttributedTo", **more)


def unnamed(descriptor: str, **more: Any) -> Hop:
    return Hop(kind="unnamed", descriptor=descriptor, named=False, cue="said", relation="wasAttributedTo", **more)


def agency(name: str) -> Hop:
    return Hop(kind="outlet", name=name, named=True, relation="wasDerivedFrom")


def figure(value: float, unit: str) -> Quantity:
    return Quantity(text=f"{value:g} {unit}", value=value, unit=unit)


def on(text: str, first: int, last: int) -> When:
    earliest, latest = datetime(2031, 5, first, tzinfo=UTC), datetime(2031, 5, last, 23, tzinfo=UTC)
    return When(text=text, earliest=earliest, latest=latest, basis="stated")


class Newsroom:
    """Feeds articles to compare() and keeps the registry, as the desk does after each commit."""

    def __init__(self, followed: Story) -> None:
        self.story = followed
        self.registry = Registry()
        self.count = 0

    def print(self, *clauses: Clause, by: str = "", wire: str = "", corrections: Any = ()) -> Comparison:
        """One article that says these clauses, one after the other."""
        self.count += 1
        publisher = by or f"Outlet {self.count}"
        placed, text = [], ""
        for clause in clauses:
            placed.append(clause.model_copy(update={"start": len(text), "end": len(text) + len(clause.text)}))
            text += clause.text + ". "
        document = Document(uri=f"text:invented/{self.count}", publisher=publisher, first_seen=NOON)
        article = hashlib.sha256(f"{self.count}{text}".encode()).hexdigest()[:16]
        context = Context(self.story, document, text, article, wire or f"w{self.count}", tuple(corrections))
        result = compare(self.registry, placed, context)
        for known in result.changed.values():
            self.registry.upsert(known)
        return result

    def print_deeds(self, actor: str) -> None:
        """An article for each of `DEEDS`: from then on the story knows much."""
        for deed in DEEDS:
            verb, thing = deed.split(" ", 1)
            self.print(said(f"The {actor} {deed}", actor, verb, thing))

    def known(self, result: Comparison, at: int = 0) -> Known:
        """The record of the claim that the article's clause number `at` became."""
        claim_id = result.decisions[at].claim_id
        assert claim_id is not None
        return self.registry.claims[claim_id]


PUSHES_ALL = Worth(Line({}, 0.0), Line({}, 0.0), -1e9, -1e9, -1.0, -2.0)


@pytest.fixture(autouse=True)
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests ask what is the same, not what is worth an event; those that do put their own weights in."""
    monkeypatch.setattr("workers.claims.compare.load_worth", lambda: PUSHES_ALL)


@pytest.fixture
def newsroom() -> Callable[[Story], Newsroom]:
    return Newsroom


class Words:
    """The builders of this file, as one fixture: modules of tests do not import each other."""

    story = staticmethod(story)
    said = staticmethod(said)
    person = staticmethod(person)
    unnamed = staticmethod(unnamed)
    agency = staticmethod(agency)
    figure = staticmethod(figure)
    on = staticmethod(on)
    newsroom = Newsroom
    read = READ


@pytest.fixture(scope="session")
def w() -> type[Words]:
    return Words


@pytest.fixture
def harbour(w):
    """A story that knows so much that links are judged."""
    room = w.newsroom(w.story("Lorn Port", "Dockers League", "Transport Ministry"))
    room.print_deeds("Dockers League")
    return room
