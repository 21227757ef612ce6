"""What was found out about a clause or a claim, kept: each is compared with dozens of others, in dozens of ways.

Records are values, so what was found out about one holds as long as it is the same object.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from workers.claims.model import Clause, Known

P = ParamSpec("P")
T = TypeVar("T")
MOST = 4_096
"""records of which something is kept, and as many that were asked about before those"""


def of_claim(found_out: Callable[Concatenate[Known, P], T]) -> Callable[Concatenate[Known, P], T]:
    """As the function, which looks at nothing but the record and its further arguments: those of the last time."""
    return _kept(found_out, lambda known: known.claim.id)


def of_clause(found_out: Callable[Concatenate[Clause, P], T]) -> Callable[Concatenate[Clause, P], T]:
    """The same for a clause."""
    return _kept(found_out, id)


def _kept(found_out: Callable[..., T], name: Callable[[Any], object]) -> Callable[..., T]:
    kept: dict[object, tuple[object, tuple[object, ...], T]] = {}
    before: dict[object, tuple[object, tuple[object, ...], T]] = {}

    @wraps(found_out)
    def ask(record: object, *others: object) -> T:
        nonlocal kept, before
        called = name(record)
        entry = kept.get(called)
        if entry is not None and entry[0] is record and entry[1] == others:
            return entry[2]
        entry = before.get(called)
        if entry is None or entry[0] is not record or entry[1] != others:
            entry = (record, others, found_out(record, *others))
        if len(kept) >= MOST:
            kept, before = {}, kept
        kept[called] = entry
        return entry[2]

    return ask
