"""Who says it where the parser hung him elsewhere: behind a reduced clause, in front of an aside."""

from __future__ import annotations

from collections.abc import Iterator

from workers.claims.grammar.noun import RELATIVE, SUBJECTS, is_person_name, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import Speech, child, complements, has_no, negated, says, subject
from workers.claims.grammar.syntax import only_says, span


def not_one(noun: Token) -> bool:
    """ "not one tin", "not one of them", "not a single nurse"; not "not one fax but three"."""
    first, doc = noun.left_edge, noun.doc
    words = [token.lower_ for token in doc[first.i : first.i + 3]]
    single = words[:2] == ["not", "one"] or words == ["not", "a", "single"]
    return single and noun.i > first.i and all(token.lower_ != "but" for token in doc[noun.i + 1 : noun.i + 3])


def further(head: Token) -> Token | None:
    """ "went on to say that P": the saying; "did not go on to say that P" says no P."""
    if negated(head) or has_no(subject(head)):
        return None
    on = any(token.lower_ == "on" and token.dep_ in {"prt", "advmod"} for token in head.rights)
    said = child(head, "xcomp") if head.lemma_ == "go" and on else None
    return said if said is not None and says(said) and complements(said) else None


def lost_subject(cue: Token) -> Token | None:
    """ "Mr Moe, reached by telephone, said that P": whom the verb before took; "in a note to X, its head said"."""
    if not says(cue):
        return None
    for token in cue.lefts:
        who = subject(token) if token.dep_ in {"advcl", "ccomp"} and token.tag_ in {"VBD", "VBN"} else None
        if who is not None and who.i < token.i and token.doc[token.i - 1].text == ",":
            return who
        place = child(token, "pobj") if token.dep_ == "prep" else None
        behind = child(place, "appos") if place is not None else None
        if behind is not None and is_role(behind) and place is not None and place.right_edge.i >= cue.i - 2:
            return next((name for name in behind.rights if name.dep_ == "appos" and is_person_name(name)), behind)
    return None


def set_in(head: Token) -> Iterator[tuple[Speech, set[int]]]:
    """ "The buyer, one of the three said, is a dairy": an aside that the parser took for a relative clause."""
    who = next((token for token in head.lefts if token.dep_ in SUBJECTS), None)
    for verb in who.rights if who is not None else ():
        source, doc = subject(verb), verb.doc
        if verb.dep_ != "relcl" or source is None or source.tag_ in RELATIVE or not says(verb) or complements(verb):
            continue
        first, last = verb.left_edge.i, verb.right_edge.i
        closed = doc[first - 1].text == "," and "," in {doc[last].text, doc[last + 1].text}
        if closed and first == source.left_edge.i and only_says(verb) and not has_no(source):
            yield Speech(verb, source), span(verb)
