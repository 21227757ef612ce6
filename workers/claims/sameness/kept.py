"""What was found out about a clause or a claim, kept: each is compared with dozens of others, in dozens of ways.

Records are values, so what was found out about one holds as long as it is the same object.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from workers.claims.model import Clause, Known

P = ParamSpec("P")
T = TypeVar("T")
_Entry = tuple[object, tuple[object, ...], T]
"""record, further arguments, what was found out"""
MOST = 4_096
"""records of which something is kept, and as many that were asked about before those"""


def of_claim(found_out: Callable[Concatenate[Known, P], T]) -> Callable[Concatenate[Known, P], T]:
    """As the function, which looks at nothing but the record and its further arguments: those of the last time."""
    kept = _Kept(found_out)

    def ask(known: Known, *others: object) -> T:
        called = known.claim.id
        entry = kept.now.get(called)
        if entry is not None and entry[0] is known and entry[1] == others:
            return entry[2]
        return kept.look(called, known, others)

    return cast("Callable[..., T]", update_wrapper(ask, found_out))


def of_clause(found_out: Callable[Concatenate[Clause, P], T]) -> Callable[Concatenate[Clause, P], T]:
    """The same for a clause."""
    kept = _Kept(found_out)

    def ask(clause: Clause, *others: object) -> T:
        called = id(clause)
        entry = kept.now.get(called)
        if entry is not None and entry[0] is clause and entry[1] == others:
            return entry[2]
        return kept.look(called, clause, others)

    return cast("Callable[..., T]", update_wrapper(ask, found_out))


class _Kept(Generic[T]):
    """What was found out, by the name of the record. Whoever asks looks into `now` himself: it is asked most of all."""

    def __init__(self, found_out: Callable[..., T]) -> None:
        self._found_out = found_out
        self.now: dict[object, _Entry[T]] = {}
        self._before: dict[object, _Entry[T]] = {}

    def look(self, called: object, record: object, others: tuple[object, ...]) -> T:
        """What is not in `now`: from before it, or found out."""
        entry = self._before.get(called)
        if entry is None or entry[0] is not record or entry[1] != others:
            entry = (record, others, self._found_out(record, *others))
        if len(self.now) >= MOST:
            self.now, self._before = {}, self.now
        self.now[called] = entry
        return entry[2]
