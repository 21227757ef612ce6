"""WebSub, from the subscriber's side: what to ask of a hub and when, and which of its words to believe. Pure.

A subscription is asked for, confirmed by the hub through our callback, and renewed before its lease ends. The address
of the callback cannot be guessed, and what comes there counts only if it is signed with the hub's secret.

Source: https://www.w3.org/TR/websub/ (Recommendation of 23 January 2018)
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urljoin

from service.articles.identity import is_web_link
from service.store.feed_values import Subscription

_LINK = re.compile(r"""<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]*))?)*)""")
_REL = re.compile(r"""(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))""", re.IGNORECASE)
_DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_DAY_S = 86_400.0
_ADDRESS_CHARS = 2_000
_FAREWELLS = 3


@dataclass(frozen=True, slots=True)
class HubLimits:
    """How hubs are asked."""

    lease_s: float = 10 * _DAY_S
    """asked for; the hub decides"""
    least_lease_s: float = 60.0
    most_lease_s: float = 30 * _DAY_S
    """believed, whatever a hub says"""
    renew_share: float = 0.1
    """of a lease, that is left when it is renewed"""
    retry_s: float = 300.0
    """after a request that was not confirmed; twice as long after each further one, a day at most"""
    denied_s: float = _DAY_S
    """before a hub that said no is asked again"""


class Step(StrEnum):
    """What to do about a feed's subscription."""

    NOTHING = "nothing"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


def links_of(header: str) -> dict[str, str]:
    """The first target of each relation in a Link header, by its relation in lower case (RFC 8288)."""
    links: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:20_000]):
        found = _REL.search(parameters)
        for relation in ((found.group(1) or found.group(2) or "") if found else "").lower().split():
            links.setdefault(relation, target.strip())
    return links


def discovered(header: str, hub: str, topic: str, url: str) -> tuple[str, str]:
    """Hub and topic of a feed, or two empty strings: what the Link header says goes before what the document says.

    Args:
        header: the Link header, all fields joined by commas.
        hub: of the document.
        topic: likewise.
        url: of the document; its topic where nothing else is said.
    """
    links = links_of(header)
    asked = _address(url, links.get("hub") or hub)
    return (asked, _address(url, links.get("self") or topic) or url) if asked else ("", "")


def new_subscription(hub: str, topic: str) -> Subscription:
    """One that was not asked for yet: with a callback that nobody can guess and a secret."""
    return Subscription(hub=hub, topic=topic, token=secrets.token_hex(24), secret=secrets.token_hex(32))


def next_step(known: Subscription | None, hub: str, topic: str, now_s: float, limits: HubLimits) -> Step:
    """What is due.

    Args:
        known: what was asked for and confirmed.
        hub: where changes of the feed can be subscribed to today; the empty string: nowhere.
        topic: likewise.
        now_s: seconds since 1970.
        limits: how hubs are asked.
    """
    if known is None or not known.is_asked:
        return Step.SUBSCRIBE if hub else Step.NOTHING
    if (known.hub, known.topic) != (hub, topic):
        if known.lease_until > now_s and not _has_left(known):
            return Step.NOTHING if _waits(known, now_s, limits) else Step.UNSUBSCRIBE
        return Step.SUBSCRIBE if hub else Step.NOTHING
    if known.denied_at and now_s < known.denied_at + limits.denied_s:
        return Step.NOTHING
    is_due = known.lease_until - now_s <= limits.renew_share * known.lease_s
    return Step.SUBSCRIBE if is_due and not _waits(known, now_s, limits) else Step.NOTHING


def _has_left(known: Subscription) -> bool:
    """Whether the hub was told often enough that nothing more is wanted of it."""
    return known.asked_for == Step.UNSUBSCRIBE and known.asked_times >= _FAREWELLS


def _waits(known: Subscription, now_s: float, limits: HubLimits) -> bool:
    """Whether the hub was asked a short while ago, and may yet confirm."""
    pause_s = min(limits.retry_s * 2.0 ** min(max(known.asked_times - 1, 0), 16), _DAY_S)
    return bool(known.asked_times) and now_s < known.asked_at + pause_s


def request_of(known: Subscription, step: Step, callback: str, limits: HubLimits) -> Mapping[str, str]:
    """The form that asks a hub."""
    form = {"hub.callback": callback, "hub.mode": str(step), "hub.topic": known.topic}
    if step is Step.SUBSCRIBE:
        form |= {"hub.lease_seconds": f"{limits.lease_s:.0f}", "hub.secret": known.secret}
    return form


def confirmed(
    known: Subscription, query: Mapping[str, str], now_s: float, limits: HubLimits
) -> tuple[Subscription, str] | None:
    """What a hub's question at our callback makes of a subscription, and the answer; None: we did not ask for that.

    Args:
        known: the subscription that the callback belongs to.
        query: of the request.
        now_s: seconds since 1970.
        limits: which leases are believed.
    """
    mode, topic, challenge = (query.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge"))
    if topic != known.topic:
        return None
    if mode == "denied":
        return replace(known, denied_at=now_s, lease_until=0.0), ""
    if mode != known.asked_for or not challenge:
        return None
    if mode == Step.UNSUBSCRIBE:
        return replace(known, lease_until=0.0, asked_for="", asked_times=0), challenge
    said = query.get("hub.lease_seconds", "")
    lease_s = float(said[:9]) if said.isascii() and said.isdigit() else limits.lease_s
    lease_s = min(max(lease_s, limits.least_lease_s), limits.most_lease_s)
    return replace(known, lease_s=lease_s, lease_until=now_s + lease_s, asked_times=0, denied_at=0.0), challenge


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether a body is signed with the secret, as X-Hub-Signature says. Takes as long for a wrong signature."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in _DIGESTS:
        return False
    computed = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(computed.encode(), given.strip().lower().encode("utf-8", "replace"))


def _address(base: str, said: str) -> str:
    try:
        joined = urljoin(base, said) if said else ""
    except ValueError:
        return ""
    return joined if len(joined) <= _ADDRESS_CHARS and is_web_link(joined) else ""
