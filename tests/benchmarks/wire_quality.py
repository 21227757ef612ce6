"""How well copies are told from what is none: on invented texts, on Reuters, and what of a copy is new."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from itertools import combinations
from typing import get_args

from tests.benchmarks.wire_reuters import Pair
from tests.benchmarks.wire_texts import KINDS, templates
from tests.wire.conftest import IMPLIED, edited
from workers.wire.kinds import CopyKind
from workers.wire.match import Match, WireStory, match
from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch


def pairs(groups: dict[str, str]) -> set[Pair]:
    """Every two documents of one wire story."""
    members = defaultdict(list)
    for document, wire_story in groups.items():
        members[wire_story].append(document)
    return {pair for each in members.values() for pair in combinations(sorted(each), 2)}


def group_of(document: str, found: Match) -> str:
    """The wire story that a document ended in."""
    return found.wire_story if found.kind == "copy" and found.wire_story else f"w1-{document}"


def adjusted_rand(said: dict[str, str], true: dict[str, str]) -> float:
    """Agreement of two groupings beyond chance: 1 if they are the same, about 0 if they have nothing in common."""

    def couples(sizes: Counter[object]) -> int:
        return sum(size * (size - 1) // 2 for size in sizes.values())

    both = couples(Counter((said[each], true[each]) for each in true))
    one, other = couples(Counter(said.values())), couples(Counter(true.values()))
    chance = one * other / (len(true) * (len(true) - 1) / 2)
    return (both - chance) / ((one + other) / 2 - chance)


def handlings(name: str, originals: dict[str, str]) -> None:
    """Recall of every kind of handling, with all originals on one shelf; and whether its kind of copy is told."""
    shelf = Shelf()
    groups = {each: group_of(each, shelf.take(each, text)) for each, text in originals.items()}
    confused: dict[str, Counter[str]] = defaultdict(Counter)
    print(
        f"\nhandled copies of {len(originals)} {name}: found, of the kind that the handling makes, and the kinds given"
    )
    for kind, handle in KINDS.items():
        hits, told, kinds = 0, 0, Counter[str]()
        for each, text in originals.items():
            asked = handle(text)
            made = sketch(asked)
            found = match(asked, made, shelf.candidates(made))
            implied = IMPLIED[kind] if asked != text else IMPLIED["verbatim"]
            given = found.copy_kind or found.kind
            hits += found.kind == "copy" and found.wire_story == groups[each]
            told += given in implied
            kinds[given] += 1
            confused[given if given in implied else implied[0]][given] += 1
        shares = f"{hits / len(originals):7.2%} {told / len(originals):7.2%}"
        print(f"  {kind:22} {shares}   {dict(kinds.most_common())}")
    _matrix(confused)


def _matrix(confused: dict[str, Counter[str]]) -> None:
    given = [*get_args(CopyKind), *sorted({each for row in confused.values() for each in row} - {*get_args(CopyKind)})]
    print("  made \\ given".ljust(15) + "".join(f"{each:>11}" for each in given))
    for made in get_args(CopyKind):
        print(f"  {made:13}" + "".join(f"{confused[made][each] or '.':>11}" for each in given))


def mixed(originals: dict[str, str]) -> None:
    """Everything in one stream: originals, each copy somewhere after its original, reports made from templates."""
    dice = random.Random(9)
    texts, truth, at = {}, {}, {}
    for original, text in originals.items():
        began = dice.random()
        for kind, handle in {"original": str, **KINDS}.items():
            document = f"{original} {kind}"
            texts[document], truth[document] = handle(text), original
            at[document] = began if kind == "original" else began + dice.random()
    reports = templates()
    for name, text in reports.items():
        texts[name], truth[name], at[name] = text, name, 2 * dice.random()
    shelf = Shelf()
    said = {each: group_of(each, shelf.take(each, texts[each])) for each in sorted(texts, key=lambda each: at[each])}
    found, true = pairs(said), pairs(truth)
    precision, recall = len(found & true) / len(found), len(found & true) / len(true)
    merged = sum(said[name] != f"w1-{name}" for name in reports)
    print(f"\none stream of {len(texts)} texts, {len(KINDS)} kinds of handling and {len(reports)} template reports:")
    print(
        f"  precision {precision:.4f}, recall {recall:.4f}, F1 {2 * precision * recall / (precision + recall):.4f}, ",
        end="",
    )
    print(f"ARI {adjusted_rand(said, truth):.4f}; templates merged: {merged} of {len(reports)}")


def reuters(texts: dict[str, str], gold: dict[str, set[Pair]]) -> None:
    """Pairwise F1 on retransmissions; pairs marked ambiguous are not scored."""
    shelf = Shelf()
    said = pairs({document: group_of(document, shelf.take(document, text)) for document, text in texts.items()})
    same, siblings = gold["same_copy"], gold["same_template_different_story"]
    right, wrong = len(said & same), len(said - same - gold["ambiguous"])
    precision, recall = right / (right + wrong), right / len(same)
    merged = len(said & siblings)
    print(f"\nReuters, {len(texts)} texts: precision {precision:.4f}, recall {recall:.4f}, ", end="")
    print(f"F1 {2 * precision * recall / (precision + recall):.4f}")
    print(f"  template siblings merged: {merged} of {len(siblings)} pairs ({merged / len(siblings):.2%})")


def novelty(originals: dict[str, str]) -> None:
    """Sentences held out of the wire story must come back as new; edits must not."""
    dice = random.Random(3)
    news = found_news = found_fused = sentences = 0
    false = Counter[str]()
    for text in originals.values():
        parts = [part for part in re.split(r"(?<=\w\.)\s+(?=[A-Z])", text) if len(part.split()) >= 8]
        if len(parts) < 5:
            continue
        held = dice.randrange(1, len(parts))
        known = _opened(text.replace(parts[held], ""))
        news += 1
        middle = text.index(parts[held]) + len(parts[held]) // 2
        found_news += any(start <= middle < end for start, end in passages(text, known).additions)
        clause = " ".join(parts[held].split()[:14]).rstrip(".,")
        host = parts[held - 1]
        joined = text.replace(parts[held], "").replace(host, f"{host.rstrip('.')}, while {clause}.")
        found_fused += any(clause in joined[start:end] for start, end in passages(joined, known).additions)
        sentences += len(parts)
        for share in (0.0, 0.05, 0.10, 0.15):
            false[f"{share:.0%}"] += len(passages(edited(text, share), _opened(text)).additions)
    print(f"\nnovelty on {news} texts: new sentence found {found_news / news:.1%}, ", end="")
    print(f"clause fused onto an old sentence {found_fused / news:.1%}")
    said = ", ".join(f"{count / sentences:.2%} at {share} edits" for share, count in false.items())
    print(f"  of all sentences falsely new: {said}")


def _opened(text: str) -> WireStory:
    return WireStory.open("w1-x", "a1-x", "", "", "", text)
