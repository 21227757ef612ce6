"""JSON Schemas, the AsyncAPI and the OpenAPI document, generated from the models.

`python -m service.contract.schemas` writes them.

Published schemas allow unknown members: a field added inside `.v1` must not make yesterday's schema refuse it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from service.contract.envelope import ATTRIBUTES, schema_path
from service.contract.generating import Untitled, opened
from service.contract.openapi import openapi
from service.contract.types import FEED_TYPES, MEANINGS, TYPES, EventType

FOLDER = Path(__file__).parent / "schemas"
EXAMPLES = Path(__file__).parent / "examples"
"""one event of every type, in structured form"""
DIALECT = GenerateJsonSchema.schema_dialect
ASYNCAPI = "asyncapi.json"
OPENAPI = "openapi.json"

_ATTRIBUTE_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "specversion": {"type": "string", "const": "1.0"},
    "id": {
        "type": "string",
        "pattern": "^e1-[0-9a-f]{16}$",
        "description": "The same for every delivery of the same event: deduplicate by it.",
    },
    "source": {"type": "string", "format": "uri-reference"},
    "type": {"type": "string", "enum": [str(type_) for type_ in EventType]},
    "subject": {"type": "string", "description": "The claim's id, the document's uri, or the feed's name."},
    "time": {"type": "string", "format": "date-time", "description": "When the article was first seen."},
    "datacontenttype": {"type": "string", "const": "application/json"},
    "dataschema": {"type": "string", "format": "uri-reference"},
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{20}$",
        "description": "Counts the events of a story without gaps; orders as text.",
    },
    "traceparent": {"type": "string", "description": "W3C trace context, where tracing is on."},
}


def schema(type_: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the data of one type."""
    body = TYPES[type_].model_json_schema(by_alias=True, mode="serialization", schema_generator=Untitled)
    described = {"$schema": DIALECT, "$id": schema_path(type_), **opened(body)}
    return {**described, "title": str(type_), "description": MEANINGS[type_]}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of the streams. Redis bindings are empty by specification, hence the `x-` members."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Claimwire",
            "version": "1.0.0",
            "description": "Pushes an event only when somebody makes a new claim about a followed story. "
            "At least once: a repeat has the same id. Every entry of a stream is a CloudEvent in binary mode: "
            "one field for each attribute, and `data` as JSON text.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "embedded": {
                "host": "127.0.0.1:6399",
                "protocol": "redis",
                "description": "The embedded server; with REDIS_URL, that one.",
            }
        },
        "channels": {
            "newClaims": _channel("new-claims", "New claims of one story and nothing else.", [EventType.CLAIM_NEW]),
            "events": _channel(
                "events",
                "Everything about one story, background too, in one order.",
                [type_ for type_ in EventType if type_ not in FEED_TYPES],
            ),
            "feedEvents": {
                "address": "{feedsTag}:events",
                "description": "Which feeds went silent and which came back.",
                "parameters": {
                    "feedsTag": {
                        "description": "These very words with their braces, which keep it in one slot of a cluster.",
                        "enum": ["{claimwire:feeds}"],
                    }
                },
                "messages": _message_references([type_ for type_ in EventType if type_ in FEED_TYPES]),
                **_stream("{claimwire:feeds}:events"),
            },
        },
        "operations": {
            f"send{name[0].upper()}{name[1:]}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
            for name in ("newClaims", "events", "feedEvents")
        },
        "components": {
            "messages": {_message_name(type_): _message(type_) for type_ in EventType},
            "schemas": {"attributes": _attributes()},
        },
    }


def documents() -> dict[str, str]:
    """File name → text of everything that is generated."""
    values = {f"{type_}.json": schema(type_) for type_ in EventType} | {ASYNCAPI: asyncapi(), OPENAPI: openapi()}
    return {name: json.dumps(value, ensure_ascii=False, indent=2) + "\n" for name, value in values.items()}


def drift(folder: Path = FOLDER) -> list[str]:
    """Names of files that differ from what the models say, are missing, or belong to no type."""
    expected = documents()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def _channel(stream: str, description: str, types: list[EventType]) -> dict[str, Any]:
    return {
        "address": f"claimwire:{{storyTag}}:{stream}",
        "description": description,
        "parameters": {
            "storyTag": {
                "description": "The story's id in literal braces, which keep a story in one slot of a cluster.",
                "examples": ["{lighthouse-sale}"],
            }
        },
        "messages": _message_references(types),
        **_stream(f"claimwire:{{<story id>}}:{stream}"),
    }


def _stream(key: str) -> dict[str, Any]:
    return {
        "bindings": {"redis": {}},
        "x-redis-stream": {
            "key": key,
            "fields": [*ATTRIBUTES, "data"],
            "readFrom": "0 for all that is kept, $ for new",
        },
        "x-consumer-group": {
            "create": f"XGROUP CREATE {key} <group> 0 MKSTREAM",
            "read": f"XREADGROUP GROUP <group> <consumer> COUNT 10 BLOCK 2000 STREAMS {key} >",
            "acknowledge": f"XACK {key} <group> <entry id>",
            "semantics": "at least once, shared among the consumers of a group; a repeat has the same id",
        },
    }


def _message_name(type_: EventType) -> str:
    return type_.removeprefix("claimwire.").replace(".", "-")


def _message_references(types: list[EventType]) -> dict[str, Any]:
    return {_message_name(type_): {"$ref": f"#/components/messages/{_message_name(type_)}"} for type_ in types}


def _message(type_: EventType) -> dict[str, Any]:
    return {
        "name": str(type_),
        "summary": MEANINGS[type_],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/attributes"},
        "payload": {
            "schemaFormat": "application/schema+json;version=2020-12",
            "schema": {"$ref": schema_path(type_)},
        },
        "examples": [_example(type_)],
    }


def _example(type_: EventType) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EXAMPLES / f"{type_}.json").read_text(encoding="utf-8"))
    return {"headers": {name: event[name] for name in ATTRIBUTES if name in event}, "payload": event["data"]}


def _attributes() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents 1.0 attributes, each a field of the stream entry.",
        "required": [name for name in ATTRIBUTES if name != "traceparent"],
        "properties": {name: dict(_ATTRIBUTE_SCHEMAS[name]) for name in ATTRIBUTES},
    }


def _main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        stale = drift()
        for name in stale:
            sys.stderr.write(f"{FOLDER / name}: not what the models say; run python -m service.contract.schemas\n")
        return 1 if stale else 0
    if arguments:
        sys.stderr.write("usage: python -m service.contract.schemas [--check]\n")
        return 2
    FOLDER.mkdir(exist_ok=True)
    expected = documents()
    for path in FOLDER.glob("*.json"):
        if path.name not in expected:
            path.unlink()
    for name, text in expected.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
