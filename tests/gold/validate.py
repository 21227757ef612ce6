"""The invented stories of the development set: what is wrong with a folder, and the feeds that replay it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ARTICLE_KEYS = {"id", "url", "outlet", "published", "title", "text", "copy_of", "hard_negative"}
CLAIM_KEYS = {"statement", "asserters", "kind", "optional", "relations"}
MENTION_KEYS = {"article", "claim", "evidence", "source", "via", "time_expr"}
GOLD_KEYS = {"story", "actors", "claims", "mentions", "new", "clusters", "detail_conflicts", "note"}
KINDS = {"core", "background", "speculation", "analysis"}
RELATIONS = {"denies", "contradicts", "updates", "narrows", "withholds"}
CLOSERS = "\"'”’)]"
TERMINATORS = ".!?:…"


def stories() -> list[Path]:
    return sorted(path.parent for path in HERE.glob("*/gold.json"))


def articles(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "articles.jsonl").read_text("utf-8").splitlines()]


def gold(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "gold.json").read_text("utf-8"))


def feed(title: str, entries: list[dict[str, Any]]) -> str:
    """The articles as a JSON Feed 1.1, in their order."""
    items = [
        {
            "id": entry["url"],
            "url": entry["url"],
            "title": entry["title"],
            "content_text": entry["text"],
            "date_published": entry["published"],
            "authors": [{"name": entry["outlet"]}],
        }
        for entry in entries
    ]
    content = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def slug(outlet: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", outlet.lower()).strip("-")


def feeds(folder: Path) -> dict[str, str]:
    """The files that replay a story, by their paths in the folder: one feed of all, and a list of a feed per outlet."""
    entries = articles(folder)
    outlets = sorted({entry["outlet"] for entry in entries})
    files = {"feed.json": feed(folder.name, entries)}
    listed = []
    for outlet in outlets:
        path = f"feeds/{slug(outlet)}.json"
        files[path] = feed(outlet, [entry for entry in entries if entry["outlet"] == outlet])
        listed.append(f'[[feed]]\nname = "{slug(outlet)}"\nfile = "{path}"\nsource = "{outlet}"\n')
    files["feeds.toml"] = "\n".join(listed)
    return files


def write_feeds(folder: Path) -> None:
    (folder / "feeds").mkdir(exist_ok=True)
    for path, content in feeds(folder).items():
        (folder / path).write_text(content, "utf-8")


def is_whole(evidence: str, text: str) -> bool:
    """Whether the evidence stands in the text as a sentence of its own (or several) rather than as a piece of one."""
    for found in re.finditer(re.escape(evidence), text):
        before, after = text[: found.start()], text[found.end() :]
        opens = not before.strip() or before.endswith("\n") or before.rstrip(f"{CLOSERS} ")[-1] in TERMINATORS
        closes = not after.strip() or after.startswith("\n") or evidence.rstrip(CLOSERS)[-1] in TERMINATORS
        if opens and closes and not before[-1:].isalnum() and after[:1] in {"", " ", "\n"}:
            return True
    return False


def problems(folder: Path) -> list[str]:
    """Everything that is wrong with a story's gold, in words; nothing if it is good."""
    entries, answers = articles(folder), gold(folder)
    return [
        *_of_articles(entries),
        *_of_claims(folder, answers),
        *_of_mentions(entries, answers),
        *_of_first(entries, answers),
        *_of_clusters(entries, answers),
        *_of_conflicts(entries, answers),
    ]


def _of_articles(entries: list[dict[str, Any]]) -> Iterator[str]:
    for key in ("id", "url"):
        if len({entry[key] for entry in entries}) != len(entries):
            yield f"two articles have one {key}"
    for entry in entries:
        if set(entry) != ARTICLE_KEYS:
            yield f"{entry['id']}: keys {sorted(set(entry) ^ ARTICLE_KEYS)}"
        if datetime.fromisoformat(entry["published"]).tzinfo is None:
            yield f"{entry['id']}: published without an offset"
    times = [datetime.fromisoformat(entry["published"]) for entry in entries]
    if times != sorted(times):
        yield "articles are not in order of publication"


def _of_claims(folder: Path, answers: dict[str, Any]) -> Iterator[str]:
    if set(answers) != GOLD_KEYS:
        yield f"gold: keys {sorted(set(answers) ^ GOLD_KEYS)}"
    if answers["story"] != folder.name:
        yield f"gold: story is {answers['story']}"
    mentioned = {mention["claim"] for mention in answers["mentions"]}
    for name, claim in answers["claims"].items():
        if set(claim) != CLAIM_KEYS:
            yield f"{name}: keys {sorted(set(claim) ^ CLAIM_KEYS)}"
        if claim["kind"] not in KINDS:
            yield f"{name}: no such kind as {claim['kind']}"
        if name not in mentioned:
            yield f"{name}: no mention"
        for relation, targets in claim["relations"].items():
            if relation not in RELATIONS:
                yield f"{name}: no such relation as {relation}"
            for target in targets:
                if target not in answers["claims"] or target == name:
                    yield f"{name}: {relation} {target}, which is no other claim"


def _of_mentions(entries: list[dict[str, Any]], answers: dict[str, Any]) -> Iterator[str]:
    by_id = {entry["id"]: entry for entry in entries}
    seen = set()
    for mention in answers["mentions"]:
        where = f"{mention['article']} {mention['claim']} “{mention['evidence'][:50]}”"
        if set(mention) != MENTION_KEYS:
            yield f"{where}: keys {sorted(set(mention) ^ MENTION_KEYS)}"
        if mention["claim"] not in answers["claims"]:
            yield f"{where}: no such claim"
        entry = by_id.get(mention["article"])
        if entry is None:
            yield f"{where}: no such article"
            continue
        if entry["hard_negative"]:
            yield f"{where}: a mention in a hard negative"
        if not is_whole(mention["evidence"], entry["text"]):
            yield f"{where}: not a whole sentence of the text"
        if mention["time_expr"] and mention["time_expr"] not in mention["evidence"]:
            yield f"{where}: the time “{mention['time_expr']}” is not in it"
        key = (mention["article"], mention["claim"], mention["evidence"])
        if key in seen:
            yield f"{where}: twice"
        seen.add(key)


def first_mentions(entries: list[dict[str, Any]], answers: dict[str, Any]) -> list[dict[str, str]]:
    """The first mention of each claim, in order of publication and then of the text."""
    texts = {entry["id"]: (number, entry["text"]) for number, entry in enumerate(entries)}

    def place(mention: dict[str, Any]) -> tuple[int, int]:
        number, text = texts[mention["article"]]
        return number, text.find(mention["evidence"])

    first: dict[str, dict[str, str]] = {}
    for mention in sorted(answers["mentions"], key=place):
        first.setdefault(mention["claim"], {key: mention[key] for key in ("claim", "article", "evidence")})
    return list(first.values())


def _of_first(entries: list[dict[str, Any]], answers: dict[str, Any]) -> Iterator[str]:
    for told, found in zip(answers["new"], first_mentions(entries, answers), strict=False):
        if told != found:
            yield f"new: {told['claim']} in {told['article']}, where {found['claim']} in {found['article']} comes first"
            return
    if len(answers["new"]) != len(answers["claims"]):
        yield "new: not one entry for each claim"


def _of_clusters(entries: list[dict[str, Any]], answers: dict[str, Any]) -> Iterator[str]:
    order = [entry["id"] for entry in entries]
    clusters = answers["clusters"]
    if list(clusters) != order:
        yield "clusters: not all articles, or not in their order"
        return
    for name, group in clusters.items():
        if clusters.get(group) != group or order.index(group) > order.index(name):
            yield f"clusters: {name} is in {group}, which is not its first article"
    for entry in entries:
        copied = entry["copy_of"]
        if clusters[entry["id"]] != (clusters.get(copied) if copied else entry["id"]):
            yield f"clusters: {entry['id']} copies {copied}, and its cluster is {clusters[entry['id']]}"


def _of_conflicts(entries: list[dict[str, Any]], answers: dict[str, Any]) -> Iterator[str]:
    texts = {entry["id"]: entry["text"].split("\n\n") for entry in entries}
    for conflict in answers["detail_conflicts"]:
        if set(conflict["claim"]) - set(answers["claims"]):
            yield f"conflict: no such claim as {conflict['claim']}"
        for value in conflict["values"]:
            name, _, paragraph = value["mention"].rpartition(".")
            if value["expr"] not in texts[name][int(paragraph) - 1]:
                yield f"conflict: “{value['expr']}” is not in {value['mention']}"


if __name__ == "__main__":
    found = [f"{folder.name}: {problem}" for folder in stories() for problem in problems(folder)]
    print(*found or ["no problems"], sep="\n")
    sys.exit(bool(found))
