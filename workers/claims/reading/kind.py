"""Whether a clause is news, lore, comment, silence or furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.contract.data import Modality, When
from workers.claims.grammar.intervals import Anchor
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, complements, negated, subject
from workers.claims.grammar.words import word_list, word_set
from workers.claims.model import Kind
from workers.claims.reading.draft import Draft
from workers.claims.reading.own import plain_words

_ENDS = frozenset('.!;"”’')
_YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")


def kind(
    draft: Draft,
    tokens: Sequence[Token],
    modality: Modality,
    times: When | None,
    anchor: Anchor,
    *,
    named: bool,
    meant: bool,
) -> Kind:
    """The kind of a clause; `named` says that an actor of the story or another proper name takes part in it, `meant`
    that its subject is or stands for somebody."""
    if draft.no_comment:
        return "no_comment"
    words = plain_words(tokens).lower()
    if _is_addressed(draft) or _is_of_this_text(draft):
        return "boilerplate"
    if _is_question(draft.head):
        return "commentary"
    attributed = any(frame.source is not None or frame.hearsay for frame in draft.context.speech)
    if _only_points(draft.head) or _only_asks(draft.head):
        return "commentary"
    # What is to happen on a day that is told is a plan, whoever it is of.
    planned = modality == "expected" and times is not None and draft.head.lemma_ != "be"
    unsure = modality in {"possible", "expected"} and not planned
    if _is_feeling(draft) or _is_comment(draft, words, unsure, attributed=attributed, named=named, meant=meant):
        return "commentary"
    return "background" if _is_background(draft, words, times, anchor, attributed=attributed) else "claim"


def _is_addressed(draft: Draft) -> bool:
    """ "Sign up here", "Thank you": said to the reader or the listener."""
    head = draft.head
    if draft.subject is not None or draft.form != "finite" or head.dep_ != "ROOT":
        return False
    if child(head, "expl") is not None or any(token.tag_ == "MD" for token in head.lefts):
        return False  # "there must be an answer"
    thing = child(head, "dobj")
    return head.tag_ == "VB" or (head.tag_ == "VBP" and thing is not None and thing.lower_ == "you")


def _is_of_this_text(draft: Draft) -> bool:
    """ "This article has been corrected", "This page is a summary", "contributed to this report", "Here is more"."""
    who, head = draft.subject, draft.head
    opening = head.doc[head.left_edge.i]
    if head.lemma_ == "be" and opening.lower_ == "here" and opening.i == head.sent.start:
        return True
    if who is None:
        return False
    text = next((token for token in who.subtree if token.lemma_ in word_set("cleaning.text")), None)
    if text is not None and any(part.lower_ == "this" for part in text.lefts):
        return who.lemma_ == "version" or (text == who and head.lemma_ in word_set("cleaning.edited") | {"be"})
    if head.lemma_ != "contribute":
        return False
    nouns = (token for token in head.subtree if token.lemma_ in word_set("cleaning.text"))
    return any(part.lower_ == "this" for noun in nouns for part in noun.lefts)


def _is_question(head: Token) -> bool:
    """Whether a question mark ends what is said: also within a quotation that the sentence goes on after."""
    for token in head.doc[head.i : head.sent.end]:
        if token.text == "?" or token.text in _ENDS:
            return token.text == "?"
    return head.sent.text.strip().endswith("?")


def _only_asks(head: Token) -> bool:
    """ "“Why should we?” Vell asked": who asks what is no claim."""
    if head.lemma_ not in word_set("commentary.asked"):
        return False
    said = {"dobj", "dative", "ccomp", "advcl", "xcomp", "prep", "prt", "oprd", "acomp", "nsubjpass"}
    put = any(token.text == "?" for token in head.doc[head.sent.start : head.i])
    return put or not any(child.dep_ in said for child in head.children)


def _only_points(head: Token) -> bool:
    """ "made this very clear to X", "confirmed that": what was said stands in another sentence."""
    thing = child(head, "dobj") or next((subject(token) for token in head.children if token.dep_ == "ccomp"), None)
    if thing is None or thing.lower_ not in word_set("commentary.pointing"):
        return False
    if head.lemma_ == "make":
        made = (token for token in head.subtree if token.lemma_.lower() in word_set("attribution.speech_adjective"))
        return any(True for _ in made)
    said = word_set("attribution.say") - word_set("attribution.weak_say")
    return thing.dep_ == "dobj" and (head.lemma_ in said or head.lemma_ == "do")


def _is_feeling(draft: Draft) -> bool:
    who = subject(draft.head) or child(draft.head, "expl")
    if who is None or (
        who.dep_ != "expl" and who.lower_ not in {"i", "we", "you", "it", "this", "that", "our", "everyone"}
    ):
        return False
    said = child(draft.head, "acomp", "attr") or draft.head
    if said.lower_ in word_set("commentary.feeling") or said.lemma_.lower() in word_set("commentary.feeling") | {
        "thing",
        "day",
        "time",
        "moment",
    }:
        return True
    if who.lower_ == "you" or _is_verdict(draft.head, who):
        return True
    thing = child(draft.head, "dobj")
    if who.lower_ in {"i", "we"} and thing is not None and thing.lemma_ in word_set("commentary.inner"):
        return True
    if negated(draft.head) and complements(draft.head):
        return False  # "we do not think that P"
    return who.lower_ in {"i", "we"} and draft.head.lemma_.lower() in word_set("commentary.feel") | word_set(
        "commentary.feeling"
    )


def _is_verdict(head: Token, who: Token) -> bool:
    """ "this is a compelling combination": praise or blame, nothing to check."""
    said = child(head, "attr")
    if said is None and head.lemma_ == "be" and who.lower_ in {"this", "that"}:
        said = child(head, "acomp")  # "this was so unforeseen"
        told = said is None or said.lemma_.lower() in word_set("attribution.untrue") | word_set("attribution.correct")
        return not told and said is not None and child(said, "prep", "xcomp", "ccomp") is None and not negated(head)
    if who.dep_ == "expl":
        return said is not None and said.lemma_ in word_set("commentary.rhetoric")
    if said is None or head.lemma_ != "be" or who.lower_ not in {"this", "that", "it"} or said.pos_ != "NOUN":
        return False
    judged = any(token.dep_ == "amod" for token in said.lefts)
    return judged and not any(token.pos_ in {"PROPN", "NUM"} for token in said.subtree)


def _is_comment(draft: Draft, words: str, unsure: bool, *, attributed: bool, named: bool, meant: bool) -> bool:
    head = draft.head
    if draft.denied is not None or draft.form == "nominal":
        return False
    if not attributed and words.startswith(word_list("commentary.opening")):
        return True
    if any(phrase in words for phrase in word_list("commentary.anywhere")):
        return True
    lemma = head.lemma_.lower()
    who = draft.subject
    abstract = (
        who is not None
        and (
            who.lemma_.lower() in word_set("commentary.abstract")
            or (who.lower_ in {"this", "that", "it", "these", "which", "all"} and not meant)
        )
        and _no_figure(tokens=who.subtree)
    )
    if (
        lemma in word_set("attribution.view")
        and who is not None
        and who.lemma_.lower() in word_set("attribution.faceless")
    ):
        return True
    if _is_duty(head):
        return True
    if attributed:
        return False
    if _only_follows(head, who) or _is_mood(head, who) or _is_weighed(head) or (abstract and _at_a_moment(head)):
        return True
    thing = child(head, "dobj", "attr", "acomp") or _after_preposition(head)
    if thing is not None and thing.lemma_.lower() in word_set("commentary.trope"):
        return True
    object_ = thing is not None and thing.lemma_.lower() in word_set("commentary.object")
    if lemma in word_set("commentary.participle") and (abstract or object_):
        return True
    due = lemma == "set" and child(head, "xcomp") is not None  # "the deal is set to begin"
    if abstract and not due and (lemma in word_set("commentary.verb") or object_):
        return not _has_figure(head)
    if lemma in {"be", "remain", "become", "seem", "look"} and _is_judgement(head, abstract):
        return True
    return unsure and not _has_figure(head) and (abstract or not named)


def _only_follows(head: Token, who: Token | None) -> bool:
    """ "This decision follows the findings": how the matter stands to what came before."""
    if who is None or head.lemma_.lower() not in word_set("nouns.placing"):
        return False
    points = any(token.lower_ in {"this", "that", "these", "those"} for token in who.lefts)
    return points and who.lemma_.lower() in word_set("commentary.abstract") and _no_figure(head.subtree)


def _is_duty(head: Token) -> bool:
    """ "Keeping them safe is our first priority": what somebody holds to be right."""
    done = child(head, "csubj")
    said = child(head, "attr")
    duty = said is not None and said.lemma_.lower() in word_set("commentary.duty")
    return head.lemma_ == "be" and head.tag_ == "VBZ" and duty and done is not None and done.tag_ == "VBG"


def _is_mood(head: Token, who: Token | None) -> bool:
    """ "tensions have escalated": a feeling in the air, unless somebody measured it."""
    mood = who is not None and who.lemma_.lower() in word_set("commentary.mood")
    apart = {token for part in head.children if part.dep_ == "advcl" for token in part.subtree}
    measured = any(token.like_num for token in head.subtree if token not in apart)
    return mood and head.lemma_.lower() in word_set("commentary.swell") and not measured


def _is_weighed(head: Token) -> bool:
    """ "is a stinging blow to X", "adds to the troubles of X", "faces serious challenges", "comes at a bad time for X":
    what it means for somebody, whoever or whatever does it."""
    lemma, thing = head.lemma_.lower(), child(head, "dobj")
    said = child(head, "attr", "oprd") or thing or _as_what(head)
    if said is not None and said.lemma_.lower() in word_set("commentary.weight"):
        return lemma in word_set("commentary.weighing") and _no_figure(said.subtree)
    if lemma == "face":
        return thing is not None and thing.lemma_.lower() in word_set("commentary.faced") and _no_figure(thing.subtree)
    to = next((part for part in head.rights if part.dep_ == "prep" and part.lower_ == "to"), None)
    what = child(to, "pobj") if to is not None else None
    if lemma == "add" and thing is None and what is not None:
        return what.lemma_.lower() in word_set("commentary.trouble") and _no_figure(what.subtree)
    return lemma == "come" and _at_a_moment(head) and _no_figure(head.subtree)


def _as_what(head: Token) -> Token | None:
    """ "came as a blow"."""
    by = next((part for part in head.rights if part.dep_ == "prep" and part.lower_ == "as"), None)
    return child(by, "pobj") if by is not None else None


def _at_a_moment(head: Token) -> bool:
    """ "this occurs at a time when"."""
    if head.lemma_.lower() not in word_set("nouns.placing"):
        return False
    at = next((token for token in head.rights if token.dep_ == "prep" and token.lower_ == "at"), None)
    moment = child(at, "pobj") if at is not None else None
    return (
        moment is not None
        and moment.lemma_.lower() in word_set("commentary.moment")
        and any(token.dep_ in {"relcl", "acl", "amod"} for token in moment.children)
    )


def _after_preposition(head: Token) -> Token | None:
    for token in head.rights:
        if token.dep_ == "prep" and (found := child(token, "pobj")) is not None:
            return found
    return None


def _is_judgement(head: Token, abstract: bool) -> bool:
    said = child(head, "acomp", "attr", "oprd")
    if said is None or child(head, "ccomp") is not None:
        return False
    return (
        abstract
        and (said.lemma_.lower() in word_set("commentary.predicate") or said.lower_ in word_set("commentary.predicate"))
    ) or (said.lower_ in {"uncertain", "unclear", "crucial", "vital", "fluid"} and head.lemma_ == "remain")


def _has_figure(head: Token) -> bool:
    parts = [token for token in head.children if token.dep_ in {"dobj", "nsubj", "nsubjpass", "attr"}]
    return any(token.like_num for part in parts for token in part.subtree)


def _no_figure(tokens: object) -> bool:
    return not any(token.like_num for token in tokens)  # type: ignore[attr-defined]


def _is_background(draft: Draft, words: str, times: When | None, anchor: Anchor, *, attributed: bool) -> bool:
    padded = f" {words} "
    if any(f" {phrase} " in padded for phrase in word_set("background.phrases")):
        return True
    years = [int(year) for year in _YEAR.findall(words)]
    if draft.form == "relative" and draft.context.presupposed and _is_held(draft.top) and times is None:
        return True
    if attributed:
        return False
    if years and max(years) <= anchor.at.year - 2:
        return True
    if (
        times is not None
        and times.latest is not None
        and times.basis == "stated"
        and (anchor.at - times.latest).days > 400
    ):
        return True
    return _is_standing(draft, times) or ((times is None or times.earliest is None) and _is_habit(draft.head))


def _is_habit(head: Token) -> bool:
    """ "has often walked", "has served as a base", "has played a role in": what somebody has been all along."""
    present = {token.lower_ for token in head.children if token.dep_ in {"aux", "auxpass"}}
    perfect = head.tag_ == "VBN" and bool(present & {"has", "have", "'ve", "having"})
    if not perfect and head.tag_ not in {"VBZ", "VBP"}:
        return False
    if any(token.dep_ == "advmod" and token.lower_ in word_set("background.habit") for token in head.children):
        return True
    lasting = (token for part in head.rights if part.dep_ == "prep" and part.lower_ == "for" for token in part.children)
    stays = perfect and head.lemma_ in word_set("background.lasting")
    if stays and any(token.dep_ == "pobj" and token.lemma_ in word_set("background.span") for token in lasting):
        return True
    thing = child(head, "dobj")
    plays = head.lemma_ == "play" and thing is not None and thing.lemma_ in word_set("background.part")
    as_what = any(token.dep_ == "prep" and token.lower_ == "as" for token in head.children)
    return perfect and (plays or (as_what and head.lemma_.lower() in word_set("background.perfect")))


def _is_held(top: Token) -> bool:
    """ "who is believed to be living in": what is held of somebody now."""
    return top.tag_ == "VBN" and any(token.tag_ in {"VBZ", "VBP"} for token in top.lefts if token.dep_ == "auxpass")


def _is_standing(draft: Draft, times: When | None) -> bool:
    """A present-tense description: "which employs 300 people", "is the largest port of"."""
    head = draft.head
    if times is not None or child(head, "aux", "auxpass", "neg") is not None or head.tag_ not in {"VBZ", "VBP"}:
        return False
    if draft.context.presupposed:
        return True  # "which spreads by touch": what hangs on a name in the present tense describes it
    first = head.head if head.dep_ == "conj" and head.head.tag_ == head.tag_ else head
    if first.lemma_.lower() in word_set("background.stative") and (draft.form == "relative" or head.tag_ == "VBZ"):
        return True
    said = child(head, "attr")
    return (
        head.lemma_ == "be"
        and said is not None
        and said.pos_ == "NOUN"
        and any(token.lower_ in {"a", "an", "the", "one"} for token in said.lefts)
        and (draft.form == "relative" or any(token.tag_ in {"JJS", "RBS"} for token in said.subtree))
    )
