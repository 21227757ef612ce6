"""The CloudEvents envelope in two forms: fields of a stream entry (binary mode), one JSON object (structured mode).

Pure and deterministic: the same input gives the same bytes. No clock, no random id; the caller brings the time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.contract.data import FeedData, Model
from service.contract.types import FEED_TYPES, TYPES
from service.errors import InvariantBroken
from service.model import Event, utc

ATTRIBUTES = (
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "dataschema",
    "sequence",
    "traceparent",
)
"""in the order in which they are written; `traceparent` may be missing"""

REQUIRED = ("specversion", "id", "source", "type")

SEQUENCE_DIGITS = 20
"""CloudEvents wants a sequence that orders as text; 20 digits hold any unsigned 64 bit number"""

FEEDS_SOURCE = "/claimwire/feeds"


def story_source(story: str) -> str:
    """The `source` of all events of a story."""
    return f"/claimwire/stories/{story}"


def schema_path(type_: str) -> str:
    """Where the service serves the JSON Schema of a type's data."""
    return f"/schemas/{type_}.json"


def event(
    story: str,
    type_: str,
    data: Model,
    cause: str,
    subject: str,
    time: datetime,
    sequence: int,
    traceparent: str | None,
    new_claim: bool,
) -> Event:
    """An event of a story, ready to be written.

    Args:
        cause: what brought it about (the article and its version); a repeat of the same cause has the same id.
        subject: the claim's id, or the document's uri.
        time: aware; when the article was first seen.
        sequence: 1, 2, 3 … within the story.
        new_claim: it also goes to the story's `new-claims`.

    Raises:
        InvariantBroken: the type is not in the table, or the data is not of its model.
    """
    if type_ in FEED_TYPES:
        raise InvariantBroken(f"{type_} is no event of a story")
    identity = "\0".join((story, subject, type_, cause))
    source = story_source(story)
    return _event(source, type_, data, identity, subject, time, sequence, traceparent, new_claim)


def feed_event(type_: str, data: FeedData, cause: str, time: datetime, sequence: int) -> Event:
    """An event of a feed; `cause` tells one silence of a feed from the next.

    Raises:
        InvariantBroken: the type is not one of a feed.
    """
    if type_ not in FEED_TYPES:
        raise InvariantBroken(f"{type_} is no event of a feed")
    identity = "\0".join((FEEDS_SOURCE, data.feed, type_, cause))
    return _event(FEEDS_SOURCE, type_, data, identity, data.feed, time, sequence, None, False)


def to_structured(fields: Mapping[str, str]) -> dict[str, Any]:
    """A stream entry's fields as one CloudEvents JSON object: attributes in their order, others sorted, `data` last.

    Raises:
        ValueError: a required attribute is missing, or `data` is not JSON.
    """
    missing = [name for name in REQUIRED if not fields.get(name)]
    if missing:
        raise ValueError(f"not a CloudEvent: {', '.join(missing)} missing")
    others = sorted(fields.keys() - {*ATTRIBUTES, "data"})
    structured: dict[str, Any] = {name: fields[name] for name in (*ATTRIBUTES, *others) if name in fields}
    if "data" in fields:
        structured["data"] = json.loads(fields["data"])
    return structured


def _event(
    source: str,
    type_: str,
    data: Model,
    identity: str,
    subject: str,
    time: datetime,
    sequence: int,
    traceparent: str | None,
    new_claim: bool,
) -> Event:
    if type(data) is not TYPES.get(type_):
        raise InvariantBroken(f"{type(data).__name__} is not the data of {type_}")
    attributes = {
        "specversion": "1.0",
        "id": "e1-" + hashlib.sha256(identity.encode()).hexdigest()[:16],
        "source": source,
        "type": str(type_),
        "subject": subject,
        "time": utc(time),
        "datacontenttype": "application/json",
        "dataschema": schema_path(type_),
        "sequence": str(sequence).zfill(SEQUENCE_DIGITS),
    }
    if traceparent is not None:
        attributes["traceparent"] = traceparent
    return Event(attributes, data.model_dump_json(), new_claim)
