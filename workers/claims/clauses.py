"""Predicates of a sentence, each with its subject and the speech that frames it: what a claim is made of.

The walk starts at the root of the parse and goes down: a verb of saying passes its content on with one more speaker, a
verb that acts becomes a clause, what is coordinated with it or hangs on it as a clause of its own is visited after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from spacy.tokens import Doc, Token

from workers.claims.noun import SUBJECTS, is_plural
from workers.claims.sentences import Sentence
from workers.claims.speech import (
    Speech,
    child,
    complements,
    denied_content,
    is_no_comment,
    raised,
    speech_of,
    subject,
)
from workers.claims.words import word_map, word_set

Form = Literal["finite", "participle", "relative", "nominal"]
MAX_DRAFTS = 40
"""clauses of one sentence; more is a list or noise"""
CONCESSIVE = frozenset({"while", "although", "though", "whereas", "but", "even"})
CONDITIONS = frozenset({"if", "unless", "provided", "whether", "lest", "long"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a predicate inherits from above."""

    speech: tuple[Speech, ...] = ()
    subject: Token | None = None
    modality: str | None = None
    presupposed: bool = False
    tense: Token | None = None
    top: Token | None = None
    """the verb through which it is told: "is believed to", whose words belong to the text"""
    """the finite verb that a participle hangs on"""


@dataclass(slots=True)
class Draft:
    """One predicate, before it has words of its own."""

    head: Token
    form: Form
    subject: Token | None
    context: Context
    denied: Token | None = None
    """what is denied, if the verb denies"""
    no_comment: bool = False
    cut: set[int] = field(default_factory=set)
    antecedent: Token | None = None
    """of a relative clause: what it is about"""
    asked: Draft | None = None
    """of a nominal event: what was done at somebody's request"""
    top: Token | None = None
    """the head of the words to be written, if it is not `head`"""
    """tokens of its subtree that belong to other clauses or to the frame"""


def drafts(doc: Doc, sentence: Sentence, heard: tuple[Speech, ...], is_witness: Callable[[Token], bool]) -> list[Draft]:
    """The predicates of one sentence in the order of the text; `heard` is a speaker carried over from before."""
    walk = _Walk(doc, sentence, is_witness)
    for i in range(sentence.start, sentence.end):
        token = doc[i]
        if token.dep_ == "ROOT" or not sentence.start <= token.head.i < sentence.end:
            walk.visit(token, Context(speech=heard))
    walk.embedded(heard)
    return sorted(walk.found, key=lambda draft: draft.head.i)


class _Walk:
    def __init__(self, doc: Doc, sentence: Sentence, is_witness: Callable[[Token], bool]) -> None:
        self._doc, self._sentence, self._is_witness = doc, sentence, is_witness
        self.found: list[Draft] = []
        self._seen: set[int] = set()
        self._contexts: dict[int, Context] = {}

    def visit(self, start: Token, context: Context) -> None:
        waiting = [(start, context)]
        while waiting and len(self.found) < MAX_DRAFTS:
            head, inherited = waiting.pop()
            if head.i in self._seen:
                continue
            self._seen.add(head.i)
            waiting.extend(reversed(self._predicate(head, inherited)))

    def _predicate(self, head: Token, context: Context) -> list[tuple[Token, Context]]:
        """Adds what `head` says; returns what is to be visited next."""
        cut: set[int] = set()
        for frame, span in parentheticals(head):
            if all(known.cue != frame.cue for known in context.speech):
                context = replace(context, speech=(*context.speech, frame))
            cut |= span
        if head.pos_ not in {"VERB", "AUX"} and child(head, "cop") is None:
            return self._fragment(head, context)
        who = subject(head) or context.subject
        context = replace(context, subject=who)
        self._contexts[head.i] = context
        up = raised(head)
        spoken = None if up is not None or is_no_comment(head) else speech_of(head, who, self._is_witness)
        if spoken is not None and denied_content(head) is None:
            return self._spoken(head, spoken, context)
        if up is not None:
            modality = context.modality if up[0] == "asserted" else up[0]
            speech = context.speech
            if up[0] == "reported":
                speech = (*speech, Speech(head, None, hearsay=True))
            self._seen.add(head.i)
            beside = self._beside(head, context, set())
            return [(up[1], replace(context, speech=speech, modality=modality, tense=head, top=head)), *beside]
        draft = Draft(
            head, _form(head), who, replace(context, top=None), denied_content(head), is_no_comment(head), cut
        )
        if context.top is not None:
            draft.top = context.top
            context = replace(context, top=None)
        beside = self._beside(head, context, draft.cut)
        self.found.append(draft)
        return beside

    def _fragment(self, head: Token, context: Context) -> list[tuple[Token, Context]]:
        """A root that is no verb: a headline's "Three killed in …", or a list."""
        self._contexts[head.i] = context
        following: list[tuple[Token, Context]] = []
        for token in head.children:
            if token.dep_ == "acl" and token.tag_ == "VBN" and head.dep_ == "ROOT":
                following.append((token, replace(context, subject=head)))
            elif (
                token.dep_ in {"parataxis", "ccomp", "conj", "appos", "advcl"}
                and token.pos_ in {"VERB", "AUX"}
                and subject(token) is not None
            ):
                following.append((token, context))
        return following

    def _spoken(self, head: Token, frame: tuple[Speech, list[Token]], context: Context) -> list[tuple[Token, Context]]:
        speech, content = frame
        modality = "expected" if speech.opinion and head.lemma_ in {"hope", "expect", "anticipate", "fear"} else None
        if speech.opinion and modality is None:
            modality = "possible" if head.lemma_ not in {"know", "learn", "understand", "see", "hear"} else None
        down = replace(
            context,
            speech=(*context.speech, speech),
            subject=None,
            modality=modality or context.modality,
            presupposed=False,
        )
        if content and content[0].dep_ == "xcomp":
            down = replace(down, subject=context.subject)
        inside = [(token, down) for token in content]
        skipped: set[int] = set()
        return [*inside, *self._beside(head, context, skipped, but=frozenset(token.i for token in content))]

    def _beside(
        self, head: Token, context: Context, cut: set[int], but: frozenset[int] = frozenset()
    ) -> list[tuple[Token, Context]]:
        """Clauses coordinated with or hanging on a predicate, cut out of it and to be visited."""
        following: list[tuple[Token, Context]] = []
        for token in head.children:
            if token.i in but or token.pos_ not in {"VERB", "AUX"}:
                if token.dep_ == "prep":
                    following.extend(self._gerund(token, context, cut))
                continue
            if token.dep_ == "conj" or (token.dep_ in {"parataxis", "dep"} and subject(token) is not None):
                if not _same_phrase(head, token):
                    cut |= _span(token) | _joiners(head, token)
                    following.append((token, replace(context, tense=head)))
            elif token.dep_ == "ccomp" and _is_sibling(head, token):
                cut |= _span(token)
                following.append((token, replace(context, subject=None)))
            elif token.dep_ == "advcl":
                following.extend(self._adverbial(head, token, context, cut))
        return following

    def _adverbial(self, head: Token, token: Token, context: Context, cut: set[int]) -> list[tuple[Token, Context]]:
        marks = {part.lower_ for part in token.lefts if part.dep_ in {"mark", "advmod", "prep"}}
        if _answers(token) or marks & CONDITIONS or any(part.tag_ == "TO" for part in token.lefts):
            return []
        if subject(token) is not None:
            concessive = bool(marks & CONCESSIVE)
            placed = head.lemma_ in word_set("nouns.placing")
            if concessive or (not placed and ("after" in marks or _set_off(head, token))):
                cut |= _span(token)
            return [(token, replace(context, subject=None, presupposed=not concessive))]
        if token.tag_ not in {"VBG", "VBN"} or len(list(token.subtree)) < 3:
            return []
        cut |= _span(token)
        if token.lemma_.lower() in word_set("commentary.participle") | {
            "cite",
            "follow",
            "base",
            "give",
            "include",
            "involve",
            "regard",
            "accord",
            "speak",
        }:
            self._contexts[token.i] = context
            return []
        return [
            (
                token,
                replace(
                    context, tense=head, presupposed=bool(marks & {"after", "before", "since"}) or context.presupposed
                ),
            )
        ]

    def _gerund(self, preposition: Token, context: Context, cut: set[int]) -> Iterator[tuple[Token, Context]]:
        """ "after rejecting the offer": what the subject did before."""
        if preposition.lower_ == "with":
            yield from self._absolute(preposition, context, cut)
            return
        inner = child(preposition, "pcomp")
        if inner is None or inner.tag_ != "VBG" or len(list(inner.subtree)) < 3:
            return
        if preposition.lower_ in {"after", "since", "following", "despite"}:
            cut |= _span(preposition)
            yield inner, replace(context, tense=context.subject, presupposed=True)

    def _absolute(self, preposition: Token, context: Context, cut: set[int]) -> Iterator[tuple[Token, Context]]:
        """ "with X rejecting Y": a clause of its own in all but its verb."""
        noun, inner = child(preposition, "pobj"), child(preposition, "pcomp")
        if inner is None and noun is not None:
            inner = next((token for token in noun.rights if token.dep_ == "acl" and token.tag_ in {"VBG", "VBN"}), None)
        who = noun if noun is not None else subject(inner) if inner is not None else None
        if inner is None or who is None or inner.tag_ not in {"VBG", "VBN"} or len(list(inner.subtree)) < 3:
            return
        if not _set_off(preposition.head, preposition) or preposition.i < preposition.head.i:
            return
        cut |= _span(preposition)
        yield inner, replace(context, subject=who, tense=preposition.head, top=None)

    def embedded(self, heard: tuple[Speech, ...]) -> None:
        """Relative clauses and nominal events, each in the context of the predicate that it stands in."""
        for i in range(self._sentence.start, self._sentence.end):
            token = self._doc[i]
            if len(self.found) >= MAX_DRAFTS:
                return
            if i in self._seen:
                continue
            if token.dep_ == "relcl" or (token.dep_ == "acl" and token.tag_ == "VBN"):
                self._relative(token, heard)
            elif token.pos_ == "NOUN" and token.lemma_.lower() in word_map("nouns.event"):
                self._nominal(token, heard)

    def _context(self, token: Token, heard: tuple[Speech, ...]) -> Context:
        for ancestor in token.ancestors:
            if ancestor.i in self._contexts:
                return self._contexts[ancestor.i]
        return Context(speech=heard)

    def _relative(self, token: Token, heard: tuple[Speech, ...]) -> None:
        antecedent = _antecedent(token) if token.dep_ == "relcl" else token.head
        if antecedent.pos_ not in {"NOUN", "PROPN"} or not _set_off(antecedent, token) or len(list(token.subtree)) < 3:
            return
        context = replace(self._context(token, heard), presupposed=True, modality=None)
        for draft in self.found:
            if antecedent.i in {part.i for part in draft.head.subtree}:
                draft.cut |= _span(token)
        relativizer = next((part for part in token.lefts if part.tag_ in {"WP", "WDT"}), None)
        whose = subject(token)
        if token.dep_ == "acl" or (relativizer is not None and relativizer.dep_ in SUBJECTS):
            whose = antecedent
        elif relativizer is None or whose is None:
            return
        before = len(self.found)
        self.visit(token, replace(context, subject=whose, tense=token))
        for draft in self.found[before:]:
            if draft.head == token:
                draft.form, draft.antecedent = "relative", antecedent
            if draft.subject is not None and draft.subject.tag_ in {"WP", "WDT"}:
                draft.subject = antecedent

    def _nominal(self, token: Token, heard: tuple[Speech, ...]) -> None:
        context = self._context(token, heard)
        if context.modality in {"possible", "expected"}:
            return
        cited = next((part for part in token.ancestors if part.lemma_ == "cite" and part.tag_ == "VBG"), None)
        if cited is not None and context.subject is not None:
            context = replace(context, speech=(*context.speech, Speech(cited, context.subject)))
        self.found.append(Draft(token, "nominal", None, replace(context, presupposed=True)))


def parentheticals(head: Token) -> Iterator[tuple[Speech, set[int]]]:
    """ "according to X", "X said" set into or behind a clause: who says so, and the tokens of the frame."""
    for token in head.children:
        if token.lower_ == "according" or (
            token.lower_ == "per" and token.dep_ == "prep" and token.i in {head.sent.start, head.i}
        ):
            to = child(token, "prep", "pcomp") or token
            source = child(to, "pobj") or child(token, "pobj")
            if source is not None:
                yield Speech(token, source), _span(token)
        elif token.dep_ in {"parataxis", "advcl", "ccomp"} and token.lemma_.lower() in word_set("attribution.say"):
            if (
                not complements(token)
                and token.i > head.left_edge.i
                and (who := subject(token)) is not None
                and _only_says(token, who)
            ):
                yield Speech(token, who, child(token, "dobj", "dative")), _span(token)


def _only_says(verb: Token, who: Token) -> bool:
    """ "she said", "as the ministry put it", "officials told the Gazette": nothing but the saying."""
    objects = [token for token in verb.children if token.dep_ == "dobj"]
    if objects and verb.lemma_ not in word_set("attribution.tell"):
        return False
    return all(token.dep_ not in {"ccomp", "xcomp", "nsubjpass", "neg"} for token in verb.children) and verb.tag_ in {
        "VBD",
        "VBZ",
        "VBP",
        "VBN",
    }


def _form(head: Token) -> Form:
    return (
        "participle"
        if head.tag_ in {"VBG", "VBN"} and child(head, "aux", "auxpass") is None and subject(head) is None
        else "finite"
    )


def _span(head: Token) -> set[int]:
    return set(range(head.left_edge.i, head.right_edge.i + 1)) & {token.i for token in head.subtree}


def _joiners(head: Token, conjunct: Token) -> set[int]:
    return {
        token.i
        for token in head.children
        if token.dep_ in {"cc", "punct"} and head.i < token.i < conjunct.i and token.i > conjunct.left_edge.i - 3
    }


def _same_phrase(head: Token, conjunct: Token) -> bool:
    """ "confirm or deny", "negotiate and sign the deal": verbs that share what follows are one predicate."""
    return (
        conjunct.i - head.i <= 2
        and subject(conjunct) is None
        and not any(True for _ in head.rights if _.i < conjunct.i and _.dep_ not in {"cc", "punct"})
    )


def _is_sibling(head: Token, token: Token) -> bool:
    """A clause that the parser hung on its neighbour over a semicolon or a comma."""
    if subject(token) is None or any(part.dep_ == "mark" for part in token.lefts):
        return False
    between = head.doc[min(head.i, token.right_edge.i) : max(head.left_edge.i, token.left_edge.i) + 1]
    return token.i < head.i and any(part.text in {";", ",", "—", "–", ":"} for part in between)


def _answers(token: Token) -> bool:
    """An indirect question: "a timeline for when they must go"."""
    first = token.doc[token.left_edge.i]
    return first.tag_ == "WRB" and first.i > 0 and token.doc[first.i - 1].pos_ in {"ADP", "VERB"}


def _antecedent(token: Token) -> Token:
    """What a relative clause is about: the noun before it, or the one above when number or sense forbid it."""
    noun = token.head
    plural = any(
        part.lower_ in {"were", "are", "have"}
        for part in (token, *token.lefts)
        if part.dep_ in {"aux", "auxpass"} or part == token
    )
    while noun.dep_ == "pobj" and noun.head.dep_ == "prep" and noun.head.head.pos_ in {"NOUN", "PROPN"}:
        place = noun.pos_ == "PROPN" and noun.head.lower_ in {"in", "at", "near", "on"}
        if not place and not (plural and not is_plural(noun)):
            break
        noun = noun.head.head
    return noun


def _set_off(anchor: Token, token: Token) -> bool:
    """Parted by a comma or a dash from what it hangs on."""
    edge = token.left_edge.i
    before = token.doc[edge - 1] if edge > 0 else None
    after = token.doc[token.right_edge.i + 1] if token.right_edge.i + 1 < len(token.doc) else None
    if token.i > anchor.i:
        return (before is not None and before.text in {",", "—", "–", "(", "-", ";"}) or token.doc[edge].text in {
            ",",
            "—",
            "–",
        }
    return after is not None and after.text == ","
