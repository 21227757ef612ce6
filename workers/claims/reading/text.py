"""A clause as a sentence of its own: in the words of the source, with names for pronouns and without its frame."""

from __future__ import annotations

from collections.abc import Sequence

from workers.claims.grammar.noun import BEFORE_HEAD, RELATIVE, SUBJECTS, is_plural, phrase
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import auxiliaries, child, lent
from workers.claims.grammar.syntax import is_simple_past, is_wished
from workers.claims.grammar.wording import DETERMINED, definite, finish, past_tense, third_person, verb_of
from workers.claims.grammar.words import word_map
from workers.claims.reading.draft import Draft
from workers.claims.reading.naming import Names
from workers.claims.reading.own import QUOTES, complement, own_tokens
from workers.claims.sources.actors import Cast

FULL = {
    "wo": "will",
    "ca": "can",
    "sha": "shall",
    "n't": "not",
    "'ve": "have",
    "'ll": "will",
    "'re": "are",
}
"""of a verb's words, those that do not stand alone"""
LONG = 60
"""tokens of a claim's text; what is longer is cut at a phrase, the evidence has the rest"""


class Writer:
    """Writes the clauses of one article."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._names = Names(cast)

    def sentence(self, draft: Draft) -> tuple[str, list[Token]]:
        """The text of a clause and the tokens that it is made of."""
        if draft.form == "nominal":
            return self._nominal(draft)
        if draft.belied is not None and draft.denied is not None:
            return self._belying(draft, draft.belied, draft.denied)
        tokens = own_tokens(draft)[:LONG]
        relative = _relativizer(draft)
        if relative is not None:
            return finish(" ".join(self._related(draft, relative, tokens))), tokens
        fragment = draft.head.tag_ in {"VBG", "VBN"} and not is_simple_past(draft.head)
        if draft.subject is not None and draft.subject in tokens and fragment:
            return finish(" ".join(self._absolute(draft, tokens))), tokens
        if draft.subject is not None and draft.subject in tokens and (to := _infinitive(draft.head)) is not None:
            return finish(" ".join(self._to_come(draft, tokens, to))), tokens
        if draft.subject in tokens and draft.head in tokens and is_wished(draft.head):
            at = tokens.index(draft.head)
            words = [*self._words(tokens[:at], draft), "should", *self._words(tokens[at:], draft)]
            return finish(" ".join(words)), tokens
        if draft.subject is not None and draft.subject not in tokens:
            lead, tokens = self._lead(draft, tokens)
            return finish(f"{lead} {' '.join(self._words(tokens, draft))}"), tokens
        return finish(" ".join(self._words(tokens, draft))), tokens

    def _belying(self, draft: Draft, said: Draft, denied: Token) -> tuple[str, list[Token]]:
        """ "P, which she denies": she denies that P; of what she is accused of, that she did it."""
        if denied is said.head:
            text, tokens = self.sentence(said)
            first, _, rest = text.removesuffix(".").partition(" ")
            content = f"that {first.lower() if first.lower() in DETERMINED else first} {rest}"
        else:
            tokens = [token for token in denied.subtree if token.i not in said.cut]
            content = " ".join(self._words(tokens, draft))
        if draft.form != "relative":  # "that is false", of what the sentence before says
            return finish(f"It is not true {content}"), tokens
        own = [token for token in own_tokens(draft) if token.tag_ not in RELATIVE]
        return finish(f"{' '.join(self._words(own, draft))} {content}"), [*own, *tokens]

    def _related(self, draft: Draft, relative: Token, tokens: list[Token]) -> list[str]:
        """A relative clause with the name that it hangs on in place of "who"."""
        rest = [token for token in tokens if token != relative]
        name = self.name(draft.antecedent or draft.head.head, draft)
        if relative.dep_ in SUBJECTS:
            return [name, *self._words(rest, draft)]
        at = draft.head.i
        before, after = [t for t in rest if t.i <= at], [t for t in rest if t.i > at]
        return [*self._words(before, draft), name, *self._words(after, draft)]

    def _absolute(self, draft: Draft, tokens: list[Token]) -> list[str]:
        """ "X rejecting Y", "X having been told": the subject is there, a finite verb is not."""
        head = draft.head
        helping = auxiliaries(head)
        if head not in tokens or any(token.tag_ in {"VBD", "VBZ", "VBP", "MD", "TO"} for token in helping):
            return self._words(tokens, draft)  # the verb stands behind what is kept of a long clause
        at = tokens.index(head)
        if helping:
            have = next((token for token in helping if token.lower_ == "having"), None)
            at = tokens.index(have) if have is not None and have in tokens else at
            verb = "have" if draft.subject is not None and is_plural(draft.subject) else "has"
        else:
            many = draft.subject is not None and is_plural(draft.subject)
            verb = past_tense(_verb(head)) if head.tag_ == "VBG" else f"{'were' if many else 'was'} {head.text}"
        return [*self._words(tokens[:at], draft), verb, *self._words(tokens[at + 1 :], draft)]

    def _to_come(self, draft: Draft, tokens: list[Token], to: Token) -> list[str]:
        """ "we expect this number to grow": it "will grow"."""
        if to not in tokens:
            return self._words(tokens, draft)
        at = tokens.index(to)
        return [*self._words(tokens[:at], draft), "will", *self._words(tokens[at + 1 :], draft)]

    def _lead(self, draft: Draft, tokens: list[Token]) -> tuple[str, list[Token]]:
        """An inherited subject and, for a participle, a verb that can stand alone."""
        assert draft.subject is not None
        name, head = self.name(draft.subject, draft), draft.head
        auxiliary = child(head, "aux", "auxpass")
        if draft.context.tense is head.head and (shared := lent(head)):
            return f"{name} {' '.join(_full(token) for token in shared)}", tokens
        if draft.form == "participle" and head.tag_ == "VBD":
            return f"{name} {'were' if is_plural(draft.subject) else 'was'}", tokens
        if head.tag_ == "VB" and draft.context.caused and head in tokens:
            at = tokens.index(head)
            before = " ".join(self._words([token for token in tokens[:at] if token.tag_ != "TO"], draft))
            return f"{name} {before} {past_tense(head.lemma_.lower())}", tokens[at + 1 :]
        if head.tag_ not in {"VBG", "VBN", "VB"} or (
            auxiliary is not None and auxiliary.tag_ in {"MD", "VBZ", "VBP", "VBD"}
        ):
            return name, tokens
        may = _modal_above(draft)
        if head.tag_ == "VBG" and may is not None and auxiliary is None and head in tokens:
            at = tokens.index(head)
            words = " ".join(self._words(tokens[:at], draft))
            return f"{name} {words} {may} {_verb(head)}", tokens[at + 1 :]
        over = draft.context.presupposed or (_is_past(draft) and draft.context.tense is not None)
        if head.tag_ == "VBG" and over and auxiliary is None and head in tokens:
            at = tokens.index(head)
            words = " ".join(self._words(tokens[:at], draft))
            return f"{name} {words} {past_tense(_verb(head))}", tokens[at + 1 :]
        if auxiliary is not None and auxiliary.lower_ == "having":
            return f"{name} {'have' if is_plural(draft.subject) else 'has'}", [t for t in tokens if t != auxiliary]
        if head.tag_ == "VB":
            return name, tokens
        plural, past = is_plural(draft.subject), _is_past(draft)
        return f"{name} {('were' if plural else 'was') if past else ('are' if plural else 'is')}", tokens

    def name(self, noun: Token, draft: Draft | None = None) -> str:
        """A noun phrase that can stand in another sentence."""
        first = self._names.first_person(noun, draft)
        if first is not None:
            return first
        if noun.i in self._cast.referents:
            return definite(self._cast.referents[noun.i].name)
        lefts = [token for token in noun.lefts if token.dep_ in BEFORE_HEAD]
        full = self._cast.full_name(noun)
        if full is not None and not lefts:
            return full
        start = min((token.left_edge.i for token in lefts), default=noun.i)
        words = phrase(noun)
        # "results expected in May", which were expected
        hangs = (
            draft is not None and draft.head.dep_ == "acl" and draft.head.head == noun and draft.head.i == noun.i + 1
        )
        tail = words.split(noun.text, 1)[1] if noun.text in words and not hangs else ""
        inside = [token for token in noun.doc[start : noun.i + 1] if not token.is_space]
        return " ".join((" ".join(self._words(inside, draft)) + tail).split())

    def _words(self, tokens: Sequence[Token], draft: Draft | None) -> list[str]:
        said = {token.i for token in tokens}
        instead, gone = self._names.instead(tokens, said, draft)
        words: list[str] = []
        last = -2
        for token in tokens:
            if token.i in gone or token.text in QUOTES or (token.text == "’" and token.tag_ != "POS"):
                continue
            word = instead.get(token.i) or self._agreed(token, instead)
            if last in instead and token.pos_ in {"AUX", "VERB"} and token.text[:1] in {"'", "’"}:
                words.append(_full(token) if word == token.text else word.strip())  # "they've", with a name for "they"
            elif words and last == token.i - 1 and not token.doc[last].whitespace_:
                words[-1] += word
            else:
                words.append(word)
            last = token.i
        return words

    def _agreed(self, token: Token, instead: dict[int, str]) -> str:
        """ "we expect" with a name for "we" is "Acme expects"."""
        if token.tag_ not in {"VBP", "VBD"} or token.pos_ not in {"VERB", "AUX"}:
            return token.text
        verb = token.head if token.dep_ in {"aux", "auxpass"} else token
        who = next((part for part in verb.lefts if part.dep_ in SUBJECTS and part.tag_ == "PRP"), None)
        if who is None or who.i not in instead or who.lower_ not in {"i", "we"}:
            return token.text
        if token.tag_ == "VBD":
            return "was" if token.lower_ == "were" else token.text
        return {"have": "has", "'ve": " has", "do": "does", "are": "is", "am": "is", "'re": " is", "'m": " is"}.get(
            token.lower_, third_person(token.text)
        )

    def _nominal(self, draft: Draft) -> tuple[str, list[Token]]:
        noun, agent = draft.head, draft.subject
        assert agent is not None
        past = str(word_map("nouns.event")[noun.lemma_.lower()]).split(" ", 1)[1].replace("_", " ")
        rest = [token for token in complement(noun, agent) if token.i not in draft.cut][:LONG]
        if not rest and draft.asked is not None:
            return self._asked(draft, past)
        words = " ".join(self._words(rest, draft))
        return finish(f"{self._doer(agent, draft)} {past} {words}"), [agent, noun, *rest]

    def _doer(self, agent: Token, draft: Draft) -> str:
        lefts = [token for part in agent.lefts if part.dep_ in BEFORE_HEAD for token in part.subtree]
        if agent.i in self._cast.referents or not lefts:
            return definite(self._cast.full_name(agent) or self.name(agent, draft))
        return " ".join(self._words([*lefts, agent], draft))

    def _asked(self, draft: Draft, past: str) -> tuple[str, list[Token]]:
        """ "at the request of X, Y did Z": X requested Y to do Z."""
        assert draft.subject is not None and draft.asked is not None and draft.asked.subject is not None
        verb = draft.asked.head
        rest = [token for token in own_tokens(draft.asked) if token.i > verb.i]
        name = self.name(draft.asked.subject, draft)
        name = f"the {name[4:]}" if name.startswith("The ") else name
        done = f"be {verb.text}" if child(verb, "auxpass") is not None else verb.lemma_.lower()
        words = " ".join(self._words(rest, draft.asked))
        doer = self._doer(draft.subject, draft)
        return finish(f"{doer} {past} {name} to {done} {words}"), [
            draft.subject,
            draft.head,
            verb,
            *rest,
        ]


def _full(helping: Token) -> str:
    """A word of a verb as it stands alone."""
    if helping.lower_.replace("’", "'") == "'s":
        return "is" if helping.lemma_ == "be" else "has"
    if helping.lower_.replace("’", "'") == "'d":
        return "would" if helping.tag_ == "MD" else "had"
    return FULL.get(helping.lower_.replace("’", "'"), helping.text)


def _verb(participle: Token) -> str:
    return verb_of(participle.lower_, participle.lemma_.lower())


def _infinitive(head: Token) -> Token | None:
    """The "to" of a clause that has a subject and no finite verb."""
    helping = [token for token in head.lefts if token.dep_ in {"aux", "auxpass"}]
    own = any(token.dep_ in SUBJECTS for token in head.lefts)
    finite = head.tag_ != "VB" or any(token.tag_ in {"MD", "VBZ", "VBP", "VBD"} for token in helping)
    return None if finite or not own else next((token for token in helping if token.tag_ == "TO"), None)


def _relativizer(draft: Draft) -> Token | None:
    if draft.form != "relative":
        return None
    return next((token for token in draft.top.lefts if token.tag_ in RELATIVE), None)


def _modal_above(draft: Draft) -> str | None:
    """ "could" of the verb that a participle hangs on, unless what it tells came before."""
    governor = draft.context.tense
    if governor is None or draft.context.presupposed:
        return None
    return next((_full(token) for token in governor.lefts if token.tag_ == "MD"), None)


def _is_past(draft: Draft) -> bool:
    governor = draft.context.tense
    if governor is None:
        return True
    finite = [governor, *(token for token in governor.children if token.dep_ in {"aux", "auxpass"})]
    return not any(token.tag_ in {"VBZ", "VBP", "MD"} for token in finite)
