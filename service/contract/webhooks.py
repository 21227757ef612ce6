"""Webhooks that programs ask for over HTTP: what is asked, and how each one is; secrets are told once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from service.contract.choice import SHORT, Rung, full_type
from service.contract.data import Model

NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"
WEBHOOK_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
STARTS = 12
"""with the waits of workers.subscribers.lane: about six hours"""

Form = Literal["cloudevents", "slack"]
Beginning = Literal["now", "beginning"]
Standing = Literal["delivering", "failing", "disabled", "not joined yet", "ending", "not in the file"]


class Wish(Model):
    """Which events go to a webhook, and how."""

    format: Form = "cloudevents"
    """cloudevents: the event as JSON; slack: a message with a link to the board"""
    stories: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...], Field(max_length=100)
    ] = ()
    """ids; none: all that are followed"""
    types: Annotated[
        tuple[str, ...],
        Field(max_length=30, json_schema_extra={"items": {"type": "string", "enum": [*SHORT, *SHORT.values()]}}),
    ] = ()
    """full or short (`claim.new`); none: all of the stories. `feed.silent` and `feed.recovered` are told when named"""
    least: dict[Rung, Annotated[int, Field(ge=0, le=99_999)]] = Field(default_factory=dict)
    """rung of the ladder → how much of it a claim must have; what corrects a claim passes"""
    background: bool = False
    """new claims too that are of long ago"""
    after: Beginning = "now"
    """where it begins: with what comes, or with all that is kept"""
    starts: Annotated[int, Field(ge=1, le=100)] = STARTS
    """how often delivering an event is tried before it is parked"""

    @field_validator("types")
    @classmethod
    def _known(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(full_type(name) for name in types)


class WebhookAsked(Wish):
    """A webhook that is to be."""

    name: Annotated[str, StringConstraints(pattern=NAME)]
    """what its own name begins with"""
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=4000)]
    """http or https; it is shown to nobody"""


class WebhookShown(Wish):
    """A webhook, and how it is."""

    name: str
    """its own; never given twice"""
    origin: Literal["api", "file"]
    """file: it is changed there, and not here"""
    target: str
    """scheme and host of its address"""
    state: Standing
    """disabled: the target answered 410; ending: it was removed, and what is kept for it goes with the next look of
    a process that delivers"""
    open: int
    """events handed out and not ended"""
    behind: int
    """events not looked at yet"""
    parked: int
    """events given up"""
    delivered: int
    last_delivery: AwareDatetime | None = None
    why: str = ""
    """it fails"""
    by: str = ""
    """whose token asked for it"""
    at: AwareDatetime | None = None
    """when it was asked for"""


class WebhookMade(WebhookShown):
    """A webhook that was made just now."""

    secret: str | None
    """by which the target knows that a request is ours (Standard Webhooks). It is shown this once"""


class WebhooksAnswer(Model):
    """Those asked for over HTTP and those of the file, by name."""

    webhooks: tuple[WebhookShown, ...]
