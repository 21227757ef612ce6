from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contract.data import Document
from workers.claims import ladder
from workers.claims.lens import lens

DOCUMENT = Document(uri="u", publisher="The Harbour Post", first_seen=datetime(2031, 5, 4, tzinfo=UTC))


@pytest.fixture(scope="module")
def port(w):
    return lens(w.story("Lorn Port", "Transport Ministry"))


def counted(port, *hops):
    return ladder.count(ladder.sources(hops, port)).model_dump()


def test_the_origin_is_the_outlet_nearest_to_the_source(w):
    assert (
        ladder.origin((w.agency("The Evening Mail"), w.agency("Nordwire"), w.person("Ilse Marn")), DOCUMENT)
        == "outlet:nordwire"
    )


def test_without_a_credit_the_publisher_is_the_origin():
    assert ladder.origin((), DOCUMENT) == "outlet:harbour post"


def test_two_unnamed_officials_of_one_side_may_be_one(w, port):
    hops = (w.unnamed("a senior official", side="north"), w.unnamed("a diplomat", side="north"))

    assert counted(port, *hops) == {"min": 1, "max": 2, "named": 0}


def test_unnamed_officials_of_two_sides_are_two(w, port):
    hops = (w.unnamed("a senior official", side="north"), w.unnamed("a diplomat", side="south"))

    assert counted(port, *hops) == {"min": 2, "max": 2, "named": 0}


def test_three_leaders_are_three(w, port):
    assert counted(port, w.unnamed("three senior leaders", side="north")) == {"min": 3, "max": 3, "named": 0}


def test_an_unnamed_official_may_be_the_named_one(w, port):
    hops = (w.person("Ilse Marn", side="north"), w.unnamed("an official", side="north"))

    assert counted(port, *hops) == {"min": 1, "max": 2, "named": 1}


def test_somebody_without_a_side_may_be_anybody(w, port):
    hops = (w.person("Ilse Marn", side="north"), w.unnamed("a source"))

    assert counted(port, *hops) == {"min": 1, "max": 2, "named": 1}


def test_outlets_are_origins_not_sources(w, port):
    assert counted(port, w.agency("Nordwire")) == {"min": 0, "max": 0, "named": 0}


def test_the_side_comes_from_the_story_where_the_hop_does_not_say(w, port):
    assert ladder.sides(ladder.sources((w.unnamed("a Lorn Port manager"),), port)) == ("Lorn Port",)


def test_a_new_side_raises_and_the_same_voice_does_not(w, port):
    known = ladder.sources((w.unnamed("an official", side="north"),), port)

    assert ladder.raises(known, ladder.sources((w.unnamed("a diplomat", side="north"),), port)) is None
    assert (
        ladder.raises(known, ladder.sources((w.unnamed("an official", side="south"),), port)) == "a further side: south"
    )
    assert "ilse marn" in ladder.raises(known, ladder.sources((w.person("Ilse Marn", side="north"),), port))


keys = st.lists(
    st.one_of(
        st.builds(lambda n, s: f"named:{n}@{s}", st.sampled_from("abc"), st.sampled_from(["", "north", "south"])),
        st.builds(
            lambda n, s, c: f"unnamed:{n}@{s}*{c}",
            st.sampled_from("xyz"),
            st.sampled_from(["", "north", "south"]),
            st.integers(1, 9),
        ),
    ),
    max_size=8,
)


@given(keys, st.randoms())
def test_the_interval_holds_and_order_and_repetition_do_not_matter(drawn, random):
    counted = ladder.count(drawn)
    shuffled = drawn * 2
    random.shuffle(shuffled)

    assert 0 <= counted.min <= counted.max
    assert counted.named <= counted.max
    assert ladder.count(shuffled) == counted


@given(keys, keys)
def test_a_further_source_never_lowers_the_ladder(first, more):
    before, after = ladder.count(first), ladder.count([*first, *more])

    assert after.min >= before.min
    assert after.max >= before.max
