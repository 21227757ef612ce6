"""What was fetched, on disk: every answer with its time, its headers, and its body once however often it came.

    <folder>/<name>.jsonl      a line for each answer, in the order in which they came; one file per process
    <folder>/bodies/<sha256>   a body, zlib-compressed

A line is written behind its body, so that whoever is killed leaves no line without one. The folder is for its owner
alone: addresses may hold keys. Logins, and the cookies that servers offer, are not in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from service.errors import ClaimwireError
from service.net.access import PUBLIC, Access
from service.net.client import USER_AGENT, Client, Limits, Response
from service.net.failures import FailureKind, FetchFailure
from service.net.target import target_of

log = structlog.get_logger(__name__)

asked_for: ContextVar[str] = ContextVar("asked_for", default="")
"""the feed in whose turn something is fetched"""

_TAIL_BYTES = 65_536
_NOT_KEPT = frozenset({"set-cookie", "set-cookie2"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a recording."""

    at: str
    """when it was there, ISO 8601 in UTC with microseconds"""
    feed: str
    url: str
    """as asked, without login"""
    status: int
    headers: Mapping[str, str]
    final_url: str
    permanent_redirect: str | None
    body: str
    """SHA-256, hex"""


class RecordingClient(Client):
    """A client that writes down every answer. What cannot be written is told in the log and fetched all the same.

    Args:
        folder: made if it is not there.
        name: of the file of this process.
        limits: as of `Client`.
        user_agent: likewise.
    """

    def __init__(self, folder: Path, name: str, limits: Limits | None = None, user_agent: str = USER_AGENT) -> None:
        super().__init__(limits, user_agent)
        self._folder = folder
        self._lines = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.jsonl"
        self._writing = asyncio.Lock()
        (folder / "bodies").mkdir(mode=0o700, parents=True, exist_ok=True)
        _drop_half_a_line(self._lines)

    async def fetch(
        self, url: str, headers: Mapping[str, str] | None = None, *, access: Access = PUBLIC, moved_to: str = ""
    ) -> Response:
        """As `Client.fetch`."""
        response = await super().fetch(url, headers, access=access, moved_to=moved_to)
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        kept = {name: value for name, value in response.headers.items() if name not in _NOT_KEPT}
        digest = hashlib.sha256(response.body).hexdigest()
        moved = response.permanent_redirect
        answer = Answer(at, asked_for.get(), _plain(url), response.status, kept, response.final_url, moved, digest)
        try:
            async with self._writing:
                await asyncio.to_thread(self._write, answer, response.body)
        except OSError as error:
            log.error("recording.failed", folder=str(self._folder), error=str(error))
        return response

    def _write(self, answer: Answer, body: bytes) -> None:
        path = self._folder / "bodies" / answer.body
        if not path.exists():
            unfinished = path.with_name(f"{answer.body}.{os.getpid()}")
            unfinished.write_bytes(zlib.compress(body))
            unfinished.replace(path)
        line = json.dumps(asdict(answer), ensure_ascii=True, sort_keys=True) + "\n"
        try:
            with self._lines.open("ab") as file:
                file.write(line.encode("ascii"))
        except OSError:  # there was room for half of it, and the next would be written behind that
            _drop_half_a_line(self._lines)
            raise


def _drop_half_a_line(path: Path) -> None:
    """What a process left that died, or had no room. Of a recording of months only the end is read."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        kept = file.seek(0, os.SEEK_END)
        while kept > 0:
            start = max(kept - _TAIL_BYTES, 0)
            file.seek(start)
            tail = file.read(kept - start)
            kept = start + tail.rfind(b"\n") + 1
            if b"\n" in tail:
                break
        file.truncate(kept)


def answers_of(folder: Path) -> list[Answer]:
    """All answers of a recording, in the order in which they came. The last line of a process that died may be half.

    Raises:
        ClaimwireError: there is no recording, or a line of it cannot be read.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise ClaimwireError(f"{folder}: there is no recording", "Make one with `claimwire up --record DIR`.")
    answers: list[Answer] = []
    for file in files:
        lines = file.read_text("ascii", "replace").split("\n")
        for number, line in enumerate(lines[:-1], 1):  # behind the last line break is nothing, or half a line
            try:
                answers.append(Answer(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise ClaimwireError(f"{file}:{number}: no line of a recording") from error
    return sorted(answers, key=lambda answer: (answer.at, answer.feed))


class RecordedClient(Client):
    """Answers from a recording, in its order, and never asks anybody.

    Args:
        folder: of the recording.
        answers: of it, in order.
    """

    def __init__(self, folder: Path, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._folder = folder
        self._given: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        for answer in answers:
            self._given[answer.feed, answer.url].append(answer)
            self._given["", answer.url].append(answer)
        self.at = ""
        """the moment of the recording: what came before it is past"""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def fetch(
        self, url: str, headers: Mapping[str, str] | None = None, *, access: Access = PUBLIC, moved_to: str = ""
    ) -> Response:
        """The first answer from the moment on, else the last before it.

        Raises:
            FetchFailure: there is none.
        """
        # What is asked once for all feeds, as a robots.txt is, may have been asked in the turn of another.
        given = self._given.get((asked_for.get(), _plain(url))) or self._given.get(("", _plain(url)))
        if not given:
            raise FetchFailure(FailureKind.UNREACHABLE, "it is not in the recording")
        answer = next((answer for answer in given if answer.at >= self.at), given[-1])
        body = await asyncio.to_thread(self._body, answer)
        return Response(answer.status, answer.headers, body, answer.final_url, answer.permanent_redirect)

    async def post(self, url: str, form: Mapping[str, str], *, access: Access, home: str) -> int:
        """Nobody is asked.

        Raises:
            FetchFailure: always.
        """
        raise FetchFailure(FailureKind.UNREACHABLE, "a recording is being played")

    def _body(self, answer: Answer) -> bytes:
        path = self._folder / "bodies" / answer.body
        try:
            return zlib.decompress(path.read_bytes())
        except (OSError, zlib.error) as error:
            raise ClaimwireError(f"{path}: cannot be read: {error}", "The recording is damaged.") from error


def _plain(url: str) -> str:
    return str(target_of(url).url)
