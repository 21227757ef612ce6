"""Events for people: one readable block each on a terminal, one JSON line each otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Form = Literal["auto", "blocks", "jsonl"]

LABEL_WIDTH = 13

TITLES = {
    "claim.new": ("NEW CLAIM", "bold green"),
    "claim.corroborated": ("CORROBORATED", "cyan"),
    "claim.disputed": ("DISPUTED", "bold red"),
    "claim.updated": ("UPDATED", "yellow"),
    "claim.retracted": ("RETRACTED", "bold magenta"),
    "claim.edited": ("EDITED", "bold magenta"),
    "document.revised": ("REVISED", "yellow"),
    "document.withdrawn": ("WITHDRAWN", "bold magenta"),
    "feed.silent": ("FEED SILENT", "red"),
    "feed.recovered": ("FEED RECOVERED", "green"),
}

_CONTROLS = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if code not in (9, 10)
}
"""What a hostile text could say to a terminal, or turn around in a line: spelled out. Events keep the exact words."""

_RELATIONS = {
    "denies": "denies",
    "contradicts": "contradicts",
    "updates": "updates",
    "narrows": "narrows",
    "withholds": "withholds comment on",
    "supports": "supports",
    "variantOf": "is a variant of",
}


class ReaderGone(Exception):
    """Whoever read our output has seen enough: `claimwire tail | head`. No failure of ours; exit status 0."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the process with status 1."""
        raise ReaderGone


class Printer:
    """Prints events in their order. Remembers the claims it printed, so that a link can be shown in words."""

    def __init__(self, form: Form = "auto", out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._blocks = form == "blocks" or (form == "auto" and self._out.isatty())
        self._console = _Console(file=self._out, highlight=False, soft_wrap=False)
        self._claims: dict[str, str] = {}

    def show(self, event: Mapping[str, Any]) -> None:
        """`event` is a CloudEvent in structured form.

        Raises:
            ReaderGone: nobody reads our output any more.
        """
        if self._blocks:
            self._console.print(self._block(event))
            return
        try:
            self._out.write(jsonl(event) + "\n")
            self._out.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error

    def say(self, text: str) -> None:
        """A line for people; nothing where JSON lines are printed."""
        if self._blocks:
            self._console.print(text, style="dim", markup=False)

    def _block(self, event: Mapping[str, Any]) -> Group:
        body = event["data"]
        kind = event["type"].removeprefix("claimwire.").removesuffix(".v1")
        title, style = TITLES.get(kind, (kind, "bold"))
        claim = body.get("claim")
        if claim is not None:
            self._claims[claim["id"]] = claim["text"]
            if claim["novelty"] == "background" and kind == "claim.new":
                title, style = "BACKGROUND", "dim"
        turned = {"claim.disputed": "denied by", "claim.updated": "updated by"}.get(kind)
        number = f"  {event['source'].rsplit('/', 1)[-1]} · {event['sequence'].lstrip('0')}"
        lines = Table.grid(padding=(0, 1, 0, 0))
        lines.add_column(width=LABEL_WIDTH, no_wrap=True, style="dim")
        lines.add_column(overflow="fold")
        for label, value in self._lines(body, turned):
            lines.add_row(f"  {label}", Text(visible(value)))
        heading = Text.assemble((title, style), (number, "dim"))
        words = [Padding(Text(visible(claim["text"]), "bold"), (0, 0, 0, 2))] if claim is not None else []
        return Group(heading, *words, lines, Text())

    def _lines(self, body: Mapping[str, Any], turned: str | None) -> list[tuple[str, str]]:
        document = body.get("document") or body.get("appearance", {}).get("document") or {}
        lines: list[tuple[str, str]] = []
        if "attribution" in body:
            lines.append((turned or "says", chain(body["attribution"])))
        for item in body.get("appearance", {}).get("evidence", [])[:1]:
            lines.append(("words", f"“{' '.join(item['selector'][0]['exact'].split())}”"))
        if document:
            lines.append(("document", f"{document['uri']} ({document['publisher']}, {_published(document)})"))
        for link in body.get("links", []):
            target = self._claims.get(link["target"], link["target"])
            lines.append(("link", f"{_RELATIONS.get(link['rel'], link['rel'])}: {target}"))
        if "edit" in body:
            lines += _edited(body)
        if "support" in body:
            lines.append(("support", ladder(body["support"])))
        for name in ("withdrawn", "copiesWithOldText", "previous", "signal", "reason", "feed", "error"):
            value = body.get(name)
            if value:
                lines.append((_LABELS.get(name, name), ", ".join(value) if isinstance(value, list) else str(value)))
        lines += [("corrected", f"{old} → {new}") for old, new in body.get("corrections", [])]
        return lines


def _edited(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    edit = body["edit"]
    what = f"undid {edit['undoes']}" if edit["undoes"] else edit["action"]
    lines = [("edit", f"{what} by {edit['by']} ({edit['id']})"), ("reason", edit["reason"]), ("now", body["status"])]
    lines += [("part of", body["mergedInto"])] if body["mergedInto"] else []
    return [*lines, *([("split from", body["splitFrom"])] if body["splitFrom"] else [])]


def _published(document: Mapping[str, Any]) -> str:
    published = document.get("published")
    if not published:
        return "publication time not stated"
    return f"published {published['value'][: 10 if published['precision'] == 'day' else 16].replace('T', ' ')}"


_LABELS = {"copiesWithOldText": "still carry", "previous": "was"}


def jsonl(event: Mapping[str, Any]) -> str:
    """One line, the same bytes for the same event."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def visible(text: str) -> str:
    """The text with control characters spelled out."""
    return text.translate(_CONTROLS)


def chain(hops: Sequence[Mapping[str, Any]]) -> str:
    """Who says it through whom, the original source first: "a senior US official (told) → CNN → Wire Daily"."""
    return " → ".join(_hop(hop) for hop in reversed(hops)) or "nobody named"


def _hop(hop: Mapping[str, Any]) -> str:
    name, descriptor = hop.get("name"), hop.get("descriptor")
    who = f"{name}, {descriptor}" if name and descriptor and descriptor != name else name or descriptor or "unnamed"
    if not hop["named"] and hop["kind"] == "unnamed":
        who += " [unnamed]"
    return f"{who} ({hop['cue']})" if hop.get("cue") else who


def ladder(support: Mapping[str, Any]) -> str:
    """The rungs in words: copies, publishers, origins, sources, sides."""
    sources = support["sources"]
    span = str(sources["min"]) if sources["min"] == sources["max"] else f"{sources['min']}–{sources['max']}"
    people = f"sources {span} ({sources['named']} named)" if sources["max"] else "no source but the outlets"
    sides = ", ".join(support["sides"]) or "none identified"
    return (
        f"{_count(support['documents'], 'document')} ({_count(support['copies'], 'copy', 'copies')}), "
        f"{_count(support['publishers'], 'publisher')}, {_count(support['origins'], 'origin')}, "
        f"{people}, sides: {sides}"
    )


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def write_json(records: Iterable[dict[str, Any]]) -> None:
    """JSON lines, for programs."""
    for record in records:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
