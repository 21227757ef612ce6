"""Structured logs: one configuration for every process, on stderr."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def configure(level: str, form: Literal["auto", "console", "json"], **bound: str) -> None:
    """Sends structlog to stderr: for people on a terminal, JSON lines otherwise. `bound` names the process.

    What libraries warn of goes the same way: a traceback between the lines would be read by no program.
    """
    pretty = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not pretty:
        chain.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*chain, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # one write a line: processes share a pipe
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**bound)
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


class _Libraries(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        say = log.error if record.levelno >= logging.ERROR else log.warning
        try:
            say("library.said", library=record.name, said=record.getMessage(), exc_info=record.exc_info or None)
        except Exception:  # as every handler: what cannot be logged ends nobody
            self.handleError(record)
