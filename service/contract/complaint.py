"""The first thing that is wrong with what somebody gave, in one line."""

from __future__ import annotations

from pydantic import ValidationError


def first_complaint(error: ValidationError) -> str:
    """Where, and what: "least.origins: Input should be a valid integer"."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    words = first["msg"].removeprefix("Value error, ")
    return f"{where}: {words}" if where else words
