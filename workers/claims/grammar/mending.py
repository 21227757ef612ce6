"""Repairs of the parse where news has forms that the small parser mostly hangs wrongly.

Each needs a fixed word of the form, so that nothing else is touched; each moves one clause or one phrase.
"""

from __future__ import annotations

from workers.claims.grammar.noun import RELATIVE, SUBJECTS
from workers.claims.grammar.retagging import retag
from workers.claims.grammar.roots import reduce, reunite
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.trailing import mend_trailing
from workers.claims.grammar.words import word_set

CITING = frozenset({"citing", "quoting"})
NEAR = 8
"""tokens between a verb of saying and ", citing": "reported late on Monday night, citing" """
QUOTES = frozenset({'"', "''", "``", "“", "”"})
CLOSING = frozenset({"”", "''", '"', "»"})
FINITE = frozenset({"VBD", "VBZ", "VBP"})


def mend(doc: Doc) -> None:
    """Hangs what is known to be hung wrongly where it belongs."""
    retag(doc)
    mend_trailing(doc)
    for token in doc:
        if token.lower_ in CITING:
            _interposed(token)
        elif token.lower_ == "according" and token.i and doc[token.i - 1].text == ",":
            _according(token)
        elif token.text in CLOSING and token.i and doc[token.i - 1].text == ",":
            reunite(token)
        elif token.dep_ == "parataxis":
            _asked(token)
            _quoted(token)
            _resumed(token)
        elif token.dep_ == "relcl":
            _said_of(token)
        elif token.dep_ in {"conj", "ccomp"} and token.tag_ in FINITE:
            _uncoordinated(token)
            _retensed(token)
        elif token.dep_ == "ROOT" and token.pos_ in {"NOUN", "PROPN"}:
            _apposed(token)
        elif token.dep_ == "ROOT" and token.tag_ in {"VBD", "VBN"}:
            reduce(token)
        elif token.dep_ in {"aux", "auxpass"} and token.head.pos_ in {"ADV", "ADJ"}:
            _helping(token)
        elif token.dep_ == "mark" and token.lower_ == "that":
            _parted(token)
            _joined(token)
            _remarked(token)


def _helping(auxiliary: Token) -> None:
    """ "has at last been solved": it helps the verb, not the words between."""
    verb = auxiliary.head.head
    if auxiliary.i < auxiliary.head.i < verb.i and verb.pos_ == "VERB" and auxiliary.head.dep_ == "advmod":
        auxiliary.doc.hang(auxiliary, verb)


def _interposed(citing: Token) -> None:
    """ "reported on Monday, citing two people, that P": P is what was reported, and the people are the report's."""
    doc, sentence = citing.doc, citing.sent
    end = sentence.end
    that = next((i for i in range(citing.i + 1, end - 1) if doc[i].text == "," and doc[i + 1].lower_ == "that"), None)
    if citing.i < 2 or doc[citing.i - 1].text != "," or that is None:
        return
    near = range(citing.i - 2, max(sentence.start, citing.i - NEAR) - 1, -1)
    verb = next((doc[i] for i in near if doc[i].lemma_.lower() in word_set("attribution.say")), None)
    content = _head_of(doc, that + 2, end)
    if verb is None or verb.pos_ != "VERB" or content is None or citing.is_ancestor(verb):
        return
    if content.is_ancestor(verb) and not _unfold(verb, content):
        return
    doc.hang(citing, verb)
    citing.dep_ = "advcl"
    doc.hang(content, verb)
    content.dep_ = "ccomp"
    doc.hang(doc[that + 1], content)
    doc[that + 1].dep_ = "mark"


def _unfold(verb: Token, content: Token) -> bool:
    """ "The magazine X reported …, that P", read as "the magazine that X reported … P": the report is the sentence."""
    noun = verb.head
    if verb.dep_ != "relcl" or noun.head is not content or noun.dep_ not in SUBJECTS or content.dep_ != "ROOT":
        return False
    doc, who = verb.doc, next((part for part in verb.lefts if part.dep_ in SUBJECTS), None)
    doc.hang(verb, verb)
    verb.dep_ = "ROOT"
    doc.hang(noun, who if who is not None else verb)
    noun.dep_ = "compound" if who is not None else "nsubj"
    return True


def _head_of(doc: Doc, start: int, end: int) -> Token | None:
    """The verb of the clause that stands between two places: the one that hangs on nothing inside."""
    outside = (doc[i] for i in range(start, end) if not start <= doc[i].head.i < end or doc[i].head is doc[i])
    return next((token for token in outside if token.pos_ in {"VERB", "AUX"}), None)


def _according(token: Token) -> None:
    """ "P while Q, according to X" is about P; "according to X who has seen it and was told" about what goes before."""
    doc, verb = token.doc, token.head
    if (
        verb.i > token.i
        and verb.dep_ in {"conj", "ccomp"}
        and verb.head.i < token.i
        and verb.head.pos_ in {"VERB", "AUX"}
    ):
        joined = next((part for part in token.subtree if part.dep_ == "relcl" and part.i < verb.i), None)
        if verb.dep_ == "conj" or joined is not None:
            doc.hang(token, verb.head)
        if joined is not None:
            doc.hang(verb, joined)
            verb.dep_ = "conj"
        return
    last = token.right_edge.i + 1
    closes = last >= len(doc) or doc[last].text in {".", ";", "”", "''", '"'} or doc[last].is_sent_start
    above = verb
    while above.dep_ in {"conj", "advcl"} and above.head.i < above.i and above.head.pos_ in {"VERB", "AUX"}:
        above = above.head
    if closes and above is not verb and verb.i < token.i:
        doc.hang(token, above)


def _resumed(said: Token) -> None:
    """ "A plan will come, she said, in which P": what goes on behind the tail goes on with the plan."""
    doc = said.doc
    if said.lemma_.lower() not in word_set("attribution.say") or said.head.i > said.i:
        return
    content = next((part for part in said.rights if part.dep_ == "ccomp" and part.pos_ in {"VERB", "AUX"}), None)
    about = next((part for part in said.head.children if part.dep_ in SUBJECTS), None)
    if content is None or about is None or about.i > said.i:
        return
    first = content.left_edge.i
    relative = doc[first].tag_ in RELATIVE or (doc[first].tag_ == "IN" and doc[first + 1].tag_ in RELATIVE)
    if relative and doc[first - 1].text == ",":
        doc.hang(content, about)
        content.dep_ = "relcl"


def _said_of(say: Token) -> None:
    """ "which they say left a gap": the pronoun is the subject of what is said."""
    subjects = [part for part in say.lefts if part.dep_ in SUBJECTS]
    content = next((part for part in say.rights if part.dep_ in {"xcomp", "ccomp"} and part.tag_ in FINITE), None)
    if say.lemma_.lower() not in word_set("attribution.say") or len(subjects) != 2 or content is None:
        return
    if subjects[0].tag_ in RELATIVE and not any(part.dep_ in SUBJECTS for part in content.children):
        say.doc.hang(subjects[0], content)
        content.dep_ = "ccomp"


def _asked(said: Token) -> None:
    """ "Asked whether P, she said …", read as an asking beside which she said it: the saying is the sentence."""
    asked = said.head
    first = asked.dep_ == "ROOT" and asked.tag_ == "VBN" and asked.is_sent_start
    who = next((part for part in said.lefts if part.dep_ in SUBJECTS), None)
    if not first or who is None or asked.lemma_.lower() not in word_set("commentary.asked") or said.i < asked.i:
        return
    doc = said.doc
    doc.hang(said, said)
    said.dep_ = "ROOT"
    doc.hang(asked, said)
    asked.dep_ = "advcl"


def _quoted(said: Token) -> None:
    """ "“They told us that P,” she said", where her saying was hung on P: she says all that is quoted."""
    doc, closing = said.doc, said.left_edge.i - 1
    if said.lemma_.lower() not in word_set("attribution.say") or closing < 1 or doc[closing].text not in QUOTES:
        return
    opening = next((i for i in range(closing - 1, said.sent.start - 1, -1) if doc[i].text in QUOTES), closing)
    above = said.head
    while opening < above.head.i < above.i:
        above = above.head
    if above is not said.head and above.pos_ in {"VERB", "AUX"}:
        doc.hang(said, above)


def _parted(that: Token) -> None:
    """ "told them last week, during the talks, that P", read as "P, they told them", or as P's circumstance."""
    doc, content = that.doc, that.head
    said = next((part for part in content.lefts if part.dep_ == "ccomp" and part.i < that.i), None)
    if said is None and content.dep_ == "advcl" and content.head.i < that.i:
        said = content.head
    telling = word_set("attribution.say") | word_set("attribution.tell")
    if said is None or said.lemma_.lower() not in telling or doc[that.i - 1].text != ",":
        return
    if said is not content.head:
        doc.hang(said, said if content.head is content else content.head)
        said.dep_ = content.dep_
    for part in list(content.lefts):
        if part.i < that.i and part is not said:
            doc.hang(part, said)
    doc.hang(content, said)
    content.dep_ = "ccomp"


def shown(root: Token) -> Token:
    """ "documents obtained by the Echo show", whose verb the parser took for who obtained them, as a sentence."""
    verb = next((part for part in root.subtree if part.lower_ == "show" and part.tag_ == "VBP"), None)
    if verb is None or verb.dep_ != "pobj":
        return root
    doc, by, name = root.doc, verb.head, next((part for part in reversed(verb.lefts) if part.dep_ == "compound"), None)
    rest = [part for part in verb.lefts if part is not name]
    doc.hang(verb, verb)
    verb.dep_ = "ROOT"
    doc.hang(root, verb)
    root.dep_ = "nsubj"
    if name is not None:
        doc.hang(name, by)
        name.dep_ = "pobj"
        for part in rest:
            doc.hang(part, name)
    return verb


def _uncoordinated(verb: Token) -> None:
    """ "missing after a bridge collapsed", "understands four stars have clauses": nothing joins them."""
    doc, above = verb.doc, verb.head
    before = next((part for part in reversed(above.rights) if part.dep_ == "conj" and part.i < verb.i), above)
    near = (*above.rights, *before.rights, *verb.lefts)
    joins = any(part.dep_ == "cc" and before.i < part.i < verb.i for part in near)
    if (
        joins
        or verb.i < above.i
        or above.pos_ not in {"VERB", "AUX"}
        or any(part.dep_ in SUBJECTS for part in verb.lefts)
    ):
        return
    thing = next((part for part in before.rights if part.dep_ == "dobj"), None)
    edge = next((part.i for part in verb.lefts if part.dep_ not in {"punct", "advmod"}), verb.i) - 1
    if thing is not None and before.lemma_.lower() in word_set("attribution.say") | word_set("attribution.think"):
        if thing.right_edge.i < edge or thing.left_edge.i != before.i + 1:
            return
        doc.hang(thing, verb)
        thing.dep_ = "nsubj"
        doc.hang(verb, before)
        verb.dep_ = "ccomp"
        return
    if _resubjected(verb, doc[edge], above):
        return
    noun = next((part for part in (doc[edge], *doc[edge].ancestors) if part.dep_ == "pobj" and _opens(part.head)), None)
    if noun is None or noun.right_edge.i != edge or noun.head.i < before.i:
        return
    opening = noun.head
    doc.hang(verb, opening.head)
    verb.dep_ = "advcl"
    doc.hang(opening, verb)
    opening.dep_ = "mark"
    doc.hang(noun, verb)
    noun.dep_ = "nsubj"


def _resubjected(verb: Token, before: Token, above: Token) -> bool:
    """ "respect for the army and his remark was", read as respect for both: what precedes a verb is its subject."""
    doc = verb.doc
    noun = next((part for part in (before, *before.ancestors) if part.dep_ == "conj" and part.i > above.i), None)
    if noun is None or noun.right_edge.i != before.i or noun.pos_ not in {"NOUN", "PROPN", "PRON"}:
        return False
    joiner = next((part for part in noun.head.rights if part.dep_ == "cc" and part.i == noun.left_edge.i - 1), None)
    if joiner is None or noun.head.pos_ == "VERB":
        return False
    doc.hang(noun, verb)
    noun.dep_ = "nsubj"
    doc.hang(joiner, above)
    if verb.dep_ != "conj":
        content = next((part for part in above.rights if part.dep_ == "ccomp" and part.i < verb.i), None)
        if content is not None:
            doc.hang(verb, content)
            doc.hang(joiner, content)
            verb.dep_ = "conj"
    return True


def _opens(preposition: Token) -> bool:
    """A word that opens a clause as well as a phrase: "after the bridge collapsed"."""
    return preposition.dep_ == "prep" and preposition.lower_ in {"after", "before", "since", "until", "as"}


def _retensed(verb: Token) -> None:
    """ "said he believes she was born there and was fit": a past beside a past, not beside the present above it."""
    above = verb.head
    if verb.dep_ != "conj" or above.tag_ not in {"VBZ", "VBP"} or verb.tag_ != "VBD" or above.dep_ != "ccomp":
        return
    content = next((part for part in reversed(above.rights) if part.dep_ == "ccomp" and part.i < verb.i), None)
    if content is None or any(part.dep_ in SUBJECTS for part in verb.lefts):
        return
    if content.tag_ == "VBD" or any(part.tag_ == "VBD" for part in content.lefts if part.dep_ in {"aux", "auxpass"}):
        verb.doc.hang(verb, content)


def _apposed(noun: Token) -> None:
    """ "The minister, Ada Lund, accused X of P", read as a minister accused: a past with an object is the sentence."""
    verb = next((part for part in noun.rights if part.dep_ in {"acl", "relcl"} and part.tag_ == "VBD"), None)
    if verb is None or any(part.dep_ in SUBJECTS for part in verb.lefts) or noun.doc[verb.i - 1].text != ",":
        return
    if not any(part.dep_ in {"dobj", "ccomp"} for part in verb.rights):
        return
    doc = noun.doc
    behind = [part for part in noun.rights if part.i > verb.i]
    doc.hang(verb, verb)
    verb.dep_ = "ROOT"
    for part in (noun, *behind):
        doc.hang(part, verb)
    noun.dep_ = "nsubj"


def _joined(that: Token) -> None:
    """ "said that P, not Q, and that R", "said that P of the talk that Q, and that R": R stands beside P."""
    doc, content = that.doc, that.head
    if content.dep_ != "conj" or doc[that.i - 1].dep_ != "cc":
        return
    set_off = doc[that.i - 2].text == ","
    inner = content.head if set_off and content.head.dep_ in {"acl", "relcl"} else None
    told = (above for above in content.ancestors if any(part.lower_ == "that" for part in above.lefts))
    first = next((above for above in told if above is not inner), None)
    if first is not None and first is not content.head and first.i < content.i:
        doc.hang(doc[that.i - 1], first)
        doc.hang(content, first)


def _remarked(that: Token) -> None:
    """ "…, contradicting remarks by the minister that P": P is what the minister remarked, not the speaker."""
    doc, content = that.doc, that.head
    before = doc[that.i - 1]
    if content.dep_ != "ccomp" or content.head.i > that.i or before.is_punct or before.dep_ == "cc":
        return
    inside = (token for token in before.ancestors if content.head.i < token.i)
    noun = next((token for token in inside if token.lemma_.lower() in word_set("attribution.thing_said")), None)
    if noun is not None and any(part.lower_ in {"by", "from", "of"} for part in noun.rights):
        doc.hang(content, noun)
        content.dep_ = "acl"
