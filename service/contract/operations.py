"""Every address of the HTTP API: a table, from which the OpenAPI document is made and which the routes are held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.contract.api import (
    ClaimDetail,
    ClaimsAnswer,
    DocumentShown,
    EditsAnswer,
    EditShown,
    FeedsAnswer,
    StoriesAnswer,
    StoryDetail,
    TimelineAnswer,
)
from service.contract.data import Model
from service.contract.edits import Edit
from service.contract.webhooks import WebhookAsked, WebhookMade, WebhooksAnswer, WebhookShown

LARGEST_LIMIT = 1000
DEFAULT_LIMIT = 100
LARGEST_COUNT = 99_999
LONGEST_QUERY = 200
"""code points of `q`"""

_TIME = {"type": "string", "maxLength": 40, "examples": ["2031-05-04T12:00:00Z"]}
_COUNT = {"type": "integer", "minimum": 0, "maximum": LARGEST_COUNT}
_STATUS = {"type": "string", "enum": ["new", "background", "disputed", "updated", "retracted"]}
_ENTRY = {"type": "string", "pattern": "^[0-9]{1,20}-[0-9]{1,20}$", "examples": ["1731153600000-0"]}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    description: str
    schema: Mapping[str, Any]
    where: Literal["path", "query", "header"] = "query"
    several: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method."""

    method: Literal["get", "post", "put", "delete"]
    path: str
    summary: str
    description: str
    answer: type[Model] | None
    """None: a stream of events"""
    parameters: tuple[Parameter, ...] = ()
    body: type[Model] | None = None
    scope: Literal["read", "write"] = "read"
    """of the token that it asks for, where tokens are asked for"""
    status: int = 200
    accepted: bool = False
    """whether it may be answered with 202 too: it was asked for, and is not done yet"""
    problems: tuple[int, ...] = (400, 404)


_STORY = Parameter("story", "Id of a story.", {"type": "string", "maxLength": 100}, "path")
_WEBHOOK = Parameter("webhook", "Name of a webhook.", {"type": "string", "maxLength": 80}, "path")
_LIMIT = Parameter(
    "limit",
    "How many at most.",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
)
_LEAST = (
    Parameter("min_sources", "Least number of source actors that surely stand behind it.", _COUNT),
    Parameter("min_origins", "Least number of independent origins.", _COUNT),
    Parameter("min_documents", "Least number of documents.", _COUNT),
)
_FOLLOWING = (
    Parameter(
        "Last-Event-ID",
        "Id of the last event that was heard: goes on behind it. What browsers send when they come back; wins over "
        "`since`.",
        _ENTRY,
        "header",
    ),
    Parameter(
        "since",
        "Where to begin: a time (RFC 3339), an event's id, an id of the stream, or 0 for all there is; else now.",
        {"type": "string", "maxLength": 60, "examples": ["2031-05-04T12:00:00Z", "0"]},
    ),
    Parameter(
        "type",
        "Types of events, full or short (`claim.new`), several or parted by commas. Without it: all.",
        {"type": "string"},
        several=True,
    ),
    *_LEAST,
    Parameter("min_publishers", "Least number of publishers.", _COUNT),
)
_HOW_STREAMS_GO = (
    "A stream of server-sent events. `id` is the stream's id, `event` the type, `data` the CloudEvent as JSON. `gap` "
    "says that the stream has no more what came after the cursor. A sign of life comes after 15 seconds of silence. "
    "A connection that takes nothing for 20 seconds is cut off. Events without a support pass its filters."
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get", "/v1/stories", "The stories followed", "Where each stands, and its streams.", StoriesAnswer, problems=()
    ),
    Operation(
        "get", "/v1/stories/{story}", "One story", "Where it stands, and how many claims are known of it.", StoryDetail,
        (_STORY,), problems=(404,),
    ),
    Operation(
        "get", "/v1/stories/{story}/claims", "The claims of a story",
        "As they stand now, in the order of their first appearance, a page at a time. A claim that was held back at "
        "first takes the place of its first appearance; to miss none, follow the events.",
        ClaimsAnswer,
        (
            _STORY,
            Parameter(
                "q", "Words that all stand in the claim, its exact words, or the names of those who say it.",
                {"type": "string", "maxLength": LONGEST_QUERY},
            ),
            Parameter("side", "A side that speaks for it.", {"type": "string", "maxLength": LONGEST_QUERY}),
            Parameter("status", "How it stands; several mean any of them.", _STATUS, several=True),
            *_LEAST,
            Parameter("since", "Of its last appearance: not before.", _TIME),
            Parameter(
                "order", "By first appearance.", {"type": "string", "enum": ["oldest", "newest"], "default": "oldest"}
            ),
            Parameter("after", "`next` of the page before.", {"type": "string", "maxLength": 60}),
            _LIMIT,
        ),
    ),
    Operation(
        "get", "/v1/stories/{story}/claims/{claim}", "One claim",
        "With every appearance and its exact words, the chain, the ladder, and links both ways.", ClaimDetail,
        (_STORY, Parameter("claim", "Id of a claim.", {"type": "string", "maxLength": 60}, "path")),
        problems=(404, 410),
    ),
    Operation(
        "get", "/v1/stories/{story}/documents/{article}", "One document",
        "Which claims it carries, and where. Its text is not given.", DocumentShown,
        (_STORY, Parameter("article", "Id of an article.", {"type": "string", "maxLength": 60}, "path")),
        problems=(404,),
    ),
    Operation(
        "get", "/v1/stories/{story}/timeline", "What was told of a story", "Its events, the newest first.",
        TimelineAnswer,
        (_STORY, Parameter("before", "`next` of the page before.", _ENTRY), _LIMIT),
    ),
    Operation(
        "get", "/v1/stories/{story}/events", "What is told of a story, as it happens", _HOW_STREAMS_GO, None,
        (_STORY, *_FOLLOWING), problems=(400, 404, 503),
    ),
    Operation(
        "get", "/v1/stories/{story}/edits", "What persons did to the claims of a story",
        "Every edit that was decided, in the order of the story's line, a page at a time.", EditsAnswer,
        (
            _STORY,
            Parameter("after", "`next` of the page before.", {"type": "string", "pattern": "^[0-9]{1,15}$"}),
            _LIMIT,
        ),
    ),
    Operation(
        "post", "/v1/stories/{story}/edits", "Edit a claim, or take a document down",
        "The edit gets its turn in the story's line, as an article does, and is answered when it was decided; with 202 "
        "if that takes long. An edit that does not fit what is known is refused, and says why. `by` is completed by "
        "the name of the token. A takedown cannot be undone; asked for again, it goes on where it stopped.",
        EditShown,
        (
            _STORY,
            Parameter(
                "Idempotency-Key", "The same for the same edit: however often it is asked for, it is done once.",
                {"type": "string", "maxLength": 200}, "header",
            ),
        ),
        Edit, "write", accepted=True, problems=(400, 404, 409, 413, 415, 422),
    ),
    Operation(
        "get", "/v1/stories/{story}/edits/{edit}", "What became of an edit", "It waits, was applied, or was refused.",
        EditShown, (_STORY, Parameter("edit", "Id of an edit.", {"type": "string", "maxLength": 60}, "path")),
        problems=(404,),
    ),
    Operation(
        "get", "/v1/webhooks", "The webhooks",
        "Those asked for here and those of the file of `claimwire webhooks run`, and how each is. Addresses and "
        "secrets are not shown.", WebhooksAnswer, scope="write", problems=(400,),
    ),
    Operation(
        "post", "/v1/webhooks", "Ask for a webhook",
        "It is picked up within seconds by a process that delivers (`claimwire webhooks run`). The answer has its "
        "name, which is never given twice, and its secret, which is shown this once. Addresses that are not public are "
        "refused when something is sent, unless the operator allows them.",
        WebhookMade, body=WebhookAsked, scope="write", status=201, problems=(400, 409, 413, 415, 422),
    ),
    Operation(
        "get", "/v1/webhooks/{webhook}", "One webhook", "How it is.", WebhookShown, (_WEBHOOK,), scope="write",
        problems=(400, 404),
    ),
    Operation(
        "delete", "/v1/webhooks/{webhook}", "Remove a webhook",
        "One that was asked for here; what is kept for it goes, what it gave up too.", WebhookShown, (_WEBHOOK,),
        scope="write", problems=(400, 404, 409),
    ),
    Operation("get", "/v1/feeds", "How the feeds are", "Those that this service watches.", FeedsAnswer, problems=()),
    Operation(
        "get", "/v1/feeds/events", "What is told of feeds, as it happens", _HOW_STREAMS_GO, None, _FOLLOWING,
        problems=(400, 503),
    ),
)  # fmt: skip
