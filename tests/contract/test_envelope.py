"""The envelope: ids that a repeat shares, bytes that do not depend on who writes, attributes as in CloudEvents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.contract.data import FeedData, Model, Span, TextPositionSelector
from service.contract.envelope import ATTRIBUTES, event, feed_event, to_structured
from service.contract.types import FEED_TYPES, MEANINGS, TYPES, EventType
from service.errors import InvariantBroken
from service.model import Event

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def made(body: Model, **changes: object) -> Event:
    given: dict[str, object] = {
        "story": "lighthouse-sale",
        "type_": "claimwire.claim.new.v1",
        "data": body,
        "cause": "a1-0011223344556677:1",
        "subject": "c1-0011223344556677",
        "time": NOON,
        "sequence": 7,
        "traceparent": None,
        "new_claim": True,
    }
    return event(**(given | changes))  # type: ignore[arg-type]


def test_attributes_are_those_of_cloudevents_in_their_order(claim_data: Model) -> None:
    written = made(claim_data, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert tuple(written.attributes) == ATTRIBUTES
    assert {name: written.attributes[name] for name in ATTRIBUTES if name != "id"} == {
        "specversion": "1.0",
        "source": "/claimwire/stories/lighthouse-sale",
        "type": "claimwire.claim.new.v1",
        "subject": "c1-0011223344556677",
        "time": "2031-05-04T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/claimwire.claim.new.v1.json",
        "sequence": "00000000000000000007",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    assert re.fullmatch(r"e1-[0-9a-f]{16}", written.attributes["id"])
    assert written.new_claim
    assert tuple(made(claim_data).attributes) == ATTRIBUTES[:-1]


def test_the_id_is_of_story_subject_type_and_cause_alone(claim_data: Model) -> None:
    first = made(claim_data).attributes["id"]
    same = [{"sequence": 8}, {"time": NOON + timedelta(days=1)}, {"traceparent": "00-1"}, {"new_claim": False}]
    other = [
        {"story": "another"},
        {"subject": "c1-7766554433221100"},
        {"type_": "claimwire.claim.updated.v1"},
        {"cause": "a1-0011223344556677:2"},
    ]
    assert {made(claim_data, **change).attributes["id"] for change in same} == {first}
    assert len({first} | {made(claim_data, **change).attributes["id"] for change in other}) == 5


def test_an_event_has_the_same_bytes_in_every_interpreter(claim_data: Model) -> None:
    # given an event whose id and data were made here
    here = made(claim_data)
    # when another interpreter, with other hash seeds, makes it again
    code = f"""
from datetime import datetime, timedelta, timezone
from service.contract.data import ClaimData
from service.contract.envelope import event
body = ClaimData.model_validate_json({claim_data.model_dump_json()!r})
time = datetime(2031, 5, 4, 14, tzinfo=timezone(timedelta(hours=2)))
cause, subject = "a1-0011223344556677:1", "c1-0011223344556677"
made = event("lighthouse-sale", "claimwire.claim.new.v1", body, cause, subject, time, 7, None, True)
print([*made.attributes.items(), made.data])
"""
    environment = {"PYTHONHASHSEED": "4711", "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    # then
    assert run.stdout.strip() == str([*here.attributes.items(), here.data])


def test_structured_form_has_attributes_first_and_data_as_an_object(claim_data: Model) -> None:
    # given the fields of an entry in any order, with an extension that we do not know
    written = made(claim_data)
    fields = dict(reversed([*written.attributes.items(), ("data", written.data), ("zone", "b"), ("area", "a")]))
    # when
    structured = to_structured(fields)
    # then
    assert list(structured) == [*ATTRIBUTES[:-1], "area", "zone", "data"]
    assert structured["data"] == json.loads(written.data)
    assert structured["data"]["appearance"]["document"]["firstSeen"] == "2031-05-04T12:00:00Z"


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
def test_what_is_no_cloudevent_is_refused(claim_data: Model, missing: str) -> None:
    fields = {**made(claim_data).attributes, "data": "{}"}
    del fields[missing]
    with pytest.raises(ValueError, match=f"{missing} missing"):
        to_structured(fields)


def test_data_that_is_not_json_is_refused(claim_data: Model) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        to_structured({**made(claim_data).attributes, "data": "not json"})


def test_only_types_of_the_table_with_their_own_data_are_made(claim_data: Model, samples: dict[str, Model]) -> None:
    with pytest.raises(InvariantBroken, match=r"claimwire\.claim\.true\.v1"):
        made(claim_data, type_="claimwire.claim.true.v1")
    for type_ in EventType:
        if type_ not in FEED_TYPES:
            assert made(samples[type_], type_=type_).attributes["type"] == type_
        for other in EventType:
            if TYPES[other] is not TYPES[type_]:
                with pytest.raises(InvariantBroken):
                    made(samples[other], type_=type_)


def test_feed_events_stand_apart_from_stories() -> None:
    body = FeedData(feed="seeds", source="seeds")
    written = feed_event("claimwire.feed.silent.v1", body, "2031-05-04", NOON, 1)
    again = feed_event("claimwire.feed.silent.v1", body, "2031-05-04", NOON, 2)
    later = feed_event("claimwire.feed.silent.v1", body, "2031-05-05", NOON, 3)
    assert written.attributes["source"] == "/claimwire/feeds"
    assert written.attributes["id"] == again.attributes["id"] != later.attributes["id"]
    with pytest.raises(InvariantBroken):
        made(body, type_="claimwire.feed.silent.v1")
    with pytest.raises(InvariantBroken):
        feed_event("claimwire.claim.new.v1", body, "x", NOON, 1)


def test_the_table_is_closed_and_complete() -> None:
    assert set(TYPES) == set(MEANINGS) == set(EventType)


@given(st.integers(1, 2**64 - 1), st.integers(1, 2**64 - 1))
def test_sequences_order_as_text(first: int, second: int) -> None:
    body = FeedData(feed="seeds", source="seeds")
    one, two = (
        feed_event("claimwire.feed.silent.v1", body, "x", NOON, n).attributes["sequence"] for n in (first, second)
    )
    assert (one < two) == (first < second)


def test_a_time_is_written_in_utc(claim_data: Model) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert made(claim_data, time=NOON.astimezone(east)) == made(claim_data)


@pytest.mark.parametrize("model", [Span, TextPositionSelector])
def test_a_span_runs_forward(model: type[Model]) -> None:
    assert model.model_validate({"start": 3, "end": 3})
    for start, end in ((4, 3), (-1, 3)):
        with pytest.raises(ValidationError):
            model.model_validate({"start": start, "end": end})


def test_the_contract_has_no_word_for_truth() -> None:
    fields = {name for model in {*TYPES.values()} for name in json.dumps(model.model_json_schema()).split('"')}
    assert not fields & {"true", "truth", "verdict", "verified", "confirmed", "rating", "credibility"}
