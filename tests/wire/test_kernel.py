"""The compiled kernel does what the Python does, bit for bit, on any text; and takes no nonsense."""

from __future__ import annotations

import random
import shutil
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.wire.conftest import HANDLINGS, STORIES, market_report
from workers.wire import cover, forms, kernel, pure
from workers.wire.cover import Ground
from workers.wire.scanning import MAX_CHARS, MAX_TOKENS
from workers.wire.shelf import Shelf
from workers.wire.tokens import Tokens

PURE, CHOSEN = kernel.PURE, kernel.chosen

_ODD_ONES = (
    "’ʼ'“”\"«»()[]„.!?…。！？؟۔।,:;-–٫٬\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202e\u2060\ufeff\u0640\ud800\udfff\x00\x1c\x85"
    "\u0301\u0308\u05b0\u064e\u0903\u093d\u06dd\u06e5٤६๕᠓𝟗①²½Ⅷǅßﬁİıſ éÉñøÅΣςаЯأבกခ中日한\U0001f468\U00020000\U0010ffff"
)
_PIECES = [
    *_ODD_ONES,
    *"aAzZ 09\n\t\r_",
    *["our", "ll", "ogue", "mme", "ence", "aeo", "aem", "grey", "tre", "bre", "ogrey", "zz"],
    *["'s", "U.S.", "A.B", "Mr.", "jan.", "J.", "\n\n", "\n \t\n", ". ", '." ', "....", "1,234.5", "12:30"],
    "x\u200b1\u200b2",
    *["12 000", " 345", "7\u00a0", "640 225 369", "\u202f500", "1\u2009000\u2009000", "1234 567"],
    *["said", "the", "port", "Sele", "four", "seventeen", "Organisation's", "nationalization"],
    "A" * 70,
    "z" * 63 + "’s",
    *sorted(forms.SPELLED),
    *sorted(forms.ABBREVIATIONS),
]  # fmt: skip
pieces = st.lists(st.sampled_from(_PIECES), max_size=60)
texts = st.one_of(
    st.text(alphabet=st.characters(), max_size=200),
    pieces.map("".join),
    pieces.map(" ".join),
    st.lists(st.sampled_from([*STORIES.values(), *_PIECES]), max_size=3).map("\n\n".join),
)


def everything(used: kernel.Kernel, one: str, other: str) -> list[Any]:
    """What a kernel makes of two texts, every function of it."""
    stories: list[tuple[str, ...]] = [(one,), (other,), (other, one, other), (one[: len(one) // 2], other)]
    made: list[Any] = [used.scan(one), used.scan(other), used.sketch(one), used.sketch(other)]
    for text in (one, other):
        made += [used.alike(text, stories)]
        for parts in stories:
            marks, loose, spans = used.cover(text, parts, 64)
            asked = [*loose, *([(0, len(marks)), (len(marks) // 2, len(marks))] if marks else [])]
            made += [marks, loose, spans, used.agreement(text, parts)]
            made += [used.cover(text, parts, most)[2] for most in (-1, 0, 1)]
            made += [used.retold(text, parts, each, asked) for each in (marks, bytes(len(marks)))]
    return made


fingerprints = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 4)).map(lambda votes: pure.pack("Q", votes))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9) | st.just(2**31 - 1), fingerprints)),
    st.lists(fingerprints, min_size=1, max_size=3),
    st.integers(2, 4),
)
def test_the_kernels_count_votes_alike(history: list[tuple[int, int, bytes]], asked: list[bytes], crowd: int) -> None:
    # given the same history of three generations
    both = [[used.Postings(crowd) for _ in range(3)] for used in (CHOSEN, PURE)]
    for generations in both:
        for number, ordinal, votes in history:
            generations[number].enlist(votes, ordinal)
    assert list(map(len, both[0])) == list(map(len, both[1]))

    # when one, two and all three are asked / then the votes are the same
    for votes in (*asked, *(votes for _, _, votes in history)):
        for count in range(3):
            for least in (-1, 1, 2):
                told = [newest.tally(votes, least, tuple(older[:count])) for newest, *older in both]
                assert told[0] == told[1]


def test_the_kernels_keep_many_votes_alike() -> None:
    # given more fingerprints than any table begins with, some of which many have
    dice = random.Random(2)
    both = [used.Postings(8) for used in (CHOSEN, PURE)]
    common = [dice.getrandbits(64) for _ in range(300)]
    for ordinal in range(3_000):
        votes = pure.pack("Q", [dice.getrandbits(64) >> 6 for _ in range(20)] + dice.sample(common, 3))
        for postings in both:
            postings.enlist(votes, ordinal)

    # when / then
    assert len(both[0]) == len(both[1]) > 60_000
    assert both[0].tally(pure.pack("Q", common), 1, ()) == both[1].tally(pure.pack("Q", common), 1, ())


@settings(deadline=None)
@given(texts, texts)
@example("A.B\u0301. C.D.Ee 'x", "U.S.Army ..... . x")
@example("oguerey ogrey zzour ourll", "colour ogre")
def test_the_kernels_agree_on_any_two_texts(one: str, other: str) -> None:
    assert everything(CHOSEN, one, other) == everything(PURE, one, other)


@given(st.sampled_from(sorted(STORIES)), st.sampled_from(sorted(HANDLINGS)), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_kernels_agree_on_copies(story: str, handling: str, dice: random.Random) -> None:
    # given a handled copy with a few characters exchanged for odd ones
    text = list(HANDLINGS[handling](STORIES[story]))
    for _ in range(dice.randrange(12)):
        text[dice.randrange(len(text))] = dice.choice(_PIECES)

    # when / then
    copy = "".join(text)
    assert everything(CHOSEN, copy, STORIES[story]) == everything(PURE, copy, STORIES[story])


def test_the_kernels_agree_on_every_word_that_they_know() -> None:
    words = [*forms.SPELLED, *forms.ABBREVIATIONS]
    text = "\n".join(f"{word}. Then {word.title()}'s {word.upper()}. x{word} {word}x" for word in words)
    assert CHOSEN.scan(text) == PURE.scan(text)


@pytest.mark.parametrize("plane", range(0, 0x40000, 0x4000), ids=hex)
def test_the_kernels_agree_on_every_character(plane: int) -> None:
    characters = [chr(code) for code in range(plane, plane + 0x4000)]
    text = "".join(f"{character}a {character} 1{character}2" for character in characters)
    for at in range(0, len(text), 100_000):
        assert CHOSEN.scan(text[at : at + 100_000]) == PURE.scan(text[at : at + 100_000])


def test_the_room_decides_the_same_with_either_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    # given every handling of every story, and reports made from one template
    texts = [text for story in STORIES.values() for text in (story, *(handle(story) for handle in HANDLINGS.values()))]
    texts += [market_report(number) for number in range(20)]

    # when they are taken with the one kernel and with the other
    taken = []
    for used in (CHOSEN, PURE):
        monkeypatch.setattr(kernel, "chosen", used)
        monkeypatch.setattr("workers.wire.cover.read", lambda text, used=used: Tokens(text, *used.scan(text)))
        monkeypatch.setattr("workers.wire.cover.ground", lambda parts: Ground(tuple(map(cover.read, parts))))
        shelf = Shelf()
        found = [shelf.take(str(number), text) for number, text in enumerate(texts)]
        taken.append((found, {name: story.to_bytes() for name, story in shelf.wire_stories.items()}))

    # then every match and every record is the same
    assert taken[0] == taken[1]


LARGE = {
    "ten megabytes of one word": "kilometres" * 1_000_000,
    "one word again and again": "word " * 200_000,
    "a million sentences": "a. " * 1_000_000,
    "a million stops": "." * 1_000_000,
    "digits": "1234567890" * 60_000,
    "figures of many words": " ".join(f"said {number} of them" for number in range(30_000)),
    "marks": "e" + "\u0301" * 600_000,
    "initials": "A." * 300_000,
    "Chinese": "塞勒港务局星期二表示。" * 10_000,
    "beyond the limit": "x" * (MAX_CHARS - 2) + " U.S. Army",
}


def beyond_limits(used: kernel.Kernel, text: str) -> list[Any]:
    """What a kernel makes of a text beyond all limits, of itself and of a half of it."""
    halves, read = (text[: MAX_CHARS // 2], text), used.scan(text)
    marks = bytes(len(read[4]))
    made: list[Any] = [read, used.sketch(text), used.alike(text, [(text,), halves]), used.agreement(text, halves)]
    return [*made, used.cover(text, halves, 9), used.retold(text, halves, marks, [(0, len(marks))])]


@pytest.mark.parametrize("name", sorted(LARGE))
def test_the_kernels_have_the_same_limits(name: str) -> None:
    assert beyond_limits(CHOSEN, LARGE[name]) == beyond_limits(PURE, LARGE[name])


@pytest.mark.parametrize("name", sorted(LARGE))
def test_a_kernel_reads_no_further_than_its_limits(name: str) -> None:
    """The compiled one alone: what the sanitizers are shown, for the other is too slow beneath them."""
    read, *_ = beyond_limits(CHOSEN, LARGE[name])

    starts, ends, *_ = read
    assert len(starts) == len(ends) <= 4 * MAX_TOKENS, "packed, four bytes each"
    assert max(pure.numbers(ends, "I")[-1:], default=0) <= MAX_CHARS
    assert read == CHOSEN.scan(LARGE[name][:MAX_CHARS])


def test_words_that_somebody_chose_cost_no_more() -> None:
    # given words whose codes all fall on one place of a table of a thousand
    dice, words = random.Random(1), set[str]()
    while len(words) < 300:
        word = "".join(dice.choices("bdfghkmnpt", k=6))
        if forms.code(word) * 0x9E3779B97F4A7C15 % (1 << 64) >> 54 == 0:
            words.add(word)
    text = " ".join(sorted(words))
    marks = bytes(len(words))

    # when / then it comes to the same
    assert CHOSEN.retold(text, (text,), marks, [(0, 300)]) == PURE.retold(text, (text,), marks, [(0, 300)]) == [False]


packed = st.one_of(st.binary(max_size=64), st.sampled_from([0, 8, 16, 80]).map(bytes), st.just(b"\xff" * 16))
number = st.sampled_from([-1, 0, 1, 2, 3, 1 << 40, -(1 << 62)])
text_or_not = st.one_of(st.none(), st.binary(max_size=4), st.integers(), st.sampled_from(_PIECES))
told = st.sampled_from([*_PIECES, "", "Four of 46 ships left. Five of 46 did not. 中文", "no. No. NO"])
story = st.one_of(st.lists(told, max_size=3).map(tuple), st.just((None,)), st.none(), st.just(["a"]))
spans = st.lists(st.one_of(st.tuples(number, number), st.none(), st.just((1,))), max_size=3) | st.none()
ASKED: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "alike": st.tuples(text_or_not | told, st.lists(story, max_size=3) | st.none()),
    "agreement": st.tuples(text_or_not | told, story),
    "cover": st.tuples(text_or_not | told, story, number),
    "retold": st.tuples(text_or_not | told, story, packed | st.sampled_from([bytes(1), bytes(11)]), spans),
    "Postings": st.tuples(number | st.none()),
    "scan": st.tuples(text_or_not),
    "sketch": st.tuples(text_or_not),
}


@given(st.data())
@settings(max_examples=4 * settings().max_examples)
def test_what_does_not_fit_together_is_refused(data: st.DataObject) -> None:
    """The kernel reads no memory that is not its own: run `tests.wire.sanitized` after changing it."""
    name = data.draw(st.sampled_from(sorted(ASKED)))
    arguments = data.draw(ASKED[name])
    try:
        getattr(CHOSEN, name)(*arguments)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
        assert str(error)


POSTED: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "enlist": st.tuples(packed | st.none(), number),
    "tally": st.tuples(packed, number | st.none(), st.lists(st.sampled_from([b"", None]), max_size=9).map(tuple)),
}


@pytest.mark.skipif(not kernel.COMPILED, reason="what is not compiled is checked by Python itself")
@given(st.data())
def test_postings_refuse_what_does_not_fit(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(POSTED)))
    kept = CHOSEN.Postings(2)
    try:
        getattr(kept, name)(*data.draw(POSTED[name]))
    except (ValueError, TypeError, OverflowError) as error:
        assert str(error)


@pytest.mark.skipif(not kernel.COMPILED, reason="what is not compiled is checked by Python itself")
def test_generations_of_other_crowds_are_not_asked_together() -> None:
    with pytest.raises((TypeError, ValueError)):
        kernel.chosen.Postings(2).tally(b"", 1, (kernel.chosen.Postings(3),))
    with pytest.raises(OverflowError, match="31 bits"):
        kernel.chosen.Postings(2).enlist(bytes(8), 1 << 31)


def test_where_there_is_a_compiler_the_kernel_is_compiled() -> None:
    compiler = shutil.which("cc") and Path(sysconfig.get_path("include"), "Python.h").is_file()
    assert kernel.COMPILED or not compiler, "run: pip install --no-build-isolation --no-deps -e ."
