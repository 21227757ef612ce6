"""What was known at a time, from the events alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from service.cli.export_fold import Exported, folded
from service.contract.data import (
    ClaimData,
    Document,
    EditedData,
    EditMark,
    Link,
    Model,
    RetractedData,
    Support,
    WithdrawnData,
)
from service.contract.envelope import event, to_structured
from service.model import Event
from tests.subscribers.builders import NOON, STORY, claim_event

ID = f"c1-{1:016x}"


def structured(*events: Event) -> list[dict[str, Any]]:
    return [to_structured({**one.attributes, "data": one.data}) for one in events]


def other(number: int, kind: str, body: Model) -> Event:
    at = NOON + timedelta(minutes=number)
    return event(STORY, f"claimwire.{kind}.v1", body, f"article-{number}", ID, at, number, None, False)


def story_so_far() -> list[dict[str, Any]]:
    document = Document(uri="https://nordnytt.example/notice", publisher="Nordnytt", first_seen=NOON)
    known = claim_event(1)
    claim = ClaimData.model_validate_json(known.data).claim
    return structured(
        known,
        claim_event(2, links=(Link(rel="denies", target=ID, why="the other polarity"),)),
        claim_event(3, "claimwire.claim.disputed.v1", claim=1, support=Support(denied_by=(f"c1-{2:016x}",))),
        claim_event(4, "claimwire.claim.corroborated.v1", claim=1, support=Support(documents=2, origins=2)),
        claim_event(5, novelty="background"),
        other(6, "claim.retracted", RetractedData(claim=claim, document=document, reason="withdrawn")),
        other(
            7,
            "document.withdrawn",
            WithdrawnData(document=document, withdrawn=("https://nordnytt.example/1",), signal="KILL"),
        ),
    )


def at(minute: float) -> dict[str, Exported]:
    return {one.claim["id"]: one for one in folded(STORY, story_so_far(), NOON + timedelta(minutes=minute))}


def test_each_time_has_its_own_state() -> None:
    assert at(0) == {}
    assert (at(1)[ID].status, len(at(1))) == (["new"], 1)
    assert at(2)[ID].linked_from == [{"rel": "denies", "claim": f"c1-{2:016x}"}]
    assert (at(3)[ID].status, at(3)[ID].support["deniedBy"]) == (["disputed"], [f"c1-{2:016x}"])
    assert [len(at(minute)[ID].appearances) for minute in (3, 4)] == [1, 2], "a denial is no appearance of the denied"
    assert at(4)[ID].support["origins"] == 2
    assert at(5)[f"c1-{5:016x}"].status == ["background"]
    assert at(6)[ID].status == ["retracted", "disputed"]
    assert [one["withdrawn"] for one in at(6)[ID].appearances] == [False, False]
    assert [one["withdrawn"] for one in at(7)[ID].appearances] == [True, False]


def test_now_is_the_end_of_the_events() -> None:
    now = folded(STORY, story_so_far())
    assert [one.record() for one in now] == [one.record() for one in at(99).values()]
    assert [one.sequence for one in now] == [1, 2, 5]
    assert now[0].first_told == "2031-05-04T12:01:00Z"
    assert now[0].last_changed == "2031-05-04T12:06:00Z"


def test_what_a_person_changed_stands() -> None:
    (known, second) = structured(claim_event(1), claim_event(2))
    claim = ClaimData.model_validate(known["data"]).claim
    mark = EditMark(id="1", action="merge", by="ada", reason="the same", at=NOON)
    merged = EditedData(edit=mark, claim=claim, status="merged", merged_into="c1-2", support=Support())
    undone = EditedData(edit=mark, claim=claim, status="stands", support=Support(documents=7))
    first, last = structured(other(3, "claim.edited", merged), other(4, "claim.edited", undone))
    assert folded(STORY, [known, second, first])[0].record()["mergedInto"] == "c1-2"
    assert folded(STORY, [known, second, first])[0].status == ["merged"]
    (back, _) = folded(STORY, [known, second, first, last])
    assert (back.status, back.merged_into, back.support["documents"]) == (["new"], None, 7)


def test_what_was_taken_down_is_not_exported() -> None:
    document = Document(uri="text:a", publisher="Nordnytt", first_seen=NOON)
    removal = WithdrawnData(document=document, withdrawn=("x",), signal="takedown")
    events = structured(claim_event(1), claim_event(2), other(3, "document.withdrawn", removal))
    events[2]["data"]["claimsRemoved"] = [ID]
    assert [one.sequence for one in folded(STORY, events)] == [2]
