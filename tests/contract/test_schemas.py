"""The committed schemas: they say what the models say, samples validate, and what is wrong does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from service.contract.data import Model
from service.contract.envelope import event, feed_event
from service.contract.schemas import FOLDER, documents, drift
from service.contract.types import FEED_TYPES, EventType

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def validator(type_: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{type_}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_the_committed_schemas_are_what_the_models_say() -> None:
    assert drift() == []


def test_drift_is_found(tmp_path: Path) -> None:
    # given a copy with one file changed, one missing and one too many
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "claimwire.claim.new.v1.json").write_text("{}", encoding="utf-8")
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "claimwire.claim.new.v0.json").write_text("{}", encoding="utf-8")
    # then
    assert drift(tmp_path) == ["asyncapi.json", "claimwire.claim.new.v0.json", "claimwire.claim.new.v1.json"]


@pytest.mark.parametrize(("arguments", "status"), [(["--check"], 0), (["--chekc"], 2)])
def test_the_check_is_a_command(arguments: list[str], status: int) -> None:
    run = subprocess.run([sys.executable, "-m", "service.contract.schemas", *arguments], capture_output=True, text=True)
    assert run.returncode == status, run.stderr
    assert ("usage" in run.stderr) == (status == 2)


def test_there_is_a_schema_for_every_type() -> None:
    assert set(documents()) == {f"{type_}.json" for type_ in EventType} | {"asyncapi.json", "openapi.json"}


@pytest.mark.parametrize("type_", EventType)
def test_samples_validate(samples: dict[str, Model], type_: EventType) -> None:
    validator(type_).validate(json.loads(samples[type_].model_dump_json()))


@pytest.mark.parametrize("type_", EventType)
def test_a_member_that_is_not_known_yet_is_allowed(samples: dict[str, Model], type_: EventType) -> None:
    """An old schema must validate what a newer release writes."""
    newer = _with_extra(json.loads(samples[type_].model_dump_json()))
    validator(type_).validate(newer)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claim", "id"), None),
        (("claim", "polarity"), "maybe"),
        (("claim", "when", "earliest"), "yesterday"),
        (("appearance", "document", "published", "precision"), "year"),
        (("appearance", "evidence", 0, "selector", 1, "start"), -1),
        (("appearance", "evidence", 0, "selector"), []),
        (("support", "origins"), "4"),
        (("attribution", 0, "relation"), "heard"),
    ],
)
def test_what_is_wrong_is_refused(samples: dict[str, Model], path: tuple[str | int, ...], value: object) -> None:
    sample = json.loads(samples[EventType.CLAIM_NEW].model_dump_json())
    place: Any = sample
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert not validator(EventType.CLAIM_NEW).is_valid(sample)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    text = (FOLDER / "asyncapi.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["asyncapi"].startswith("3.")
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', text)):
        if reference.startswith("#/"):
            place = document
            for part in reference[2:].split("/"):
                place = place[part]
        else:
            assert (FOLDER / reference.removeprefix("/schemas/")).is_file()


def test_every_type_is_on_a_channel_and_a_channel_names_its_stream() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
    carried = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert carried == set(document["components"]["messages"])
    for channel in document["channels"].values():
        assert channel["bindings"] == {"redis": {}}
        assert channel["x-redis-stream"]["key"].startswith(("claimwire:", "{claimwire:feeds}:"))
        assert set(channel["x-consumer-group"]) == {"create", "read", "acknowledge", "semantics"}


@pytest.mark.parametrize("type_", EventType)
def test_attributes_are_those_of_the_asyncapi_document(samples: dict[str, Model], type_: EventType) -> None:
    # given
    schema = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))["components"]["schemas"]["attributes"]
    body = samples[type_]
    # when
    if type_ in FEED_TYPES:
        written = feed_event(type_, body, "x", NOON, 1)  # type: ignore[arg-type]
    else:
        written = event("lighthouse-sale", type_, body, "x", "c1-1", NOON, 1, None, False)
    # then
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(dict(written.attributes))


def _with_extra(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{key: _with_extra(item) for key, item in value.items()}, "addedLater": 1}
    return [_with_extra(item) for item in value] if isinstance(value, list) else value
