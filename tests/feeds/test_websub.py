"""What is asked of a hub and when, and which of its words are believed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from service.feeds.websub import (
    HubLimits,
    Step,
    confirmed,
    discovered,
    is_signed,
    links_of,
    new_subscription,
    next_step,
    request_of,
)
from service.store.feed_values import Subscription

HUB, TOPIC, NOW, DAY = "https://hub.example/", "https://x.example/feed", 2_000_000_000.0, 86_400.0
LIMITS = HubLimits()


def asked(**changes: object) -> Subscription:
    fresh = replace(new_subscription(HUB, TOPIC), asked_for="subscribe", asked_at=NOW, asked_times=1)
    return replace(fresh, **changes)  # type: ignore[arg-type]


def live(lease_s: float = 10 * DAY, **changes: object) -> Subscription:
    return asked(**{"asked_times": 0, "lease_s": lease_s, "lease_until": NOW + lease_s, **changes})


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<https://h.example/>; rel="hub", </feed>; rel=self', {"hub": "https://h.example/", "self": "/feed"}),
        ('<a>; title="x, rel=hub"; rel=\'no\'; rel="next hub"', {"'no'": "a"}),
        ('<a>; rel="hub self"', {"hub": "a", "self": "a"}),
        ("<a>;rel=HUB,<b>;rel=hub", {"hub": "a"}),
        ("nonsense", {}),
        ("<a>", {}),
    ],
)
def test_links_are_read(header: str, links: dict[str, str]) -> None:
    assert links_of(header) == links


@pytest.mark.parametrize(
    ("header", "hub", "topic", "found"),
    [
        ("", HUB, TOPIC, (HUB, TOPIC)),
        ('</hub>; rel="hub"', HUB, TOPIC, ("https://x.example/hub", TOPIC)),
        ("", HUB, "", (HUB, "https://x.example/here")),
        ("", "", TOPIC, ("", "")),
        ("", "javascript:alert(1)", TOPIC, ("", "")),
        ("", "https://" + "h" * 3_000, TOPIC, ("", "")),
    ],
    ids=["document", "header", "no-self", "no-hub", "script", "long"],
)
def test_the_header_goes_before_the_document(header: str, hub: str, topic: str, found: tuple[str, str]) -> None:
    assert discovered(header, hub, topic, "https://x.example/here") == found


def test_callbacks_and_secrets_cannot_be_guessed() -> None:
    some = [new_subscription(HUB, TOPIC) for _ in range(100)]
    assert len({one.token for one in some}) == len({one.secret for one in some}) == 100
    assert all(len(one.token) == 48 and len(one.secret) == 64 for one in some)
    assert some[0].secret not in repr(some[0])


@pytest.mark.parametrize(
    ("known", "hub", "at_s", "step"),
    [
        (None, HUB, 0.0, Step.SUBSCRIBE),
        (None, "", 0.0, Step.NOTHING),
        (asked(), HUB, 10.0, Step.NOTHING),  # it may yet confirm
        (asked(), HUB, 301.0, Step.SUBSCRIBE),
        (asked(asked_times=4), HUB, 301.0, Step.NOTHING),  # asked less and less often
        (asked(asked_times=40), HUB, DAY + 1, Step.SUBSCRIBE),  # and never given up
        (live(), HUB, 8.9 * DAY, Step.NOTHING),
        (live(), HUB, 9.1 * DAY, Step.SUBSCRIBE),  # before the lease ends
        (live(), HUB, 11 * DAY, Step.SUBSCRIBE),  # it lapsed
        (live(lease_s=60.0), HUB, 50.0, Step.NOTHING),
        (asked(denied_at=NOW), HUB, 0.9 * DAY, Step.NOTHING),
        (asked(denied_at=NOW), HUB, 1.1 * DAY, Step.SUBSCRIBE),
        (live(), "", 1.0, Step.UNSUBSCRIBE),  # the feed names no hub any more
        (live(), "https://other.example/", 1.0, Step.UNSUBSCRIBE),
        (live(asked_for="unsubscribe", asked_times=3), "https://other.example/", 1.0, Step.SUBSCRIBE),  # told enough
        (live(asked_for="unsubscribe", asked_times=3), "", 1.0, Step.NOTHING),
        (asked(), "https://other.example/", 1.0, Step.SUBSCRIBE),  # nothing was confirmed
    ],
)
def test_what_is_due(known: Subscription | None, hub: str, at_s: float, step: Step) -> None:
    assert next_step(known, hub, TOPIC, NOW + at_s, LIMITS) is step


def test_a_hub_is_told_lease_and_secret_when_it_is_asked_and_neither_in_farewell() -> None:
    form = request_of(asked(), Step.SUBSCRIBE, "https://we.example/websub/t", LIMITS)
    assert form["hub.lease_seconds"] == "864000"
    assert len(form["hub.secret"]) < 200
    assert set(request_of(asked(), Step.UNSUBSCRIBE, "c", LIMITS)) == {"hub.callback", "hub.mode", "hub.topic"}


def question(**changes: str) -> dict[str, str]:
    query = {"mode": "subscribe", "topic": TOPIC, "challenge": "c", "lease_seconds": "3600"} | changes
    return {f"hub.{name}": value for name, value in query.items() if value}


def test_what_was_asked_for_is_confirmed() -> None:
    found = confirmed(asked(), question(), NOW, LIMITS)
    assert found is not None
    assert (found[1], found[0].lease_until, found[0].asked_times) == ("c", NOW + 3_600, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "https://x.example/other"},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"challenge": ""},
        {"mode": ""},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(changes: dict[str, str]) -> None:
    assert confirmed(asked(), question(**changes), NOW, LIMITS) is None


@pytest.mark.parametrize(("said", "lease_s"), [("", 10 * DAY), ("-1", 10 * DAY), ("1", 60.0), ("9" * 30, 30 * DAY)])
def test_which_lease_is_believed(said: str, lease_s: float) -> None:
    found = confirmed(asked(), question(lease_seconds=said), NOW, LIMITS)
    assert found is not None
    assert found[0].lease_s == lease_s


def test_a_denial_ends_a_subscription() -> None:
    found = confirmed(live(), question(mode="denied", challenge=""), NOW, LIMITS)
    assert found is not None
    assert (found[0].lease_until, found[0].denied_at) == (0.0, NOW)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512", "SHA256"])
def test_a_signature_is_known(method: str) -> None:
    signature = hmac.new(b"s", b"body", getattr(hashlib, method.lower())).hexdigest()
    assert is_signed(b"body", f"{method}={signature}", "s")
    assert not is_signed(b"Body", f"{method}={signature}", "s")
    assert not is_signed(b"body", f"{method}={signature}", "S")


@pytest.mark.parametrize(
    "header", ["", "sha256", "sha256=", "md5=841a2d689ad86bd1611447453c22c6fc", "new=1", "=", "sha1=\xff"]
)
def test_anything_else_is_none(header: str) -> None:
    assert not is_signed(b"body", header, "s")
