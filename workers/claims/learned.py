"""What gold taught: weights in files under `model/`, and judgements by them that a learner sets aside for its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Generic, TypeVar

from service.errors import ClaimwireError

MODEL = Path(__file__).parent / "model"

T = TypeVar("T")


def read_weights(path: Path, build: Callable[[Any], T]) -> T:
    """What `build` makes of the JSON at `path`.

    Raises:
        ClaimwireError: the file is missing or is none of ours.
    """
    try:
        return build(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaimwireError(f"{path} cannot be used: {error}", "Reinstall Claimwire.") from error


class Installed(Generic[T]):
    """What judges by the weights of this installation, or what stands in its place."""

    def __init__(self, name: str, installed: Callable[[], T]) -> None:
        self._installed = installed
        self._other: ContextVar[T | None] = ContextVar(name, default=None)

    def now(self) -> T:
        """The one to judge by."""
        return self._other.get() or self._installed()

    @contextmanager
    def instead(self, other: T) -> Iterator[None]:
        """Judges by another meanwhile: for learning."""
        token = self._other.set(other)
        try:
            yield
        finally:
            self._other.reset(token)
