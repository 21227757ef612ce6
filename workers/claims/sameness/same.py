"""Is this clause that claim? Slots decide how alike the contents must be; nothing else decides it.

A false merge hides news for ever, a false split costs one repeated event: what is not clearly the same is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from service.contract.data import Modality, Quantity
from workers.claims.grammar.verbs import Deed, Kin, are_near, related
from workers.claims.model import Clause, Known
from workers.claims.sameness.acts import counterparts, directed, directs, other_object
from workers.claims.sameness.figures import brings_figure, same_figures
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.sides import Side, Wording, side_of_claim, side_of_clause
from workers.claims.sameness.slots import Agreement, agreement

Rule = Literal["same", "figure", "count", "polarity", "inversion", "roles", "stage", "opposed", "content"]
"""count: another number of the dead, the hurt, …; figure: another figure of anything else"""

SAME_AT: dict[tuple[Agreement, Kin], float] = {
    ("both", "near"): 0.18,
    ("both", "unknown"): 0.46,
    ("both", "other"): 0.70,
    ("one", "near"): 0.50,
    ("one", "unknown"): 0.68,
    ("one", "other"): 0.74,
    ("crossed", "near"): 0.40,
    ("crossed", "unknown"): 0.60,
    ("none", "near"): 0.62,
    ("none", "unknown"): 0.72,
    ("none", "other"): 0.76,
}
"""content similarity from which two wordings are one claim, by how many slots agree and how their verbs are related.
Source: between what pairs of one claim and pairs of two claims score, in tests/claims/wordings.toml (four invented
stories, 62 pairs of one claim, 370 of two whose roles do not conflict) and, for the tiers without a near verb, where
long clauses of one topic score high, at the 98th percentile of 1,900 pairs of two claims in five real articles. Where
at most one slot agrees those wordings tell too little: over sixteen sets with gold, of merges with no slot in common
and a near verb that score below .62 some 35 of 50 were of two claims, of those with one slot and another verb below .74
16 of 28, with none and another verb from .72 to .76 10 of 16, with an unknown verb below .68 (one slot) and .72 (none)
13 of 21. Higher still costs more repetitions than it finds news."""
DIRECTED_AT: dict[tuple[Agreement, Kin], float] = {
    ("both", "near"): 0.22,
    ("both", "unknown"): 0.36,
    ("both", "other"): 0.30,
    ("one", "near"): 0.40,
    ("one", "unknown"): 0.52,
    ("one", "other"): 0.56,
    ("crossed", "near"): 0.40,
    ("crossed", "unknown"): 0.60,
    ("none", "near"): 0.60,
    ("none", "unknown"): 0.66,
    ("none", "other"): 0.74,
}
"""the same where both tell of somebody directing somebody. "Asked", "told" and "ordered" are one act in different
strength, so it is the verbs of what is asked for that count. Source: as above, and 570 ordered pairs of two demands
between the same parties in invented sentences, of which 73 still merge (190 with 0.18, 0.22, 0.26 in the first rows),
with 34 (42) of 44 pairs of one demand"""
OTHER_ACT_AT = 0.78
"""the same where one tells of asking for a thing and the other perhaps of the thing"""
PRESUPPOSED_EASE = 0.08
"""what a nominal event ("the rejection") or a subordinate clause is let off: it says less, and is rarely news"""
OTHER_FIGURES = 0.15
"""what is added where both count something and no figure is in both, though the things counted have other names; and
where a clause with another verb brings a figure to a claim without one: the figure may well be the news"""
OTHER_OBJECT = 0.05
"""what is added where two demands, told by unrelated verbs, name other things that something is to be done to.
Source: 570 pairs of two demands between the same parties and 44 wordings of one, in invented sentences"""
FIGURE_AT: dict[Kin, float] = {"near": 0.40, "unknown": 0.60, "other": 0.60, "opposed": 1.0}
"""content similarity from which another figure is a figure of the same event"""
MEASURED_AT = 0.20
"""the same where both count one of the things that news keep counting: the dead, the hurt, the missing, the cases"""
LEAST_SAME_AT = min(*SAME_AT.values(), *DIRECTED_AT.values(), MEASURED_AT) - PRESUPPOSED_EASE
"""content similarity below which no two wordings are one claim"""
_LEAST: dict[Kin, float] = {
    kin: min(
        OTHER_ACT_AT, *(at for table in (SAME_AT, DIRECTED_AT) for (_, verbs), at in table.items() if verbs == kin)
    )
    for kin in ("near", "unknown", "other")
}
"""the same by how their verbs are related; opposed ones need all"""
_MARGIN = 0.001
"""so much nearer is `near` too: what is needed is rounded"""
TEACHES_AT = 0.55
"""content similarity from which a wording with a near verb, but fewer slots in common, is kept beside the first"""
UNSURE_BELOW = 0.08
"""a clause this close under its threshold is pushed as new, with low confidence"""

_AHEAD: frozenset[Modality] = frozenset({"possible", "expected", "conditional"})


class Judgement(NamedTuple):
    """What one comparison came to. A tuple: there are thousands an article."""

    rule: Rule
    score: float
    needed: float
    slots: Agreement
    verbs: Kin

    @property
    def detail(self) -> str:
        """For `why`: readable, and the same for the same input."""
        return f"slots agree: {self.slots}; verbs: {self.verbs}; content {self.score:.4f}, same from {self.needed:.2f}"


def judge(clause: Clause, known: Known, score: float, lens: Lens, verbs: Kin | None = None) -> Judgement:
    """Compares a clause with one known claim. `score` is the cosine of their contents, best over known wordings.

    `verbs`: how their verbs are related, if `near` has told.
    """
    mine, theirs = side_of_clause(clause, lens), side_of_claim(known, lens)
    slots = _best_slots(clause, known, mine, theirs, lens)
    verbs = verbs or _best_kin(mine, theirs)
    needed = _needed(clause, mine, theirs, slots, verbs)
    return Judgement(_rule(clause, known, mine, theirs, score, needed, slots, verbs), score, needed, slots, verbs)


def near(clause: Clause, scored: Iterable[tuple[Known, float]], lens: Lens) -> list[tuple[Known, float, Kin | None]]:
    """The claims of which some rule may hold: of the others all are less alike than any needs with such verbs.

    Each with its score, and with how the verbs are related where that was looked at. A judgement of the others says how
    slots and verbs stand; for "same", "figure" and the like they are too far.
    """
    mine, ease = side_of_clause(clause, lens), _MARGIN + (PRESUPPOSED_EASE if clause.presupposed else 0.0)
    found: list[tuple[Known, float, Kin | None]] = []
    least, others_from = _LEAST["near"], min(_LEAST["unknown"], _LEAST["other"])
    for known, score in scored:
        if (alike := score + ease) < least:
            continue
        if alike >= OTHER_ACT_AT:
            found.append((known, score, None))  # enough, however the verbs are related
            continue
        theirs = side_of_claim(known, lens)
        verbs: Kin | None
        if alike < others_from:
            verbs = "near" if _is_near(mine, theirs) else None
            fits = verbs is not None
        else:
            verbs = _best_kin(mine, theirs)
            fits = alike >= _LEAST.get(verbs, OTHER_ACT_AT)
        if fits or (alike >= MEASURED_AT and not mine.counts.keys().isdisjoint(theirs.counts)):
            found.append((known, score, verbs))
    return found


def _needed(clause: Clause, mine: Side, theirs: Side, slots: Agreement, verbs: Kin) -> float:
    table = DIRECTED_AT if mine.act == "direct" else SAME_AT
    needed = least = table.get((slots, verbs), 1.0) if mine.act == theirs.act else OTHER_ACT_AT
    if mine.act == theirs.act == "direct" and verbs == "other" and _other_objects(mine, theirs):
        needed += OTHER_OBJECT
    if clause.presupposed:
        needed -= PRESUPPOSED_EASE
    if mine.figures and (mine.figures.isdisjoint(theirs.figures) if theirs.figures else verbs != "near"):
        needed += OTHER_FIGURES
    return needed if needed == least else round(needed, 4)


def _other_objects(mine: Side, theirs: Side) -> bool:
    return all(other_object(mine.wordings[0].action, wording.action) for wording in theirs.wordings)


def _rule(
    clause: Clause,
    known: Known,
    mine: Side,
    theirs: Side,
    score: float,
    needed: float,
    slots: Agreement,
    verbs: Kin,
) -> Rule:
    if slots == "inverted":
        return "inversion"
    counted = _counted(mine, theirs) if score >= MEASURED_AT else None
    # Whatever is said to have killed them: so many dead are the same dead.
    if slots == "conflict" and not (counted == "same" and score >= FIGURE_AT["near"]):
        return "roles"
    mine_not, theirs_not = clause.polarity == "denied", known.claim.polarity == "denied"
    if mine.quality and theirs.quality and counterparts(mine.quality, theirs.quality):
        mine_not = not mine_not  # "no longer acceptable" says what "unacceptable" says
    if mine_not != theirs_not or mine.forbids != theirs.forbids:
        return "polarity"
    if (clause.modality in _AHEAD) != (known.claim.modality in _AHEAD):
        return "stage"
    if counted is not None:
        return counted
    if mine.counts and theirs.counts and mine.counts.keys().isdisjoint(theirs.counts):
        return "content"  # as many hurt as another tells dead are other people
    if mine.figures and theirs.figures and not same_figures(clause.quantities, known.claim.quantities):
        return "figure" if score >= FIGURE_AT[verbs] else "content"
    if verbs == "opposed":
        return "opposed"
    return "same" if score >= needed else "content"


def _counted(mine: Side, theirs: Side) -> Literal["same", "count"] | None:
    """How the counts of two wordings stand; None where they count nothing in common, or the first counts more."""
    both = mine.counts.keys() & theirs.counts.keys()
    if any(mine.counts[name] != theirs.counts[name] for name in both):
        return "count"
    return "same" if both and mine.counts.keys() <= theirs.counts.keys() else None


_CLOSEST: tuple[Kin, ...] = ("near", "unknown", "other", "opposed")
_ORDER: tuple[Agreement, ...] = ("both", "one", "none", "crossed", "conflict", "inverted")


def _best_slots(clause: Clause, known: Known, mine: Side, theirs: Side, lens: Lens) -> Agreement:
    """The closest agreement over the wordings kept; but an inversion of any of them stands."""
    asked = mine.wordings[0].roles
    if len(theirs.wordings) == 1:
        best = agreement(asked, theirs.wordings[0].roles)
        found = [best]
    else:
        found = [agreement(asked, wording.roles) for wording in theirs.wordings]
        best = min(found, key=_ORDER.index)
    if "inverted" in found:
        return "inverted"
    if clause.presupposed and best == "one" and not asked.target and not asked.target_words:
        # "The request by the one to the other": the noun has no slot for whom it is made to, but names him.
        targets = lens.actors(known.claim.frame.target)
        return "both" if targets and targets <= asked.named else best
    # A wording that leaves a slot open does not take back what a fuller one says.
    return "conflict" if "conflict" in found and best not in ("both", "one") else best


def _best_kin(mine: Side, theirs: Side) -> Kin:
    """The closest relation to a wording kept; opposed only if no wording is near."""
    if len(theirs.wordings) == 1:
        return _kin(mine.wordings[0], theirs.wordings[0])
    found = {_kin(mine.wordings[0], wording) for wording in theirs.wordings}
    return next(kind for kind in _CLOSEST if kind in found)


def _is_near(mine: Side, theirs: Side) -> bool:
    """Whether the closest relation is that they are near; most are not, and only that is asked."""
    for wording in theirs.wordings:
        asked, told = _deeds(mine.wordings[0], wording)
        if asked and told and are_near(asked, told) and _kin(mine.wordings[0], wording) == "near":
            return True
    return False


def _kin(mine: Wording, theirs: Wording) -> Kin:
    asked, told = _deeds(mine, theirs)
    if asked is None or told is None:
        return "unknown"
    verbs = related(asked, told)
    if not _govern(mine, theirs):
        return verbs
    if verbs == "near":
        return _governed(mine, theirs)
    return "opposed" if _undoes(mine, theirs) or _undoes(theirs, mine) else verbs


def _govern(mine: Wording, theirs: Wording) -> bool:
    """Whether one of them has more behind its verb; of those that direct somebody that has been compared."""
    return not (mine.directs and theirs.directs) and (mine.governed is not None or theirs.governed is not None)


def _governed(mine: Wording, theirs: Wording) -> Kin:
    """How what they govern is related, where the verbs are near: who voted to accept did not vote to walk out."""
    if mine.governed is None or theirs.governed is None:
        return "unknown"
    return related(mine.governed, theirs.governed)


def _undoes(mine: Wording, theirs: Wording) -> bool:
    """Whether one does the opposite of what the other is willing to do: "rejected the offer", "voted to accept it"."""
    if mine.governed is not None or theirs.governed is None or theirs.unwilling:
        return False
    return related(mine.told, theirs.governed) == "opposed"


def _deeds(mine: Wording, theirs: Wording) -> tuple[Deed | None, Deed | None]:
    """What of two wordings is compared: of two that direct somebody, what is asked for, if one of them says it."""
    if mine.directs and theirs.directs and (mine.directed or theirs.directed):
        return mine.directed, theirs.directed
    return mine.told, theirs.told


def instructive(clause: Clause, judged: Judgement) -> bool:
    """Whether the wording may stand for the claim from now on; a doubtful one would draw ever more doubtful ones in."""
    if directs(clause.frame.action, "asserted") and not directed(clause.frame.action):
        return False  # "informed them of the decision": it does not say which
    return judged.slots == "both" or (judged.verbs == "near" and judged.score >= TEACHES_AT)


def scheduled(clause: Clause, known: Known) -> bool:
    """Whether both speak of something that is still to come: then another date is another claim."""
    return clause.modality in _AHEAD and known.claim.modality in _AHEAD


def came_about(clause: Clause, known: Known, judged: Judgement) -> bool:
    """Whether a claim said what was to come, and the clause says that it is so."""
    fact = clause.modality in ("asserted", "reported") and known.claim.modality in _AHEAD
    return fact and judged.rule == "stage" and judged.verbs == "near" and judged.score >= judged.needed


def narrows(clause: Clause, known: Known, judged: Judgement) -> bool:
    """Whether the clause would be the claim, but brings a figure to it."""
    brings = judged.verbs != "near" and brings_figure(clause.quantities, known.claim.quantities)
    return brings and judged.rule == "content" and judged.score >= judged.needed - OTHER_FIGURES


def figures(quantities: tuple[Quantity, ...]) -> str:
    """Quantities for a person to read."""
    return ", ".join(quantity.text for quantity in quantities) or "none"
