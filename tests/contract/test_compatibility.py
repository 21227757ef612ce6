"""What was published stays: a schema may promise more than the one published first, never less."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from service.contract.schemas import EXAMPLES, FOLDER
from service.contract.types import TYPES, EventType
from tests.contract.compatibility import breaks

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = sorted(path.stem for path in GOLDEN.glob("*.json"))
UNPUBLISHED = {"claimwire.claim.edited.v1"}
"""types that nobody could build upon yet: with a release, the schema goes to `golden` and the name from here"""


def golden(type_: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((GOLDEN / f"{type_}.json").read_text(encoding="utf-8"))
    return schema


def current(type_: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((FOLDER / f"{type_}.json").read_text(encoding="utf-8"))
    return schema


def example(type_: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EXAMPLES / f"{type_}.json").read_text(encoding="utf-8"))
    return event


def test_every_type_that_is_published_is_kept() -> None:
    assert set(PUBLISHED) | UNPUBLISHED == set(EventType)


@pytest.mark.parametrize("type_", PUBLISHED)
def test_nothing_breaks_who_reads_by_the_published_schema(type_: str) -> None:
    assert breaks(golden(type_), current(type_)) == [], "a breaking change needs the next version, both for a time"


@pytest.mark.parametrize("type_", PUBLISHED)
def test_the_published_schema_validates_what_is_written_today(type_: str) -> None:
    Draft202012Validator(golden(type_), format_checker=FormatChecker()).validate(example(type_)["data"])


@pytest.mark.parametrize("type_", EventType)
def test_every_type_has_an_example_that_is_one(type_: EventType) -> None:
    event = example(type_)
    attributes = {name: value for name, value in event.items() if name != "data"}
    described = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
    Draft202012Validator(described["components"]["schemas"]["attributes"], format_checker=FormatChecker()).validate(
        attributes
    )
    assert (event["type"], event["dataschema"]) == (type_, f"/schemas/{type_}.json")
    Draft202012Validator(current(type_), format_checker=FormatChecker()).validate(event["data"])
    assert json.loads(TYPES[type_].model_validate(event["data"]).model_dump_json()) == event["data"], "whole"
    messages = described["components"]["messages"].values()
    assert [one["examples"] for one in messages if one["name"] == type_] == [
        [{"headers": attributes, "payload": event["data"]}]
    ]


def test_there_is_no_example_of_anything_else() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(EventType)


Change = Callable[[dict[str, Any]], object]
CLAIM = "claimwire.claim.new.v1"

BREAKING: dict[str, tuple[Change, str]] = {
    "a member goes": (lambda s: s["properties"].pop("support"), "data.support is gone"),
    "a nested member goes": (lambda s: s["$defs"]["Support"]["properties"].pop("origins"), "data.support.origins"),
    "a member may be missing": (lambda s: s["required"].remove("claim"), "data.claim may be missing"),
    "a number becomes text": (
        lambda s: s["$defs"]["Support"]["properties"]["origins"].update(type="string"),
        "data.support.origins was integer and is string",
    ),
    "a text may be null": (
        lambda s: s["$defs"]["Claim"]["properties"].update(text={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "data.claim.text was string and is null",
    ),
    "a value is added": (
        lambda s: s["$defs"]["Claim"]["properties"]["polarity"]["enum"].append("doubted"),
        "data.claim.polarity has values that it had not: ['doubted']",
    ),
    "values are free": (lambda s: s["$defs"]["Claim"]["properties"]["polarity"].pop("enum"), "data.claim.polarity"),
    "an item is another": (
        lambda s: s["$defs"]["Link"]["properties"]["target"].update(type="integer"),
        "data.links[].target was string and is integer",
    ),
    "a time is free text": (
        lambda s: s["$defs"]["Document"]["properties"]["firstSeen"].pop("format"),
        "data.appearance.document.firstSeen: format was date-time and is none",
    ),
    "a selector goes": (
        lambda s: s["$defs"]["Evidence"]["properties"]["selector"]["prefixItems"].pop(),
        "selector[1] is gone",
    ),
    "a limit goes": (
        lambda s: s["$defs"]["TextPositionSelector"]["properties"]["start"].pop("minimum"),
        "start: what is smaller than 0 may come",
    ),
    "a constant changes": (
        lambda s: s["$defs"]["TextQuoteSelector"]["properties"]["type"].update(const="Quote"),
        "selector[0].type has values that it had not: ['Quote']",
    ),
}

ADDITIVE: dict[str, Change] = {
    "nothing": lambda s: None,
    "a member more": lambda s: s["properties"].update(more={"type": "string"}),
    "a nested member more": lambda s: s["$defs"]["Hop"]["properties"].update(more={"type": "integer"}),
    "a member is always there": lambda s: s["$defs"]["Claim"]["required"].append("when"),
    "a value less": lambda s: s["$defs"]["Claim"]["properties"]["polarity"]["enum"].pop(),
    "never null": lambda s: s["$defs"]["Frame"]["properties"].update(actor={"type": "string"}),
    "other words": lambda s: s.update(description="said otherwise"),
    "another name of a definition": lambda s: s.update(json.loads(json.dumps(s).replace("SourceCount", "Counted"))),
}


@pytest.mark.parametrize("how", BREAKING)
def test_a_breaking_change_is_found(how: str) -> None:
    change, told = BREAKING[how]
    newer = copy.deepcopy(golden(CLAIM))
    change(newer)
    found = breaks(golden(CLAIM), newer)
    assert any(told in one for one in found), found


@pytest.mark.parametrize("how", ADDITIVE)
def test_an_additive_change_is_none(how: str) -> None:
    newer = copy.deepcopy(golden(CLAIM))
    ADDITIVE[how](newer)
    assert breaks(golden(CLAIM), newer) == []
