"""Wire stories in several languages, made of the sentence stocks in `stocks.toml` by a seeded dice."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PARTS = ("when", "who", "what", "more")


@dataclass(frozen=True, slots=True)
class Stock:
    """The parts of one language's sentences; `{n}` is a figure, `{p}` a person, `{t}` a town."""

    syllables: str
    people: list[str]
    towns: list[str]
    when: list[str]
    who: list[str]
    what: list[str]
    more: list[str]
    space: str = " "
    stop: str = "."

    def story(self, number: int | str, sentences: int = 12) -> list[str]:
        """The sentences of an invented wire story, all different; stories share phrases, as news does."""
        dice = random.Random(f"stock {number}")
        cast, towns = dice.sample(self.people, 3), dice.sample(self.towns, 2)
        return [self._sentence(self._frame(dice), dice, cast, towns) for _ in range(sentences)]

    def report(self, number: int, sentences: int = 8) -> list[str]:
        """A report made from the language's one template, which is full of figures; those alone differ."""
        dice, fixed = random.Random(f"report {number}"), random.Random("template")
        frames = [self._strewn(self._frame(fixed), fixed) for _ in range(sentences)]
        frames = [re.sub(r"\{p\}|\{t\}", self.people[0], frame) + self.space + "({n})" for frame in frames]
        return [self._filled(frame, dice, self.people, self.towns) for frame in frames]

    def _frame(self, dice: random.Random) -> str:
        return self.space.join(dice.choice(getattr(self, part)) for part in _PARTS)

    def _sentence(self, frame: str, dice: random.Random, cast: list[str], towns: list[str]) -> str:
        return self._filled(self._strewn(frame, dice), dice, cast, towns)

    def _strewn(self, frame: str, dice: random.Random) -> str:
        """With an invented word among every few."""
        pieces = frame.split(" ") if self.space else re.findall(r"\{\w\}|.", frame)
        made, left = list[str](), dice.randint(2, 5)
        for piece in pieces:
            made.append(piece)
            left -= 1
            if not left:
                made.append(self.word(dice))
                left = dice.randint(3, 6) if self.space else dice.randint(6, 12)
        return self.space.join(made)

    def matter(self, dice: random.Random) -> str:
        """A sentence about something else altogether: of invented words alone, or of any characters."""
        if not self.space:
            return "".join(chr(dice.randrange(0x4E00, 0x9000)) for _ in range(dice.randint(24, 40))) + self.stop
        return self.space.join(self.word(dice) for _ in range(dice.randint(9, 14))) + self.stop

    def word(self, dice: random.Random) -> str:
        """An invented word."""
        return "".join(dice.choice(self.syllables.split()) for _ in range(dice.randint(2, 3)))

    def _filled(self, frame: str, dice: random.Random, cast: list[str], towns: list[str]) -> str:
        def fill(slot: re.Match[str]) -> str:
            if slot[1] == "n":
                return str(dice.choice([dice.randint(3, 99), dice.randint(100, 9_999)]))
            return dice.choice(cast if slot[1] == "p" else towns)

        made = re.sub(r"\{(\w)\}", fill, frame)
        return made[:1].upper() + made[1:] + self.stop

    def joined(self, sentences: list[str], each: int = 2) -> str:
        """Sentences as paragraphs of `each`."""
        return "\n\n".join(self.space.join(sentences[at : at + each]) for at in range(0, len(sentences), each))


@cache
def stocks() -> dict[str, Stock]:
    """By language."""
    listed = tomllib.loads((Path(__file__).parent / "stocks.toml").read_text("utf-8"))
    return {language: Stock(**parts) for language, parts in listed.items()}
