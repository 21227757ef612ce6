"""What is no request that can be read: told why as other errors are, at a bounded cost.

The HTTP parser refuses such requests before the application hears of them, and says so in plain text. Here it speaks
like the rest; and whoever still sends is heard out for a while, since a connection that is closed upon what it sends is
reset, and the answer lost with it.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from service.web.problems import HEADERS, problem, told
from service.web.room import Room

LONGEST_LINE_BYTES = 8_000
LONGEST_FIELD_BYTES = 16_000
"""of a header; not that of a line: by it the two are told apart"""
MOST_FIELDS = 100
IDLE_S = 75.0
"""a connection on which no request was read to its end for so long is closed"""
HEARD_BYTES = 32 * 1024 * 1024
HEARD_S = 5.0
"""how much, and how long, of one that was refused and still sends"""
_LONGEST_REASON = 200

log = structlog.get_logger(__name__)


class Connection(web.RequestHandler):
    """One connection of the server."""

    __slots__ = ("_ended", "_left_bytes", "_room")

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, room: Room) -> None:
        self._room = room
        self._ended = asyncio.Event()
        self._left_bytes: int | None = None
        """of what is heard and thrown away; None: nothing was refused"""
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None is no log, as AppRunner has it
            keepalive_timeout=IDLE_S,
            lingering_time=HEARD_S,
            max_line_size=LONGEST_LINE_BYTES,
            max_field_size=LONGEST_FIELD_BYTES,
            max_headers=MOST_FIELDS,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        super().connection_made(transport)
        self._room.enter(self, self._loop.time())

    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self._current_request is None and not self._messages

    def let_go(self) -> None:
        """Ends it without a word: there may be nobody to hear one."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """As the protocol has it, but of what was refused: that is thrown away."""
        if self._left_bytes is None:
            super().data_received(data)
            return
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The other side has gone, or we have."""
        self._ended.set()
        self._room.leave(self)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What could not be read, or went wrong outside of the application, as a problem.

        Raises:
            ConnectionError: a part of an answer was sent already.
        """
        super().handle_error(request, status, exc, message)
        answer = problem(status, HTTPStatus(status).phrase)
        if isinstance(exc, HttpProcessingError):
            answer = _refusal(exc)
            self._left_bytes = HEARD_BYTES
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Sends an answer; hears the other side out if it is a refusal."""
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            resp = told(resp)  # from outside of the application: an Expect that nobody meets
            resp.headers.update(HEADERS)
        sent = await super().finish_response(request, resp, start_time)
        if self._left_bytes is not None and self.transport is not None:
            self.transport.write_eof()
            try:
                async with asyncio.timeout(HEARD_S):
                    await self._ended.wait()
            except TimeoutError:
                self.force_close()
        return sent


def is_ours(record: logging.LogRecord) -> bool:
    """Whether what the server tells is no failure of whoever asked: anybody may send what is no HTTP, often."""
    failure: Any = record.exc_info[1] if record.exc_info else None
    if not isinstance(failure, HttpProcessingError | web.RequestPayloadError):
        return True
    log.debug("request.malformed", said=record.getMessage(), why=str(failure)[:_LONGEST_REASON])
    return False


def _refusal(failure: HttpProcessingError) -> web.Response:
    if isinstance(failure, LineTooLong) and failure.args[1] == LONGEST_LINE_BYTES:
        return problem(414, "URI Too Long", f"the first line of a request has {LONGEST_LINE_BYTES} bytes at most")
    if isinstance(failure, LineTooLong):
        return problem(431, "Request Header Fields Too Large", f"a header has {LONGEST_FIELD_BYTES} bytes at most")
    why = " ".join(failure.message.split())
    return problem(400, "Bad Request", f"this is no request that can be read: {why[:_LONGEST_REASON]}")
