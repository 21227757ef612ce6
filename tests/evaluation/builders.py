"""A small story with gold: a bridge, a first report, a copy's worth of repetition, a denial, a match report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STORY = """
id = "bridge"
title = "A bridge over the Alm"
language = "en"
focus = [["Varn"]]

[actors."Varn"]
kind = "organisation"
aliases = ["Varn Roads"]
"""

CLOSED = "Varn closed the bridge over the Alm on Monday, the city said."
CRACK = "Inspectors found a crack in the northern pier."
DENIED = "Varn denied that it had known of the crack."
OPENS = "The bridge opened in 1961."
SPORT = "Varn won the cup final in Lauden."
NOISE = "Nobody in the street looked up."


def article(number: int, text: str, outlet: str = "Alm Post", *, negative: bool = False) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "url": f"https://example.test/a{number}",
        "outlet": outlet,
        "published": f"2026-03-0{number}T08:00:00Z",
        "title": "",
        "text": text,
        "copy_of": None,
        "hard_negative": negative,
    }


def mention(article: str, claim: str, evidence: str, via: str | None = None) -> dict[str, Any]:
    return {"article": article, "claim": claim, "evidence": evidence, "source": None, "via": via, "time_expr": None}


def gold() -> dict[str, Any]:
    claims: dict[str, Any] = {
        "C1": {"statement": "Varn closed the bridge", "asserters": ["the city"]},
        "C2": {"statement": "There is a crack in a pier", "asserters": []},
        "C3": {"statement": "Varn did not know of the crack", "asserters": ["Varn"], "relations": {"denies": ["C2"]}},
        "B1": {"statement": "The bridge dates from 1961", "optional": True},
    }
    mentions = [
        mention("a1", "C1", CLOSED, via="Alm Wire"),
        mention("a1", "C2", CRACK),
        mention("a1", "B1", OPENS),
        mention("a2", "C2", CRACK),
        mention("a2", "C3", DENIED),
    ]
    return {
        "story": "bridge",
        "actors": {"Varn": ["Varn Roads"]},
        "claims": claims,
        "mentions": mentions,
        "new": [{"claim": c, "article": a} for c, a in (("C1", "a1"), ("C2", "a1"), ("B1", "a1"), ("C3", "a2"))],
        "clusters": {"a1": "a1", "a2": "a2", "a3": "a3"},
    }


ARTICLES = [
    article(1, f"{CLOSED} {CRACK} {OPENS} {NOISE}"),
    article(2, f"{DENIED} {CRACK}", "Lauden Times"),
    article(3, SPORT, "Lauden Times", negative=True),
]


def write(folder: Path, annotation: dict[str, Any] | None = None, articles: list[dict[str, Any]] | None = None) -> Path:
    """A gold folder."""
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(one) for one in (ARTICLES if articles is None else articles)]
    (folder / "articles.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "gold.json").write_text(json.dumps(gold() if annotation is None else annotation), "utf-8")
    (folder / "story.toml").write_text(STORY, "utf-8")
    return folder
