"""A second hand: other operations on other texts than the matcher was built with, to see whether it generalises.

Run by itself with `python -m tests.benchmarks.wire_adversary [directory]`.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.wire_reuters import reuters
from tests.benchmarks.wire_stock import stocks
from workers.wire.match import WireStory, match
from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

Hand = Callable[[str, str, random.Random], str]
"""(text, text of another wire story, dice) → what a newsroom made of it"""

_STOP = re.compile(r"(?<=[a-z)\"’”][.!?])\s+(?=[A-Z\"“])")
_FILLERS = re.findall(
    r"\w+", "reportedly also still then now however meanwhile again soon there very quite just even already mainly some"
)
_BRITISH = {
    "labor": "labour", "color": "colour", "neighbor": "neighbour", "defense": "defence", "center": "centre",
    "program": "programme", "organiz": "organis", "recogniz": "recognis", "meter": "metre", "traveled": "travelled",
    "percent": "per cent", "pct": "per cent", "dlrs": "dollars", "mln": "million", "favor": "favour", "honor": "honour",
}  # fmt: skip
_NAV = [
    "Home",
    "World",
    "Business",
    "Sport",
    "Weather",
    "Log in",
    "Menu",
    "Most read",
    "Opinion",
    "Subscribe for 1 euro",
]
_TAIL = [
    "Get the day's top headlines delivered to your inbox every morning by signing up to our newsletter.",
    "© 2031 Ostmark Media Group. All rights reserved. Registered in Halven No. 448211.",
    "Related: Ten walks for the weekend", "Comments (14)", "Terms of use | Privacy policy | Cookie settings",
    "We use cookies to improve your experience on our site. By continuing to browse you agree to our use of them.",
]  # fmt: skip


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def sentences(text: str) -> list[str]:
    return [each for part in paragraphs(text)[1:] for each in _STOP.split(part) if each.strip()]


def edited(share: float) -> Hand:
    """A share of the words dropped, doubled by another word, exchanged, or set the other way round; figures stay."""

    def hand(text: str, _: str, dice: random.Random) -> str:
        words = re.split(r"(\s+)", text)
        at = [index for index in range(0, len(words), 2) if re.fullmatch(r"[a-z]+", words[index])]
        for index in dice.sample(at, min(len(at), int(share * len(words) / 2))):
            done = dice.randrange(4)
            if done == 0:
                words[index] = ""
            elif done == 1:
                words[index] += f" {dice.choice(_FILLERS)}"
            elif done == 2:
                words[index] = dice.choice(_FILLERS)
            elif index + 2 < len(words):
                words[index], words[index + 2] = words[index + 2], words[index]
        return "".join(words)

    return hand


def cut(share: float) -> Hand:
    """The first sentences, in one paragraph."""
    return lambda text, other, dice: " ".join(sentences(text)[: max(2, round(share * len(sentences(text))))])


def reordered(text: str, _: str, dice: random.Random) -> str:
    """The lead stays, the paragraphs after it are shuffled."""
    heading, lead, *rest = paragraphs(text)
    dice.shuffle(rest)
    return "\n\n".join([heading, lead, *rest])


def shuffled(text: str, _: str, dice: random.Random) -> str:
    """Every sentence somewhere else."""
    told = sentences(text)
    dice.shuffle(told)
    return "\n\n".join(told)


def bylined(text: str, other: str, dice: random.Random) -> str:
    """Another headline, a byline, another dateline."""
    _, lead, *rest = paragraphs(text)
    lead = re.sub(r"^[A-Z ,.]+(?:\w+ \d+)?[^-]{0,30} - ", "", lead)
    return "\n\n".join([paragraphs(other)[0], "By OUR CORRESPONDENT in Halven", f"HALVEN (OMG) — {lead}", *rest])


def typeset(text: str, _: str, dice: random.Random) -> str:
    """Other quotation marks, dashes, figures."""
    text = re.sub(r'"([^"\n]*)"', "«\\1»", text).replace("'", "’").replace(" - ", " – ")
    text = re.sub(r"(\d),(\d{3})\b", "\\1 \\2", text)
    text = re.sub(r"\b(\d{1,2}) percent", "\\1%", text)
    return re.sub(r"\$(\d)", "US$\\1", text)


def british(text: str, *_: object) -> str:
    for one, other in _BRITISH.items():
        text = re.sub(rf"\b{one}", other, text)
    return text


def boilerplate(text: str, _: str, dice: random.Random) -> str:
    return "\n".join(dice.sample(_NAV, 7)) + f"\n\n{text}\n\n" + "\n\n".join(dice.sample(_TAIL, 4))


def longer_piece(text: str, other: str, dice: random.Random) -> str:
    """The story is the middle of a piece that is half other matter."""
    around, count = sentences(other), len(text.split())
    before: list[str] = []
    while around and sum(len(each.split()) for each in before) < 0.5 * count:
        before.append(around.pop(0))
    after: list[str] = []
    while around and sum(len(each.split()) for each in after) < 0.5 * count:
        after.append(around.pop(0))
    return "\n\n".join([*before, *paragraphs(text)[1:], *after])


def telex(text: str, *_: object) -> str:
    """In capitals, broken at 69 columns."""
    lines: list[str] = []
    for part in paragraphs(text.upper()):
        line = ""
        for word in part.split():
            if len(line) + len(word) > 68:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines += [line, ""]
    return "\n".join(lines)


def wrapped(text: str, *_: object) -> str:
    """As mail wraps it, in lower and upper case as it was."""
    return re.sub(r"(?m)(.{50,68}?) ", "\\1\n", text)


def scanned(text: str, _: str, dice: random.Random) -> str:
    """Read by a machine from a page: 4 % of the words spoilt."""

    def spoil(word: str) -> str:
        if dice.random() > 0.04 or not word.isalpha():
            return word
        at = dice.randrange(len(word))
        return word[:at] + dice.choice("lcrnmt1i") + word[at + 1 :]

    return "".join(spoil(word) for word in re.split(r"(\W+)", text))


def shortened(text: str, _: str, dice: random.Random) -> str:
    """Each sentence loses what follows its last comma."""
    return "\n\n".join(re.sub(r",[^,]*$", ".", each) if each.count(",") > 1 else each for each in sentences(text))


def rewritten_lead(text: str, other: str, dice: random.Random) -> str:
    """The first fifth is written anew."""
    told = sentences(text)
    return "\n\n".join([*sentences(other)[:1], *told[max(1, len(told) // 5) :]])


def bullets(text: str, _: str, dice: random.Random) -> str:
    """The page begins with three points taken from the text."""
    told = sentences(text)
    points = [" ".join(each.split()[: dice.randint(6, 11)]) for each in dice.sample(told, min(3, len(told)))]
    return "\n".join(f"• {each}" for each in points) + "\n\n" + text


def spoken(text: str, *_: object) -> str:
    """Who says it is moved to the beginning: "X, Y said." becomes "Y said X."."""
    moved = re.sub(r"(?m)(^|(?<=\. ))([A-Z][^.\n\"]{20,}?), ((?:[a-z]+ ){0,4}[\w ]{3,30} said)\.", "\\1\\3 \\2.", text)
    return re.sub(r" said that ", " said ", moved)


def halved(text: str, *_: object) -> str:
    """The first half of the paragraphs."""
    return "\n\n".join(paragraphs(text)[: len(paragraphs(text)) // 2 + 1])


def chained(*hands: Hand) -> Hand:
    """One after another."""

    def hand(text: str, other: str, dice: random.Random) -> str:
        for each in hands:
            text = each(text, other, dice)
        return text

    return hand


HANDS: dict[str, tuple[Hand, tuple[str, ...]]] = {
    "paragraphs reordered": (reordered, ("edited",)),
    "sentences shuffled": (shuffled, ("edited",)),
    "headline and byline": (bylined, ("edited",)),
    "one paragraph": (lambda text, *_: " ".join(sentences(text)), ("edited",)),
    "a paragraph a sentence": (lambda text, *_: "\n\n".join(sentences(text)), ("edited",)),
    "other marks and figures": (typeset, ("identical", "edited")),
    "British and spelled out": (british, ("identical", "edited")),
    "10 % of words": (edited(0.10), ("edited",)),
    "15 % of words": (edited(0.15), ("edited",)),
    "20 % of words": (edited(0.20), ("edited",)),
    "cut to 50 %": (cut(0.5), ("cut",)),
    "cut to 15 %": (cut(0.15), ("cut",)),
    "every third sentence": (lambda text, *_: "\n\n".join(sentences(text)[::3]), ("cut",)),
    "boilerplate": (boilerplate, ("edited",)),
    "half of a longer piece": (longer_piece, ("embedded",)),
    "telex": (telex, ("identical", "edited")),
    "wrapped": (wrapped, ("identical",)),
    "scanned": (scanned, ("edited", "correction")),
    "sentences shortened": (shortened, ("edited", "cut")),
    "lead rewritten": (rewritten_lead, ("update", "edited")),
    "bullets on top": (bullets, ("edited",)),
    "attribution moved": (spoken, ("edited", "identical")),
    "combined: cut, edited, framed": (chained(cut(0.6), edited(0.1), boilerplate), ("cut",)),
    "combined: reordered, British, edited": (chained(reordered, british, edited(0.1)), ("edited",)),
    "combined: embedded, edited": (chained(edited(0.1), longer_piece), ("embedded",)),
    "combined: byline, marks, half": (chained(bylined, typeset, halved), ("cut", "edited")),
}  # fmt: skip
"""and the kinds of copy that they make"""


def english(first: int, count: int) -> dict[str, str]:
    """Stories of the English stock, with a headline and a dateline."""
    stock, made = stocks()["English"], {}
    for number in range(first, first + count):
        told = stock.story(f"adversary {number}", 14)
        dateline = f"{stock.towns[number % len(stock.towns)].upper()}, May {number % 28 + 1} (OMG) - "
        heading = " ".join(told[0].rstrip(".").split()[:8]).upper()
        made[f"stock {number}"] = f"{heading}\n\n{dateline}{stock.joined(told)}"
    return made


def hands(name: str, originals: dict[str, str], others: list[str]) -> None:
    """Recall, kinds and false news of each hand, with all originals on one shelf and none of the others."""
    shelf, names = Shelf(), list(originals)
    alone = sum(shelf.take(each, text).kind != "copy" for each, text in originals.items())
    print(f"\n{len(originals)} {name}, {alone} of them their own; found, rightly named, sentences falsely new, kinds:")
    for what, (hand, implied) in HANDS.items():
        hits, told, false, total, kinds = 0, 0, 0, 0, Counter[str]()
        for number, each in enumerate(names):
            text = hand(originals[each], others[number], random.Random(f"{what} {each}"))
            made = sketch(text)
            found = match(text, made, shelf.candidates(made))
            hits += found.kind == "copy" and found.wire_story == f"w1-{each}"
            kinds[found.copy_kind or found.kind] += 1
            told += found.copy_kind in implied
            if implied[0] not in ("embedded", "update"):
                wire = WireStory.open("w1-x", "", "", "", "", originals[each])
                false += len(passages(text, wire).additions)
                total += len(sentences(text)) or 1
        shares = f"{hits / len(names):7.2%} {told / len(names):7.2%} {false / total if total else 0:7.2%}"
        print(f"  {what:38} {shares}   {dict(kinds.most_common())}")


def digests(name: str, originals: dict[str, str]) -> None:
    """Parts of wire stories in one piece: linked to one of them, and a copy only of one that is half of it."""
    shelf, names = Shelf(), list(originals)
    for each, text in originals.items():
        shelf.take(each, text)
    for label, share in (("two halves", 0.5), ("two thirds and one", 0.7), ("three thirds", 0.34)):
        kinds, right = Counter[str](), 0
        for number, each in enumerate(names):
            first, second, third = (originals[names[number - step]] for step in (0, 3, 5))
            size = len(sentences(first))
            parts = [sentences(first)[: round(share * size)]]
            if share == 0.34:
                parts += [sentences(second)[: size // 3], sentences(third)[: size // 3]]
            else:
                parts += [sentences(second)[: round((1 - share) * size)]]
            text = "\n\n".join(each for part in parts for each in part)
            made = sketch(text)
            found = match(text, made, shelf.candidates(made))
            kinds[found.copy_kind or found.kind] += 1
            right += found.wire_story in {f"w1-{names[number - step]}" for step in (0, 3, 5)}
        print(f"  digest of {label:28} linked to one of its own {right / len(names):.1%}   {dict(kinds.most_common())}")


def main(directory: Path, count: int = 150) -> None:
    """Everything, on the stock and on Reuters."""
    sets = {"stories of the stock": (english(0, count), english(count, count))}
    texts, _ = reuters(directory)
    longer = [name for name, text in texts.items() if len(text.split()) >= 130 and text.count("\n\n") >= 4]
    if longer:
        chosen = {each: texts[each] for each in random.Random(2).sample(longer, 2 * count)}
        sets["Reuters texts"] = dict(list(chosen.items())[:count]), dict(list(chosen.items())[count:])
    for name, (originals, others) in sets.items():
        hands(name, originals, list(others.values()))
        digests(name, originals)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "shared" / "data")
