"""One number of the page of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from service.numbers.snapshot import Snapshot

Sample = tuple[tuple[str, ...], float]
"""values of the labels, and the number"""


@dataclass(frozen=True, slots=True)
class Number:
    """One line of the page. Counters get `_total` appended on the wire."""

    name: str
    kind: Literal["counter", "gauge"]
    labels: tuple[str, ...]
    meaning: str
    on_rise: str
    samples: Callable[[Snapshot], Iterator[Sample]]

    @property
    def help(self) -> str:
        """As it stands in the exposition."""
        return f"{self.meaning} {self.on_rise}"
