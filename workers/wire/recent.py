"""What was made is kept: for as long as its owner lives, or up to a weight (texts read, records opened)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
One = TypeVar("One")
Other = TypeVar("Other")


class once(Generic[Value]):  # noqa: N801 (it reads like functools.cached_property, which locks before 3.12)
    """A property of an unchanging value, made when it is first asked for."""

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, owner: object, _: type | None = None) -> Value:
        value = owner.__dict__[self._name] = self._make(owner)
        return value


class Latest(Generic[One, Other, Value]):
    """Remembers what a pure function last made of two things that nobody changes (and of what else it was given): what
    is decided of a text is asked for again when it is joined and when its passages are told. Not safe for threads."""

    def __init__(self, make: Callable[..., Value]) -> None:
        self._make = make
        self._kept: tuple[One, Other, tuple[object, ...], Value] | None = None
        self.__doc__ = make.__doc__

    def __call__(self, one: One, other: Other, *more: object) -> Value:
        """The value, made unless it is the last."""
        kept = self._kept
        if kept is not None and kept[0] is one and kept[1] is other and kept[2] == more:
            return kept[3]
        value = self._make(one, other, *more)
        self._kept = one, other, more, value
        return value


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
