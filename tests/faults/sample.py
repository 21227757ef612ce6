"""A small story for the fault matrix: short articles, copies, a correction, a denial, and what persons did to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.contract.api import EditShown
from service.contract.edits import Edit, edit_id

STORY_FILE = Path(__file__).parents[1] / "stories" / "lighthouse.toml"
STORY = "lighthouse-sale"
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)

_OFFER = (
    "Fjordlys has offered to buy the lighthouse of Skerry for 14 million crowns, the mayor said on Thursday.\n\n"
    "Ada Brandt told reporters that the council of Skerry would vote on the offer of Fjordlys within three weeks."
)
_PIER = "Fjordlys will rebuild the pier of Skerry by next summer, a spokesman of the company said on Friday."
TEXTS: Sequence[tuple[str, str]] = (
    ("Nordnytt", f"SKERRY (Nordnytt) - {_OFFER}"),
    ("Kystposten", f"SKERRY (Nordnytt) - {_OFFER}"),
    ("Vik Courier", f"SKERRY (Nordnytt) - {_OFFER}\n\n{_PIER}"),
    ("Nordnytt", "Fjordlys has not paid the deposit that it promised in March, the council of Skerry said on Friday."),
    ("Kystposten", "Fjordlys denied on Saturday that it had offered to buy the lighthouse of Skerry for 14 million."),
    ("Vik Courier", "The union of Skerry said on Sunday that it would go on strike if Fjordlys bought the lighthouse."),
    ("Nordnytt", "Ada Brandt met the head of Fjordlys in Skerry on Monday and rejected his offer, she told Nordnytt."),
    ("Ostsee Echo", "Fjordlys raised its offer for the lighthouse of Skerry to 19 million crowns, it said on Tuesday."),
    ("Kystposten", f"{_PIER}\n\nAda Brandt said that Skerry had not been asked about the pier by Fjordlys."),
    ("Vik Courier", "Fjordlys dismissed 40 divers of its yard in Skerry on Wednesday, the union said."),
    ("Nordnytt", "The council of Skerry voted against the sale of the lighthouse to Fjordlys, Ada Brandt said."),
    ("Ostsee Echo", "Fjordlys will sue the council of Skerry over the lighthouse, its lawyer told the Ostsee Echo."),
)
POISONED = 6
"""number of the article that poison is put into; nothing that persons did depends on it"""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the ingester is told to read."""

    sources: tuple[str, ...]
    edits: str | None = None

    @property
    def arguments(self) -> list[Any]:
        return [str(STORY_FILE), list(self.sources), self.edits]


def written(folder: Path) -> Sample:
    """The articles as feeds, one for each outlet."""
    items: dict[str, list[dict[str, Any]]] = {}
    for number, (source, text) in enumerate(TEXTS, start=1):
        at = (NOON + timedelta(hours=number)).isoformat().replace("+00:00", "Z")
        item = {"id": uri(number), "url": uri(number), "title": text[:40], "content_text": text, "date_published": at}
        items.setdefault(source, []).append(item)
    lines = []
    for source, of in items.items():
        name = source.lower().replace(" ", "-")
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": source, "items": of}
        (folder / f"{name}.json").write_text(json.dumps(feed), "utf-8")
        lines.append(f'[[feed]]\nname = "{name}"\nfile = "{name}.json"\nsource = "{source}"\n')
    (folder / "feeds.toml").write_text("\n".join(lines), "utf-8")
    return Sample((str(folder / "feeds.toml"),))


def edited(sample: Sample, events: Sequence[dict[str, str]], folder: Path) -> Sample:
    """The same with a person's edits in the line: a retraction, a merge, the merge undone, a document taken down.

    Args:
        events: of the story without them.
    """
    new = [event for event in events if event["type"] == "claimwire.claim.new.v1"]
    claims = [event["subject"] for event in new]
    about: Sequence[tuple[int, dict[str, Any]]] = (
        (3, {"action": "merge", "claim": claims[1], "into": claims[0]}),
        (6, {"action": "undo", "undoes": edit_id(STORY, "0")}),
        (9, {"action": "retract", "claim": claims[0]}),
        (12, {"action": "takedown", "uri": uri(4)}),
        (15, {"action": "background", "claim": claims[2]}),
    )
    lines = []
    for key, (number, fields) in enumerate(about):
        edit = Edit(**fields, reason="seen by the desk", by="Signe")
        id_, at = edit_id(STORY, str(key)), NOON + timedelta(hours=number)
        shown = EditShown(id=id_, story=STORY, state="applied", number=number, edit=edit, at=at)
        lines.append(shown.model_dump_json() + "\n")
    file = folder / "edits.jsonl"
    file.write_text("".join(lines), "utf-8")
    return Sample(sample.sources, str(file))


def uri(number: int) -> str:
    return f"https://sample.example/{number}/"
