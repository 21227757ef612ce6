"""What a worker of a later release wrote is refused: it is neither misread, nor taken for damage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from service.errors import LaterRelease


@contextmanager
def of_this_release(what: str) -> Iterator[None]:
    """Records are read within it.

    Raises:
        LaterRelease: one has a field that this release does not know.
    """
    try:
        yield
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        if unknown := [".".join(map(str, each["loc"])) for each in told if each["type"] == "extra_forbidden"]:
            raise LaterRelease(f"{what}, with {', '.join(unknown[:3])},") from error
        raise
