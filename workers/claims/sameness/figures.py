"""Figures and times of two wordings: do they say the same number, and when do their dates contradict each other?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.contract.data import Frame, Quantity, When
from workers.claims.surface.tongue import measures


def values(quantities: Iterable[Quantity]) -> frozenset[float]:
    """The numbers alone."""
    return frozenset(one.value for one in quantities if one.value is not None)


def same_figures(left: Sequence[Quantity], right: Sequence[Quantity]) -> bool:
    """False if the two count one thing (the same unit) and come to different values: also "9 of 12" and "10 of 12"."""
    mine, theirs = _by_unit(left), _by_unit(right)
    both = mine.keys() & theirs.keys()
    return all(mine[unit] <= theirs[unit] or theirs[unit] <= mine[unit] for unit in both)


def _by_unit(quantities: Sequence[Quantity]) -> dict[str, set[float]]:
    """Counted thing → its values."""
    found: dict[str, set[float]] = {}
    for one in quantities:
        if one.value is not None:
            found.setdefault(_unit(one), set()).add(one.value)
    return found


def measure(frame: Frame, quantities: Sequence[Quantity]) -> tuple[str, float] | None:
    """What a wording counts, if it is one of the things that news keep counting, and how many: ("dead", 17.0)."""
    counted = [quantity.value for quantity in quantities if quantity.value is not None]
    if len(counted) != 1:
        return None
    words = set(" ".join((frame.action or "", frame.actor or "", quantities[0].unit or "")).casefold().split())
    found = [name for name, signs in measures().items() if not words.isdisjoint(signs)]
    return (found[0], counted[0]) if len(found) == 1 else None


def brings_figure(left: Sequence[Quantity], right: Sequence[Quantity]) -> bool:
    """True if the first gives a figure and the second none at all."""
    return any(q.value is not None for q in left) and not any(q.value is not None for q in right)


def _unit(quantity: Quantity) -> str:
    """The counted thing as one word: the last of the unit, without a plural's s."""
    words = (quantity.unit or "").casefold().split()
    return words[-1].removesuffix("s") if words else ""


def apart(left: When | None, right: When | None) -> bool:
    """Whether both are known and no moment lies in both."""
    if left is None or right is None:
        return False
    if left.earliest is None or left.latest is None or right.earliest is None or right.latest is None:
        return False
    return left.latest < right.earliest or right.latest < left.earliest


def conflicting(when: When, others: Sequence[tuple[When, str]]) -> dict[str, str]:
    """The words of those times that cannot be the same time, each with the source that gives them first."""
    found: dict[str, str] = {}
    for other, source in others:
        if apart(when, other) and other.text != when.text:
            found.setdefault(other.text, source)
    return found
