"""What a webhook sends: the event itself, or a text for people where a chat shows it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

TITLES = {
    "claim.new": "New claim",
    "claim.corroborated": "Corroborated",
    "claim.disputed": "Disputed",
    "claim.updated": "Updated",
    "claim.retracted": "Retracted",
    "claim.edited": "Edited by a person",
    "document.revised": "Text revised",
    "document.withdrawn": "Text withdrawn",
    "feed.silent": "Feed silent",
    "feed.recovered": "Feed recovered",
}

_MOST = 600
"""code points of any one text"""


def cloudevent(event: Mapping[str, Any]) -> tuple[str, bytes]:
    """Content type and body of an event in structured mode.

    Source: CloudEvents 1.0, HTTP protocol binding.
    """
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return "application/cloudevents+json; charset=utf-8", body.encode("utf-8", "replace")


def slack(event: Mapping[str, Any], board: str) -> tuple[str, bytes]:
    """Content type and body that incoming webhooks of Slack (and Mattermost, Rocket.Chat, …) show as a message.

    What texts of outlets say is escaped: it can be neither a link nor a mention.
    """
    body = {"text": "\n".join(_lines(event, board)), "unfurl_links": False, "unfurl_media": False}
    return "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _lines(event: Mapping[str, Any], board: str) -> list[str]:
    kind = event["type"].removeprefix("claimwire.").removesuffix(".v1")
    body, story = event.get("data", {}), str(event["source"]).rsplit("/", 1)[-1]
    claim = body.get("claim")
    lines = [f"*{TITLES.get(kind, kind)}*: {escaped(_subject(body))}"]
    if "attribution" in body:
        lines.append(f"Says: {escaped(chain(body['attribution']))}")
    for item in body.get("appearance", {}).get("evidence", [])[:1]:
        lines.append(f"> {escaped(' '.join(item['selector'][0]['exact'].split()))}")
    document = body.get("document") or body.get("appearance", {}).get("document") or {}
    links = [_link(document["uri"], document["publisher"])] if document else []
    if board and claim is not None:
        links.append(_link(f"{board}/stories/{quote(story)}/claims/{quote(claim['id'])}", "open the claim"))
    elif board:
        links.append(_link(f"{board}/", "open the board"))
    return [*lines, *([" · ".join(links)] if links else [])]


def _subject(body: Mapping[str, Any]) -> str:
    if "claim" in body:
        return str(body["claim"]["text"])
    if "document" in body:
        return str(body["document"]["headline"] or body["document"]["uri"])
    return f"{body.get('source', '')}: {body.get('error') or body.get('reason') or 'it is read again'}"


def chain(hops: Sequence[Mapping[str, Any]]) -> str:
    """Who says it, the original source first: "a senior official [unnamed] (told) → CNN"."""
    return " → ".join(map(_hop, reversed(hops))) or "nobody named"


def _hop(hop: Mapping[str, Any]) -> str:
    who = hop.get("name") or hop.get("descriptor") or "unnamed"
    if not hop["named"] and hop["kind"] == "unnamed":
        who += " [unnamed]"
    return f"{who} ({hop['cue']})" if hop.get("cue") else who


def escaped(text: str) -> str:
    """Text that a chat shows as it is, on one line."""
    line = " ".join(text.split())
    line = line if len(line) <= _MOST else line[: _MOST - 1] + "…"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _link(address: str, words: str) -> str:
    """A link if it leads to the web; else the words alone."""
    if not re.match(r"https?://", address, re.IGNORECASE):
        return escaped(words)
    safe = quote(address, safe="%:/?#[]@!$&'()*+,;=~", errors="replace")
    return f"<{safe.replace('&', '&amp;')}|{escaped(words)}>"
