"""Why annotated claims never became an event: the class of the error, for each."""

from __future__ import annotations

from collections import Counter

from workers.evaluation.gold import GoldStory, Mention
from workers.evaluation.run import Run
from workers.evaluation.scoring import Scored

CLASSES = {
    "not admitted": "the article does not name the story's actors",
    "not read": "no clause was read in the sentence",
    "taken for commentary": "a clause was read and ignored",
    "taken for background": "told as background, which is no new claim",
    "held": "waits for a second article",
    "merged": "taken for a claim that was known",
    "other": "an event came of the sentence, and stands for another claim of it",
}


def misses(gold: GoldStory, done: Run, scored: Scored) -> dict[str, str]:
    """Gold claim → class of error, by what became of its first mention that was read at all."""
    return {claim: _class(claim, gold, done) for claim in sorted(scored.wanted - scored.told)}


def counted(classes: dict[str, str]) -> Counter[str]:
    """How many of each class."""
    return Counter(classes.values())


def _class(claim: str, gold: GoldStory, done: Run) -> str:
    there = [mention for mention in gold.annotation.mentions if mention.claim == claim]
    found = [name for mention in there if (name := _of(mention, done)) != "not read"]
    return found[0] if found else "not read"


def _of(mention: Mention, done: Run) -> str:
    if mention.article not in done.decisions:
        return "not admitted"
    decision = done.of(mention)
    if decision is None:
        return "not read"
    by_verdict = {
        "ignored": "taken for commentary",
        "background": "taken for background",
        "held": "held",
        "same": "merged",
        "corroborates": "merged",
    }
    return by_verdict.get(decision.verdict, "other")
