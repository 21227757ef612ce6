"""Characters and forms: what belongs to a word, and what of a word is compared.

A form is the word folded: case, compatibility forms, accents ("São" is "sao": agencies send without, papers print
with), invisible characters, Arabic and Hebrew points, a letter of another alphabet among those that it looks like,
possessive 's, dots of initials ("O.P.Q." is "opq"), thousands separators, and spelled numbers from two on ("four" is
the figure 4). Its code is its UTF-8 bytes behind a 0x01, read as one big-endian number modulo the Mersenne
prime 2^61 - 1: injective up to seven bytes, and easy to do again in C.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

MAX_FORM: Final = 64
"""code points of one word that count: a longer one is known by its beginning"""

SPACELESS: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff\u0640"
)
"""what Unicode calls default-ignorable, and the stroke that lengthens Arabic words"""
_POINTS: Final = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
MARKS: Final = f"\u0300-\u036f\u0483-\u0489{_POINTS}\u0900-\u0903\u093a-\u094f\u0962-\u0963\u0981-\u0983\u09bc-\u09cd"
LETTER: Final = rf"[^\W\d_{SPACELESS}]"
HARD_SPACES: Final = "\u00a0\u2009\u202f"
"""no-break, thin and narrow no-break: they set three digits apart from the one to three before them"""
_APART: Final = frozenset(f",٬ {HARD_SPACES}")
_UNSEEN: Final = re.compile(f"[{INVISIBLE}]")
_POINTED: Final = re.compile(f"[\u0300-\u036f{_POINTS}]")
_PLAIN: Final = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""letters with strokes, which do not decompose. Source: the Latin-ASCII rules of Unicode CLDR"""
_LOOKALIKES: Final = str.maketrans("авекмнорстухіјѕһԁԛԝαβειηκνορτυχ", "abekmhopctyxijshdqwabeihkvoptux")
"""lower-case Cyrillic and Greek letters whose small or large form looks Latin. Source: Unicode UTS 39, confusables"""
_CYRILLIC: Final = str.maketrans("abekmhopctyx", "авекмнорстух")
STOPS: Final = frozenset(".!?…。！？؟۔।")
"""characters that end a sentence"""
OPENING: Final = frozenset("\"'“‘(«[„")
"""after them a capital says nothing"""
ABBREVIATIONS: Final = frozenset(
    re.findall(
        r"\w+",
        "mr mrs ms dr prof gen col lt sgt capt maj adm sen rep gov hon st rev jr sr no vs "
        "jan feb mar apr jun jul aug sep sept oct nov dec",
    )
)
"""words after which a dot does not end the sentence"""
SPELLED: Final[dict[str, str]] = dict(
    re.findall(
        r"(\w+) (\d+)",
        "two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 thirteen 13 fourteen 14 "
        "fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19 twenty 20 thirty 30 forty 40 fifty 50 sixty 60 "
        "seventy 70 eighty 80 ninety 90",
    )
)
"""not "one", which is a pronoun as often as a figure"""

DECIMAL: Final = 1
ABBREVIATION: Final = 2
"""flags of a form: a figure by itself; a word after which a dot ends no sentence"""
PRIME: Final = (1 << 61) - 1

_CLASSES: Final = tuple(
    (1 << bit, re.compile(pattern))
    for bit, pattern in enumerate(
        [LETTER, r"\d", f"[{SPACELESS}]", f"[{MARKS}{INVISIBLE}]", f"[{INVISIBLE}]", r"\s"],
    )
)
_LOWER: Final = 64
_UPPER: Final = 128


def classes(page: int) -> bytes:
    """What the 256 characters from 256 * page on are, a byte each: by this interpreter's own Unicode tables.

    Bits: letter, digit, character of a script without spaces, mark or invisible, invisible, space, lower, upper.
    """
    return bytes(_class(chr(code)) for code in range(256 * page, 256 * page + 256))


def _class(character: str) -> int:
    cased = _LOWER * character.islower() | _UPPER * character.isupper()
    return cased | sum(bit for bit, pattern in _CLASSES if pattern.match(character))


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """The form under which a word is compared."""
    if word[:1].isdecimal():
        return "".join(_digit(character) for character in _UNSEEN.sub("", word) if character not in _APART)
    word = word.casefold() if word.isascii() else _letters(_UNSEEN.sub("", word).replace("’", "'").replace("ʼ", "'"))
    word = word.replace(".", "").removesuffix("'s")
    return SPELLED.get(word, word)


def _letters(word: str) -> str:
    """In lower case, without accents and points, each letter in the alphabet of its word."""
    plain = _POINTED.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold()))
    plain = unicodedata.normalize("NFC", plain.translate(_PLAIN))
    latin = plain.translate(_LOOKALIKES)
    if latin == plain or not re.search("[a-z]", plain):
        return plain
    return latin if latin.isascii() else plain.translate(_CYRILLIC)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character, character))


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


def code(form: str) -> int:
    """The number that stands for a form."""
    return int.from_bytes(b"\x01" + form.encode("utf-8", "surrogatepass"), "big") % PRIME


@lru_cache(maxsize=1 << 16)
def folded(word: str) -> tuple[int, int, int]:
    """Code of the word's form, code of that form's spelling, flags."""
    form = fold(word)
    return code(form), code(spelling(form)), DECIMAL * form.isdecimal() | ABBREVIATION * (form in ABBREVIATIONS)
