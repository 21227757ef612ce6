"""Quality and speed of the room of wire copy:  python -m tests.benchmarks.wire [DIRECTORY]

DIRECTORY holds reuters.jsonl.xz and reuters-gold.json.xz (default: ../shared/data). Where they are absent it says so
and measures on the tests' invented texts alone. Prints figures, writes nothing.
"""

from __future__ import annotations

import json
import lzma
import random
import re
import sys
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from tests.wire.conftest import HANDLINGS, STORIES, edited, market_report
from workers.wire.match import WireStory, match
from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

Pair = tuple[str, str]
SAMPLE = 300


def pairs(groups: dict[str, str]) -> set[Pair]:
    """Every two documents of one wire story."""
    members = defaultdict(list)
    for document, wire_story in groups.items():
        members[wire_story].append(document)
    return {pair for each in members.values() for pair in combinations(sorted(each), 2)}


def reuters(texts: dict[str, str], gold: dict[str, set[Pair]]) -> None:
    """Pairwise F1 on retransmissions; pairs marked ambiguous are not scored."""
    shelf, groups, spent = Shelf(), {}, []
    for document, text in texts.items():
        began = time.perf_counter()
        found = shelf.take(document, text)
        spent.append(time.perf_counter() - began)
        groups[document] = found.wire_story if found.kind == "copy" and found.wire_story else f"w1-{document}"
    said = pairs(groups)
    same, templates = gold["same_copy"], gold["same_template_different_story"]
    right, wrong = len(said & same), len(said - same - gold["ambiguous"])
    precision, recall = right / (right + wrong), right / len(same)
    spent.sort()
    records = sum(len(story.to_bytes()) for story in shelf.wire_stories.values())
    print(f"Reuters, {len(texts)} texts: precision {precision:.4f}, recall {recall:.4f}, ", end="")
    print(f"F1 {2 * precision * recall / (precision + recall):.4f}")
    merged = len(said & templates)
    print(f"  templates merged: {merged} of {len(templates)} pairs ({merged / len(templates):.2%})")
    print(f"  raw text to decision, pure Python: {len(texts) / sum(spent):.0f} docs/s, ", end="")
    print(f"p50 {1000 * spent[len(spent) // 2]:.2f} ms, p99 {1000 * spent[len(spent) * 99 // 100]:.2f} ms")
    print(f"  record of a wire story: {records / len(shelf.wire_stories):.0f} bytes on average")


def handlings(originals: dict[str, str]) -> None:
    """Recall of every kind of handling, with all originals on one shelf."""
    shelf = Shelf()
    groups = {}
    for name, text in originals.items():
        found = shelf.take(name, text)
        groups[name] = found.wire_story if found.kind == "copy" else f"w1-{name}"
    print(f"handlings of {len(originals)} texts, found (and the kinds given):")
    for kind, handle in (HANDLINGS | {"corrected figure": corrected}).items():
        hits, kinds = 0, Counter[str]()
        for name, text in originals.items():
            asked = handle(text)
            made = sketch(asked)
            found = match(asked, made, shelf.candidates(made))
            hits += found.kind == "copy" and found.wire_story == groups[name]
            kinds[found.copy_kind or found.kind] += 1
        print(f"  {kind:22} {hits / len(originals):7.2%}   {dict(kinds.most_common())}")


def corrected(text: str) -> str:
    """One figure of the middle of the text changed."""
    figures = list(re.finditer(r"(?<=[a-z] )\d{2,3}(?= [a-z])", text))
    if not figures:
        return HANDLINGS["corrected figure"](text)
    chosen = figures[len(figures) // 2]
    return text[: chosen.start()] + str(int(chosen.group()) + 7) + text[chosen.end() :]


def templates() -> None:
    """Reports made from one template: how many join another."""
    shelf = Shelf()
    made = [market_report(number, names) for names in (None, 1) for number in range(SAMPLE)]
    merged = sum(shelf.take(str(number), text).kind == "copy" for number, text in enumerate(made))
    print(f"synthetic templates merged: {merged} of {len(made)}")


def novelty(originals: dict[str, str]) -> None:
    """Sentences held out of the wire story must come back as new; edits must not."""
    dice = random.Random(3)
    news = fused = found_news = found_fused = 0
    false = Counter[str]()
    sentences = 0
    for text in originals.values():
        parts = [part for part in re.split(r"(?<=\w\.)\s+(?=[A-Z])", text) if len(part.split()) >= 8]
        if len(parts) < 5:
            continue
        held = dice.randrange(1, len(parts))
        known = _opened(text.replace(parts[held], ""))
        news += 1
        begins = text.index(parts[held])
        middle = begins + len(parts[held]) // 2
        found_news += any(start <= middle < end for start, end in passages(text, known).additions)
        clause = " ".join(parts[held].split()[:14]).rstrip(".,")
        host = parts[held - 1]
        joined = text.replace(parts[held], "").replace(host, f"{host.rstrip('.')}, while {clause}.")
        fused += 1
        found_fused += any(clause in joined[start:end] for start, end in passages(joined, known).additions)
        sentences += len(parts)
        for share in (0.0, 0.05, 0.10, 0.15):
            false[f"{share:.0%}"] += len(passages(edited(text, share), _opened(text)).additions)
    print(f"novelty on {news} texts: new sentence found {found_news / news:.1%}", end=", ")
    print(f"fused clause found {found_fused / fused:.1%}")
    print(
        "  false-new of all sentences at edits of",
        {share: f"{count / sentences:.2%}" for share, count in false.items()},
    )


def speed(texts: list[str]) -> None:
    """The sketch alone."""
    began = time.perf_counter()
    fingerprints = sum(len(sketch(text).fingerprints) for text in texts)
    took = time.perf_counter() - began
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"sketch, pure Python: {len(texts) / took:.0f} docs/s of {words:.0f} words", end=", ")
    print(f"{fingerprints / len(texts):.0f} fingerprints each")


def _opened(text: str) -> WireStory:
    return WireStory.open("w1-x", "a1-x", "", "", "", text)


def main(directory: Path) -> None:
    """All of it."""
    corpus, marks = directory / "reuters.jsonl.xz", directory / "reuters-gold.json.xz"
    originals = dict(STORIES)
    if corpus.is_file() and marks.is_file():
        with lzma.open(corpus, "rt", encoding="utf-8") as lines:
            texts = {record["id"]: record["text"] for record in map(json.loads, lines)}
        with lzma.open(marks, "rt", encoding="utf-8") as listed:
            gold = {kind: {tuple(sorted(pair)) for pair in found} for kind, found in json.load(listed).items()}
        longer = [name for name, text in texts.items() if len(text.split()) >= 150 and text.count("\n\n") >= 5]
        originals |= {name: texts[name] for name in random.Random(1).sample(longer, SAMPLE)}
        reuters(texts, gold)
        speed(list(texts.values())[:2000])
    else:
        print(f"no Reuters corpus in {directory}: measuring on {len(STORIES)} invented texts alone")
        speed(list(STORIES.values()) * 100)
    handlings(originals)
    templates()
    novelty(originals)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "shared" / "data")
