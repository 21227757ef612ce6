"""Every setting, as an operator reads it: unit, meaning, and why this default.

Each is an environment variable, `CLAIMWIRE_` and the name in capitals; `REDIS_URL` has no prefix. Flags of the
command line win over the environment. The README's table is generated from this module and checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingError


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix="CLAIMWIRE_", frozen=True, extra="ignore", validate_default=True)

    redis_url: Annotated[
        str | None,
        Field(
            validation_alias="REDIS_URL",
            description="Redis or Valkey 7.0 or later, as redis://, rediss:// or unix://; a cluster as "
            "redis+cluster://host:port,host:port, sentinels as redis+sentinel://host:port,host:port/service. "
            "Unset: `up` starts an embedded server; `service` and `worker` say what is missing.",
        ),
    ] = None
    connect_wait_s: Annotated[
        float,
        Field(ge=0, description="Seconds that a process waits for Redis at its start before it says so and ends."),
    ] = 30.0
    wait_replicas: Annotated[
        int,
        Field(
            ge=0,
            le=8,
            description="Replicas that must have an article before it counts as admitted. With a replica, 1 lets the "
            "loss of its server lose nothing; 0 is for one server that keeps its own log.",
        ),
    ] = 0
    wait_replicas_s: Annotated[
        float,
        Field(
            gt=0, le=60, description="Seconds for that, after which the service pauses and admits the article again."
        ),
    ] = 2.0
    data_dir: Annotated[
        Path, Field(description="Where the embedded server keeps its data and the processes their logs.")
    ] = Path(".claimwire")
    redis_port: Annotated[
        int,
        Field(
            ge=0,
            le=65535,
            description="Loopback port of the embedded server, for subscribers on this host; 0 takes a free one.",
        ),
    ] = 6399
    http_host: Annotated[
        str, Field(description="Address that health, metrics and the API are bound to; loopback unless you say so.")
    ] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535, description="Port of the same; 0 takes a free one.")] = 8700
    tokens: Annotated[
        Path | None,
        Field(
            description="File of API tokens (`claimwire tokens new` prints a table for it), read again when it "
            "changes. Unset: everybody may read, and nothing can be changed over HTTP."
        ),
    ] = None
    reads_need_token: Annotated[
        bool,
        Field(description="Whether reading needs a token too; browsers ask for it as a password. Probes never do."),
    ] = False
    rate_per_s: Annotated[
        float, Field(ge=0, description="Requests a second from one token or address; 0: as many as it likes.")
    ] = 50.0
    rate_burst: Annotated[int, Field(ge=1, description="Requests of one that may come at once.")] = 200
    follows: Annotated[
        int, Field(ge=0, description="Connections that may follow events from one address; 0: as many as it likes.")
    ] = 100
    forwarded: Annotated[
        str,
        Field(
            pattern=r"^[!#-'*+.^-z|~0-9A-Z-]*$",  # a token of RFC 9110, 5.6.2
            description="Header in which the proxy before the service names whose request it is, such as "
            "X-Forwarded-For; its last address counts. Empty: there is no proxy, and whoever connects is who asks.",
        ),
    ] = ""
    feeds: Annotated[Path, Field(description="The feed list.")] = Path("seeds/feeds.toml")
    stories: Annotated[Path, Field(description="The folder of story files.")] = Path("seeds/stories")
    workers: Annotated[int, Field(ge=1, le=64, description="Worker processes that `up` and `replay` start.")] = 2
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="Least level logged.")] = (
        "info"
    )
    log_format: Annotated[
        Literal["auto", "console", "json"],
        Field(description="auto: for people on a terminal, JSON lines otherwise."),
    ] = "auto"
    horizon_days: Annotated[
        int,
        Field(
            ge=1,
            le=21,
            description="Days for which a text can be recognised again and its words are kept; "
            "14 covers the days over which wire copy is reprinted.",
        ),
    ] = 14
    retention_days: Annotated[
        int, Field(ge=1, description="Days that events stay on their streams for subscribers to replay.")
    ] = 30
    subscriber_soft_cap: Annotated[
        int,
        Field(
            ge=1,
            description="Events of a story that a group of subscribers may be behind, above which the story's line is "
            "slowed as long as the group reads: what it cannot take is not made in haste.",
        ),
    ] = 10_000
    subscriber_hard_cap: Annotated[
        int,
        Field(
            ge=1,
            description="Events of a story, above which a group has lapsed: it slows nobody, and what is past the time "
            "of retention is dropped though it has not read it, until it has caught up to the soft cap.",
        ),
    ] = 100_000
    backlog_cap: Annotated[
        int, Field(ge=1, description="Articles of a story admitted and not yet committed, above which feeds wait.")
    ] = 1000
    hold_hours: Annotated[
        float,
        Field(
            ge=0,
            le=24 * 30,
            description="Hours of the articles' clock that a doubtful claim is held for a second article to say the "
            "same; 12 spans a night. The same for all workers of a story.",
        ),
    ] = 12.0
    reclaim_idle_s: Annotated[
        float,
        Field(gt=0, description="Seconds without a heartbeat after which another worker takes an article over."),
    ] = 3.0
    extraction_deadline_s: Annotated[
        float, Field(gt=0, description="Seconds for reading one article; a worker that overruns ends and is restarted.")
    ] = 60.0
    extraction_starts: Annotated[
        int,
        Field(ge=1, description="Times that reading an article may start before it is parked as a dead letter."),
    ] = 5
    dead_limit: Annotated[
        int,
        Field(
            ge=0,
            description="Dead letters among the last `CLAIMWIRE_DEAD_WINDOW` articles of a story, above which its line "
            "stops until `claimwire dead resume`: not each of so many can be poison. 0: it never stops.",
        ),
    ] = 20
    dead_window: Annotated[
        int, Field(ge=1, description="Articles of a story among which dead letters are counted for that.")
    ] = 100
    host_spacing_s: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            description="Least seconds between the beginnings of two requests to one host; never more than two are "
            "under way there. 0.1 lets a list of a hundred feeds of one host begin within ten seconds.",
        ),
    ] = 0.1
    poll_timeout_s: Annotated[float, Field(gt=0, description="Seconds for one look at a feed, all in.")] = 30.0
    contact: Annotated[
        str | None,
        Field(
            pattern=r"^[!-'*-~]+$",
            description="Web or mail address of whoever runs this service: it stands in the User-Agent, for the people "
            "behind the feeds who want to ask something. No spaces or brackets.",
        ),
    ] = None
    public_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[!-~]+$",
            description="Address under which the internet reaches this service's port, as https://news.example: hubs "
            "(WebSub) send what is new of a feed to a path below it that cannot be guessed. Unset: no hub is asked for "
            "anything, and feeds are polled.",
        ),
    ] = None
    body_cap_bytes: Annotated[
        int, Field(ge=1024, description="Largest body of a feed or a text, decoded; larger ones are counted and left.")
    ] = 5_000_000
    encoder: Annotated[
        Literal["static", "onnx"],
        Field(
            description="What turns clauses into vectors: `static` (5,000 a second, the same bytes on any machine), or "
            "`onnx`, the transformer it was made from (80 a second), which `pip install 'claimwire[onnx]'` brings. "
            "The same for all workers of a story."
        ),
    ] = "static"
    cors: Annotated[
        str | None,
        Field(
            pattern=r"^(\*|https?://[^\s/*]+( https?://[^\s/*]+)*)$",
            description="Origins, parted by spaces, whose pages may read the API in browsers: https://desk.example. "
            "`*`: all. Unset: none. None may write.",
        ),
    ] = None
    trace: Annotated[
        bool,
        Field(description="Give each admitted article a W3C traceparent that its events carry; never in a replay."),
    ] = True
    parent_pid: Annotated[
        int | None, Field(description="Set by `up` and `replay`: a child that loses this parent drains and ends.")
    ] = None

    @property
    def origins(self) -> tuple[str, ...]:
        """Of `cors`."""
        return tuple((self.cors or "").split())


def load_settings(**flags: object) -> Settings:
    """The settings of the environment, overridden by those flags that are not None.

    Raises:
        SettingError: a value cannot be used; names the variable and what is allowed.
    """
    given = {
        ("REDIS_URL" if name == "redis_url" else name): value for name, value in flags.items() if value is not None
    }
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        variable = name if name.isupper() else f"CLAIMWIRE_{name.upper()}"
        raise SettingError(
            f"{variable}={first['input']!r} cannot be used: {first['msg']}",
            "`claimwire settings` lists every setting with its unit and default.",
        ) from error
