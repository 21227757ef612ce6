"""Three invented stories, read whole: what a reader would list is found, and comment is not pushed."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from service.model import Article, Published
from service.stories.story import load_story
from workers.claims.extract import Extractor
from workers.claims.model import Clause

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.toml"))
EXTRACTOR = Extractor()


class Read:
    """All articles of one story with what was expected and what was found."""

    def __init__(self, name: str) -> None:
        folder = FIXTURES / name
        self.expected: dict[str, Any] = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        story, at = load_story(folder / "story.toml"), datetime.fromisoformat(self.expected["published"])
        self.texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}
        self.found = {
            stem: EXTRACTOR.extract(
                Article(f"a1-{stem}", "E", stem, "", text, None, Published(at, "day", "feed"), at), story
            )
            for stem, text in self.texts.items()
        }

    def evidence(self, article: str, clause: Clause) -> str:
        return self.texts[article][clause.start : clause.end]

    def matching(self, wanted: dict[str, Any]) -> list[Clause]:
        return [
            clause
            for clause in self.found[wanted["article"]]
            if wanted["evidence"] in self.evidence(wanted["article"], clause)
            and all(words.lower() in clause.text.lower() for words in wanted["text"])
        ]


@pytest.fixture(scope="module", params=NAMES)
def read(request: pytest.FixtureRequest) -> Read:
    return Read(request.param)


def test_what_a_reader_would_list_is_found(read: Read) -> None:
    missing = [wanted for wanted in read.expected["claims"] if not read.matching(wanted)]
    assert missing == []


def test_it_is_found_as_what_it_is(read: Read) -> None:
    wrong = [
        (wanted["text"], [clause.kind for clause in found])
        for wanted in read.expected["claims"]
        if (found := read.matching(wanted)) and all(clause.kind != wanted["kind"] for clause in found)
    ]
    assert wrong == []


def test_who_says_so_is_found(read: Read) -> None:
    def says(clause: Clause) -> str:
        return " ".join(f"{hop.name or ''} {hop.descriptor or ''}" for hop in clause.attribution).lower()

    wrong = [
        (wanted, [says(clause) for clause in found])
        for wanted in read.expected["claims"]
        if "source" in wanted
        and (found := read.matching(wanted))
        and all(wanted["source"].lower() not in says(clause) for clause in found)
    ]
    assert wrong == []


def test_denials_are_denied(read: Read) -> None:
    wrong = [
        wanted
        for wanted in read.expected["claims"]
        if "polarity" in wanted and all(clause.polarity != wanted["polarity"] for clause in read.matching(wanted))
    ]
    assert wrong == []


def test_sentences_that_claim_nothing_push_nothing(read: Read) -> None:
    pushed = [
        clause.text
        for nothing in read.expected["nothing"]
        for clause in read.found[nothing["article"]]
        if nothing["evidence"] in read.evidence(nothing["article"], clause) and clause.kind in {"claim", "no_comment"}
    ]
    assert pushed == []


def test_little_else_is_pushed(read: Read) -> None:
    pushed = [
        (article, clause)
        for article, found in read.found.items()
        for clause in found
        if clause.kind in {"claim", "no_comment"}
    ]
    listed = [(wanted["article"], clause) for wanted in read.expected["claims"] for clause in read.matching(wanted)]
    extra = [clause.text for article, clause in pushed if (article, clause) not in listed]
    assert len(extra) <= 0.2 * len(pushed), extra
