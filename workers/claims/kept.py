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
"""records of which something is kept: those near to the articles decided last"""


def of_claim(found_out: Callable[Concatenate[Known, P], T]) -> Callable[Concatenate[Known, P], T]:
    """As the function, which looks at nothing but the record and its further arguments: those of the last time."""
    return _kept(found_out, lambda known: known.claim.id)


def of_clause(found_out: Callable[Concatenate[Clause, P], T]) -> Callable[Concatenate[Clause, P], T]:
    """The same for a clause."""
    return _kept(found_out, id)


def _kept(found_out: Callable[..., T], name: Callable[[Any], object]) -> Callable[..., T]:
    kept: dict[object, tuple[object, tuple[object, ...], T]] = {}

    @wraps(found_out)
    def ask(record: object, *others: object) -> T:
        entry = kept.get(name(record))
        if entry is not None and entry[0] is record and entry[1] == others:
            return entry[2]
        if len(kept) >= MOST:
            kept.clear()
        found = found_out(record, *others)
        kept[name(record)] = (record, others, found)
        return found

    return ask
