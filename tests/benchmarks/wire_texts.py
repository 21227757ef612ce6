# ruff: noqa: E501 (texts)
"""Texts to measure on: invented wire stories, reports made from templates, and how newsrooms handle them.

The stories are made of invented words by a seeded dice: they read like nothing, but their words recur as words of news
do, and they have headlines, datelines, quotations, names and figures where news has them.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterator
from functools import cache

from tests.wire.conftest import HANDLINGS, market_report

_FUNCTION_WORDS = re.findall(
    r"\w+",
    "the of to a in and said that on for it was is he by with from at as but its has had which would be not have will "
    "this were after their an they about into more than his who been also there could year week government told",
)
_ONSETS = [
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
]
_NUCLEI = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS = ["", "l", "m", "n", "nd", "r", "rk", "s", "st", "t"]


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Words, and their weights one above the other: a few are said all the time, most hardly ever."""
    dice = random.Random(11)
    words = dict.fromkeys(_FUNCTION_WORDS)
    while len(words) < 12_000:
        syllables = dice.choice([1, 2, 2, 3])
        words["".join(dice.choice(p) for _ in range(syllables) for p in (_ONSETS, _NUCLEI, _CODAS))] = None
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / (rank + 2)
        weights.append(total)
    return list(words), weights


def story(number: int, *, sentences: int = 14) -> str:
    """An invented wire story of about `sentences` * 17 words."""
    dice = random.Random(f"story {number}")
    words, weights = vocabulary()
    cast = [f"{dice.choice(words[200:]).title()} {dice.choice(words[200:]).title()}" for _ in range(4)]
    town = dice.choice(words[200:]).title()
    said = [
        _sentence(dice, dice.choices(words, cum_weights=weights, k=dice.randint(11, 22)), cast)
        for _ in range(sentences)
    ]
    said[0] = f"{town.upper()}, March {dice.randint(1, 30)} (Invented Press) - {said[0]}"
    heading = " ".join(dice.choices(words, cum_weights=weights, k=7)).upper()
    breaks = iter([0, *sorted(dice.sample(range(1, sentences), sentences * 2 // 3)), sentences])
    first, paragraphs = next(breaks), [heading]
    for last in breaks:
        paragraphs.append(" ".join(said[first:last]))
        first = last
    return "\n\n".join(paragraphs)


def _sentence(dice: random.Random, words: list[str], cast: list[str]) -> str:
    if dice.random() < 0.6:
        words[dice.randrange(2, len(words))] = str(dice.choice([dice.randint(2, 99), dice.randint(100, 9_999)]))
    if dice.random() < 0.7:
        words.insert(dice.randrange(2, len(words) - 1), dice.choice(cast))
    said = " ".join(words)
    if dice.random() < 0.15:
        return f'"{said[0].upper()}{said[1:]}," said {dice.choice(cast)}.'
    return f"{said[0].upper()}{said[1:]}."


def weather(number: int) -> str:
    """A weather report; every other number of one town."""
    dice = random.Random(f"weather {number}")
    town = "Halven" if number % 2 else story(number).split(",")[0].split("\n")[-1].title()
    high, low, wind = dice.randint(8, 34), dice.randint(-9, 7), dice.randint(5, 70)
    return (
        f"WEATHER FOR {town.upper()}\n\n{town} will be partly cloudy on {dice.choice(_DAYS)} with a high of {high} degrees "
        f"and a low of {low}, the weather office said in its daily outlook for the coast and the plain.\n\nWinds from the "
        f"west will blow at up to {wind} kilometers an hour and {dice.randint(1, 40)} millimeters of rain are expected "
        f"over the hills by the evening, after {dice.randint(1, 40)} millimeters on the day before.\n\nThe outlook for "
        f"{dice.choice(_DAYS)} is {dice.choice(['dry', 'wet', 'windy', 'foggy'])}, with a high of {high + dice.randint(-4, 4)} "
        f"degrees. Pollen counts stand at {dice.randint(10, 300)} grains a cubic meter, and the water at the town beach "
        f"is at {dice.randint(4, 24)} degrees."
    )


def earnings(number: int) -> str:
    """Results of a company for a quarter."""
    dice = random.Random(f"earnings {number}")
    name = story(number).split(",")[0].split("\n")[-1].title() + dice.choice([" Holdings", " Industries", " Foods"])

    def crowns() -> str:
        return f"{dice.randint(2, 900)}.{dice.randint(0, 9)} million crowns"

    return (
        f"{name} reports results for the quarter\n\n{name} earned {crowns()} in the quarter ended in March, compared with "
        f"{crowns()} in the same quarter a year earlier, the company said in a filing to the exchange.\n\nRevenue came to "
        f"{crowns()} against {crowns()}, and earnings per share were {dice.randint(1, 9)}.{dice.randint(10, 99)} crowns "
        f"after {dice.randint(1, 9)}.{dice.randint(10, 99)} crowns. Analysts had on average expected {crowns()}.\n\nThe "
        f"board will propose a dividend of {dice.randint(1, 9)}.{dice.randint(10, 99)} crowns a share, and it expects "
        f"revenue of {crowns()} in the current quarter. The company employs {dice.randint(100, 9999)} people."
    )


_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def templates(each: int = 150) -> dict[str, str]:
    """Reports made from four templates, none of which is a copy of another."""
    makers = {
        "market": market_report,
        "market of one town": lambda number: market_report(number, 1),
        "weather": weather,
        "earnings": earnings,
    }
    return {f"{kind} {number}": make(number) for kind, make in makers.items() for number in range(each)}


def corrected(text: str) -> str:
    """One figure of the middle of the text changed, or the text as it is if it has none."""
    figures = list(re.finditer(r"(?<=[a-z] )\d{2,3}(?= [a-z])", text))
    if not figures:
        return text
    chosen = figures[len(figures) // 2]
    return text[: chosen.start()] + str(int(chosen.group()) + 7) + text[chosen.end() :]


KINDS = HANDLINGS | {"corrected figure": corrected}
"""what newsrooms do, by name"""


def stream(count: int, *, copies: float = 0.3) -> Iterator[str]:
    """A stream of short stories of which a share are copies, lightly handled, of one of the thousand before."""
    dice = random.Random(5)
    handlings = [KINDS[kind] for kind in ("verbatim", "re-headed", "cut to 50 %", "update", "corrected figure")]
    lately: deque[str] = deque(maxlen=1_000)
    for number in range(count):
        if lately and dice.random() < copies:
            yield dice.choice(handlings)(dice.choice(lately))
        else:
            lately.append(story(number, sentences=7))
            yield lately[-1]
