"""How widely a claim is carried: copies, documents, publishers, origins, sources, sides. Copies are one voice.

Keys are strings that stand in the registry:
    origin   `outlet:reuters`: the agency or outlet nearest to the source, else the publisher of the document
    source   `named:ada berg@north`, `unnamed:senior official@north*3`: who says it, @ side, * how many
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.contract.data import Document, Hop, SourceCount, Support
from workers.claims.lens import Lens
from workers.claims.words import word_map


def origin(hops: Sequence[Hop], document: Document) -> str:
    """The key of the voice from which this text has it: the same agency is one voice whoever prints it."""
    for hop in reversed(hops):
        if hop.kind == "outlet" and hop.name:
            return "outlet:" + _plain(hop.name)
    return "outlet:" + _plain(document.publisher)


def sources(hops: Sequence[Hop], lens: Lens) -> tuple[str, ...]:
    """The keys of the source actors in a chain: people, organisations, documents, unnamed ones; never outlets."""
    keys = (_source(hop, lens) for hop in hops if hop.kind not in ("publisher", "outlet"))
    return tuple(dict.fromkeys(key for key in keys if key))


def _source(hop: Hop, lens: Lens) -> str:
    side = lens.speaks_for(hop) or ""
    if hop.named and hop.name:
        known = sorted(lens.actors(hop.name))
        return f"named:{_plain(known[0] if known else hop.name)}@{side}"
    words = _plain(hop.descriptor or hop.name or "").split()
    if not words:
        return ""
    what = " ".join(word for word in words if word not in word_map("acts.count"))
    return f"unnamed:{what}@{side}*{_at_least(words)}"


def _at_least(words: Sequence[str]) -> int:
    for word in words:
        if word in word_map("acts.count"):
            return int(word_map("acts.count")[word])
        if word.isdigit():
            return max(1, min(int(word), 99))
    return 2 if any(re.fullmatch(r"\w+[^s]s", word) for word in words) else 1


def _plain(name: str) -> str:
    # @ and * part a key.
    return " ".join(re.sub(r"[@*:.,;“”\"]", " ", name.casefold()).replace("’", "'").removeprefix("the ").split())


def count(keys: Iterable[str]) -> SourceCount:
    """How many source actors: at most all of them apart, at least what cannot be one and the same.

    Unnamed sources of one side may be one group, or the named source of that side; those without a side may be anybody.
    """
    named = {key for key in keys if key.startswith("named:")}
    unnamed = {key for key in keys if key.startswith("unnamed:")}
    groups: dict[str, int] = {}
    for key in unnamed:
        groups[_side(key)] = max(groups.get(_side(key), 0), _number(key))
    anybody = groups.pop("", 0)
    least = {side: max(number, sum(_side(key) == side for key in named)) for side, number in groups.items()}
    known = sum(least.values()) + sum(_side(key) not in least for key in named)
    return SourceCount(min=max(known, anybody), max=len(named) + sum(map(_number, unnamed)), named=len(named))


def sides(keys: Iterable[str]) -> tuple[str, ...]:
    """The sides that speak, in alphabetical order."""
    return tuple(sorted({side for side in map(_side, keys) if side}))


def climb(
    support: Support,
    *,
    publishers: Sequence[str],
    origins: Sequence[str],
    keys: Sequence[str],
    documents: int,
    copies: int,
) -> Support:
    """The ladder as it stands; what denies or does not comment stays as it was."""
    return support.model_copy(
        update={
            "copies": copies,
            "documents": documents,
            "publishers": len(publishers),
            "origins": len(origins),
            "sources": count(keys),
            "sides": sides(keys),
        }
    )


def raises(known: Sequence[str], added: Sequence[str]) -> str | None:
    """Why source keys lift a claim: a new side or a new named source; None if they could be the known ones."""
    new_sides = sorted(set(sides(added)) - set(sides(known)))
    if new_sides:
        return f"a further side: {new_sides[0]}"
    names = sorted(key for key in added if key.startswith("named:") and key not in known)
    return f"a further named source: {names[0].removeprefix('named:').split('@')[0]}" if names else None


def _side(key: str) -> str:
    return key.partition("@")[2].partition("*")[0]


def _number(key: str) -> int:
    return int(key.rpartition("*")[2])
