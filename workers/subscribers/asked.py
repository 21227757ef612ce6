"""Webhooks that were asked for over HTTP, as they are delivered; and those of the file, as they are shown there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from service.contract.choice import Choice
from service.contract.webhooks import WebhookAsked
from service.net.failures import FetchFailure
from service.net.target import shown_origin, target_of
from workers.subscribers.signing import secrets_of
from workers.subscribers.webhook_file import Webhook, WebhookFile


def webhook_of(name: str, record: Mapping[str, Any], file: WebhookFile, stories: Collection[str]) -> Webhook | None:
    """The webhook that a record asks for; None if this release cannot read it.

    Args:
        stories: the ids there are; what names others names nothing.
    """
    try:
        asked = WebhookAsked.model_validate({field: record[field] for field in WebhookAsked.model_fields})
        keys = secrets_of(record["secret"])
        target_of(asked.url)
    except (ValidationError, KeyError, ValueError, FetchFailure):
        return None
    return Webhook(
        name,
        asked.url,
        keys,
        asked.format,
        tuple(story for story in asked.stories if story in stories) if asked.stories else tuple(sorted(stories)),
        Choice(frozenset(asked.types), asked.least, asked.background),
        asked.after,
        file.asked_private,
        asked.starts,
        file.board,
    )


def told_of(webhook: Webhook) -> dict[str, Any]:
    """A webhook of the file, without its secrets."""
    return {
        "format": webhook.form,
        "stories": list(webhook.stories),
        "types": sorted(webhook.choice.types),
        "least": {**webhook.choice.least},
        "background": webhook.choice.background,
        "after": webhook.after,
        "starts": webhook.starts,
        "target": shown_origin(webhook.url),
    }
