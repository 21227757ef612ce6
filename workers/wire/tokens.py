"""Words of a text with their offsets, folded so that house style does not part two copies.

Tokens are found in the raw text, so every offset counts code points of it; only the *form* of a token is folded:
case, compatibility forms (NFKC, where needed), invisible characters, Arabic and Hebrew points, possessive 's, dots of
initials ("O.P.Q." is "opq"), thousands separators, and spelled numbers from two on ("four" is the figure 4).
Scripts written without spaces give one token a character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_CHARS: Final = 500_000
"""code points read of one text; the rest is not looked at"""
MAX_TOKENS: Final = 50_000
"""tokens read of one text; the rest is not looked at"""
_MAX_FORM: Final = 64
"""code points of one word that count: a longer one is known by its beginning"""

WORD: Final = 0
FIGURE: Final = 1
NAME: Final = 2
"""kinds of token; a name is a capitalised word that neither begins its sentence nor stands in a heading"""

_SPACELESS: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
_INVISIBLE: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u0640"
_POINTS: Final = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
_MARKS: Final = f"\u0300-\u036f\u0483-\u0489{_POINTS}\u0900-\u0903\u093a-\u094f\u0962-\u0963\u0981-\u0983\u09bc-\u09cd"
_LETTER: Final = rf"[^\W\d_{_SPACELESS}]"
_RUN: Final = rf"(?:{_LETTER}+[{_MARKS}{_INVISIBLE}]*)+"
_PATTERN: Final = re.compile(
    rf"(?P<initials>[A-Z](?:\.[A-Z])+(?!{_LETTER})\.?)"
    rf"|(?P<word>{_RUN}(?:['’ʼ]{_RUN})*)"
    rf"|(?P<figure>\d(?:\d|[.,:٫٬](?=\d)|[{_INVISIBLE}]{{1,4}}(?=\d))*)"
    rf"|(?P<character>[{_SPACELESS}])"
    rf"|(?P<stop>[.!?…]{{1,4}}[\"'”’)\]»]{{0,3}}(?=[\s{_INVISIBLE}])|[。！？؟۔।])"
    r"|(?P<paragraph>\n[ \t\r]{0,8}\n)"
    r"|(?P<line>\n)"
)
_UNSEEN: Final = re.compile(f"[{_INVISIBLE}]")
_POINTED: Final = re.compile(f"[{_POINTS}]")
STOPS: Final = frozenset(".!?…。！？؟۔।")
"""characters that end a sentence"""
_OPENING: Final = frozenset("\"'“‘(«[„")
_ABBREVIATIONS: Final = frozenset(
    re.findall(
        r"\w+",
        "mr mrs ms dr prof gen col lt sgt capt maj adm sen rep gov hon st rev jr sr no vs "
        "jan feb mar apr jun jul aug sep sept oct nov dec",
    )
)
"""words after which a dot does not end the sentence"""
_SPELLED: Final[dict[str, str]] = dict(
    re.findall(
        r"(\w+) (\d+)",
        "two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 thirteen 13 fourteen 14 "
        "fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19 twenty 20 thirty 30 forty 40 fifty 50 sixty 60 "
        "seventy 70 eighty 80 ninety 90",
    )
)
"""not "one", which is a pronoun as often as a figure"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of one text. The lists run in parallel, one entry a token; nobody changes them."""

    text: str
    starts: list[int]
    ends: list[int]
    """code points of `text`: the token is text[start:end]"""
    forms: list[str]
    """folded; figures as digits"""
    kinds: list[int]
    """WORD, FIGURE or NAME"""
    sentences: list[int]
    """index of the first token of each sentence, ascending; the first is 0 unless there are no tokens"""
    scale: int
    """tokens that say as much as one spaced word does: 1, or 2 where most tokens are single characters"""

    def __len__(self) -> int:
        return len(self.forms)

    def sentence_spans(self) -> list[tuple[int, int]]:
        """First and past-the-last token of each sentence."""
        return list(zip(self.sentences, [*self.sentences[1:], len(self.forms)], strict=True)) if self.forms else []

    def masked(self) -> list[str]:
        """The forms with every figure as "#"."""
        return ["#" if kind == FIGURE else form for form, kind in zip(self.forms, self.kinds, strict=True)]

    def slotted(self) -> list[str]:
        """The forms with every figure as "#" and every name as "@"."""
        return [_SLOT[kind] or form for form, kind in zip(self.forms, self.kinds, strict=True)]


_SLOT: Final = ("", "#", "@")


def read(text: str) -> Tokens:
    """The tokens of a text: at most MAX_TOKENS, from at most MAX_CHARS code points. Any string is accepted."""
    tokens = Tokens(text, [], [], [], [], [], 1)
    characters = _scan(tokens)
    _mark_names(tokens)
    return tokens if 2 * characters <= len(tokens) else _with_scale(tokens, 2)


def _scan(tokens: Tokens) -> int:
    """Fills the lists (names unmarked); returns how many tokens are single characters of a spaceless script."""
    text, starts, ends, forms = tokens.text, tokens.starts, tokens.ends, tokens.forms
    characters, hard, soft = 0, True, False
    for found in _PATTERN.finditer(text, 0, min(len(text), MAX_CHARS)):
        group = found.lastgroup
        if group == "stop":
            soft = soft or not _abbreviated(tokens, found.start())
            continue
        if group == "paragraph" or group == "line":
            soft, hard = True, hard or group == "paragraph"
            continue
        if len(forms) == MAX_TOKENS:
            break
        start, end = found.span()
        if hard or (soft and not text[start].islower()):
            tokens.sentences.append(len(forms))
        hard = soft = False
        form = fold(text[start : min(end, start + _MAX_FORM)])
        starts.append(start)
        ends.append(end)
        forms.append(form)
        tokens.kinds.append(FIGURE if group == "figure" or form.isdecimal() else WORD)
        characters += group == "character"
    return characters


def _abbreviated(tokens: Tokens, stop: int) -> bool:
    """Whether the dot at `stop` belongs to the token before it: a title, a month, a single capital."""
    if not tokens.ends or tokens.ends[-1] != stop or tokens.text[stop] != ".":
        return False
    start = tokens.starts[-1]
    return tokens.forms[-1] in _ABBREVIATIONS or (stop - start == 1 and tokens.text[start].isupper())


def _mark_names(tokens: Tokens) -> None:
    """Turns capitalised words into names, except where capitals say nothing: openings of sentences and quotations,
    headings."""
    text, starts, kinds = tokens.text, tokens.starts, tokens.kinds
    for first, last in tokens.sentence_spans():
        capitals = [index for index in range(first, last) if kinds[index] == WORD and text[starts[index]].isupper()]
        if 5 * len(capitals) > 3 * (last - first) and last - first >= 4:
            continue
        for index in capitals:
            if index != first and text[starts[index] - 1] not in _OPENING:
                kinds[index] = NAME


def _with_scale(tokens: Tokens, scale: int) -> Tokens:
    return Tokens(tokens.text, tokens.starts, tokens.ends, tokens.forms, tokens.kinds, tokens.sentences, scale)


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """The form under which a word is compared."""
    if not word.isascii():
        word = _UNSEEN.sub("", word).replace("’", "'").replace("ʼ", "'")
        if not unicodedata.is_normalized("NFKC", word):
            word = unicodedata.normalize("NFKC", word)
        word = _POINTED.sub("", word)
    if word[:1].isdecimal():
        return "".join(_digit(character) for character in word if character not in ",٬")
    word = word.replace(".", "").casefold()
    word = word.removesuffix("'s")
    return _SPELLED.get(word, word)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character, character))


@lru_cache(maxsize=1 << 16)
def spelling(form: str) -> str:
    """A form under which the two spellings of English are equal. Coarse: for comparing aligned words, never alone.

    >>> spelling("organise") == spelling("organize"), spelling("defence") == spelling("defense")
    (True, True)
    """
    if len(form) < 5 or not form.isascii():
        return form
    form = form.replace("z", "s").replace("our", "or").replace("ll", "l").replace("ogue", "og").replace("mme", "m")
    form = form.replace("ence", "ense").replace("aeo", "eo").replace("aem", "em").replace("grey", "gray")
    return form[:-2] + "er" if form.endswith(("tre", "bre")) else form
