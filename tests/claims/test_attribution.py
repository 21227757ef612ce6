"""Who says it, through whom: hops of one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.contract.data import Hop
from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor

STORY = Story(
    id="quay",
    title="The quay at Lorn",
    language="en",
    focus=(("Lorn Port",),),
    agencies=("Harbour Wire",),
    actors={
        "Lorn Port": Actor(kind="organisation", nominals=("the port",), side="port"),
        "Transport Ministry": Actor(kind="organisation", nominals=("the ministry",), side="state"),
        "Ada Lund": Actor(kind="person", aliases=("Lund",), member_of="Transport Ministry", side="state"),
    },
)
EXTRACTOR = Extractor()
QUAY = "the quay was closed"


def hops(text: str, story: Story = STORY) -> tuple[Hop, ...]:
    published = Published(datetime(2031, 5, 14, 9, tzinfo=UTC), "minute", "feed")
    article = Article("a1-0", "The Echo", "text:x", "", text, None, published, published.value)
    found = EXTRACTOR.extract(article, story)
    assert found, "no clause"
    for hop in found[-1].attribution:
        if hop.span is not None:
            assert text[hop.span.start : hop.span.end].strip()
    return found[-1].attribution


def chain(text: str) -> list[tuple[str, str | None]]:
    return [(hop.kind, hop.name or hop.descriptor) for hop in hops(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Ada Lund said {QUAY}.", [("person", "Ada Lund")]),
        (f"{QUAY.capitalize()}, Lund said.", [("person", "Ada Lund")]),
        (f"{QUAY.capitalize()}, said Karl Moe.", [("person", "Karl Moe")]),
        (f"According to Karl Moe, {QUAY}.", [("person", "Karl Moe")]),
        (f"{QUAY.capitalize()}, according to two port officials.", [("unnamed", "two port officials")]),
        (f"Three senior port managers said {QUAY}.", [("unnamed", "Three senior port managers")]),
        (f"Sources familiar with the matter said {QUAY}.", [("unnamed", "Sources familiar with the matter")]),
        (f"The Transport Ministry announced that {QUAY}.", [("organisation", "Transport Ministry")]),
        (f"Police said {QUAY}.", [("organisation", "Police")]),
        (f"{QUAY.capitalize()}, two of its gates broken, its manager, Ada Moe, said.", [("person", "Ada Moe")]),
        (f"One of those who took pictures, a farmer, said {QUAY}.", [("unnamed", "farmer")]),
        ("Lorn Port closed. It described the closure as temporary.", [("organisation", "Lorn Port")]),
        ("Police gave the number of missing boats as 31.", [("organisation", "Police")]),
        (
            "Lorn Port is full. The quay was closed on Monday, the port's website shows.",
            [("organisation", "Lorn Port")],
        ),
        ("Karl Moe came. “You could get a finger in.” He said that the quay was closed.", [("person", "Karl Moe")]),
        (f"The Lorn Times reported that {QUAY}.", [("outlet", "Lorn Times")]),
        (f"An official told Harbour Wire that {QUAY}.", [("outlet", "Harbour Wire"), ("unnamed", "official")]),
        (f"{QUAY.capitalize()}, an official told reporters.", [("unnamed", "official")]),
        (
            f"Harbour Wire reported that Karl Moe said {QUAY}.",
            [("outlet", "Harbour Wire"), ("person", "Karl Moe")],
        ),
        (f"LORN (Harbour Wire) - Karl Moe said {QUAY}.", [("outlet", "Harbour Wire"), ("person", "Karl Moe")]),
        (f"{QUAY.capitalize()}, according to a report by Harbour Wire.", [("outlet", "Harbour Wire")]),
        (f"A spokesman for Lorn Port said {QUAY}.", [("organisation", "Lorn Port")]),
        (f"Reports say {QUAY}.", [("unnamed", "Reports")]),
        (f"It is understood that {QUAY}.", [("unnamed", "it is understood")]),
        (f"Karl Moe, speaking to Harbour Wire, said {QUAY}.", [("outlet", "Harbour Wire"), ("person", "Karl Moe")]),
        (f"The Lorn Times, citing a letter, reported that {QUAY}.", [("outlet", "Lorn Times"), ("document", "letter")]),
        (f"Karl Moe told the Courier that {QUAY}.", [("outlet", "Courier"), ("person", "Karl Moe")]),
        (f"A source told Nordwire that {QUAY}.", [("unnamed", "source")]),
        (f"LORN (Nordwire) - Karl Moe told Nordwire that {QUAY}.", [("outlet", "Nordwire"), ("person", "Karl Moe")]),
        (
            f"The Ledger reported earlier, citing two officials, that {QUAY}.",
            [("outlet", "Ledger"), ("unnamed", "two officials")],
        ),
        ("Lorn Port closed the quay.", []),
        ("Lorn Port told the Transport Ministry that it would close the quay.", []),
    ],
)
def test_the_chain_goes_from_the_outlet_to_the_source(text: str, expected: list[tuple[str, str]]) -> None:
    assert chain(text) == expected


def test_a_quoted_source_is_told_from_a_paraphrased_one() -> None:
    assert hops(f"“{QUAY.capitalize()},” Ada Lund said.")[-1].relation == "wasQuotedFrom"
    assert hops(f"Ada Lund said {QUAY}.")[-1].relation == "wasAttributedTo"


def test_a_person_has_a_role_and_a_side() -> None:
    hop = hops(f"Karl Moe, chief engineer of Lorn Port, said {QUAY}.")[-1]
    assert (hop.name, hop.descriptor, hop.side, hop.named) == ("Karl Moe", "chief engineer of Lorn Port", "port", True)


def test_a_last_name_is_completed_by_what_was_said_before() -> None:
    assert chain(f"Chief engineer Karl Moe said the crane fell. Moe said {QUAY}.") == [("person", "Karl Moe")]


def test_a_name_with_a_hyphen_is_no_part_of_the_role() -> None:
    hop = hops(f"Ministry spokesman Karl Oduya-Moe said {QUAY}.")[-1]
    assert (hop.name, hop.descriptor) == ("Karl Oduya-Moe", "Ministry spokesman")


def test_the_official_stays_the_senior_one() -> None:
    text = f"A senior ministry official said the crane fell. The official added that {QUAY}."
    assert chain(text) == [("unnamed", "senior ministry official")]


def test_a_pronoun_that_speaks_has_a_name() -> None:
    assert chain(f"Karl Moe said the crane fell. He added that {QUAY}.") == [("person", "Karl Moe")]


def test_the_frame_at_the_end_is_about_all_that_is_coordinated() -> None:
    text = "Police sealed the quay and later opened it again, according to Karl Moe."
    published = Published(datetime(2031, 5, 14, 9, tzinfo=UTC), "minute", "feed")
    found = EXTRACTOR.extract(Article("a", "E", "u", "", text, None, published, published.value), STORY)
    assert [clause.attribution[-1].name for clause in found] == ["Karl Moe", "Karl Moe"]


def test_a_speaker_keeps_the_floor_in_the_next_quotation() -> None:
    text = "“The crane fell,” Karl Moe said.\n“The quay was closed. Nobody was hurt.”"
    assert chain(text) == [("person", "Karl Moe")]
    assert chain(f"{text}\nThe port reopened.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"The Lorn Times’ Karl Moe said {QUAY}.", [None, "reporter"]),
        (f"According to Harbour Wire's Karl Moe, {QUAY}.", [None, "reporter"]),
        (f"Karl Moe told Harbour Wire that {QUAY}.", [None, None]),
        (f"The port's Karl Moe said {QUAY}.", [None]),
        (f"Reports indicate that {QUAY}.", ["unresolved"]),
        (f"Rumours suggested that {QUAY}.", ["unresolved"]),
        (f"According to reports, {QUAY}.", ["unresolved"]),
        (f"Sources indicate that {QUAY}.", [None]),
        (f"Two officials indicate that {QUAY}.", [None]),
    ],
)
def test_a_hop_that_names_nobody_or_is_of_the_outlet_itself_is_marked(text: str, expected: list[str | None]) -> None:
    assert [hop.not_counted for hop in hops(text)] == expected


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("The health minister", "Ada Berg"),
        ("Arden's health minister", "Ada Berg"),
        ("The health minister of Arden", "Ada Berg"),
        ("Lorn's health minister", None),
        ("The health minister of Lorn", None),
        ("Kestria's health minister", None),
        ("Rescuers", "Mountain Watch"),
        ("Rescuers from Arden", "Mountain Watch"),
        ("Rescuers from Kestria", None),
    ],
)
def test_a_nominal_of_one_side_is_nobody_of_another(source: str, name: str | None) -> None:
    told = Story(
        id="border",
        title="The border",
        language="en",
        focus=(("Arden",),),
        actors={
            "Arden": Actor(kind="state", side="Arden"),
            "Lorn": Actor(kind="state", side="Lorn"),
            "Ada Berg": Actor(kind="person", side="Arden", nominals=("the health minister",)),
            "Mountain Watch": Actor(kind="organisation", side="Arden", nominals=("rescuers",)),
        },
    )

    assert hops(f"{source} said the border was closed.", told)[-1].name == name
