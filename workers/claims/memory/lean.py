"""Records that stay in memory, without what each of them carries alike.

A record keeps a set of the names of the fields that it was given, and so does each record in it: of a claim's 15 kB in
memory 7 are such sets, all of the same few. Nothing here writes what was given only, so one set of a kind is enough.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)

_PLAIN = frozenset({str, int, float, bool, type(None), datetime})
"""of which no record is one"""
_NAMES: dict[frozenset[str], set[str]] = {}
"""as many as there are ways in which the code fills a record: some dozens"""


def lean(record: T) -> T:
    """The same record, its sets of names shared with others of its kind. Copies of it get sets of their own."""
    given = record.__pydantic_fields_set__
    names = frozenset(given)
    shared = _NAMES.get(names)
    if shared is given:
        return record  # and so is what it holds
    object.__setattr__(record, "__pydantic_fields_set__", _NAMES.setdefault(names, given))
    for value in record.__dict__.values():
        if (kind := type(value)) in _PLAIN:
            continue
        if isinstance(value, BaseModel):
            lean(value)
        elif kind is tuple:
            for one in value:
                if isinstance(one, BaseModel):
                    lean(one)
    return record
