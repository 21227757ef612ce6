"""Claims as rows: CSV for spreadsheets, Parquet for everything that computes."""

from __future__ import annotations

import csv
import importlib
import io
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.cli.export_fold import Exported
from service.cli.show import chain
from service.errors import ClaimwireError

_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet would carry out.

Source: OWASP, CSV injection.
"""
_LIST = "; "


def as_csv(claims: Sequence[Exported]) -> bytes:
    """One row a claim, with its first appearance; lists joined by `; `.

    A cell that a spreadsheet would take for a formula begins with an apostrophe: words of outlets are never carried
    out. JSON lines have the words untouched.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    for one in claims:
        writer.writerow({name: neutral(value) for name, value in _row(one).items()})
    return out.getvalue().encode("utf-8", "replace")


def neutral(value: Any) -> Any:
    """A cell that is only text."""
    if not isinstance(value, str):
        return value
    return f"'{value}" if _FORMULA.match(value) else value


def _row(one: Exported) -> dict[str, Any]:
    columns = dict.fromkeys(COLUMNS)
    flat = {**one.record(), "first": (one.appearances or [{}])[0]}
    return columns | {name: _cell(flat, path) for name, path in COLUMNS.items()}


def _cell(record: Mapping[str, Any], path: str) -> Any:
    if path == "attribution":
        return chain(record["attribution"])
    value: Any = record
    for part in path.split("."):
        if isinstance(value, list | tuple):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            value = (value or {}).get(part)
    if isinstance(value, list | tuple):
        return _LIST.join(_words(item) for item in value)
    return value


def _words(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    return f"{item['rel']} {item.get('target') or item.get('claim')}" if "rel" in item else str(item.get("text", item))


COLUMNS = {
    "story": "story",
    "id": "id",
    "text": "text",
    "status": "status",
    "says": "attribution",
    "actor": "frame.actor",
    "action": "frame.action",
    "target": "frame.target",
    "polarity": "polarity",
    "modality": "modality",
    "novelty": "novelty",
    "confidence": "confidence",
    "quantities": "quantities",
    "when": "when.text",
    "when_earliest": "when.earliest",
    "when_latest": "when.latest",
    "when_basis": "when.basis",
    "first_told": "firstTold",
    "last_changed": "lastChanged",
    "sequence": "sequence",
    "copies": "support.copies",
    "documents": "support.documents",
    "publishers": "support.publishers",
    "origins": "support.origins",
    "sources_min": "support.sources.min",
    "sources_max": "support.sources.max",
    "sources_named": "support.sources.named",
    "sides": "support.sides",
    "denied_by": "support.deniedBy",
    "no_comment": "support.noComment",
    "links": "links",
    "linked_from": "linkedFrom",
    "merged_into": "mergedInto",
    "uri": "first.document.uri",
    "publisher": "first.document.publisher",
    "headline": "first.document.headline",
    "published": "first.document.published.value",
    "published_precision": "first.document.published.precision",
    "first_seen": "first.document.firstSeen",
    "withdrawn": "first.withdrawn",
    "words": "first.evidence.0.selector.0.exact",
    "start": "first.evidence.0.selector.1.start",
    "end": "first.evidence.0.selector.1.end",
}
"""column → where it stands in the record; `first` is the first appearance"""

_APPEARANCE = (
    "uri", "publisher", "headline", "published", "first_seen", "copy_of", "withdrawn", "words", "start", "end", "says"
)  # fmt: skip
_TIMES = {"when_earliest", "when_latest", "first_told", "last_changed", "published", "first_seen"}
_COUNTS = {"sequence", "copies", "documents", "publishers", "origins", "start", "end"} | {
    f"sources_{which}" for which in ("min", "max", "named")
}
_LISTS = {"status": "status", "sides": "support.sides", "denied_by": "support.deniedBy"}


def as_parquet(claims: Sequence[Exported], note: Mapping[str, str]) -> bytes:
    """The columns of the CSV with types of their own, words untouched, and `appearances` as nested rows.

    Args:
        note: what the file says of itself.

    Raises:
        ClaimwireError: pyarrow is not installed.
    """
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise ClaimwireError(
            "Parquet needs pyarrow, which is not installed", f"{sys.executable} -m pip install 'claimwire[parquet]'"
        ) from error
    schema = arrow.schema(
        [(name, _type(arrow, name)) for name in COLUMNS] + [("appearances", _appearances(arrow))],
        metadata={f"claimwire.{name}": value for name, value in note.items()},
    )
    rows = [_typed(one) for one in claims]
    table = arrow.Table.from_pylist(rows, schema=schema)
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _type(arrow: Any, name: str) -> Any:
    if name in _LISTS:
        return arrow.list_(arrow.string())
    if name in _TIMES:
        return arrow.timestamp("us", tz="UTC")
    if name in _COUNTS:
        return arrow.int64()
    return arrow.bool_() if name == "withdrawn" else arrow.string()


def _appearances(arrow: Any) -> Any:
    text, count, time = arrow.string(), arrow.int64(), arrow.timestamp("us", tz="UTC")
    types = {"published": time, "first_seen": time, "withdrawn": arrow.bool_(), "start": count, "end": count}
    return arrow.list_(arrow.struct([(name, types.get(name, text)) for name in _APPEARANCE]))


def _typed(one: Exported) -> dict[str, Any]:
    row = _row(one)
    row |= {name: _time(row[name]) for name in _TIMES}
    record = one.record()
    row |= {name: record["status"] if name == "status" else list(_at(record, path)) for name, path in _LISTS.items()}
    row["appearances"] = [_appearance(appearance) for appearance in one.appearances]
    return {name: _clean(value) for name, value in row.items()}


def _at(record: Mapping[str, Any], path: str) -> Sequence[str]:
    value: Any = record
    for part in path.split("."):
        value = (value or {}).get(part)
    return value or ()


def _appearance(appearance: Mapping[str, Any]) -> dict[str, Any]:
    document, evidence = appearance["document"], (appearance["evidence"] or [None])[0]
    quote, place = evidence["selector"] if evidence else ({}, {})
    published = document.get("published") or {}
    return {
        "uri": document["uri"],
        "publisher": document["publisher"],
        "headline": document["headline"],
        "published": _time(published.get("value")),
        "first_seen": _time(document["firstSeen"]),
        "copy_of": document.get("copyOf"),
        "withdrawn": appearance["withdrawn"],
        "words": quote.get("exact"),
        "start": place.get("start"),
        "end": place.get("end"),
        "says": chain(appearance["attribution"]),
    }


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _clean(value: Any) -> Any:
    """Half a surrogate pair, which hostile markup can hold, is in no UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value
