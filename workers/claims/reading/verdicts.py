"""Reports called true or false: "the report that P is true" affirms P, "reports that P are false" deny it."""

from __future__ import annotations

from dataclasses import dataclass

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, clause_of, has_no, negated, subject
from workers.claims.grammar.words import word_set


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody holds of a thing said."""

    true: bool
    content: Token | None
    """head of the clause that the report tells; none if the words do not say it"""
    doer: Token | None = None
    """subject of that clause if it stands outside of it: "reports of X having done Y" """


def verdict(head: Token) -> Verdict | None:
    """ "the report is false", "it is not true that", "the news that P is accurate"; None for any other predicate."""
    said, about = child(head, "acomp", "attr", "oprd"), subject(head)
    if said is not None and about is None and (read_anew := misread(head.head)) is not None:
        return read_anew[1]
    if said is None or about is None:
        return None
    if about.dep_ == "csubj" and (of := child(about, "nsubj")) is not None:
        about = of  # "reports of X having done Y are true", read as "reports … done"
    thing = about.lemma_.lower() in word_set("attribution.thing_said")
    if not thing and about.lower_ not in {"it", "this", "that", "these"}:
        return None
    wrong, right = said.lower_ in word_set("attribution.untrue"), said.lower_ in word_set("attribution.correct")
    if not (wrong or right):
        return None
    content, doer = _told(about) if thing else (_extraposed(head), None)
    return Verdict(right != (negated(head) or has_no(said)), content, doer)


def misread(head: Token) -> tuple[Token, Verdict] | None:
    """The predicate and the verdict of "that reports that P were false", whose "reports" the parser took for a verb."""
    who = subject(head)
    if head.tag_ != "VBZ" or who is None or who.lower_ != "that" or who.i != head.i - 1:
        return None
    told = [token for token in head.rights if token.dep_ == "ccomp"]
    if len(told) != 2 or subject(told[1]) is not None or head.lemma_.lower() not in word_set("attribution.thing_said"):
        return None
    said = child(told[1], "acomp", "attr", "oprd")
    if said is None or said.lower_ not in word_set("attribution.untrue") | word_set("attribution.correct"):
        return None
    right = said.lower_ in word_set("attribution.correct")
    return told[1], Verdict(right != negated(told[1]), told[0])


def calls_false(head: Token) -> bool:
    """Whether it says that a report, or what was said before, is not so."""
    found = verdict(head)
    return found is not None and not found.true


def _extraposed(head: Token) -> Token | None:
    found = child(head, "ccomp")
    marked = found is not None and any(part.lower_ == "that" for part in found.lefts)
    return found if marked and found is not None and found.i > head.i else None


def _told(report: Token) -> tuple[Token | None, Token | None]:
    """The clause that a report tells, and its subject where the clause does not hold it."""
    clause = clause_of(report)
    if clause is not None:
        return clause, None
    inside = [*report.subtree, report.head] if report.head.dep_ == "csubj" else report.subtree
    for token in inside:
        if (
            token.tag_ not in {"VBG", "VBN"}
            or token.dep_ not in {"acl", "relcl", "pcomp", "csubj"}
            or token.i < report.i
        ):
            continue
        if token.dep_ == "pcomp" and token.head.lower_ == "of" and subject(token) is not None:
            return token, None
        before = _before_verb(token)
        if (
            token.dep_ in {"acl", "relcl", "csubj"}
            and before.dep_ == "pobj"
            and before.head.lower_ == "of"
            and _gerund(token)
        ):
            return token, before
    return None, None


def _before_verb(verb: Token) -> Token:
    """The word before a verb and its auxiliaries."""
    first = min((token.i for token in verb.lefts if token.dep_ in {"aux", "auxpass", "neg"}), default=verb.i)
    return verb.doc[max(first - 1, 0)]


def _gerund(verb: Token) -> bool:
    """ "having done", "doing"; not the "done" of "reports of damage done by"."""
    return verb.tag_ == "VBG" or any(token.lower_ in {"having", "being"} for token in verb.lefts)
