"""Whose deed is known from its doer alone: who demands, promises or fears is the source of it."""

from __future__ import annotations

from workers.claims.grammar.noun import is_plural, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, has_no, negated
from workers.claims.grammar.syntax import is_thing
from workers.claims.grammar.words import word_set
from workers.claims.reading.draft import Draft
from workers.claims.sources.actors import Cast
from workers.claims.sources.referents import speaks_of_himself
from workers.claims.sources.speakers import apposed

WHATEVER = frozenset({"everything", "something", "anything", "nothing"})
"""pronouns for things"""


def performer_of(draft: Draft, cast: Cast) -> Token | None:
    """Who demands, promises, fears: the deed is said, or known only from its doer, so its doer is its source."""
    head, lemma = draft.head, draft.head.lemma_.lower()
    if (figure := _told_by_figure(draft)) is not None:
        return figure
    minded = lemma in word_set("attribution.minded") or _is_of_a_mind(head)
    message = lemma in word_set("attribution.messages")
    if not (minded or message or _is_told_by_doing(head, lemma) or _puts_at(head)):
        return None
    unreal = any(token.tag_ == "MD" for token in head.lefts) or draft.context.modality is not None
    if draft.form == "nominal" or unreal or (negated(head) and not minded):
        return None
    who = draft.subject if minded else denier_of(draft)  # "she was not persuaded by the report"
    if who is None or (is_thing(who) and not cast.can_speak(who)) or has_no(who) or speaks_of_himself(who):
        return None
    now = head.tag_ in {"VBP", "VBZ"} and child(head, "auxpass") is None  # "the ministry informs the public that"
    if message and not now and not _is_person(who, cast) and not (is_role(who) and is_plural(who)):
        return None
    if who.lower_ in WHATEVER:
        return None
    return who if who.pos_ in {"PROPN", "PRON"} or is_role(who) else None


def _is_person(who: Token, cast: Cast) -> bool:
    """Somebody of flesh and blood: by name, or by a post that one person has."""
    post = who.lemma_.lower() in word_set("nouns.title") | word_set("nouns.again_person")
    return cast.is_person(who) or (post and not is_plural(who)) or apposed(who) is not None


def _is_told_by_doing(head: Token, lemma: str) -> bool:
    """Verbs whose deed is done in words, and "raised its estimate", "opened an inquiry", "withdrew its offer"."""
    if lemma in word_set("attribution.performative") or lemma in word_set("attribution.decree"):
        if lemma == "decline" and child(head, "xcomp") is not None:
            return False  # "declined to take sides": a silence that the outlet tells of
        return lemma != "hold" or child(head, "ccomp") is not None
    thing = child(head, "dobj", "nsubjpass")
    if thing is not None and lemma in word_set("attribution.say_thing"):
        return True
    if any(
        part.dep_ == "prep" and f"{lemma} {part.lower_}" in word_set("attribution.say_about") for part in head.rights
    ):
        return True
    return (
        lemma in word_set("attribution.restate")
        and thing is not None
        and thing.lemma_.lower() in word_set("attribution.restated")
    )


def _told_by_figure(draft: Draft) -> Token | None:
    """ "the official map gives the town eleven minutes", "the police figure was 3,000": what is written or counted."""
    who, head = draft.subject, draft.head
    if who is None or draft.form == "nominal" or who.lemma_.lower() not in word_set("attribution.document"):
        return None
    verbs = word_set("attribution.written") | word_set("attribution.found")
    written = head.lemma_.lower() in verbs and child(head, "auxpass") is None
    if child(head, "dative") is not None:  # "the survey gave her 50.5 percent", not "the letter gave him hope"
        figure = child(head, "dobj")
        written = written and figure is not None and any(token.like_num for token in figure.subtree)
    counted = head.lemma_ in {"be", "stand"} and who.lemma_.lower() in word_set("attribution.reckoning")
    counted = counted and any(token.like_num for token in head.subtree)
    return who if written or counted else None


def _is_of_a_mind(head: Token) -> bool:
    """ "was not persuaded", "were satisfied with the count"."""
    if head.lemma_ != "be":
        return head.tag_ == "VBN" and head.lower_ in word_set("attribution.minded_adjective")
    what = child(head, "acomp")
    return what is not None and what.lower_ in word_set("attribution.minded_adjective")


def _puts_at(head: Token) -> bool:
    """ "put the turnout at 74 percent", "gave the number as 31", "put the delay down to fog"."""
    if head.lemma_ == "put" and any(token.lower_ == "down" for token in head.rights):
        return child(head, "dobj") is not None and any(token.lower_ == "to" for token in head.subtree)
    word = {"put": "at", "give": "as"}.get(head.lemma_)
    places = (token for token in head.subtree if token.lower_ == word and token.dep_ == "prep" and token.i > head.i)
    figures = (child(at, "pobj") for at in places)
    return any(figure is not None and any(token.like_num for token in figure.subtree) for figure in figures)


def denier_of(draft: Draft) -> Token | None:
    """The subject of a verb of denial, the agent of a passive one."""
    if child(draft.head, "auxpass") is None:
        return draft.subject
    agent = child(draft.head, "agent")
    return child(agent, "pobj") if agent is not None else None
