"""`webhooks.toml`: who is told, of what, and in which form. Validated at this door; secrets stay in the environment.

    board           where links to the board lead: "https://claimwire.example.org"
    asked_private   true: webhooks that are asked for over HTTP may lead to private addresses

Keys of a `[[webhook]]` table:

    name            unique; names its group, so that it goes on where it was
    url             http or https; or url_env, the environment variable that holds it, if the address is a secret
    secret_env      the environment variable that holds the secret ("whsec_…"; two, with a space between, while one
                    replaces the other). Only a webhook of format "slack" may do without
    format          "cloudevents" (the event as JSON) or "slack" (a text with a link to the board)
    stories         ids; left out: all
    types           ["claim.new", "claim.disputed", …]; left out: all of the stories. "feed.silent" and
                    "feed.recovered" are told when they are named
    least           {origins = 2}: how widely a claim must be carried (service.contract.choice has the rungs)
    background      true: new claims too that are of long ago
    after           "now", or "beginning" for all that is kept: where it begins when it is new
    allow_private   true: the address may be a private one
    starts          how often delivering an event is tried before it is parked
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from service.contract.choice import Choice, Rung, full_type
from service.contract.webhooks import STARTS, WEBHOOK_NAME, Beginning, Form
from service.errors import ClaimwireError
from service.net.failures import FetchFailure
from service.net.target import target_of
from service.store.webhooks import streams_of
from service.toml_lines import Lines, NotToml, complaints, read_toml
from workers.subscribers.signing import secrets_of


class WebhookFileError(ClaimwireError):
    """A webhook file that cannot be used; the message begins with file:line."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One target, with what it wants. Secrets show in no repr."""

    name: str
    url: str = field(repr=False)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    form: Form = "cloudevents"
    stories: tuple[str, ...] = ()
    choice: Choice = field(default_factory=Choice)
    after: Beginning = "now"
    allow_private: bool = False
    starts: int = STARTS
    board: str = ""
    """without a slash at its end; the empty string: no links"""

    @property
    def streams(self) -> list[str]:
        """The keys of the streams that it follows."""
        return streams_of(self.stories, self.choice.types)


@dataclass(frozen=True, slots=True)
class WebhookFile:
    """A file."""

    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    """by name, in its order"""
    board: str = ""
    asked_private: bool = False
    """webhooks asked for over HTTP may lead to private addresses"""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, StringConstraints(pattern=WEBHOOK_NAME)]
    url: str | None = None
    url_env: str | None = None
    secret_env: str | None = None
    format: Form = "cloudevents"
    stories: list[str] | None = Field(default=None, min_length=1)
    types: list[str] = []
    least: dict[Rung, int] = {}
    background: bool = False
    after: Beginning = "now"
    allow_private: bool = False
    starts: int = Field(default=STARTS, ge=1, le=100)

    @field_validator("types")
    @classmethod
    def _known(cls, types: list[str]) -> list[str]:
        return [full_type(name) for name in types]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give one of url and url_env")
        if self.secret_env is None and self.format == "cloudevents":
            raise ValueError("secret_env is missing: the target must be able to tell that an event is ours")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    board: str = ""
    asked_private: bool = False
    webhook: list[_Table] = []


def load_webhooks(path: Path, stories: Collection[str], environment: Mapping[str, str] | None = None) -> WebhookFile:
    """What a file says.

    Args:
        stories: the ids there are.
        environment: where secrets are looked up; None: this process's.

    Raises:
        WebhookFileError: it cannot be read or used; names every line that is wrong.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise WebhookFileError(f"{path}: cannot be read: {error.strerror}", "docs/subscribing.md shows one.") from error
    except UnicodeDecodeError as error:
        raise WebhookFileError(f"{path}: cannot be read: {error}", "Save it as UTF-8.") from error
    try:
        file = _File.model_validate(read_toml(text))
    except NotToml as error:
        raise WebhookFileError(f"{path}:{error.line}: {error.words}") from error
    except ValidationError as error:
        found = complaints(path, text, error, {0: _File, 2: _Table})
        raise WebhookFileError("\n".join(found), "docs/subscribing.md has every key.") from error
    found_in = dict(os.environ) if environment is None else environment
    loaded: dict[str, Webhook] = {}
    for place, table in enumerate(file.webhook):
        try:
            if table.name in loaded:
                raise ValueError(f"a second webhook of the name {table.name!r}")
            loaded[table.name] = _webhook(table, file.board.rstrip("/"), stories, found_in)
        except ValueError as error:
            line = Lines(text).of(("webhook", place))
            raise WebhookFileError(f"{path}:{line}: {table.name}: {error}") from error
    return WebhookFile(loaded, file.board.rstrip("/"), file.asked_private)


def _webhook(table: _Table, board: str, stories: Collection[str], environment: Mapping[str, str]) -> Webhook:
    wanted = sorted(stories) if table.stories is None else table.stories
    if unknown := [story for story in wanted if story not in stories]:
        raise ValueError(f"there is no story {unknown[0]!r}; known are {', '.join(sorted(stories))}")
    url = table.url if table.url is not None else _from(environment, table.url_env or "")
    try:
        target_of(url)
    except FetchFailure as error:
        raise ValueError(str(error)) from None
    keys: tuple[bytes, ...] = ()
    if table.secret_env is not None:
        try:
            keys = secrets_of(_from(environment, table.secret_env))
        except ValueError as error:
            raise ValueError(f"the secret in {table.secret_env} cannot be used: {error}") from None
    choice = Choice(frozenset(table.types), table.least, table.background)
    return Webhook(
        table.name,
        url,
        keys,
        table.format,
        tuple(wanted),
        choice,
        table.after,
        table.allow_private,
        table.starts,
        board,
    )


def _from(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "").strip()
    if not value:
        raise ValueError(f"the environment variable {variable} is not set")
    return value
