"""Predicates that claim nothing: they only speak, compare what was said, or give it a name."""

from __future__ import annotations

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.silence import is_no_comment
from workers.claims.grammar.speech import child, says, subject
from workers.claims.grammar.syntax import is_thing
from workers.claims.grammar.words import word_set
from workers.claims.reading.hanging import is_thing_said


def claims_nothing(head: Token) -> bool:
    """Whether nothing stands in it that could be true or not."""
    return (_only_speaks(head) and not is_no_comment(head)) or _only_compares(head) or _only_names(head)


def _only_speaks(head: Token) -> bool:
    """ "she said on Monday" beside a quotation that the parser did not hang on it, "it seems": no claim."""
    lemma = head.lemma_.lower()
    if lemma in {"seem", "appear"} and all(token.dep_ in {"nsubj", "punct"} for token in head.children):
        return True
    if lemma != "speak" and not says(head):
        return False
    if lemma in word_set("attribution.weak_say") and is_thing(who := subject(head)) and not _is_written(who):
        return False  # "two cables have snapped"
    plain = {"nsubj", "punct", "advmod", "aux", "cc", "dep", "mark"}
    if lemma not in word_set("attribution.weak_say"):
        plain |= {"advcl", "npadvmod", "prep", "parataxis"}
    content = any(token.dep_ == "prep" and token.lower_ in {"of", "against"} for token in head.rights)
    return not content and all(token.dep_ in plain for token in head.children)


def _is_written(who: Token | None) -> bool:
    return who is not None and who.lemma_.lower() in word_set("attribution.document")


def _only_compares(head: Token) -> bool:
    """ "That contradicts an inspection report": how what was said stands to something said before."""
    about = subject(head)
    if about is None or about.lower_ not in {"that", "this", "which"}:
        return False
    return head.lemma_.lower() in word_set("commentary.bearing") and is_thing_said(child(head, "dobj"))


def _only_names(head: Token) -> bool:
    """ "showed what it called goodwill": a name for it."""
    thing = child(head, "dobj")
    named = head.lemma_.lower() in word_set("attribution.naming") and child(head, "oprd") is not None
    return named and thing is not None and thing.lower_ == "what"
