"""What holds for every text, and what hostile ones cost."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.wire.match import MAX_UNION_CHARS, Candidate, Match, WireStory, match
from workers.wire.notices import signal
from workers.wire.passages import passages
from workers.wire.sketch import MAX_FINGERPRINTS, SCHEME, Sketch, sketch
from workers.wire.tokens import MAX_TOKENS, read

anything = st.text(alphabet=st.characters(), max_size=400)
_WORDS = [
    "the",
    "port",
    "of",
    "Sele",
    "said",
    "on",
    "Tuesday",
    "that",
    "46",
    "ships",
    "and",
    "11",
    "left",
    "for",
    "Oster",
]
prose = st.lists(st.sampled_from([*_WORDS, ".", ".\n\n", "“", "\ud800", "\u200f", "é", "中"]), max_size=200).map(
    " ".join
)
texts = st.one_of(anything, prose)


def opened(text: str) -> WireStory:
    return WireStory.open("w1-x", "a1-x", "text:x", "X", "Headline", text)


def compared(text: str, wire_story: WireStory, votes: int = 99) -> Match:
    return match(text, sketch(text), [Candidate(wire_story, votes)])


@given(texts)
def test_a_text_is_a_copy_of_itself(text: str) -> None:
    found = compared(text, opened(text))
    if read(text).forms:
        assert (found.kind, found.copy_kind, found.containment) == ("copy", "identical", 1.0)
        assert passages(text, opened(text)) == passages("", opened(text))
    else:
        assert found.kind == "new"


@pytest.mark.parametrize("text", ["spam " * 5_000, "buy it now, " * 900, "a. " * 700, "中" * 900, "port 1 " * 400])
def test_a_text_that_says_one_thing_over_and_over_is_a_copy_of_itself_alone(text: str, stories: dict[str, str]) -> None:
    assert compared(text, opened(text)).copy_kind == "identical"
    assert compared(f"{stories['dam']} {text[:40]}", opened(text)).kind == "new"
    assert compared(text, opened(f"{stories['dam']} {text[:40]}")).kind == "new"


@given(texts, texts)
def test_spans_are_exact_ascending_and_apart(text: str, other: str) -> None:
    found = passages(text, opened(other))
    reached = 0
    for start, end in found.additions:
        assert reached <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        reached = end
    reached = 0
    for each in found.corrections:
        assert reached <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == each.new
        assert each.old in other and each.old != each.new
        reached = each.end


@given(texts)
def test_tokens_stand_where_they_say(text: str) -> None:
    tokens = read(text)
    reached = 0
    for start, end, form in zip(tokens.starts, tokens.ends, tokens.forms, strict=True):
        assert reached <= start < end <= len(text)
        assert form is not None
        reached = end
    assert tokens.sentences == sorted(set(tokens.sentences))
    assert tokens.sentences[:1] == ([0] if tokens.forms else [])


@given(texts)
def test_a_sketch_is_deterministic_small_and_survives_json(text: str) -> None:
    made = sketch(text)
    assert made == sketch(text) == Sketch.from_json(made.to_json())
    assert made.scheme == SCHEME
    assert list(made.fingerprints) == sorted(set(made.fingerprints))
    assert len(made.fingerprints) <= MAX_FINGERPRINTS
    assert all(0 <= each < 1 << 64 for each in made.fingerprints)


@given(texts, st.lists(texts, max_size=4))
@settings(max_examples=50)
def test_a_record_survives_bytes_and_its_union_only_grows(original: str, others: list[str]) -> None:
    story = opened(original)
    for number, other in enumerate(others):
        before = story
        joining = Match("copy", story.id, "update")
        story = story.join(f"a1-{number}", f"text:{number}", "\udcff", other[:50], other, joining)
        assert story.parts[: len(before.parts)] == before.parts
        assert story.members[0] == before.members[0]
        assert story.copies == number + 1
        assert WireStory.from_bytes(story.to_bytes()) == story


@pytest.mark.parametrize("text", ["", " ", "…", "\ud800", "\u200b\u200f", "!!! ???"])
def test_a_text_without_words_is_new_and_harms_nothing(text: str, stories: dict[str, str]) -> None:
    assert compared(text, opened(stories["dam"])).kind == "new"
    assert compared(stories["dam"], opened(text)).kind == "new"
    assert passages(text, opened(stories["dam"])).additions == ()
    assert sketch(text).fingerprints == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 10_000_000, id="10 MB, one word"),
        pytest.param("spam " * 2_000_000, id="10 MB of one word"),
        pytest.param("a. " * 1_000_000, id="a million one-character sentences"),
        pytest.param(" ".join(map(str, range(1_000_000))), id="all figures"),
        pytest.param("7" * 5_000_000, id="all digits"),
        pytest.param("1 000 " * 500_000, id="thousands of thousands"),
        pytest.param("123\u00a0" * 500_000, id="a figure without end"),
        pytest.param("." * 10_000_000, id="all stops"),
        pytest.param("\n" * 10_000_000, id="all lines"),
        pytest.param(" " * 10_000_000, id="all blank"),
        pytest.param("\ud800 " * 1_000_000, id="lone surrogates"),
        pytest.param("A." * 1_000_000, id="initials without end"),
        pytest.param("a'" * 1_000_000, id="apostrophes without end"),
        pytest.param("中文" * 1_000_000, id="no spaces"),
        pytest.param("a\u0301\u200d" * 1_000_000, id="marks without end"),
        pytest.param("“(" * 1_000_000, id="brackets without end"),
        pytest.param("Xy 1 said Zed of 2 " * 300_000, id="slots without end"),
        pytest.param("\u200f\u202e" * 1_000_000, id="direction marks without end"),
        pytest.param("a\u200d" * 1_000_000, id="joiners without end"),
        pytest.param("Fеrry сrаft " * 200_000, id="letters that look alike"),
        pytest.param("All rights reserved.\n\nSign up for our newsletter.\n\n" * 50_000, id="all boilerplate"),
        pytest.param("(Corrects " * 300_000, id="notes without end"),
        pytest.param("Editors: please kill the " * 100_000, id="kills without end"),
    ],
)
def test_hostile_texts_cost_bounded_time_and_memory(text: str) -> None:
    # given / when the whole path is walked with a hostile text on both sides
    began = time.process_time()
    made = sketch(text)
    story = opened(text)
    found = match(text, made, [Candidate(story, 9)] * 3)
    added = passages(text, story)
    if found.kind == "copy":
        story = story.join("a1-y", "", "", "", text, found)
    signal(text, text)
    record = story.to_bytes()

    # then it took seconds at most, and nothing grew with the text
    assert time.process_time() - began < 20
    assert made.tokens <= MAX_TOKENS
    assert len(made.fingerprints) <= MAX_FINGERPRINTS
    assert len(added.additions) <= MAX_TOKENS
    assert len(record) <= 4 * MAX_UNION_CHARS
    assert WireStory.from_bytes(record) == story


def test_a_record_stays_bounded_however_many_join(stories: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    # given small limits, and copies without end that each add a sentence
    for name, limit in [("MAX_MEMBERS", 20), ("MAX_PARTS", 15), ("MAX_UNION_CHARS", 4_000)]:
        monkeypatch.setattr(f"workers.wire.match.{name}", limit)
    story, dice = opened(stories["dam"]), random.Random(1)
    for number in range(40):
        extra = " ".join(f"w{dice.randrange(10**6)}x" for _ in range(30)) + "."
        story = story.join(f"a1-{number}", "u" * 9_999, "s", "h", extra, Match("copy", story.id, "update"))

    # then members, parts and text are bounded, the original is kept, and the count is exact
    assert len(story.members) == 20 and story.members[0].article_id == "a1-x"
    assert story.members[-1].article_id == f"a1-{39}"
    assert 1 < len(story.parts) <= 15 and sum(map(len, story.parts)) <= 4_000
    assert story.copies == 40


def test_an_article_that_joins_again_stays_one_member(stories: dict[str, str]) -> None:
    story, joining = opened(stories["dam"]), Match("copy", "w1-x", "edited")
    twice = story.join("a1-y", "u", "s", "old", stories["dam"], joining).join(
        "a1-y", "u", "s", "new", stories["dam"], joining
    )
    assert [(member.article_id, member.headline) for member in twice.members] == [("a1-x", "Headline"), ("a1-y", "new")]
    assert twice.copies == 1
    assert story.join("a1-x", "u", "s", "h", stories["dam"], joining).members[0].article_id == "a1-x"


@pytest.mark.parametrize("kind", ["new", "sibling", "digest"])
def test_only_copies_join(kind: str) -> None:
    with pytest.raises(ValueError, match="no copy"):
        opened("text").join("a1-y", "", "", "", "text", Match(kind, "w1-x"))  # type: ignore[arg-type]


def test_another_scheme_is_refused(stories: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    # given a record and a sketch of today
    made, record = sketch(stories["dam"]), opened(stories["dam"]).to_bytes()

    # when the scheme changes
    monkeypatch.setattr("workers.wire.match.SCHEME", "another")

    # then neither is mixed with the new ones
    with pytest.raises(ValueError, match="another scheme"):
        match(stories["dam"], made, [])
    with pytest.raises(ValueError, match="another scheme"):
        WireStory.from_bytes(record)


@pytest.mark.parametrize("record", [b"", b"no", bytes(range(256))])
def test_what_is_no_record_is_refused(record: bytes) -> None:
    with pytest.raises(ValueError, match="not a wire story's record"):
        WireStory.from_bytes(record)


def test_the_scheme_pins_its_hashes(stories: dict[str, str]) -> None:
    """Another value means another scheme: change SCHEME, then this."""
    assert sketch("Dock workers in Sele voted on Tuesday to end a long strike.").fingerprints[:2] == PINNED
    assert SCHEME == "words5-least2-few8.v3"


PINNED = (133975186724037270, 2431571513578984928)
