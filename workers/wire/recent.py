"""What was made lately is kept, up to a weight: texts that were read, records that were opened."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Remembers the values of a pure function, the least recently used forgotten first. Not safe for threads."""

    def __init__(self, make: Callable[[Key], Value], weigh: Callable[[Value], int], limit: int) -> None:
        self._make = make
        self._weigh = weigh
        self._limit = limit
        self._weight = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def __call__(self, key: Key) -> Value:
        """The value of a key, made if it is not remembered."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept[0]
        value = self._make(key)
        weight = self._weigh(value)
        self._kept[key] = value, weight
        self._weight += weight
        while self._weight > self._limit and len(self._kept) > 1:
            self._weight -= self._kept.popitem(last=False)[1][1]
        return value

    def __len__(self) -> int:
        return len(self._kept)
