"""Who does what to whom: the slots of a clause."""

from __future__ import annotations

from service.contract.data import Frame
from workers.claims.grammar.noun import RELATIVE, phrase
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import child, negated, subject
from workers.claims.grammar.syntax import Form, doer, is_passive
from workers.claims.grammar.verbs import is_phrase
from workers.claims.grammar.words import word_map, word_set
from workers.claims.reading.draft import Draft
from workers.claims.reading.messages import (
    asked_for,
    demand_of,
    directs,
    event_asked_for,
    is_message,
    recipient,
    sender,
)
from workers.claims.reading.own import complement
from workers.claims.sources.actors import Cast

TOWARDS = ("dative", "agent", "to", "with", "against", "from", "on", "of", "at", "for", "in", "into", "by")


class Framer:
    """Fills the slots of one article's clauses."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast

    def frame(self, draft: Draft) -> Frame:
        """The slots; one that the text leaves open is null."""
        if draft.form == "nominal":
            return self._nominal(draft)
        if draft.denied is not None:
            return self._denied(draft)
        found = self._predicate(draft.head, draft.subject, draft.form)
        spoken = (
            self._cast.speaking(draft.subject, self._cast.heard(draft.subject, draft.context.speech))
            if draft.subject is not None
            else None
        )
        if spoken is None:
            return found
        passive = child(draft.head, "auxpass") is not None
        return found.model_copy(update={"target" if passive else "actor": spoken})

    def _predicate(self, head: Token, who: Token | None, form: Form = "finite") -> Frame:
        demand = demand_of(head)
        if demand is not None:
            return self._message(head, demand, who)
        if is_passive(head, form):
            return Frame(actor=self._label(doer(head)), action=self._action(head), target=self._label(who))
        if is_message(who) and directs(head):
            assert who is not None
            return Frame(actor=self._label(sender(who)), action=self._action(head), target=self._target(head, None))
        return Frame(actor=self._label(who), action=self._action(head), target=self._target(head, who))

    def _message(self, head: Token, demand: Token, who: Token | None) -> Frame:
        """Who sends a message that asks for something to whom: the asking is the act."""
        passive = child(head, "auxpass") is not None
        by = doer(head) if passive else who
        if by is None and passive and who is not None:
            by = sender(who)
        to = recipient(head)
        target = self._label(to) if to is not None else self._target(demand, by)
        return Frame(actor=self._label(by), action=self._action(demand), target=target)

    def _label(self, noun: Token | None) -> str | None:
        if (
            noun is None
            or noun.tag_ in {"WP", "WDT", "EX"}
            or (noun.lower_ in {"it", "this", "that"} and noun.i not in self._cast.referents)
        ):
            return None
        return self._cast.label(noun)

    def _action(self, head: Token, depth: int = 0) -> str:
        """Lemmas: verb, particle, what a light verb takes, and the verb that it governs: "tell close office"."""
        must = child(head, "xcomp") if depth and head.lemma_ in {"have", "need"} else None
        if must is not None and must.tag_ == "VB":
            return self._action(must, depth)  # "that it has to go"
        words = ["not", head.lemma_.lower()] if depth and negated(head) else [head.lemma_.lower()]
        for token in head.children:
            if token.dep_ == "prt" or _completes(head, token):
                words.append(token.lower_)
            elif token.dep_ in {"acomp", "attr", "oprd"} and head.lemma_ in {
                "be",
                "become",
                "remain",
                "seem",
                "appear",
                "stay",
                "get",
            }:
                words.append(token.lemma_.lower())
        thing = child(head, "dobj")
        if thing is not None and (depth or head.lemma_ in word_set("nouns.light")) and not self._is_actor(thing):
            words.append(thing.lemma_.lower())
        if directs(head) and (asked := event_asked_for(head)) is not None:
            return " ".join([*words, asked.lemma_.lower()])
        inner = child(head, "xcomp") or next(
            (token for token in head.children if token.dep_ == "ccomp" and token.i > head.i), None
        )
        if inner is None:
            inner = self._governed(head)
        if inner is not None and depth < 2 and inner.pos_ in {"VERB", "AUX"}:
            words.append(self._action(inner, depth + 1))
        return " ".join(words)

    def _governed(self, head: Token) -> Token | None:
        """ "accused X of failing", "pressed X for leaving"."""
        if directs(head) and (found := asked_for(head)) is not None:
            return found
        for token in head.rights:
            if (
                token.dep_ == "prep"
                and (found := child(token, "pcomp")) is not None
                and token.lower_ in {"of", "for", "from", "into", "on"}
            ):
                return found
            if token.dep_ == "prep" and directs(head) and (noun := child(token, "pobj")) is not None:
                needed = child(noun, "acl")
                if needed is not None and needed.tag_ == "VB":
                    return needed  # "notified X of the need to leave"
        return None

    def _is_actor(self, noun: Token) -> bool:
        return self._cast.actor(noun) is not None

    def _target(self, head: Token, who: Token | None) -> str | None:
        own = self._cast.actor(who) if who is not None else None
        asked = event_asked_for(head) if directs(head) else None
        leaver = child(asked, "poss") if asked is not None else None
        if leaver is not None and asked is not None and asked.lemma_.lower() in word_set("nouns.of_agent"):
            return self._label(leaver)  # "demanded X's resignation"
        for noun in self._patients(head):
            if asked is not None and _is_asked_about(noun, asked):
                continue
            actor = self._cast.actor(noun)
            if actor is not None and (actor != own or noun.dep_ in {"dobj", "dative"}):
                return actor
        thing = child(head, "dobj")
        if thing is not None and thing != asked and head.lemma_ not in word_set("nouns.light"):
            return self._label(thing)
        content = child(head, "xcomp", "ccomp")
        if content is not None:
            inner = subject(content)
            if inner is not None and (actor := self._cast.actor(inner)) is not None and actor != own:
                return actor
            return self._target(content, who) if content.dep_ == "xcomp" and content != head else None
        return None

    def _patients(self, head: Token) -> list[Token]:
        found = [token for token in head.children if token.dep_ in {"dobj", "dative"} and token.pos_ != "ADP"]
        found += [
            token
            for content in head.children
            if content.dep_ == "ccomp" or content == asked_for(head)
            for token in content.children
            if token.dep_ == "nsubj" and content.tag_ == "VB"
        ]
        anchors = [head, *found]
        for anchor in anchors:
            for token in anchor.rights:
                if (
                    token.dep_ in {"prep", "dative"}
                    and token.lower_ in TOWARDS
                    and (inner := child(token, "pobj")) is not None
                ):
                    found.append(inner)
        return found

    def _denied(self, draft: Draft) -> Frame:
        """The frame of what is denied; the polarity and the last hop say that and by whom."""
        content = draft.denied
        assert content is not None
        if draft.belied is not None and content is draft.belied.head and draft.belied.denied is None:
            return self.frame(draft.belied)
        if content.pos_ in {"VERB", "AUX"} and content.dep_ != "dobj":
            who = subject(content) or (draft.subject if content.dep_ == "xcomp" else None)
            if who is not None and who.tag_ in RELATIVE:
                who = None
            return self._predicate(content, who)
        words = [content.lemma_.lower()]
        involved: str | None = None
        for token in content.subtree:
            if token.i > content.i and token.pos_ in {"NOUN", "VERB"} and not self._is_actor(token) and len(words) < 4:
                words.append(token.lemma_.lower())
            elif token.i > content.i and involved is None:
                involved = self._cast.alias.get(token.i)
        return Frame(actor=self._label(draft.subject), action=" ".join(words), target=involved)

    def _nominal(self, draft: Draft) -> Frame:
        noun, agent = draft.head, draft.subject
        assert agent is not None
        if draft.asked is not None and draft.asked.subject is not None:
            doing = self._action(draft.asked.head, 1)
            return Frame(actor=self._label(agent), action=f"request {doing}", target=self._label(draft.asked.subject))
        verb = str(word_map("nouns.event")[noun.lemma_.lower()]).split()[0].replace("_", " ")
        rest = complement(noun, agent)
        inner = next((token for token in rest if token.pos_ == "VERB"), None)
        action = f"{verb} {self._action(inner, 1)}" if inner is not None else verb
        addressed = rest
        if inner is not None and verb in word_set("acts.direct"):
            addressed = [token for token in rest if token.i < inner.i]  # "the request to evict X" is not made to X
        target = next((actor for token in addressed if (actor := self._cast.actor(token)) is not None), None)
        if target is None and addressed is rest:
            thing = next((token for token in rest if token.dep_ in {"pobj", "dobj"}), None)
            target = phrase(thing, limit=8) if thing is not None else None
        return Frame(actor=self._label(agent), action=action, target=target)


def _is_asked_about(noun: Token, asked: Token) -> bool:
    """ "called for the removal of X": X is not the one who is called upon; "the resignation of X": X is."""
    if asked.lemma_.lower() in word_set("nouns.of_agent"):
        return False
    return noun == asked or (noun.head.head == asked and noun.head.lower_ not in {"from", "to"})


def _completes(head: Token, token: Token) -> bool:
    """Whether a word behind a verb is part of it: "voted down the offer". "Called for" is a calling all the same."""
    return token.i == head.i + 1 and not directs(head) and is_phrase(head.lemma_.lower(), token.lower_)
