"""The Reuters texts of 1987, which lie outside the project."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

Pair = tuple[str, str]


def reuters(directory: Path) -> tuple[dict[str, str], dict[str, set[Pair]]]:
    """The texts and what is known of their pairs; empty where the corpus is absent."""
    corpus, marks = directory / "reuters.jsonl.xz", directory / "reuters-gold.json.xz"
    if not corpus.is_file() or not marks.is_file():
        print(f"no Reuters corpus in {directory}: measuring on invented texts alone")
        return {}, {}
    with lzma.open(corpus, "rt", encoding="utf-8") as lines:
        texts = {record["id"]: record["text"] for record in map(json.loads, lines)}
    with lzma.open(marks, "rt", encoding="utf-8") as listed:
        gold = {kind: {(min(pair), max(pair)) for pair in found} for kind, found in json.load(listed).items()}
    return texts, gold
