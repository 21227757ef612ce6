"""Frames of speech in the parse: who says, denies or keeps silent about what. Syntax and word lists only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workers.claims.grammar.noun import SUBJECTS
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.words import word_set

SAY = frozenset({"say", "tell", "state", "claim", "warn"})
OBJECTS = frozenset({"dobj", "dative"})


@dataclass(frozen=True, slots=True)
class Speech:
    """Somebody behind what a clause says."""

    cue: Token
    source: Token | None
    """head of the noun phrase that says it; none for "it is understood" """
    audience: Token | None = None
    """whom it was told: an outlet is a hop of its own"""
    opinion: bool = False
    """believed or hoped rather than said"""
    hearsay: bool = False


ASKS = frozenset({"ask", "demand", "urge"})


def says(verb: Token) -> bool:
    """Whether it is a verb of saying; behind a quotation those of asking are, too."""
    lemma = verb.lemma_.lower()
    return lemma in word_set("attribution.say") or (lemma in ASKS and _is_behind_quotation(verb))


def _is_behind_quotation(verb: Token) -> bool:
    """ "“…?” Vell asked", "“…,” she demanded": a mark that closes a quotation stands before it or its subject."""
    who = next((token for token in verb.children if token.dep_ in SUBJECTS), None)
    first = min(verb.i, who.left_edge.i) if who is not None else verb.i
    return first > 0 and verb.doc[first - 1].text in {"”", "''", "’", '"', "»"}


def child(head: Token, *deps: str) -> Token | None:
    """The first child with one of these dependencies."""
    for token in head.lefts:
        if token.dep_ in deps:
            return token
    for token in head.rights:
        if token.dep_ in deps:
            return token
    return None


def subject(head: Token) -> Token | None:
    """The subject, of an active or a passive verb: the nearest, where the parser took two for it."""
    for token in reversed(head.lefts):
        if token.dep_ in SUBJECTS:
            return token
    for token in head.rights:
        if token.dep_ in SUBJECTS:
            return token
    return None


def negated(head: Token) -> bool:
    """Whether "not", "never", "nowhere" or "no longer" stands beside the verb."""
    beside = [*head.children, *(part for token in auxiliaries(head) for part in token.children)]
    beside += lent(head)
    if head.lemma_ == "be" and (what := child(head, "acomp")) is not None:
        beside += what.lefts  # "were “not accurate”"
    return any(
        (token.dep_ == "neg" and not _not_only(token))
        or token.lower_ in {"never", "nowhere"}
        or _no_longer(token)
        or _on_no_account(token)
        for token in beside
    )


def _not_only(token: Token) -> bool:
    """ "not only", "not just": more than what follows, and that too."""
    return token.i + 1 < len(token.doc) and token.doc[token.i + 1].lower_ in {"only", "just", "merely"}


def _on_no_account(preposition: Token) -> bool:
    """ "at no time", "in no way", "under no circumstances"."""
    noun = child(preposition, "pobj") if preposition.dep_ == "prep" else None
    return noun is not None and noun.lemma_.lower() in word_set("marks.never_noun") and has_no(noun)


def auxiliaries(head: Token) -> list[Token]:
    """A verb's auxiliaries, also those that the parser hung on another of them."""
    own = [token for token in head.lefts if token.dep_ in {"aux", "auxpass"}]
    return [*(part for token in own for part in token.lefts if part.dep_ in {"aux", "auxpass"}), *own]


def lent(head: Token) -> list[Token]:
    """ "would not end the strike or accept the offer": the words before the first verb that hold for both."""
    first = head.head
    if head.dep_ != "conj" or first.pos_ not in {"VERB", "AUX"} or auxiliaries(head) or child(head, *SUBJECTS):
        return []
    joiners = {part.lower_ for part in (*first.rights, *head.lefts) if part.dep_ == "cc" and first.i < part.i < head.i}
    bare = head.tag_ in {"VB", "VBP"} and first.tag_ in {"VB", "VBP"}
    before = auxiliaries(first) or lent(first)
    helping = before if bare or head.tag_ == first.tag_ in {"VBN", "VBG"} else []
    never = [part for part in first.lefts if part.dep_ == "neg" and not _not_only(part)]
    shared = never if "or" in joiners or (helping and "but" not in joiners) else []
    return sorted([*helping, *shared], key=lambda token: token.i)


def _no_longer(token: Token) -> bool:
    """ "no longer", "no more talks"; not "no longer than"."""
    if token.lower_ not in {"longer", "more"} or all(part.lower_ != "no" for part in token.children):
        return False
    return token.i + 1 >= len(token.doc) or token.doc[token.i + 1].lower_ != "than"


def has_no(noun: Token | None) -> bool:
    """ "no comment", "no more talks", "nobody", "none of them"."""
    if noun is None:
        return False
    determined = any(token.lower_ in word_set("marks.negative_determiner") or _no_longer(token) for token in noun.lefts)
    return determined or noun.lower_ in word_set("marks.negative_determiner")


CONTENT = frozenset({"VERB", "AUX", "ADJ", "NOUN", "PROPN", "NUM", "ADV"})


def is_joined(head: Token, token: Token) -> bool:
    """ "complained of leaks, but that …": a conjunction stands between, so it is no content of the verb."""
    if any(part.dep_ == "cc" and head.i < part.i <= token.left_edge.i for part in (*head.rights, *token.lefts)):
        return True
    before = head.doc[token.left_edge.i - 1] if token.left_edge.i else head
    says = token.lemma_.lower() in word_set("attribution.say") and subject(token) is not None
    marked = any(part.dep_ == "mark" for part in token.lefts)
    return says and before.tag_ == "CC" and before.i > head.i and not marked  # "a third said P, and a half said Q"


def complements(head: Token) -> list[Token]:
    """Clauses that a verb governs as its content, without those that only stand beside it."""
    return [
        token
        for token in head.children
        if token.dep_ == "ccomp" and token.pos_ in CONTENT and not is_joined(head, token)
    ]


def speech_of(
    head: Token, speaker: Token | None, is_witness: Callable[[Token, Token | None], bool]
) -> tuple[Speech, list[Token]] | None:
    """The frame of a verb of saying or thinking with its content, or none if the verb acts.

    `speaker` is the subject, its own or one that it shares with a coordinated verb; `is_witness` tells whether whoever
    is told, by that speaker, only hears it, as the press does.
    """
    lemma = head.lemma_.lower()
    clear = _made_clear(head)
    if clear is not None:
        return Speech(head, speaker, _audience(clear)), [_content_of(clear)]  # type: ignore[list-item]
    if lemma == "be" and child(head, "expl") is not None:
        return _there_is(head)
    speaks, thinks = says(head), lemma in word_set("attribution.think")
    if not (speaks or thinks) or lemma in word_set("attribution.deny"):
        return None
    if lemma in {"quote", "cite"} and (heard := _quoting(head, speaker)) is not None:
        return heard
    content = complements(head)
    if not content and lemma == "claim":
        content = [
            token for token in head.children if token.dep_ == "xcomp" and any(part.tag_ == "TO" for part in token.lefts)
        ]
    if not content:
        return None
    passive = child(head, "auxpass") is not None
    if passive:
        return _hearsay(head, content)
    audience = _audience(head)
    if lemma in word_set("attribution.tell") and audience is not None and not is_witness(audience, speaker):
        return None
    if speaker is not None and speaker.lower_ == "it" and lemma in {"show", "suggest", "mean"}:
        return None
    if negated(head) or has_no(speaker) or lemma == "wonder":
        return None  # "nobody warned us that P", "did not say that P", "does not believe that P": nobody holds that P
    if thinks and not speaks and _is_anyone(speaker) and any(map(asks, content)):
        return None  # "you know what I want": nothing is told
    return Speech(head, speaker, audience, opinion=thinks and not speaks), content


def _quoting(head: Token, outlet: Token | None) -> tuple[Speech, list[Token]] | None:
    """ "the Gazette quoted her as saying that P": she says it, and the Gazette is who heard it."""
    who = child(head, "dobj")
    saying = next((token for token in head.subtree if token.lower_ == "saying" and token.i > head.i), None)
    if who is None or saying is None or saying.doc[saying.i - 1].lower_ != "as" or not complements(saying):
        return None
    return Speech(head, who, outlet), complements(saying)


def is_own_version(source: Token | None) -> bool:
    """ "An earlier version (of this article) said that P": the article takes P back."""
    if source is None or source.lemma_ != "version" or all(part.dep_ != "amod" for part in source.lefts):
        return False
    text = next((child(part, "pobj") for part in source.rights if part.dep_ == "prep"), None)
    return any(part.lower_ == "this" for part in text.lefts) if text is not None else source.i - source.sent.start > 1


def _is_anyone(speaker: Token | None) -> bool:
    """ "you", "nobody", "no one": what they know or think is nobody's word."""
    return speaker is not None and (speaker.lower_ in {"you", "anyone", "everyone"} or has_no(speaker))


def asks(content: Token) -> bool:
    """ "whether", "how much", "who": a question and no content."""
    return any(token.lower_ in word_set("attribution.wonder") for token in content.subtree if token.i < content.i)


def _hearsay(head: Token, content: list[Token]) -> tuple[Speech, list[Token]] | None:
    it = subject(head)
    if it is None or it.lower_ != "it":
        return None
    agent = child(head, "agent")
    by = child(agent, "pobj") if agent is not None else None
    return Speech(head, by, hearsay=by is None, opinion=head.lemma_ in word_set("attribution.think")), content


def _there_is(head: Token) -> tuple[Speech, list[Token]] | None:
    """ "there has been speculation that P"."""
    noun = child(head, "attr", "nsubj")
    if noun is None or noun.lemma_.lower() not in word_set("attribution.hearsay_noun") or has_no(noun):
        return None
    content = clause_of(noun)
    return (Speech(noun, None, hearsay=True), [content]) if content is not None else None


def _made_clear(head: Token) -> Token | None:
    """ "made it clear (to X) that P": the adjective, if P follows it."""
    if head.lemma_ != "make":
        return None
    for token in head.children:
        if token.lemma_.lower() in word_set("attribution.speech_adjective") and _content_of(token) is not None:
            return token
    return None


def _content_of(adjective: Token) -> Token | None:
    for token in (*adjective.children, *adjective.head.children):
        if token.dep_ in {"ccomp", "advcl"} and any(
            part.dep_ == "mark" and part.lower_ == "that" for part in token.lefts
        ):
            return token
    found = child(adjective, "ccomp")
    return found if found is not None and found.i > adjective.i else None


def _audience(head: Token) -> Token | None:
    found = next(
        (token for token in head.rights if token.dep_ in OBJECTS and token.pos_ in {"NOUN", "PROPN", "PRON"}), None
    )
    if found is not None:
        return found
    for token in head.rights:
        if token.dep_ in {"prep", "dative"} and token.lower_ in {"to", "with"}:
            inner = child(token, "pobj")
            if inner is not None:
                return inner
    return None


def raised(head: Token) -> tuple[str, Token] | None:
    """ "is believed to be", "is expected to close", "appears to have": the modality and the predicate."""
    inner = child(head, "xcomp")
    lemma = head.lemma_.lower()
    if inner is None or inner.pos_ not in {"VERB", "AUX"}:
        if lemma == "find" and (own := child(head, "ccomp")) is not None and own.tag_ == "VBG":
            return "asserted", own
        return None
    if (
        child(head, "auxpass") is not None
        and lemma in word_set("attribution.hearsay_passive")
        and lemma not in {"expect", "consider"}
    ):
        return "reported", inner
    if lemma in {"appear", "seem", "look"}:
        return "possible", inner
    if lemma == "expect" and child(head, "auxpass") is not None:
        return "expected", inner
    if lemma == "be" or head.pos_ == "ADJ":
        return None
    return None


def rumoured(head: Token) -> list[Speech]:
    """ "reportedly": somebody says so, and the text does not say who."""
    return [
        Speech(token, None, hearsay=True)
        for token in head.lefts
        if token.lower_ in word_set("attribution.hearsay_adverb")
    ][:1]


def denied_content(head: Token) -> Token | None:
    """What a verb of denial denies: a clause, a gerund, or a thing said; none if the verb does not deny."""
    lemma = head.lemma_.lower()
    if lemma not in word_set("attribution.deny") and lemma not in word_set("attribution.reject"):
        return None
    outright = lemma in word_set("attribution.deny")
    for token in head.children:
        if token.dep_ in {"ccomp", "xcomp"} and outright and token.pos_ in {"VERB", "AUX", "ADJ", "NOUN"}:
            return token
    thing = child(head, "dobj", "nsubjpass")
    if thing is None:
        return None
    noun = thing.lemma_.lower()
    if noun in word_set("attribution.thing_said") or (outright and noun in word_set("attribution.denied_thing")):
        return clause_of(thing) or thing
    return thing if lemma == "deny" and noun not in word_set("attribution.withheld") else None


def clause_of(noun: Token) -> Token | None:
    """The clause that a noun for a thing said is followed by: "the report that P"."""
    found = child(noun, "acl", "ccomp", "relcl")
    if found is not None and any(part.dep_ == "mark" for part in found.lefts):
        return found
    return None


def is_quoted_as_saying(verb: Token) -> bool:
    """ "is quoted as saying", "was cited as saying"."""
    if verb.lemma_ not in {"quote", "cite"} or child(verb, "auxpass") is None:
        return False
    how = next((token for token in verb.rights if token.dep_ == "prep" and token.lower_ == "as"), None)
    return how is not None and any(token.lower_ == "saying" for token in how.subtree)
