"""The sheet against the parser's own objects: the same tokens, tags, lemmas and tree, whatever the text."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.claims.grammar import parser
from workers.claims.grammar.parser import hung, load, parse, tagged
from workers.claims.grammar.sheet import Doc

TEXTS = (
    "“We've not signed anything,” said Ada Berg, who let's be fair ain't gonna say more, per the filing.",
    "LUND: The quay is safe.\n\nBERG: Is it? There are 3.5 million tonnes; it's the mayor's, isn't it?\n",
    "Y'all gotta see what's comin': the dog's gone, they'd have said, c'mon, and he'd've known nothin'.",
    "\n\n  \t\n",
    "One",
    "",
    "Which report does the minister whom they cite say it was that counted whom the one says they allowed, and when?",
)
WORDS = "The minister said she had been told , “ it 's ” gonna ain't let's — ; per as Lund".split(" ")  # noqa: SIM905
words = st.lists(st.sampled_from([*WORDS, "\n\n"]), max_size=25).map(" ".join)


def both(text: str) -> tuple[Doc, Any]:
    """Our sheet, and the document that all of the parser's own components were at."""
    language = load()
    parsed = language.make_doc(text)
    for name in ("tok2vec", "tagger"):
        parsed = language.get_pipe(name)(parsed)
    ours = tagged(parsed)
    parsed = language.get_pipe("parser")(parsed)
    hung(ours, [parsed], [0])
    for name in ("attribute_ruler", "lemmatizer"):
        parsed = language.get_pipe(name)(parsed)
    return ours, parsed


def seen(doc: Any) -> list[tuple[Any, ...]]:
    return [
        (
            (token.i, token.idx, token.text, token.lower_, token.whitespace_, token.text_with_ws),
            (token.tag_, token.pos_, token.dep_, token.lemma_, token.head.i, token.is_sent_start),
            (token.is_alpha, token.is_space, token.is_punct, token.like_num, token.n_lefts, token.n_rights),
            (token.left_edge.i, token.right_edge.i, token.sent.start, token.sent.end, token.sent.root.i),
            [[one.i for one in kin] for kin in (token.lefts, token.rights, token.children, token.subtree)],
            [one.i for one in token.ancestors],
        )
        for token in doc
    ]


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_sheet_says_what_the_parser_says(number: int) -> None:
    ours, theirs = both(TEXTS[number])

    assert seen(ours) == seen(theirs)
    if len(theirs):
        assert [sent.text for sent in ours.sents] == [sent.text for sent in theirs.sents]


@given(words)
@settings(max_examples=20)
def test_so_it_does_of_any_words(text: str) -> None:
    ours, theirs = both(text)

    assert seen(ours) == seen(theirs)


def test_stretches_parsed_at_once_hang_as_in_the_text_parsed_whole() -> None:
    paragraphs = [text for text in TEXTS if len(text.split()) > 5]
    text = "\n\n".join((*paragraphs, "Nobody was hurt", *paragraphs))
    starts = tuple(at for at in range(len(text)) if at == 0 or text[at - 2 : at] == "\n\n")
    language = load()
    whole = language.get_pipe("tok2vec")(language.make_doc(text))
    for first in (token for token in whole if token.idx in starts):
        first.is_sent_start = True
    whole = language.get_pipe("parser")(whole)

    ours = tagged(language.get_pipe("tagger")(language.get_pipe("tok2vec")(language.make_doc(text))))
    for token in ours:
        token.is_sent_start = True if token.idx in starts else None
    parser._hang(ours, whole, language.get_pipe("parser"))

    assert len(starts) > 4
    assert [token.head.i for token in ours] == [token.head.i for token in whole]
    assert [token.is_sent_start for token in ours] == [token.is_sent_start for token in whole]


@given(words, st.data())
@settings(max_examples=20)
def test_what_is_hung_elsewhere_stands_as_in_the_parser(text: str, data: st.DataObject) -> None:
    ours, theirs = both(text)
    roots = [token.i for token in ours if token.head is token]
    ways = [(child, parent) for parent, child in pairwise(roots)]  # a sentence on the one before
    ways += [(token.i, above.i) for token in ours for above in token.ancestors]  # a word higher up

    for at, to in data.draw(st.lists(st.sampled_from(ways), max_size=2)) if ways else ():
        ours.hang(ours[at], ours[to])
        theirs[at].head = theirs[to]

    assert seen(ours) == seen(theirs)


def test_a_set_of_tokens_has_one_order() -> None:
    ours, _ = both(TEXTS[0])

    assert [token.i for token in set(ours)] == list(range(len(ours)))


def test_beyond_a_number_of_words_the_parser_forgets_what_it_met(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The minister said that Quorblaxia had denied it, and she won't say more to the Zwintex Herald."
    monkeypatch.setattr(parser, "WORDS", 0)
    before = len(load().vocab.strings)

    forgotten = parse(text, (0,))
    after = len(load().vocab.strings)
    monkeypatch.undo()

    assert seen(forgotten) == seen(parse(text, (0,)))
    assert after == before < len(load().vocab.strings)
