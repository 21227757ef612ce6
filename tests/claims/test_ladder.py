from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contract.data import Document
from workers.claims.memory import ladder
from workers.claims.sameness.lens import lens

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


# -- what is not counted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["unresolved", "reporter", "circular"])
def test_a_hop_that_is_marked_is_no_source(w, port, why):
    marked = w.person("Ilse Marn").model_copy(update={"not_counted": why})

    assert counted(port, marked, w.person("Ada Lund"))["named"] == 1
    assert counted(port, marked) == {"min": 0, "max": 0, "named": 0}
    assert counted(port, w.person("Ilse Marn"))["named"] == 1, "and unmarked it is one"


def test_the_credit_is_the_outlet_nearest_to_the_source_and_never_oneself(w):
    hops = (w.agency("The Evening Mail"), w.agency("Nordwire"))

    assert ladder.credit(hops, DOCUMENT) == ("The Harbour Post", "Nordwire")
    assert ladder.credit((w.agency("Harbour Post"),), DOCUMENT) is None
    assert ladder.credit((w.person("Ilse Marn"),), DOCUMENT) is None


@pytest.mark.parametrize(
    ("known", "added", "circular"),
    [
        ([], ("A", "B"), False),
        ([("A", "B")], ("B", "C"), False),
        ([("A", "B")], ("B", "A"), True),
        ([("A", "B"), ("B", "C")], ("C", "A"), True),
        ([("A", "B"), ("B", "C")], ("C", "the a"), True),
        ([("A", "B"), ("C", "B")], ("A", "C"), False),
        ([], ("A", "A"), True),
    ],
)
def test_who_has_it_from_oneself_is_circular(known, added, circular):
    assert ladder.is_circular(known, added) is circular


def test_of_outlets_that_credit_each_other_the_one_credited_first_stands():
    credits = [("A", "B"), ("B", "The A"), ("C", "b"), ("D", "E")]

    assert ladder.credited(credits) == ("B", "E")


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("ABCD")), max_size=8))
def test_what_is_credited_never_goes_round(credits):
    straight = []
    for one in credits:
        if not ladder.is_circular(straight, one):
            straight.append(one)
    assert set(ladder.credited(credits)) == {outlet for _, outlet in straight}


def test_a_voice_that_goes_round_corroborates_nothing_and_is_marked(newsroom, w):
    harbour = newsroom(w.story("Lorn Port", "Transport Ministry"))
    # given a claim that the Mail has from the Echo
    asked = w.said("Lorn Port asked the ministry to reopen the quay.", "Lorn Port", "ask reopen", "quay")
    harbour.print(asked.model_copy(update={"attribution": (w.agency("The Echo"),)}), by="The Mail")
    # when the Echo has it from the Mail, and somebody else from Nordwire
    words = "Lorn Port has asked the ministry that the quay be reopened."
    again = w.said(words, "Lorn Port", "ask reopen", "quay", attribution=(w.agency("The Mail"),))
    before = harbour.known(harbour.print(again, by="The Echo")).support
    other = w.said(
        "The ministry was asked by Lorn Port to open the quay again.", "Lorn Port", "ask reopen", "quay",
        attribution=(w.agency("Nordwire"),),
    )  # fmt: skip
    after = harbour.known(harbour.print(other, by="The Gazette")).support
    # then
    assert (before.documents, before.origins, before.credited) == (2, 1, ("The Echo",))
    assert (after.documents, after.origins, after.credited) == (3, 2, ("The Echo", "Nordwire"))
    (hop,) = ladder.marked(
        again.attribution, DOCUMENT.model_copy(update={"publisher": "The Echo"}), [("The Mail", "The Echo")]
    )
    assert hop.not_counted == "circular"
