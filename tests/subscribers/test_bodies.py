"""What a chat is shown: text that can be neither a link, a mention nor another line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.contract.envelope import to_structured
from service.contract.types import EventType
from tests.subscribers.builders import claim_event
from workers.subscribers.bodies import TITLES, cloudevent, escaped, slack

BOARD = "https://claims.example"
HOSTILE = [
    "<!channel> look",
    "<https://evil.example|the truth>",
    "a & b > c < d",
    "one\ntwo\r\n*New claim*: three\u2028four",
    "x" * 100_000,
    "\ud800 half",
]


def structured(**more: Any) -> dict[str, Any]:
    event = claim_event(1, **more)
    return to_structured({**event.attributes, "data": event.data})


def text_of(event: dict[str, Any], board: str = BOARD) -> str:
    content_type, body = slack(event, board)
    assert content_type == "application/json; charset=utf-8"
    shown: str = json.loads(body)["text"]
    return shown


def test_a_claim_is_told_with_who_says_it_and_a_link() -> None:
    assert text_of(structured()).splitlines() == [
        "*New claim*: Skerry sold 1 lighthouses.",
        "Says: Ada Brink (said) → Nordnytt",
        "> Skerry sold 1 lighthouses.",
        f"<https://nordnytt.example/1|Nordnytt> · <{BOARD}/stories/lighthouse-sale/claims/c1-{1:016x}|open the claim>",
    ]
    assert BOARD not in text_of(structured(), board="")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(text: str) -> None:
    event = structured()
    event["data"]["claim"]["text"] = text
    event["data"]["appearance"]["document"] |= {"uri": f"javascript:{text}", "publisher": text}
    event["data"]["attribution"][1] |= {"name": text, "cue": text}
    event["data"]["appearance"]["evidence"][0]["selector"][0]["exact"] = text
    shown = text_of(event)
    assert len(shown.splitlines()) == 4
    assert len(shown) < 5_000
    assert shown.count("<") == 1, "the board's link alone"
    event["data"]["appearance"]["document"]["uri"] = f"https://x.example/{text}"
    assert text_of(event).count("<") == 2


def test_every_type_has_a_title_and_a_text() -> None:
    assert set(TITLES) >= {type_.removeprefix("claimwire.").removesuffix(".v1") for type_ in EventType}
    withdrawn = {"document": {"headline": "", "uri": "text:a", "publisher": "Nordnytt"}, "withdrawn": []}
    feed = {"feed": "nordnytt", "source": "Nordnytt", "error": "no answer"}
    for type_, body, words in (
        (EventType.DOCUMENT_WITHDRAWN, withdrawn, "*Text withdrawn*: text:a"),
        (EventType.FEED_SILENT, feed, "*Feed silent*: Nordnytt: no answer"),
    ):
        event = {"id": "e1-1", "source": "/claimwire/feeds", "type": str(type_), "data": body}
        assert text_of(event).splitlines()[0] == words


def test_the_event_itself_is_sent_whole() -> None:
    event = structured()
    content_type, body = cloudevent(event)
    assert content_type.startswith("application/cloudevents+json")
    assert json.loads(body) == event
    event["data"]["claim"]["text"] = "\ud800 half"
    assert json.loads(cloudevent(event)[1])["data"]["claim"]["text"] == "? half"


def test_what_is_long_is_cut() -> None:
    assert escaped("a" * 601) == "a" * 599 + "…"
    assert escaped("a" * 600) == "a" * 600
