"""Wire copy in other languages and scripts: found, and told what is new, when it is handled and when its letters are.

Run by itself with `python -m tests.benchmarks.wire_languages`.
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable

from tests.benchmarks.wire_stock import Stock, stocks
from workers.wire.match import Match, match
from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

Sentences = list[str]
Handle = Callable[[Sentences, Stock, random.Random], str]
STORIES = 100
REPORTS = 100


def cut(share: float) -> Handle:
    """The first sentences."""
    return lambda told, stock, _: stock.joined(told[: max(2, int(share * len(told)))])


def embedded(told: Sentences, stock: Stock, dice: random.Random) -> str:
    """Within two thirds as much of other matter."""
    other = [stock.matter(dice) for _ in range(8)]
    return stock.joined([*other[:4], *told, *other[4:]])


def update(told: Sentences, stock: Stock, dice: random.Random) -> str:
    """With one sentence more."""
    at = dice.randrange(2, len(told) - 1)
    return stock.joined([*told[:at], stock.story(f"news {dice.random()}", 1)[0], *told[at:]])


def corrected(told: Sentences, stock: Stock, dice: random.Random) -> str:
    """With another figure."""
    text = stock.joined(told)
    figures = list(re.finditer(r"\d+", text))
    chosen = figures[len(figures) // 2]
    return text[: chosen.start()] + str(int(chosen[0]) + 3) + text[chosen.end() :]


def reworded(share: float) -> Handle:
    """A share of the words dropped, exchanged for others or said the other way round."""

    def handle(told: Sentences, stock: Stock, dice: random.Random) -> str:
        text = stock.joined(told)
        pieces = re.findall(r"\S+\s*" if stock.space else r"\n+|[^\n]{1,2}", text)
        plain = [at for at, piece in enumerate(pieces) if not re.search(r"\d|[.。\n]", piece.rstrip(" "))]
        for at in dice.sample(plain, int(share * len(pieces))):
            pieces[at] = dice.choice(["", stock.word(dice)[: 99 if stock.space else 2] + stock.space])
        return "".join(pieces)

    return handle


HANDLINGS: dict[str, Handle] = {
    "verbatim": lambda told, stock, _: stock.joined(told),
    "cut to 50 %": cut(0.5),
    "cut to 25 %": cut(0.25),
    "embedded": embedded,
    "update": update,
    "corrected figure": corrected,
    "5 % of words edited": reworded(0.05),
    "10 % of words edited": reworded(0.10),
    "one paragraph": lambda told, stock, _: stock.joined(told, len(told)),
}
KINDS = {
    "verbatim": "identical",
    "cut to 50 %": "cut",
    "cut to 25 %": "cut",
    "embedded": "embedded",
    "update": "update",
    "corrected figure": "correction",
    "5 % of words edited": "edited",
    "10 % of words edited": "edited",
    "one paragraph": "identical",
}

_POINTS = {"Arabic": "\u064e\u064f\u0650\u0652\u0651", "Hebrew": "\u05b0\u05b4\u05b7\u05b8\u05b9"}
_LOOKALIKES = str.maketrans("aceopxyiAEOPCTHKMB", "асеорхуіАЕОРСТНКМВ")


def _strewn(text: str, marks: str, dice: random.Random, share: float = 0.3) -> str:
    return "".join(letter + dice.choice(marks) * (letter.isalpha() and dice.random() < share) for letter in text)


def _wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


LETTERS: dict[str, Callable[[str, str, random.Random], str]] = {
    "zero-width marks": lambda text, _, dice: _strewn(text, "\u200b\u200c\u200d\u2060\u00ad", dice),
    "direction marks": lambda text, _, dice: "\u202b" + _strewn(text, "\u200e\u200f", dice, 0.1) + "\u202c",
    "decomposed": lambda text, *_: unicodedata.normalize("NFD", text),
    "full-width": lambda text, *_: _wide(text),
    "points": lambda text, language, dice: _strewn(text, _POINTS.get(language, "\u034f"), dice),
    "tatweel": lambda text, language, dice: _strewn(text, "\u0640", dice) if language == "Arabic" else text,
    "digits of the script": lambda text, language, _: (
        text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")) if language == "Arabic" else text
    ),
    "upper case": lambda text, language, _: (
        text.replace("i", "İ").replace("ı", "I").upper() if language == "Turkish" else text.upper()
    ),
    "upper case without its dots": lambda text, *_: text.upper(),
    "letters that look alike": lambda text, _, dice: " ".join(
        word.translate(_LOOKALIKES) if dice.random() < 0.15 else word for word in text.split(" ")
    ),
}
"""the same words in other letters"""


class Shelved:
    """One language's wire stories on one shelf."""

    def __init__(self, language: str, count: int) -> None:
        self.language, self.stock, self.shelf = language, stocks()[language], Shelf()
        self.told = [self.stock.story(number) for number in range(count)]
        self.opened = [self.shelf.take(str(at), self.stock.joined(each)) for at, each in enumerate(self.told)]

    def asked(self, text: str) -> Match:
        """What a text is, which is not remembered."""
        made = sketch(text)
        return match(text, made, self.shelf.candidates(made))

    def handled(self, name: str) -> tuple[int, Counter[str]]:
        """How many copies are found, and the kinds that they are given."""
        hits, kinds = 0, Counter[str]()
        for number, told in enumerate(self.told):
            dice = random.Random(f"{name} {number}")
            handle = HANDLINGS.get(name)
            text = (
                handle(told, self.stock, dice)
                if handle
                else LETTERS[name](self.stock.joined(told), self.language, dice)
            )
            found = self.asked(text)
            hits += found.kind == "copy" and found.wire_story == f"w1-{number}"
            kinds[found.copy_kind or found.kind] += 1
        return hits, kinds

    def novelty(self) -> tuple[float, float, float]:
        """Shares: of added sentences found, of old sentences called new at 5 % edits, of corrections found."""
        found = false = corrections = sentences = 0
        for number, told in enumerate(self.told):
            wire, dice = self.shelf.wire_stories[f"w1-{number}"], random.Random(f"novelty {number}")
            text = update(told, self.stock, dice)
            new = next(each for each in re.split(r"(?<=[.。])\s*", text) if each and each not in told)
            middle = text.index(new) + len(new) // 2
            found += any(start <= middle < end for start, end in passages(text, wire).additions)
            false += len(passages(reworded(0.05)(told, self.stock, dice), wire).additions)
            corrections += len(passages(corrected(told, self.stock, dice), wire).corrections) == 1
            sentences += len(told)
        return found / len(self.told), false / sentences, corrections / len(self.told)

    def merged(self, reports: int) -> int:
        """Reports made from one template that are taken for a copy."""
        shelf = Shelf()
        made = [self.stock.joined(self.stock.report(number)) for number in range(reports)]
        return sum(shelf.take(f"r{number}", text).kind == "copy" for number, text in enumerate(made))


def main(count: int = STORIES, reports: int = REPORTS) -> None:
    """Everything, by language."""
    for language in stocks():
        shelved = Shelved(language, count)
        alone = sum(found.kind != "copy" for found in shelved.opened)
        print(f"\n{language}: {count} stories, of which {alone} are found to be their own; ", end="")
        print(f"templates merged: {shelved.merged(reports)} of {reports}")
        new, false, corrections = shelved.novelty()
        print(f"  new sentence found {new:.1%}, falsely new at 5 % edits {false:.2%}, corrections {corrections:.1%}")
        for name in (*HANDLINGS, *LETTERS):
            hits, kinds = shelved.handled(name)
            print(f"  {name:28} {hits / count:7.2%}   {dict(kinds.most_common())}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
