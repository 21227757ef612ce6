"""Who does what to whom: the slots of a clause."""

from __future__ import annotations

from spacy.tokens import Token

from service.contract.data import Frame
from workers.claims.actors import Cast
from workers.claims.draft import Draft
from workers.claims.noun import phrase
from workers.claims.own import complement, speaker
from workers.claims.speech import child, subject
from workers.claims.words import word_map, word_set

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
        found = self._predicate(draft.head, draft.subject)
        spoken = (
            self._cast.speaking(draft.subject, speaker(draft.context.speech)) if draft.subject is not None else None
        )
        if spoken is None:
            return found
        passive = child(draft.head, "auxpass") is not None
        return found.model_copy(update={"target" if passive else "actor": spoken})

    def _predicate(self, head: Token, who: Token | None) -> Frame:
        bare = head.tag_ == "VBN" and child(head, "aux", "dobj") is None
        passive = bare or child(head, "auxpass") is not None
        agent = child(head, "agent")
        by = child(agent, "pobj") if agent is not None else None
        if passive:
            return Frame(actor=self._label(by), action=self._action(head), target=self._label(who))
        return Frame(actor=self._label(who), action=self._action(head), target=self._target(head, who))

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
        words = [head.lemma_.lower()]
        for token in head.children:
            if token.dep_ == "prt":
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
        for token in head.rights:
            if (
                token.dep_ == "prep"
                and (found := child(token, "pcomp")) is not None
                and token.lower_ in {"of", "for", "from", "into", "on"}
            ):
                return found
        return None

    def _is_actor(self, noun: Token) -> bool:
        return self._cast.actor(noun) is not None

    def _target(self, head: Token, who: Token | None) -> str | None:
        own = self._cast.actor(who) if who is not None else None
        for noun in self._patients(head):
            actor = self._cast.actor(noun)
            if actor is not None and (actor != own or noun.dep_ in {"dobj", "dative"}):
                return actor
        thing = child(head, "dobj")
        if thing is not None and head.lemma_ not in word_set("nouns.light"):
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
            if content.dep_ == "ccomp"
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
        if content.pos_ in {"VERB", "AUX"} and content.dep_ != "dobj":
            who = subject(content) or (draft.subject if content.dep_ == "xcomp" else None)
            if who is not None and who.tag_ in {"WP", "WDT"}:
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
        verb = str(word_map("nouns.event")[noun.lemma_.lower()]).split()[0].replace("_", " ")
        rest = complement(noun, agent)
        inner = next((token for token in rest if token.pos_ == "VERB"), None)
        action = f"{verb} {self._action(inner, 1)}" if inner is not None else verb
        target = next((actor for token in rest if (actor := self._cast.actor(token)) is not None), None)
        if target is None:
            thing = next((token for token in rest if token.dep_ in {"pobj", "dobj"}), None)
            target = phrase(thing, limit=8) if thing is not None else None
        return Frame(actor=self._label(agent), action=action, target=target)
