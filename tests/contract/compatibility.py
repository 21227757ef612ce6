"""What in a newer schema breaks somebody who reads by the older one.

A reader relies on what the older schema promises of every event. A newer one may promise more (a further member, fewer
values, a member that is always there) and never less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


def breaks(older: Schema, newer: Schema) -> list[str]:
    """Each promise that the newer one does not keep, with its place."""
    return sorted(set(_breaks(older, newer, older, newer, "data", ())))


def _breaks(
    older: Any, newer: Any, old_root: Schema, new_root: Schema, at: str, seen: tuple[str, ...]
) -> Iterator[str]:
    reference = older.get("$ref", "")
    if reference in seen:
        return
    seen = (*seen, reference) if reference else seen
    older, newer = _resolved(older, old_root), _resolved(newer, new_root)
    if "anyOf" in older or "anyOf" in newer:
        yield from _alternatives(older, newer, old_root, new_root, at, seen)
        return
    yield from _values(older, newer, at)
    for name, schema in older.get("properties", {}).items():
        if name not in newer.get("properties", {}):
            yield f"{at}.{name} is gone"
            continue
        yield from _breaks(schema, newer["properties"][name], old_root, new_root, f"{at}.{name}", seen)
    for name in older.get("required", ()):
        if name not in newer.get("required", ()):
            yield f"{at}.{name} may be missing"
    if isinstance(older.get("items"), Mapping):
        yield from _breaks(older["items"], newer.get("items", {}), old_root, new_root, f"{at}[]", seen)
    for number, schema in enumerate(older.get("prefixItems", ())):
        others = newer.get("prefixItems", ())
        if number >= len(others):
            yield f"{at}[{number}] is gone"
            continue
        yield from _breaks(schema, others[number], old_root, new_root, f"{at}[{number}]", seen)


def _values(older: Schema, newer: Schema, at: str) -> Iterator[str]:
    if "type" in older and older["type"] != newer.get("type"):
        yield f"{at} was {older['type']} and is {newer.get('type', 'anything')}"
    allowed, now = _allowed(older), _allowed(newer)
    if allowed is not None and (now is None or not now <= allowed):
        yield f"{at} has values that it had not: {sorted(map(str, (now or {'anything'}) - allowed))}"
    for limit in ("pattern", "format", "minItems", "maxItems"):
        if limit in older and newer.get(limit) != older[limit]:
            yield f"{at}: {limit} was {older[limit]} and is {newer.get(limit, 'none')}"
    if "minimum" in older and newer.get("minimum", older["minimum"] - 1) < older["minimum"]:
        yield f"{at}: what is smaller than {older['minimum']} may come"


def _alternatives(
    older: Schema, newer: Schema, old_root: Schema, new_root: Schema, at: str, seen: tuple[str, ...]
) -> Iterator[str]:
    """Each form that the newer one has must be one that the older one had."""
    for form in newer.get("anyOf", [newer]):
        found = [list(_breaks(known, form, old_root, new_root, at, seen)) for known in older.get("anyOf", [older])]
        yield from min(found, key=len)


def _allowed(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        place: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        schema = place
    return schema
