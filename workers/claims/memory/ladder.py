"""How widely a claim is carried: copies, documents, publishers, origins, sources, sides. Copies are one voice.

Keys are strings that stand in the registry:
    origin   `outlet:reuters`: the agency or outlet nearest to the source, else the publisher of the document
    source   `named:ada berg@north`, `unnamed:senior official@north*3`: who says it, @ side, * how many
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.contract.data import Document, Hop, SourceCount, Support
from workers.claims.grammar.words import word_map
from workers.claims.sameness.lens import Lens


def origin(hops: Sequence[Hop], document: Document) -> str:
    """The key of the voice from which this text has it: the same agency is one voice whoever prints it."""
    for hop in reversed(hops):
        if hop.kind == "outlet" and hop.name:
            return "outlet:" + _plain(hop.name)
    return "outlet:" + _plain(document.publisher)


def sources(hops: Sequence[Hop], lens: Lens) -> tuple[str, ...]:
    """The keys of the source actors in a chain: people, organisations, documents, unnamed ones; never outlets."""
    counted = (hop for hop in hops if hop.kind not in ("publisher", "outlet") and hop.not_counted is None)
    keys = (_source(hop, lens) for hop in counted)
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


Credit = tuple[str, str]
"""who credits, and the outlet that is credited"""


def credit(hops: Sequence[Hop], document: Document) -> Credit | None:
    """Which outlet a text credits as the one nearest to the source; None if it credits none but its own."""
    outlet = next((hop.name for hop in reversed(hops) if hop.kind == "outlet" and hop.name), None)
    if outlet is None or _plain(outlet) == _plain(document.publisher):
        return None
    return document.publisher, outlet


def is_circular(known: Iterable[Credit], added: Credit) -> bool:
    """Whether the outlet credited has it, through however many others, from the one that credits it."""
    gives: dict[str, set[str]] = {}
    for publisher, outlet in known:
        gives.setdefault(_plain(publisher), set()).add(_plain(outlet))
    reached, open_ = set[str](), [_plain(added[1])]
    while open_:
        one = open_.pop()
        if one not in reached:
            reached.add(one)
            open_ += sorted(gives.get(one, ()))
    return _plain(added[0]) in reached


def marked(hops: Sequence[Hop], document: Document, known: Iterable[Credit]) -> tuple[Hop, ...]:
    """The chain with its outlets marked as circular, if they are."""
    added = credit(hops, document)
    if added is None or not is_circular(known, added):
        return tuple(hops)
    return tuple(hop.model_copy(update={"not_counted": "circular"}) if hop.kind == "outlet" else hop for hop in hops)


def credited(credits: Iterable[Credit]) -> tuple[str, ...]:
    """The outlets credited, each once, in order; of those that credit each other, the one credited first."""
    straight: list[Credit] = []
    for one in credits:
        if not is_circular(straight, one):
            straight.append(one)
    names: dict[str, str] = {}
    for _, outlet in straight:
        names.setdefault(_plain(outlet), outlet)
    return tuple(names.values())


def climb(
    support: Support,
    *,
    publishers: Sequence[str],
    origins: Sequence[str],
    keys: Sequence[str],
    documents: int,
    copies: int,
    credits: Sequence[Credit] | None = None,
) -> Support:
    """The ladder as it stands; what denies or does not comment stays as it was, and what is credited if it is None."""
    return support.model_copy(
        update={
            "copies": copies,
            "documents": documents,
            "publishers": len(publishers),
            "origins": len(origins),
            "sources": count(keys),
            "sides": sides(keys),
            "credited": support.credited if credits is None else credited(credits),
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
