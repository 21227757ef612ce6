"""Names of actors in texts: what counts as one, what does not, and that the offsets are exact."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.stories.matcher import Matcher
from service.stories.story import Actor, Story

NAMES = [
    "Atlantis",
    "ATL",
    "A.T.",
    "New Atlantis",
    "Karl-Erik Øst",
    "Renée Dûr",
    "People's Front",
    "al-Nahr",
    "the Kelp",
]


def story(**changes: object) -> Story:
    fields: dict[str, object] = {
        "id": "kelp-war",
        "title": "The kelp war",
        "language": "en",
        "focus": (("Atlantis",), ("Front", "Dûr")),
        "excludes": ("Atlantis Weekly", "University of New Atlantis"),
        "actors": {
            "Atlantis": Actor(kind="state", aliases=("ATL", "A.T.", "Atlantean"), nominals=("the island",)),
            "New Atlantis": Actor(kind="place"),
            "Front": Actor(kind="organisation", aliases=("People's Front", "the Kelp")),
            "Dûr": Actor(kind="person", aliases=("Renée Dûr", "Karl-Erik Øst", "al-Nahr"), member_of="Front"),
        },
    }
    return Story.model_validate(fields | changes)


def found(text: str) -> list[tuple[str, str]]:
    return [(mention.surface, mention.actor) for mention in Matcher(story()).mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Atlantis said", [("Atlantis", "Atlantis")]),
        ("Atlantis's king, Atlantis’ king, Atlantis’s king, Atlantisʼs king", [("Atlantis", "Atlantis")] * 4),
        ("the Atlantis-led, Front-backed plan", [("Atlantis", "Atlantis"), ("Front", "Front")]),
        ("(Atlantis) “Atlantis” #Atlantis @ATL", [("Atlantis", "Atlantis")] * 3 + [("ATL", "Atlantis")]),
        ("ATLANTIS TELLS FRONT TO LEAVE", [("ATLANTIS", "Atlantis"), ("FRONT", "Front")]),
        ("ATLANTIS: The king spoke.", [("ATLANTIS", "Atlantis")]),
        ("in A.T. waters, A.T.’s king; said A.T.", [("A.T.", "Atlantis")] * 3),
        ("an A.T.-brokered deal, A.T.officials", [("A.T.", "Atlantis")] * 2),
        ("the New Atlantis harbour", [("New Atlantis", "New Atlantis")]),
        (
            "New\n  Atlantis, New\u00a0Atlantis",
            [("New\n  Atlantis", "New Atlantis"), ("New\u00a0Atlantis", "New Atlantis")],
        ),
        ("People’s Front and People's Front", [("People’s Front", "Front"), ("People's Front", "Front")]),
        ("Karl\u2011Erik Øst", [("Karl\u2011Erik Øst", "Dûr")]),
        ("Al-Nahr and al-Nahr", [("Al-Nahr", "Dûr"), ("al-Nahr", "Dûr")]),
        ("The Kelp and the Kelp", [("The Kelp", "Front"), ("the Kelp", "Front")]),
    ],
)
def test_names_count(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "atlantis, atl, a.t.",
        "it told atl to wait",
        "Atlantisian, preAtlantis, Atlantis_2, Atlantis2",
        "A.T.T. and A.T.T announced, A.T.T.’s stock",
        "Atlantis Weekly reported; the ATLANTIS WEEKLY, Atlantis\nWeekly",
        "the University of New Atlantis",
        "the island, it, the group",
        "People's\n\nfront",
        "Atlantis\u0301",
        "",
    ],
)
def test_other_words_do_not_count(text: str) -> None:
    assert found(text) == []


def test_an_empty_line_ends_a_name() -> None:
    assert found("New\n\nAtlantis") == [("Atlantis", "Atlantis")]


def test_an_exclude_swallows_only_its_own_phrase() -> None:
    assert found("Atlantis Weekly says Atlantis won") == [("Atlantis", "Atlantis")]


def test_accents_match_however_they_are_composed() -> None:
    # given
    text = unicodedata.normalize("NFD", "so Renée Dûr said")
    # when
    (mention,) = Matcher(story()).mentions(text)
    # then
    assert unicodedata.normalize("NFC", text[mention.start : mention.end]) == "Renée Dûr"


def test_every_focus_group_must_be_named_in_headline_or_text() -> None:
    matcher = Matcher(story())
    assert matcher.concerns("Atlantis speaks", "The Front is silent.")
    assert matcher.concerns("", "Renée Dûr left Atlantis.")
    assert not matcher.concerns("Atlantis speaks", "Its king is silent. So is the island.")
    assert not matcher.concerns("The Front", "reads Atlantis Weekly and visits New Atlantis")
    assert not matcher.concerns("", "")


@pytest.mark.parametrize(
    ("text", "concerned"),
    [
        ("Atlantis’s health ministry has counted nine.", True),
        ("The Atlantean Health Ministry has counted nine.", True),
        ("ATL’s ministry has counted nine.", True),
        ("In Atlantis the health ministry has counted nine.", False),
        ("Atlantis’s health ministryless years", False),
        ("The health ministry has counted nine. Atlantis has not.", False),
    ],
)
def test_a_member_is_named_by_its_nominal_behind_the_name_of_what_it_belongs_to(text: str, concerned: bool) -> None:
    nominals = ("the health ministry", "the ministry")
    ministry = Actor(kind="organisation", nominals=nominals, member_of="Atlantis")
    actors = {**story().actors, "Ministry of Health": ministry}
    matcher = Matcher(story(actors=actors, focus=(("Atlantis",), ("Ministry of Health",))))
    assert matcher.concerns("", text) is concerned


@given(st.lists(st.sampled_from([*NAMES, "said", "the", "Weekly", ".", ",", "’s", "\n", "-", " ", "x"]), max_size=40))
def test_surfaces_are_the_text_and_do_not_overlap(parts: list[str]) -> None:
    text = " ".join(parts)
    end = 0
    for mention in Matcher(story()).mentions(text):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.surface
        end = mention.end


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    Matcher(story()).mentions(text)


def test_a_long_text_takes_one_pass() -> None:
    # given a story of 400 names
    actors = {f"Person Number{n}": Actor(kind="person", aliases=(f"P. Number{n}",)) for n in range(200)}
    matcher = Matcher(story(actors=actors, focus=(("Person Number1",),), excludes=()))
    sentence = "Person Number7 met People of Paris, P. Number9 did not; nobody Passed Pepper. "

    def seconds(copies: int) -> float:
        started = time.process_time()
        assert len(matcher.mentions(sentence * copies)) == 2 * copies
        return time.process_time() - started

    seconds(10)
    # then the time grows with the length, not with its square
    assert seconds(4000) < 40 * max(seconds(400), 0.005)
