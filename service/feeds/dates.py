"""Publication times as feeds write them: aware, UTC, and no more precise than what was written."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from service.model import Precision, Published

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def published_of(parsed: time.struct_time | None, written: str) -> Published | None:
    """A date as the parser read it (UTC) and as it was written; None for none, or for one outside the calendar."""
    if parsed is None:
        return None
    try:
        value = datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None
    return Published(value, _precision(written), "feed")


def published_of_iso(written: str) -> Published | None:
    """An RFC 3339 date; one without an offset is taken as UTC. None for anything else."""
    try:
        value = datetime.fromisoformat(written.strip())
        value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return Published(value.replace(microsecond=0), _precision(written), "feed")


def _precision(written: str) -> Precision:
    clock = _CLOCK.search(written)
    if clock is None:
        return "day"
    return "second" if clock.group(1) else "minute"
