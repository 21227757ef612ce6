"""Predicates of a sentence, each with its subject and the speech that frames it: what a claim is made of.

The walk starts at the root of the parse and goes down: a verb of saying passes its content on with one more speaker, a
verb that acts becomes a clause, what is coordinated with it or hangs on it as a clause of its own is visited after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workers.claims.grammar.noun import RELATIVE, SUBJECTS
from workers.claims.grammar.sentences import Sentence
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.silence import is_no_comment
from workers.claims.grammar.speech import (
    Speech,
    child,
    complements,
    denied_content,
    has_no,
    is_own_version,
    negated,
    raised,
    rumoured,
    speech_of,
    subject,
)
from workers.claims.grammar.syntax import (
    antecedent_of,
    cited,
    cleft,
    form_of,
    is_reduced,
    is_wished,
    lent_subject,
    parentheticals,
    set_off,
    span,
    trailing,
)
from workers.claims.grammar.words import word_map, word_set
from workers.claims.reading.belying import accused_of, belies
from workers.claims.reading.draft import Context, Draft, Next
from workers.claims.reading.empty import claims_nothing
from workers.claims.reading.hanging import beside, nested, speaks_besides
from workers.claims.reading.lost import further, lost_subject, not_one, set_in
from workers.claims.reading.messages import statement_of
from workers.claims.reading.verdicts import Verdict, misread, verdict

MAX_DRAFTS = 40
"""clauses of one sentence; more is a list or noise"""
FACTIVE = frozenset({"know", "learn", "understand", "see", "hear"})
"""verbs of thinking that do not make what follows less sure"""
AHEAD = frozenset({"hope", "expect", "anticipate", "fear"})

IsWitness = Callable[[Token, Token | None], bool]
"""whether the first, who is told something by the second, only hears it, as the press does"""


def drafts(doc: Doc, sentence: Sentence, heard: tuple[Speech, ...], is_witness: IsWitness) -> list[Draft]:
    """The predicates of one sentence in the order of the text; `heard` is a speaker carried over from before."""
    walk = _Walk(is_witness)
    for i in range(sentence.start, sentence.end):
        token = doc[i]
        if token.dep_ == "ROOT" or not sentence.start <= token.head.i < sentence.end:
            walk.visit(token, Context(speech=heard))
    for i in range(sentence.start, sentence.end):
        walk.embedded(doc[i], heard)
    return sorted(walk.found, key=lambda draft: draft.head.i)


def _said_of(verb: Token) -> Token | None:
    """ "a change that she said would cost votes", "the rules, which officials say apply to all": what is said."""
    if verb.lemma_.lower() not in word_set("attribution.say") | word_set("attribution.think"):
        return None
    who = subject(verb)
    if verb.dep_ != "relcl" or who is None or who.tag_ in RELATIVE:
        return None
    for token in complements(verb):
        lefts = [part for part in token.lefts if part.tag_ in RELATIVE]
        bare = subject(token) is None and any(t.tag_ in {"VBD", "VBZ", "VBP", "MD"} for t in (token, *token.lefts))
        if token.i > verb.i and (bare or any(part.i < verb.i for part in lefts)):
            return token
    return None


def _says_there(verb: Token) -> bool:
    """ "a speech in which she said that P", "in Arden, where police said that P": a saying of its own."""
    if verb.lemma_.lower() not in word_set("attribution.say") or subject(verb) is None or not complements(verb):
        return False
    first = verb.doc[verb.left_edge.i]
    return first.tag_ == "WRB" or (first.tag_ == "IN" and verb.doc[first.i + 1].tag_ in RELATIVE)


def _is_passive_after_all(head: Token) -> bool:
    """ "she is best suited to": a participle that the tagger took for an adjective, with all that a verb has."""
    return head.pos_ == "ADJ" and child(head, "auxpass") is not None and subject(head) is not None


class _Walk:
    def __init__(self, is_witness: IsWitness) -> None:
        self._is_witness = is_witness
        self.found: list[Draft] = []
        self._seen: set[int] = set()
        self._contexts: dict[int, Context] = {}

    def visit(self, start: Token, context: Context) -> None:
        waiting = [(start, context)]
        while waiting and len(self.found) < MAX_DRAFTS:
            head, inherited = waiting.pop()
            if head.i not in self._seen:
                self._seen.add(head.i)
                waiting.extend(reversed(self._predicate(head, inherited)))

    def _predicate(self, head: Token, context: Context) -> list[Next]:
        """Adds what `head` says; returns what is to be visited next."""
        cut: set[int] = set(context.taken)
        context = replace(context, taken=frozenset())
        for frame, tokens in (*parentheticals(head), *trailing(head), *set_in(head)):
            if has_no(frame.source) or (frame.source is not None and not_one(frame.source)):
                continue  # "the buyer, none of them said, is a dairy"
            if all(known.cue != frame.cue for known in context.speech):
                context = replace(context, speech=(*context.speech, frame))
            cut |= tokens
        if head.pos_ not in {"VERB", "AUX"} and not _is_passive_after_all(head):
            return self._fragment(head, context)
        if context.instead is not None:
            cut |= set(range(head.left_edge.i, context.instead.i + 1))
            if (misread_as := subject(head)) is not None:
                cut |= span(misread_as)
            context = replace(context, subject=context.instead, instead=None)
        else:
            lent = context.subject if child(head, "expl") is None else None  # "… and there was no order"
            context = replace(context, subject=subject(head) or lent_subject(head) or lent)
        self._contexts[head.i] = context
        through = self._through(head, context, cut)
        return through if through is not None else self._act(head, context, cut)

    def _through(self, head: Token, context: Context, cut: set[int]) -> list[Next] | None:
        """What a verb passes on when it does not act itself: it says, it is believed, it leads somebody to."""
        up = raised(head)
        if up is not None:
            return self._raised(head, up, context, cut)
        if (said := further(head)) is not None:
            return [(said, context), *beside(head, context, cut, frozenset({said.i}))]
        if (told := cleft(head)) is not None:
            down = replace(context, subject=None, instead=told[1], top=None)
            return [(told[0], down), *beside(head, context, cut, frozenset({told[0].i}))]
        anew = misread(head)
        if anew is not None:
            cut.add(head.i - 1)
            return self._called(anew[0], anew[1], replace(context, top=head, subject=None), cut)
        called = verdict(head)
        if called is not None and called.content is not None:
            return self._called(head, called, context, cut)
        if not is_no_comment(head) and denied_content(head) is None:
            spoken = speech_of(head, context.subject or lost_subject(head), self._is_witness)
            if spoken is not None and not (spoken[0].source is not None and not_one(spoken[0].source)):
                return self._spoken(head, spoken, context, cut)
            if (stating := statement_of(head)) is not None:
                return [(stating, context), *beside(head, context, cut, frozenset({stating.i}))]
        return self._caused(head, context, cut)

    def _called(self, head: Token, called: Verdict, context: Context, cut: set[int]) -> list[Next]:
        """What is reported, where the report is called true; the calling is the denial where it is called false."""
        assert called.content is not None
        if not called.true:
            self._seen.add(called.content.i)
            return self._act(head, context, cut, called.content)
        down = replace(context, subject=None, instead=called.doer, presupposed=False, top=None)
        return [(called.content, down), *beside(head, context, cut)]

    def _act(self, head: Token, context: Context, cut: set[int], refuted: Token | None = None) -> list[Next]:
        if claims_nothing(head):
            return beside(head, context, cut)
        denied = refuted if refuted is not None else denied_content(head)
        context = replace(context, speech=(*context.speech, *rumoured(head)))
        draft = Draft(head, form_of(head), context.subject, context, denied, is_no_comment(head), cut)
        if is_reduced(head) and context.subject is not None:
            draft.form = "participle"
            draft.cut |= set(range(head.left_edge.i, head.i))
        below = replace(context, caused=False, top=None)
        following = [*beside(head, below, draft.cut), *nested(head, below, draft.cut)]
        self.found.append(draft)
        return following

    def _fragment(self, head: Token, context: Context) -> list[Next]:
        """A root that is no verb: a headline's "Three killed in …", or a list."""
        self._contexts[head.i] = context
        following: list[Next] = []
        for token in head.children:
            if token.dep_ == "acl" and token.tag_ == "VBN" and head.dep_ == "ROOT":
                following.append((token, replace(context, subject=head)))
            elif token.dep_ in {"parataxis", "ccomp", "conj", "appos", "advcl"} and subject(token) is not None:
                following.append((token, context))
        return following

    def _raised(self, head: Token, up: tuple[str, Token], context: Context, cut: set[int]) -> list[Next]:
        modality, inner = up
        speech = (*context.speech, Speech(head, None, hearsay=True)) if modality == "reported" else context.speech
        down = replace(context, speech=speech, tense=head, top=head)
        if head.lemma_ == "find":  # "found itself asking": it asked
            down = replace(down, top=None, instead=context.subject)
        if modality != "asserted":
            down = replace(down, modality=modality)
        following = beside(head, context, cut, frozenset({inner.i}))
        return [(inner, replace(down, taken=frozenset(cut))), *following]

    def _spoken(self, head: Token, frame: tuple[Speech, list[Token]], context: Context, cut: set[int]) -> list[Next]:
        speech, content = frame
        if is_own_version(speech.source):
            return beside(head, context, cut, frozenset(token.i for token in content))
        modality = context.modality
        if speech.opinion and head.lemma_ not in FACTIVE:
            modality = "expected" if head.lemma_ in AHEAD else "possible"
        if is_wished(content[0]):
            modality = "demanded"
        speeches = (*context.speech, speech, *cited(head))
        down = replace(context, speech=speeches, modality=modality, presupposed=False, top=None)
        down = replace(down, subject=context.subject if content[0].dep_ == "xcomp" else None)
        inside: list[Next] = [(token, down) for token in content]
        return [*inside, *beside(head, context, cut, frozenset(token.i for token in content))]

    def _caused(self, head: Token, context: Context, cut: set[int]) -> list[Next] | None:
        """What a thing led somebody to do; when somebody led them, the leading is the act."""
        inner = child(head, "xcomp", "ccomp")
        if head.lemma_ not in word_set("nouns.causing") or inner is None or inner.tag_ != "VB" or negated(head):
            return None
        who = subject(inner) or child(head, "dobj")
        if who is None or context.subject is None or context.subject.lemma_ not in word_set("commentary.abstract"):
            return None
        down = replace(context, subject=who, tense=None, caused=True, top=None)
        return [(inner, down), *beside(head, context, cut, frozenset({inner.i}))]

    def embedded(self, token: Token, heard: tuple[Speech, ...]) -> None:
        """A relative clause or a nominal event, in the context of the predicate that it stands in."""
        if len(self.found) >= MAX_DRAFTS or token.i in self._seen:
            return
        if token.dep_ == "relcl" and self._belying(token, heard):
            return
        if token.dep_ == "relcl" or (token.dep_ == "acl" and (token.tag_ == "VBN" or speaks_besides(token))):
            self._relative(token, heard)
        elif token.pos_ == "NOUN" and token.lemma_.lower() in word_map("nouns.event"):
            self._nominal(token, heard)

    def _context(self, token: Token, heard: tuple[Speech, ...]) -> Context:
        for ancestor in token.ancestors:
            if ancestor.i in self._contexts:
                return self._contexts[ancestor.i]
        return Context(speech=heard)

    def _relative(self, token: Token, heard: tuple[Speech, ...]) -> None:
        antecedent = antecedent_of(token) if token.dep_ == "relcl" else token.head
        if antecedent.pos_ not in {"NOUN", "PROPN"} or (
            token.n_lefts + token.n_rights < 2 and not speaks_besides(token)
        ):
            return
        said = _said_of(token)
        if said is None and not set_off(antecedent, token):
            return
        if said is None and _says_there(token):
            self._cut_off(antecedent, span(token))
            self.visit(token, replace(self._context(token, heard), subject=None, top=None, caused=False))
            return
        relativizer = next((part for part in token.lefts if part.tag_ in RELATIVE), None)
        whose = subject(token)
        if said is None and (token.dep_ == "acl" or (relativizer is not None and relativizer.dep_ in SUBJECTS)):
            whose = antecedent
        elif said is None and (relativizer is None or whose is None):
            return
        self._cut_off(antecedent, span(token))
        context = replace(self._context(token, heard), presupposed=True, modality=None, subject=whose, tense=token)
        if speaks_besides(token):  # "the ministry, denying that …, said": it says both
            context = replace(context, presupposed=False)
        self._adopt(token, antecedent, replace(context, top=None, caused=False))

    def _belying(self, token: Token, heard: tuple[Speech, ...]) -> bool:
        """ "P, which the airline denies", "P, a charge she denies": what is denied is what the sentence says."""
        if (gone := belies(token)) is None:
            return False
        before = (draft for draft in self.found if draft.head.i < min(gone) and draft.form != "nominal")
        said = max(before, key=lambda draft: draft.head.i, default=None)
        if said is None or said.denied is not None or said.no_comment:
            return False
        self._seen.add(token.i)
        for draft in self.found:
            draft.cut |= gone
        denied = accused_of(said.head) or said.head
        self.found.append(Draft(token, "relative", subject(token), Context(speech=heard), denied, belied=said))
        return True

    def _cut_off(self, antecedent: Token, tokens: set[int]) -> None:
        for draft in self.found:
            if draft.head == antecedent or draft.head.is_ancestor(antecedent):
                draft.cut |= tokens

    def _adopt(self, token: Token, antecedent: Token, context: Context) -> None:
        """Visits a relative clause and puts its antecedent for "who"."""
        before = len(self.found)
        self.visit(token, context)
        for draft in self.found[before:]:
            if token in (draft.head, draft.top) or draft.head == _said_of(token):
                draft.form, draft.antecedent = "relative", antecedent
            bare = draft.subject is None and draft.head == _said_of(token) and child(draft.head, "expl") is None
            if bare or (draft.subject is not None and draft.subject.tag_ in RELATIVE):
                draft.subject = antecedent

    def _nominal(self, token: Token, heard: tuple[Speech, ...]) -> None:
        context = self._context(token, heard)
        if context.modality in {"possible", "expected"}:
            return
        cited = next((part for part in token.ancestors if part.lemma_ == "cite" and part.tag_ == "VBG"), None)
        if cited is not None and context.subject is not None:
            context = replace(context, speech=(*context.speech, Speech(cited, context.subject)))
        self.found.append(Draft(token, "nominal", None, replace(context, presupposed=True, top=None)))
