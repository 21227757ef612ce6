"""Two claims become one, or two again: as `workers.claims.edits` has it, and no claim counts what is a part of it among
the claims that deny it, or that decline to comment on it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from workers.claims import edits
from workers.claims.memory.known import pointed_at
from workers.claims.model import Known

_AGAINST = ("denies", "contradicts")


def merge(target: Known, gone: Known, edit: str, claims: Mapping[str, Known]) -> tuple[Known, Known]:
    """`gone`, and whatever is part of it, becomes part of `target`.

    Args:
        claims: all that are known, by id.
    """
    own = {one.claim.id for one in _with_parts(gone, claims)}
    target, gone = edits.merge(target, gone, edit)
    return uncounted(target, own), gone


def uncounted(known: Known, gone: Set[str]) -> Known:
    """The claim without some of those that deny it, or decline to comment on it."""
    support = known.support
    left = {
        "denied_by": tuple(one for one in support.denied_by if one not in gone),
        "no_comment": tuple(one for one in support.no_comment if one not in gone),
    }
    return known.model_copy(update={"support": support.model_copy(update=left)})


def unmerge(target: Known, gone: Known, claims: Mapping[str, Known]) -> tuple[Known, Known]:
    """Undoes the last merge of `gone` into `target`, which what came out of it denies as before."""
    came = _with_parts(gone, claims)
    target, gone = edits.unmerge(target, gone)
    own = {target.claim.id, *(one.claim.id for one in _with_parts(target, claims))} - {one.claim.id for one in came}
    before = {link.target for link in target.links if link.rel == "contradicts"}
    for one in came:
        rels = {link.rel for link in one.links if link.target in own}
        if one.claim.id in before or not rels.isdisjoint(_AGAINST):  # said after it was denied, or denied after it
            target = pointed_at(target, denied_by=one.claim.id)
        if "withholds" in rels:
            target = pointed_at(target, no_comment=one.claim.id)
    return target, gone


def _with_parts(known: Known, claims: Mapping[str, Known]) -> list[Known]:
    """The claim and all that were merged into it, and into those."""
    found = [known]
    for each in found:
        found += [one for one in claims.values() if one.merged_into == each.claim.id and one not in found]
    return found
