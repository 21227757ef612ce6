# ruff: noqa: E501 (texts)
"""Invented wire stories and what newsrooms do to one. Every name, place and figure is made up."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

STRIKE = """SELE HARBOUR STRIKE ENDS AFTER 11 DAYS

SELE, March 4 (Invented Press) - Dock workers in the port of Sele voted on Tuesday to end a strike that had kept 46 ships at anchor for 11 days, their union said.

The United Stevedores accepted a raise of 7.5 percent over two years, less than the 12 percent they had demanded, according to Ilse Marrow, who heads the union's negotiating team.

"Nobody got all that they wanted, but the cranes will move tomorrow," Marrow told reporters outside the Customs House.

The Tarn Port Authority estimated that the walkout had cost the region 310 million crowns, most of it in spoiled fruit and late fees.

Shipping lines had begun to send vessels to Oster, 140 kilometers up the coast, and analysts said that a part of the traffic might never come back.

Governor Pell Adair, who had refused to call in the harbor police, welcomed the vote and said that a commission under Judge Runa Holt would look into working hours at all four terminals.

Work at the grain terminal was to resume at 6 a.m. on Wednesday, while the two container terminals would need until Friday to clear the backlog, the authority said.

The strike was the longest in Sele since 1987."""

DAM = """INSPECTORS FOUND CRACKS IN KORREL DAM, PAPERS SHOW

MIRANO, June 18 (Invented Press) - Inspectors warned the Ministry of Works of cracks in the Korrel Dam 19 months before it gave way, documents seen by Invented Press show.

The engineers reported 23 fissures on the upstream face in November, the longest of them 4.2 meters, and asked that the reservoir be lowered by a third at once.

The ministry put the report aside for lack of funds, according to a handwritten note on its first page that bears the initials of Deputy Minister Corso Veldt.

Veldt did not reply to three requests for comment. His lawyer, Anna Drees, said that her client had never been shown the report.

The dam burst on June 2 after a week of rain, and the flood killed 58 people in Lower Korrel and the neighboring village of Ash. More than 9,000 are still living in tents.

President Odo Lanner has promised a full inquiry, and parliament is to hear the engineers on July 1.

"We wrote it in red ink," said Petra Nohl, one of the five inspectors who signed the report. "We wrote that it would not stand another wet spring."

Opposition leaders called on the minister to resign, and some 2,000 people marched through Mirano on Monday evening under umbrellas and in silence."""

BANK = """NORDMARK BANK TO BUY RIVAL FOR 2.3 BILLION CROWNS

HALVEN, Oct 9 (Invented Press) - Nordmark Bank has agreed to buy its smaller rival Fjell Savings for 2.3 billion crowns in cash and shares, the two lenders said on Thursday.

Shareholders of Fjell will receive 41 crowns and a fifth of a Nordmark share for each of theirs, a premium of 28 percent over the closing price on Wednesday.

The merged group will have 3.1 million customers and 612 branches, of which it plans to close 90 within three years, chief executive Lene Brask told a news conference.

Brask, 52, will lead the group; the head of Fjell, Tor Aune, is to leave after a transition of six months with a payment of 14 million crowns.

The deal needs the consent of the Competition Council, which blocked a similar merger four years ago and declined to comment.

"We do not see a market in which they would dominate, except perhaps for fishing loans in the north," said Mira Solberg, an analyst at Kite Securities, who kept her rating at hold.

Trade unions said that they feared for 1,400 jobs. Nordmark said that it would offer early retirement and ruled out forced redundancies before 2027.

Shares in Fjell rose 24 percent to 50 crowns, and those in Nordmark fell 3 percent."""

STORIES = {"strike": STRIKE, "dam": DAM, "bank": BANK}

OTHER_MATTER = [
    "Gardeners who wait for the last frost may wait in vain this year, for the almanac and the soil disagree by nearly "
    "three weeks, and the beans do not read either of them.",
    "The choir of the old mill sings twice on Sunday, once for those who rise early and once for those who do not, and "
    "admission is free to anybody who brings a chair.",
    "A lost umbrella, green with a wooden handle, was handed in at the tram depot on Monday; its owner may claim it by "
    "describing the carving.",
    "Chess players will notice that the park tables have been sanded and oiled, a gift of the carpenters' school, whose "
    "apprentices left their names beneath.",
    "The bakery on Mill Lane has begun to sell its second-day bread at half price after four in the afternoon, and the "
    "queue reaches the bridge.",
    "Astronomers at the hill observatory invite children to look at Saturn's rings on any clear evening until the end "
    "of the month, parents permitting.",
]
NEW_SENTENCE = (
    "A rescue tug from the island of Varn ran aground on the way and its crew of nine was brought ashore by a helicopter "
    "unharmed, the coast guard said late in the evening."
)
SYNONYMS = {
    "said": "stated", "told": "informed", "about": "around", "after": "following", "most": "much", "will": "is to",
    "refused": "declined", "welcomed": "hailed", "estimated": "reckoned", "begun": "started", "plans": "intends",
    "agreed": "decided", "buy": "acquire", "smaller": "lesser", "receive": "get", "warned": "alerted", "found": "saw",
    "asked": "requested", "killed": "left dead", "promised": "pledged", "called": "urged", "some": "roughly",
    "while": "whereas", "voted": "chose", "accepted": "took", "less": "lower", "part": "share", "longest": "biggest",
    "still": "yet", "same": "very", "offer": "propose", "feared": "worried", "rose": "climbed", "fell": "slipped",
}  # fmt: skip


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def body(text: str) -> list[str]:
    return paragraphs(text)[1:]


def other(count: int) -> list[str]:
    return [OTHER_MATTER[index % len(OTHER_MATTER)] for index in range(count)]


def edited(text: str, share: float) -> str:
    """Replaces, drops or doubles that share of the lower-case words; figures and names stay."""
    dice = random.Random(7)
    words = re.split(r"(\s+)", text)
    at = [index for index, word in enumerate(words) if re.fullmatch(r"[a-z]{2,}", word)]
    chosen = dice.sample(at, min(len(at), int(share * len(text.split()))))
    for index in chosen:
        words[index] = SYNONYMS.get(words[index], dice.choice(["indeed", "also", "there", "then", ""]))
    return "".join(words)


def british(text: str) -> str:
    for american, spelled in [("percent", "per cent"), ("harbor", "harbour"), ("neighbor", "neighbour"),
                              ("meters", "metres"), ("analyze", "analyse"), ("Invented Press", "IP")]:  # fmt: skip
        text = text.replace(american, spelled)
    return text


HANDLINGS: dict[str, Callable[[str], str]] = {
    "verbatim": lambda text: text,
    "re-headed": lambda text: "\n\n".join(["What we know so far", *body(text)]),
    "cut to 50 %": lambda text: "\n\n".join(paragraphs(text)[: (len(paragraphs(text)) + 1) // 2]),
    "cut to 25 %": lambda text: "\n\n".join(body(text)[:2]),
    "cut from the top": lambda text: "\n\n".join(paragraphs(text)[3:]),
    "paragraphs inserted": lambda text: "\n\n".join([*body(text)[:3], *other(2), *body(text)[3:]]),
    "embedded": lambda text: "\n\n".join([*other(2), *body(text), *other(4)[2:]]),
    "British spelling": british,
    "5 % of words edited": lambda text: edited(text, 0.05),
    "10 % of words edited": lambda text: edited(text, 0.10),
    "15 % of words edited": lambda text: edited(text, 0.15),
    "boilerplate": lambda text: (
        "Share this article\n\nListen 4 min\n\n" + text + "\n\nRead more on our site\n\nAll rights reserved."
    ),
    "house style": lambda text: (
        text.replace('"', "”").replace("percent", "%").replace(" - ", " — ").replace("'", "’").replace("9,000", "9000")
    ),
    "one paragraph": lambda text: " ".join(body(text)),
    "update": lambda text: "\n\n".join([*body(text)[:2], NEW_SENTENCE, *body(text)[2:]]),
    "corrected figure": lambda text: re.sub(r"\b(310|58|612)\b", "405", text),
    "combined": lambda text: (
        "Share this article\n\n" + edited(british("\n\n".join(body(text)[:6])), 0.05) + "\n\nAll rights reserved."
    ),
}


IMPLIED: dict[str, tuple[str, ...]] = {
    "verbatim": ("identical",),
    "re-headed": ("edited",),
    "cut to 50 %": ("cut",),
    "cut to 25 %": ("cut",),
    "cut from the top": ("cut",),
    "paragraphs inserted": ("update",),
    "embedded": ("embedded",),
    "British spelling": ("edited", "identical"),
    "5 % of words edited": ("edited",),
    "10 % of words edited": ("edited",),
    "15 % of words edited": ("edited",),
    "boilerplate": ("edited",),
    "house style": ("identical", "edited"),
    "one paragraph": ("edited",),
    "update": ("update",),
    "corrected figure": ("correction",),
    "combined": ("cut", "edited"),
}
"""the kinds of copy that a handling makes, by their definitions (`workers.wire.kinds`); two where it depends on the text"""


def market_report(number: int, names: int | None = None) -> str:
    """A report made from one template; its figures, and its names unless given, differ from those of other numbers."""
    dice = random.Random(number if names is None else names)
    town, metal, dealer = (dice.choice(listed) for listed in (_TOWNS, _METALS, _DEALERS))
    dice = random.Random(f"figures {number} {names}")

    def figure(low: int, high: int) -> str:
        return f"{dice.randint(low, high)}.{dice.randint(0, 99):02d}"

    return (
        f"{town} metals close {number}\n\n"
        f"{metal} closed at {figure(100, 999)} crowns an ounce at the exchange in {town} on Monday, up from "
        f"{figure(100, 999)} crowns at the close on Friday, as dealers weighed demand against stocks in the warehouses.\n\n"
        f"The three-month contract traded between {figure(100, 999)} and {figure(100, 999)} crowns, and volume came to "
        f"{dice.randint(1000, 99999)} lots compared with {dice.randint(1000, 99999)} lots in the previous session.\n\n"
        f"Stocks in warehouses fell by {dice.randint(100, 9000)} tonnes to {dice.randint(10000, 99999)} tonnes, the "
        f"exchange said, while the spread to the cash price narrowed to {figure(1, 9)} crowns.\n\n"
        f'"The market is waiting for the figures on Thursday," said a dealer at {dealer}, who expects prices of up to '
        f"{dice.randint(100, 999)} crowns by the end of the quarter."
    )


_TOWNS = ["Halven", "Mirano", "Sele", "Oster", "Tarn", "Korrel", "Ash", "Varn"]
_METALS = ["Copper", "Tin", "Nickel", "Zinc", "Lead", "Silver"]
_DEALERS = ["Kite Securities", "Brask and Sons", "Holt Metals", "Aune Trading", "Drees Brothers"]


@pytest.fixture(params=sorted(STORIES))
def wire(request: pytest.FixtureRequest) -> str:
    """Each of the invented wire stories in turn."""
    return STORIES[request.param]


@pytest.fixture(params=sorted(HANDLINGS))
def handling(request: pytest.FixtureRequest) -> tuple[str, Callable[[str], str]]:
    """Each kind of handling in turn: its name and what does it."""
    return request.param, HANDLINGS[request.param]


@pytest.fixture
def new_sentence() -> str:
    """What the update adds."""
    return NEW_SENTENCE


@pytest.fixture
def stories() -> dict[str, str]:
    """The invented wire stories by name."""
    return STORIES


@pytest.fixture(params=[None, 1], ids=["other names", "the same names"])
def reports(request: pytest.FixtureRequest) -> list[str]:
    """Market reports made from one template, of many towns or all of one."""
    return [market_report(number, request.param) for number in range(150)]
