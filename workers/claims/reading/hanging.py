"""Clauses that stand beside or hang on a predicate: coordinated, adverbial, participial, absolute.

Each function takes the tokens of such a clause out of its governor (`cut`) and returns it to be visited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workers.claims.grammar.mending import CITING
from workers.claims.grammar.noun import RELATIVE
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import auxiliaries, child, complements, is_joined, subject
from workers.claims.grammar.syntax import answers, is_sibling, is_thing, joiners, same_phrase, set_off, span
from workers.claims.grammar.words import word_set
from workers.claims.reading.draft import Context, Next
from workers.claims.reading.messages import demand_of
from workers.claims.sources.referents import speaks_of_himself

CONCESSIVE = frozenset({"while", "although", "though", "whereas", "but", "even"})
CONDITIONS = frozenset({"if", "unless", "provided", "whether", "lest", "long"})
ON_CONDITION = frozenset({"when", "once", "until", "till", "whenever", "before", "as"})
"""after these, what a verb with a modal waits for"""
WHILE_SAYING = frozenset({"when", "as", "while", "whenever"})
BEFORE = frozenset({"after", "since", "following", "despite"})
"""prepositions of what was the case before"""
SHORT = 3
"""tokens: a participle with less than that says nothing of its own"""


def beside(head: Token, context: Context, cut: set[int], but: frozenset[int] = frozenset()) -> list[Next]:
    """Everything that hangs on a predicate and is no part of it."""
    following: list[Next] = []
    for token in head.children:
        if token.i in cut:
            contents = (part for part in token.children if part.dep_ in {"ccomp", "conj"} and subject(part) is not None)
            following.extend((content, replace(context, subject=None)) for content in contents)
            following.extend(_of_the_speaker(token, context))
            continue
        if token.dep_ == "prep" and token.i not in but:
            following.extend(_gerund(token, context, cut))
        elif token.i in but or token.pos_ not in {"VERB", "AUX"}:
            continue
        elif token.dep_ == "conj" or (token.dep_ in {"parataxis", "dep"} and subject(token) is not None):
            following.extend(_coordinated(head, token, context, cut))
        elif token.dep_ == "ccomp" and (is_sibling(head, token) or is_joined(head, token)):
            cut |= span(token)
            following.append((token, replace(context, subject=None)))
        elif token.dep_ == "advcl":
            following.extend(_adverbial(head, token, context, cut))
    return following


def _of_the_speaker(cue: Token, context: Context) -> Iterator[Next]:
    """ "…, the ministry said, demanding that …": what the speaker does besides, not what is said."""
    who = subject(cue)
    spoken = tuple(frame for frame in context.speech if frame.source != who)
    for token in cue.children:
        if who is None or token.dep_ != "advcl" or not set_off(cue, token):
            continue
        if subject(token) is not None:
            yield from _adverbial(cue, token, replace(context, speech=spoken), set())
        elif token.tag_ == "VBG" and token.right_edge.i - token.left_edge.i + 1 >= SHORT:
            if token.lemma_.lower() in word_set("acts.outcome"):  # "P, the ministry said, killing two": P did
                yield from _adverbial(cue, token, context, set())
                continue
            for said, below in _adverbial(cue, token, replace(context, speech=spoken), set()):
                yield said, replace(below, subject=who)


def nested(head: Token, context: Context, cut: set[int]) -> list[Next]:
    """Participles that the parser hung on a complement: "asked them to go, citing …"."""
    following: list[Next] = []
    for content in head.children:
        if content.dep_ not in {"xcomp", "ccomp"} or content.i < head.i:
            continue
        own = subject(content)
        inside = replace(context, subject=own if own is not None else context.subject)
        for token in content.children:
            hangs = token.dep_ == "advcl" and token.tag_ == "VBG" and subject(token) is None
            if hangs and token.i > content.i and set_off(content, token):
                following.extend(_adverbial(content, token, inside, cut))
    return following


def _coordinated(head: Token, token: Token, context: Context, cut: set[int]) -> Iterator[Next]:
    if _is_of_the_text(head, token, context):
        cut |= span(token) | joiners(head, token)
        yield token, replace(context, speech=context.speech[:-1], subject=_of_the_text(token, context), modality=None)
        return
    if _is_behind_semicolon(head, token, context):
        cut |= span(token)
        yield token, replace(context, speech=context.speech[:-1], subject=None, modality=None)
        return
    goes_on = _speaker_goes_on(token, context)
    if not goes_on and same_phrase(head, token):
        return
    cut |= span(token) | joiners(head, token)
    if goes_on:
        yield token, replace(context, speech=context.speech[:-1], subject=context.speech[-1].source, modality=None)
    else:
        yield token, replace(context, tense=head)


def _of_the_text(conjunct: Token, context: Context) -> Token | None:
    """Who acts in a clause that stands beside the saying: its own subject, else who spoke."""
    return None if subject(conjunct) is not None else context.speech[-1].source


def _is_of_the_text(head: Token, conjunct: Token, context: Context) -> bool:
    """ "said she admires him and praised his work", "said P, but others said Q": beside the saying, not part of it.

    What somebody said keeps one tense, or moves into the past with the saying; a conjunct that goes from its present
    into the past goes back to the text.
    """
    if not context.speech or context.speech[-1].source is None or head.dep_ != "ccomp":
        return False
    said = context.speech[-1].cue
    if head.head is not said or conjunct.dep_ != "conj" or any(part.dep_ == "mark" for part in conjunct.lefts):
        return False
    own = subject(conjunct)
    if own is not None and own.tag_ not in RELATIVE and _says(conjunct) and conjunct.tag_ == said.tag_:
        return True
    return said.tag_ == "VBD" and _tense(head) == "present" and _tense(conjunct) == "past"


def _tense(verb: Token) -> str | None:
    first = next(iter(auxiliaries(verb)), verb)
    if first.tag_ == "MD":
        return "past" if first.lower_ == "would" else "present" if first.lower_ in {"will", "'ll"} else None
    return {"VBD": "past", "VBZ": "present", "VBP": "present"}.get(first.tag_)


def _speaker_goes_on(conjunct: Token, context: Context) -> bool:
    """ "said the report was old and denied that …": a thing cannot deny, so the speaker does."""
    lemma = conjunct.lemma_.lower()
    speaks = any(lemma in word_set(f"attribution.{name}") for name in ("say", "deny", "reject", "act"))
    if not speaks or subject(conjunct) is not None or not context.speech or context.speech[-1].source is None:
        return False
    return child(conjunct, "aux", "auxpass") is None and is_thing(context.subject)


def _is_told_beside(head: Token, token: Token, context: Context) -> bool:
    """ "said P, while the union called for Q": what another says or does in words is the text's, not the speaker's."""
    if not context.speech or context.speech[-1].source is None or token.doc[token.left_edge.i - 1].text != ",":
        return False
    said = context.speech[-1].cue
    content = head.dep_ in {"ccomp", "conj"} and head.is_ancestor(token) and said.is_ancestor(head)
    return content and _is_another_word(token) and token.tag_ == said.tag_


def _is_behind_semicolon(head: Token, token: Token, context: Context) -> bool:
    """ "P, the ministry said; the union has demanded Q": behind a semicolon a speaker goes on, another's word is the
    text's."""
    said = context.speech[-1].cue if context.speech and context.speech[-1].source is not None else None
    parted = token.left_edge.i > 0 and token.doc[token.left_edge.i - 1].text == ";"
    set_behind = said is not None and head.i < said.i < token.i
    who = subject(token)
    return parted and set_behind and who is not None and who.pos_ != "PRON" and _is_another_word(token)


def _is_another_word(token: Token) -> bool:
    """ "the union called for Q", "the judge ordered Q": what somebody does in words."""
    who = subject(token)
    return _is_word(token) and who is not None and not is_thing(who)


def _is_word(verb: Token) -> bool:
    lists = ("say", "deny", "reject", "performative", "decree")
    return any(verb.lemma_.lower() in word_set(f"attribution.{name}") for name in lists) or _calls_for(verb)


def _calls_for(token: Token) -> bool:
    return any(f"{token.lemma_.lower()} {part.lower_}" in word_set("attribution.say_about") for part in token.rights)


def _adverbial(head: Token, token: Token, context: Context, cut: set[int]) -> list[Next]:
    marks = {part.lower_ for part in token.lefts if part.dep_ in {"mark", "advmod", "prep"}}
    if answers(token) or marks & CONDITIONS or any(part.tag_ == "TO" for part in token.lefts):
        return []
    if marks & ON_CONDITION and any(part.tag_ == "MD" for part in (*head.lefts, *auxiliaries(head))):
        return []  # "will resume when both show that they are willing": nobody says that they do
    if marks & {"while", "whereas"} and _is_told_beside(head, token, context):
        cut |= span(token)
        return [(token, replace(context, speech=context.speech[:-1], subject=None, modality=None))]
    if marks & WHILE_SAYING and head.lemma_.lower() in word_set("attribution.say"):
        cut |= span(token)
        who = subject(token)
        says = speaks_besides(token) or ("while" in marks and _says(token))
        if not says and (who is None or who.pos_ != "PROPN"):
            return []  # "when he was asked what it was for": how the saying came about
    size = token.right_edge.i - token.left_edge.i + 1
    if token.pos_ == "AUX" and size <= SHORT:
        return []  # "as they should"
    if subject(token) is not None:
        concessive = bool(marks & CONCESSIVE)
        if concessive or (head.lemma_ not in word_set("nouns.placing") and ("after" in marks or set_off(head, token))):
            cut |= span(token)
        sure = None if context.modality == "demanded" else context.modality  # "that it end because it was unsafe"
        return [(token, replace(context, subject=None, presupposed=not concessive, modality=sure))]
    if token.tag_ not in {"VBG", "VBN"} or size < SHORT:
        return []
    if _stands_in_message(head, token):
        return []  # "criticised a statement by X labelling Y as Z": the statement does, not who criticised it
    if (nearer := _rejecting(head, token)) is not None:
        cut |= span(token)
        return [(token, replace(context, subject=nearer, tense=head))]
    if token == demand_of(head):
        return beside(token, context, cut)  # what the message says is the claim, not that it was sent
    cut |= span(token)
    lemma = token.lemma_.lower()
    if lemma == "mean" and (meant := complements(token)):
        return [(meant[0], replace(context, subject=None))]  # "…, meaning that P"
    if complements(token) and (lemma == "add" or (lemma in word_set("attribution.say") and _goes_on(token, context))):
        return [(token, _adding(head, context))]
    if lemma in word_set("commentary.participle") | word_set("commentary.linking") | word_set("commentary.manner"):
        return []
    if lemma in word_set("commentary.bearing") and is_thing_said(child(token, "dobj")):
        return []  # "contradicting a report in X": how what is said stands to what was said
    if token.tag_ == "VBN" and lemma in word_set("commentary.asked"):
        return []
    return [(token, replace(context, tense=head, presupposed=bool(marks & BEFORE) or context.presupposed))]


def _stands_in_message(head: Token, participle: Token) -> bool:
    """Whether a participle follows what was said or written, with no comma between: it tells what stands there."""
    first = participle.left_edge
    if participle.tag_ != "VBG" or first.i <= head.i or set_off(head, participle):
        return False
    between = participle.doc[head.i + 1 : first.i]
    return any(is_thing_said(noun) and noun.dep_ in {"dobj", "pobj"} for noun in between)


def _rejecting(head: Token, participle: Token) -> Token | None:
    """ "met X, who rejected the offer, calling it a disgrace": whose words the nearest clause tells."""
    if participle.tag_ != "VBG" or participle.lemma_.lower() not in word_set("attribution.performative"):
        return None
    before = participle.left_edge.i - 2
    for noun in (token for token in participle.doc[head.i + 1 : participle.i] if token.pos_ in {"NOUN", "PROPN"}):
        for verb in noun.rights:
            who = subject(verb) if verb.dep_ == "relcl" else None
            if who is not None and who.lower_ == "who" and verb.right_edge.i in {before, before + 1} and _is_word(verb):
                return noun
    return None


def _says(verb: Token) -> bool:
    """ "while one union says P, another says Q": the first is told as much as the second."""
    return verb.lemma_.lower() in word_set("attribution.say") and bool(complements(verb))


def _goes_on(participle: Token, context: Context) -> bool:
    """ "said that he would stay, insisting that P": whoever said it insists, if it is somebody in the third person."""
    who = context.speech[-1].source if context.speech else None
    return who is not None and not speaks_of_himself(who) and participle.tag_ == "VBG" and not context.presupposed


def speaks_besides(token: Token) -> bool:
    """ "said on Friday, while denying that …": a second thing that the speaker says."""
    if token.tag_ != "VBG" or subject(token) is not None or token.lower_ in CITING:
        return False
    return any(token.lemma_.lower() in word_set(f"attribution.{name}") for name in ("say", "deny", "reject"))


def _adding(head: Token, context: Context) -> Context:
    """ "said that the mill would close, adding that …": whoever spoke goes on, whatever the parser hung it on."""
    speaker = context.speech[-1].source if context.speech else None
    if speaker is None:
        return replace(context, tense=head)
    return replace(context, speech=context.speech[:-1], subject=speaker, modality=None, tense=head)


def is_thing_said(noun: Token | None) -> bool:
    """A report, a claim, or a document that tells something."""
    said = word_set("attribution.thing_said") | word_set("attribution.document")
    return noun is not None and noun.lemma_.lower() in said


def _gerund(preposition: Token, context: Context, cut: set[int]) -> Iterator[Next]:
    """ "after rejecting the offer": what the subject did before."""
    if preposition.lower_ == "with":
        yield from _absolute(preposition, context, cut)
        return
    inner = child(preposition, "pcomp")
    if inner is None or inner.tag_ != "VBG" or inner.right_edge.i - inner.left_edge.i + 1 < SHORT:
        return
    if preposition.lower_ in BEFORE:
        cut |= span(preposition)
        yield inner, replace(context, presupposed=True)


def _absolute(preposition: Token, context: Context, cut: set[int]) -> Iterator[Next]:
    """ "with X rejecting Y": a clause of its own in all but its verb."""
    noun, inner = child(preposition, "pobj"), child(preposition, "pcomp")
    if inner is None and noun is not None:
        inner = next((token for token in noun.rights if token.dep_ == "acl" and token.tag_ in {"VBG", "VBN"}), None)
    who = noun if noun is not None else subject(inner) if inner is not None else None
    if inner is None or who is None or inner.tag_ not in {"VBG", "VBN"}:
        return
    behind = preposition.i > preposition.head.i and set_off(preposition.head, preposition)
    if behind and inner.right_edge.i - inner.left_edge.i + 1 >= SHORT:
        cut |= span(preposition)
        yield inner, replace(context, subject=who, tense=preposition.head)
