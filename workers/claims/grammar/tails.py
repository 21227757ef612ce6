"""Frames of speech at the end of a sentence, told by tags before the parse: "…, the ministry said on Monday, urging …".

The small parser often takes such a tail for the clause's own verb, and so loses who says so and who acts. Parsed as a
sentence of its own, each part comes out right; afterwards the tail hangs on what it follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.claims.grammar.cues import NOMINAL, cue_on_top, cues, forms, right_subject
from workers.claims.grammar.intervals import WEEKDAYS
from workers.claims.grammar.mending import shown
from workers.claims.grammar.roots import OPENING, raise_preposition, verb_of
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.wording import third_person
from workers.claims.grammar.words import word_set

FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
PHRASE = NOMINAL | {"PRP$", "JJR", "JJS", "POS", "IN", "TO", "CC", "HYPH", "VBG", "VBN", "RB", "RBS", "$"}
PHRASE |= {"``", "''", "-LRB-", "-RRB-"}
"""tags inside of who speaks: "two people briefed on the talks", "the union's shop steward" """
LONGEST = 400
"""tokens; a longer "sentence" is a table or a list without stops: no clauses are read from it"""
WHO_SPEAKS = 22
"""tokens; a longer one is no tail"""
AFTERWARDS = frozenset({"VBG", "WP", "WDT", "WRB", "WP$", "IN", "CC", "RB", "TO", "VBN"})
"""tags with which a tail goes on behind a comma"""
SUBORDINATE = frozenset(
    {"when", "if", "after", "while", "although", "though", "as", "because", "since", "before", "once"}
)
ASKED = frozenset({"asked", "asks", "demanded", "demands", "urged", "urges"})
"""behind a quotation these too say whose words it is"""
SAID = frozenset({"said", "added", "wrote"})
"""behind a comma and before a preposition these are verbs: "its chairman, Karl Moe, said in an interview" """
COUNTED = frozenset({"none", "both", "all", "some", "most", "one", "two", "three", "half"})
"""with "of them": what a tail is followed by"""
HELPING = frozenset({"has", "have", "had", "was", "is", "were", "are"})
PASSIVE = frozenset({"was", "is", "were", "are"})
SPEAKERS = frozenset({"he", "she", "they", "one", "another"})
CLOSING = frozenset({"”", "''", "’", '"', "»"})
QUOTES = CLOSING | OPENING
ENDS = frozenset({".", "?", "!", ";", ":", "…", "—", "–"})
TEMPORAL = frozenset(WEEKDAYS) | frozenset(
    ("today", "yesterday", "tonight", "tomorrow", "this", "last", "late", "early", "earlier", "later", "then", "again")
)


def cut(doc: Doc) -> list[int]:
    """Makes a tail, what follows it, and what follows a semicolon, sentences of the parse to come; where they begin.

    Needs tags, no parse.
    """
    found: list[int] = []
    start = done = 0
    for token in doc:
        i = token.i
        start = i if token.is_sent_start else start
        if token.tag_ == "." or (token.is_space and "\n" in token.text):
            start = i + 1
        elif i < done:
            continue
        elif token.text == ";" and _has_finite(doc, start, i) and stands_alone(doc, i + 1, lax=i == done):
            found.append(i + 1)
            start = i + 1
        elif (end := _end_of_tail(doc, start, i)) is not None:
            found.append(i + 1)
            if _begins_anew(doc, end):
                found.append(end + 1)
            start, done = i + 1, end
            for inside in range(i + 2, min(end, len(doc))):
                doc[inside].is_sent_start = False
    for at in found:
        doc[at].is_sent_start = True
    return found


def _begins_anew(doc: Doc, comma: int) -> bool:
    """ "…, she said, and left", "…, the hospital said, which makes it six": not the speaker's, but the sentence's; nor
    "…, the hospital said: two of them are children", which goes on with what was said."""
    if comma + 1 < len(doc) and doc[comma].text == ":":
        return doc[comma + 1].text not in QUOTES
    if comma + 1 >= len(doc) or doc[comma].text != ",":
        return False
    return doc[comma + 1].tag_ == "CC" or (doc[comma + 1].lower_ == "which" and doc[comma - 1].lower_ in cues())


def _end_of_tail(doc: Doc, start: int, mark: int) -> int | None:
    """Where the tail behind a comma or a closing quotation mark ends; none if no tail begins there."""
    text = doc[mark].text
    quoted = text in CLOSING and mark > 0 and doc[mark - 1].text in {",", "?", "!", "—", "–", "…"}
    if not quoted and text not in {",", "—", "–"}:
        return None
    return _tail(doc, start, mark + 1, quoted=quoted)


def rejoin(doc: Doc, found: list[int]) -> None:
    """Hangs every tail, and what follows it, on the sentence before."""
    for at in found:
        if at >= len(doc) or at == 0 or not doc[at].is_sent_start:
            continue
        before, behind = doc[at - 1].sent, doc[at].sent
        if len(before) + len(behind) > LONGEST:
            continue
        main, tail = verb_of(before.root), cue_on_top(shown(behind.root), behind[-1])
        right_subject(tail)
        colon = doc[at - 1].text == ":"
        if colon and not _has_finite(doc, at, behind[-1].i + 1):
            main = doc[at - 1].head  # "…, she said: four of ours": about what was said
        doc.hang(tail, main)
        tail.dep_ = "conj" if colon else {"CC": "conj", "WDT": "relcl"}.get(doc[at].tag_, "parataxis")
    for token in doc:
        if token.lower_ == "per" and token.i and doc[token.i - 1].text in {",", "—", "–", "as"}:
            raise_preposition(token)


def ends_sentence(token: Token) -> bool:
    """Whether no sentence goes on behind a token (a stop), or none came to it (a first one)."""
    return token.tag_ == "." or bool(token.is_sent_start) or (token.is_space and "\n" in token.text)


def _has_finite(doc: Doc, start: int, end: int) -> bool:
    return any(doc[i].tag_ in FINITE for i in range(start, end))


def stands_alone(doc: Doc, at: int, *, lax: bool = False) -> bool:
    """Whether a clause of its own begins here; `lax` asks for a finite verb alone."""
    if lax:
        return _has_finite(doc, at, _end(doc, at))
    first = next((i for i in range(at, len(doc)) if doc[i].tag_ not in {"RB", "CC", ",", "``"}), len(doc))
    i = first
    while i < len(doc) and (doc[i].tag_ in PHRASE or doc[i].tag_ == "VB") and i - first < WHO_SPEAKS:
        i += 1
    return first < i < len(doc) and doc[first].tag_ in NOMINAL | {"PRP$", "EX"} and doc[i].tag_ in FINITE


def _tail(doc: Doc, start: int, at: int, *, quoted: bool) -> int | None:
    if at >= len(doc) or not (quoted or _has_finite(doc, start, at)):
        return None
    if not quoted and doc[start].lower_ in SUBORDINATE and not any(doc[i].text == "," for i in range(start, at - 1)):
        return None
    cue = _cue_after_source(doc, at, quoted=quoted)
    return _rest(doc, cue) if cue is not None else _inverted(doc, at, quoted=quoted)


def _cue_after_source(doc: Doc, at: int, *, quoted: bool) -> int | None:
    """The cue behind a noun phrase that begins at `at`; none if something else comes."""
    if doc[at].tag_ not in NOMINAL | {"PRP$", "``", "$", "JJR", "JJS", "RB"}:
        return None
    nominal = False
    commas: list[int] = []
    i = at
    while i < len(doc) and i - at < WHO_SPEAKS:
        token = doc[i]
        if token.tag_ == "NNS" and nominal and _is_verb_after_all(token):
            token.tag_ = "VBZ"
        elif token.lower_ == "show" and nominal and _is_shown(doc, at, i):
            token.tag_ = "VBP"
        if (
            token.tag_ in FINITE | {"VBN"}
            and nominal
            and not _is_aside(token)
            and (cue := _cue(doc, i, quoted=quoted)) is not None
        ):
            return None if _begins_later(doc, commas, i) else cue
        if ends_sentence(token) or token.text in CLOSING - {"’"} or (token.tag_ in FINITE and not _is_aside(token)):
            return None
        if token.text == ",":
            relative = i + 1 < len(doc) and doc[i + 1].tag_ in {"WP", "WDT", "WP$"}
            if not relative:
                commas.append(i)
            else:
                i = next((k for k in range(i + 2, min(i + WHO_SPEAKS, len(doc))) if doc[k].text == ","), len(doc))
        elif token.tag_ not in PHRASE | {"VBD"} and not (token.tag_ == "VB" and doc[i - 1].tag_ == "TO"):
            return None
        nominal = nominal or _can_speak(token)
        i += 1
    return None


def _begins_later(doc: Doc, commas: list[int], cue: int) -> bool:
    """ "…, both belonging to Acme, Lund said": who speaks stands behind the last comma; "his aide, Karl Moe, said"."""
    if doc[cue - 1].text == ",":
        return len(commas) > 2
    return bool(commas) and all(doc[i].tag_ != "CC" for i in range(commas[-1], cue))


def _is_verb_after_all(token: Token) -> bool:
    """ "a filing shows": a verb that the tagger took for a plural."""
    doc, i = token.doc, token.i
    ends = i + 1 >= len(doc) or doc[i + 1].text == "," or doc[i + 1].text in ENDS
    return (
        ends
        and doc[i - 1].tag_ == "NN"
        and token.lower_ in {third_person(lemma) for lemma in word_set("attribution.say")}
    )


def _is_shown(doc: Doc, at: int, i: int) -> bool:
    """ "documents obtained by the Echo show": a verb that the tagger took for a part of the name before it."""
    ends = i + 1 >= len(doc) or doc[i + 1].text in ENDS or doc[i + 1].text == ","
    heard = any(token.tag_ == "VBN" for token in doc[at:i])
    return ends and heard and doc[i - 1].tag_ in {"NNP", "NNPS"}


def _is_aside(token: Token) -> bool:
    """ "a voice, believed to be hers": a participle that the tagger took for a past tense."""
    doc, i = token.doc, token.i
    after = doc[i + 1].tag_ if token.tag_ == "VBD" and doc[i - 1].text == "," and i + 1 < len(doc) else ""
    return after == "TO" or (after == "IN" and token.lower_ not in SAID)


def _can_speak(token: Token) -> bool:
    if token.tag_ == "VBG":  # "a filing"
        return token.i > 0 and token.doc[token.i - 1].tag_ in {"DT", "PRP$", "JJ"}
    return token.tag_ in {"NN", "NNS", "NNP", "NNPS", "PRP", "CD"} or token.lower_ in {"some", "many"}


def _cue(doc: Doc, i: int, *, quoted: bool) -> int | None:
    """A cue at `i`, or behind the auxiliaries that begin there: "has said", "is quoted as saying"."""
    at = i
    while at < len(doc) and at - i < 3 and doc[at].lower_ in HELPING | {"also", "later", "now"}:
        at += 1
    if at >= len(doc) or doc[at].tag_ not in {"VBD", "VBZ", "VBP", "VBN"}:
        return None
    word = doc[at].lower_
    if any(doc[k].lower_ in PASSIVE for k in range(i, at)):
        saying = [doc[k].lower_ for k in range(at, min(at + 3, len(doc)))]
        return (
            at + 2 if saying[:1] in (["quoted"], ["cited"], ["reported"]) and saying[1:] == ["as", "saying"] else None
        )
    if doc[at].tag_ == "VBN" and at == i and word not in {"said", "told", "added"} and not _closes(doc, at):
        return None  # "a voice, believed to be hers"
    return at if word in cues() or (quoted and word in ASKED) else None


def _closes(doc: Doc, at: int) -> bool:
    """ "one of those present recalled.": a past tense that the tagger took for a participle."""
    ends = at + 1 >= len(doc) or ends_sentence(doc[at + 1]) or doc[at + 1].text in ENDS
    return ends and doc[at - 1].tag_ in {"NN", "NNS", "NNP", "NNPS", "PRP", "JJ"}


def _rest(doc: Doc, cue: int) -> int | None:
    """Where the tail ends, if nothing that could be the cue's content stands behind it."""
    at = cue + 1
    tells = doc[cue].lower_ in forms("tell")
    if not tells and not _may_follow(doc, at):
        return None
    for i in _until_end(doc, at):
        token = doc[i]
        if token.text == ",":
            after = doc[i + 1] if i + 1 < len(doc) else None
            goes_on = after is None or after.tag_ in AFTERWARDS or after.text in QUOTES or _counts_them(after)
            return i if goes_on and (after is None or after.lower_ != "that") else None
        if token.tag_ in {"WRB", "WP", "WDT"} or token.lower_ in SUBORDINATE:
            return i if i > at or not tells else None
        if token.text in {"“", "``"} and doc[i - 1].tag_ not in {"POS", "IN", "NNP", "DT"}:
            return None  # what was said comes; not the name of a programme
        if token.tag_ in FINITE or token.lower_ in {"that", "whether", "if"}:
            return None
    return _end(doc, at)


def _counts_them(token: Token) -> bool:
    """ "…, she said, none of them new": about what was said."""
    after = token.doc[token.i + 1 : token.i + 3]
    return token.lower_ in COUNTED and [part.lower_ for part in after] in (["of", "them"], ["of", "which"])


def _end(doc: Doc, at: int) -> int:
    return at + sum(1 for _ in _until_end(doc, at))


def _until_end(doc: Doc, at: int) -> Iterator[int]:
    for i in range(at, len(doc)):
        if doc[i].text in ENDS or ends_sentence(doc[i]):
            return
        yield i


def _may_follow(doc: Doc, at: int) -> bool:
    """What can stand behind "said" that is not what was said: a time, a place, a comma, the end."""
    if at >= len(doc):
        return True
    token = doc[at]
    if token.text in ENDS or token.text == "," or ends_sentence(token) or token.text in CLOSING:
        return True
    return token.lower_ in TEMPORAL or (token.tag_ in {"IN", "TO", "RB", "VBG", "WRB"} and token.lower_ != "that")


def _inverted(doc: Doc, at: int, *, quoted: bool) -> int | None:
    """Where "said Karl Moe of the union" ends; behind a quotation other verbs of saying stand so too."""
    if doc[at].tag_ not in {"VBD", "VBZ", "VBN"} or at + 1 >= len(doc):
        return None
    if doc[at].lower_ not in (forms("say") if quoted else {"said", "says"}):
        return None
    if doc[at + 1].tag_ not in {"NNP", "PRP", "DT", "NN", "NNS", "JJ", "CD", "PRP$", "NNPS"}:
        return None
    if doc[at + 1].lower_ in TEMPORAL:
        return None  # "Ada Lund, said Thursday": when, and not who
    named = False
    for i in _until_end(doc, at + 1):
        token = doc[i]
        if token.text == "," or token.tag_ in {"WP", "WDT", "WRB"}:
            return i if named or quoted else None
        named = named or token.tag_ in {"NNP", "NNPS"} or token.lower_ in SPEAKERS | word_set("nouns.role")
        if token.tag_ in FINITE or token.lower_ == "that":
            return None
    return _end(doc, at + 1) if named or quoted else None
