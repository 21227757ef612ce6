"""Polarity, modality and figures of a predicate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from service.contract.data import Modality, Polarity, Quantity
from workers.claims.grammar.intervals import MONTHS
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import auxiliaries, child, has_no, lent, negated, says
from workers.claims.grammar.syntax import CALENDAR
from workers.claims.grammar.words import REMEMBERED, word_map, word_set
from workers.claims.reading.draft import Draft
from workers.claims.reading.lost import not_one
from workers.claims.reading.verdicts import calls_false

DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$")
YEAR = re.compile(r"(?:1[6-9]|20)\d\d$")


def polarity(draft: Draft) -> Polarity:
    """Denied when the clause says that something is not so, or that somebody denies it."""
    if draft.belied is not None and draft.denied is draft.belied.head and polarity(draft.belied) == "denied":
        return "affirmed"  # what is not so is called untrue
    if draft.denied is not None or draft.no_comment:
        return "denied"
    head = draft.head
    if calls_false(head):
        return "denied"
    objects = [token for token in head.children if token.dep_ in {"dobj", "attr", "nsubj", "nsubjpass"}]
    nothing = any(
        (has_no(token) and token.lemma_.lower() not in word_set("marks.doubt")) or not_one(token) for token in objects
    )
    return "denied" if negated(head) or nothing else "affirmed"


def modality(draft: Draft) -> Modality:
    """How the clause stands to fact; asserted when nothing marks it."""
    if draft.no_comment:
        return "unconfirmed"
    head = draft.head
    if _conditional(head):
        return "conditional"
    modals = {token.lower_ for token in (*head.lefts, *auxiliaries(head), *lent(head)) if token.tag_ == "MD"}
    if draft.form == "participle" and draft.context.tense is not None and head.tag_ == "VBG" and not modals:
        # "could gain while losing": what hangs on a possibility is one
        modals = {token.lower_ for token in draft.context.tense.lefts if token.tag_ == "MD"}
    adverbs = {token.lower_ for token in head.children if token.dep_ == "advmod"}
    for words, name in (("demanded_modal", "demanded"), ("possible_modal", "possible"), ("expected_modal", "expected")):
        if modals & word_set(f"marks.{words}"):
            return name  # type: ignore[return-value]
    if draft.context.modality is not None:
        return draft.context.modality  # type: ignore[return-value]
    if adverbs & word_set("marks.possible_adverb"):
        return "possible"
    if adverbs & word_set("attribution.hearsay_adverb") or any(speech.hearsay for speech in draft.context.speech):
        return "reported"
    return "expected" if _planned(head) else "asserted"


def _conditional(head: Token) -> bool:
    for token in head.children:
        if token.dep_ == "advcl" and any(
            part.dep_ == "mark" and part.lower_ in {"if", "unless", "provided"} for part in token.lefts
        ):
            return True
    return any(part.dep_ == "mark" and part.lower_ in {"if", "unless"} for part in head.lefts)


def _planned(head: Token) -> bool:
    inner = child(head, "xcomp")
    said = child(head, "acomp")
    if said is not None and said.lower_ in {"likely", "due", "set", "bound", "poised"}:
        return True
    return inner is not None and head.lemma_.lower() in word_set("marks.expected_head")


def quantities(tokens: Sequence[Token]) -> tuple[Quantity, ...]:
    """Figures with what they count, in the order of the text; times and ordinals are none."""
    found: list[Quantity] = []
    inside = {token.i for token in tokens}
    done: set[int] = set()
    for token in tokens:
        if token.i in done or not _is_number(token) or _is_time(token, inside) or _labels(token):
            continue
        run = _run(token, inside)
        done |= {part.i for part in run}
        value = _value(run)
        if value is None:
            continue
        unit, tail = _unit(run, inside)
        words = [*_bounds(run[0], inside), *run, *tail]
        found.append(Quantity(text=_text(words), value=value, unit=unit))
    return tuple(found)


def _is_number(token: Token) -> bool:
    return _counts(token.lower_) or (token.lower_ == "one" and token.dep_ == "nummod")


@lru_cache(maxsize=REMEMBERED)
def _counts(lowered: str) -> bool:
    """Whether a word is a number wherever it stands."""
    if ORDINAL.match(lowered) or lowered in {"one", "a", "m", "b", "k"}:
        return False
    numeric = lowered.replace("-", " ").split()
    return bool(DIGITS.match(lowered)) or (
        bool(numeric)
        and all(part in word_map("marks.number") or part in word_map("marks.magnitude") for part in numeric)
    )


def _is_number_word(token: Token) -> bool:
    return _is_number(token) and not DIGITS.match(token.text)


def _labels(token: Token) -> bool:
    """A number that names instead of counting: plant 4, Flight 302."""
    return token.dep_ == "nummod" and token.i == token.head.i + 1 and token.head.pos_ in {"NOUN", "PROPN"}


def _is_time(token: Token, inside: set[int]) -> bool:
    doc = token.doc
    after = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if (token.i and _is_month(doc[token.i - 1])) or (after is not None and _is_month(after) and not _dated(after)):
        return True
    if token.dep_ == "nummod" and token.head.lemma_.lower() in word_set("marks.time_unit"):
        return any(
            other.lower_ in {"ago", "earlier", "later", "before", "after", "for", "old"} for other in token.head.subtree
        ) or token.head.dep_ in {"npadvmod", "pobj"}
    if after is not None and (
        after.lemma_.lower() in word_set("marks.time_unit") or after.lower_ in word_set("marks.time_unit")
    ):
        return True
    before = doc[token.i - 1].lower_ if token.i else ""
    if not YEAR.match(token.text):
        return False
    if token.dep_ == "nummod" and (_is_month(token.head) or (token.head.tag_ == "NN" and token.head.i > token.i)):
        return True  # "a 1970 crash": of one thing there are not as many
    return (
        before in {"in", "since", "by", "from", "until", "of", "early", "late", "mid", "-", "and", "to", "during", ","}
        and token.dep_ != "nummod"
    )


def _is_month(token: Token) -> bool:
    return token.lower_.rstrip(".") in MONTHS and token.text[:1].isupper()


def _dated(month: Token) -> bool:
    """Whether its day stands behind it: "kills 40 Feb. 22"."""
    after = month.doc[month.i + 1] if month.i + 1 < len(month.doc) else None
    return after is not None and bool(DIGITS.match(after.text)) and not YEAR.match(after.text)


def _run(token: Token, inside: set[int]) -> list[Token]:
    run, doc = [token], token.doc
    i = token.i + 1
    while (
        i < len(doc)
        and i in inside
        and (
            _is_number_word(doc[i])
            or doc[i].lower_ in word_map("marks.magnitude")
            or (doc[i].text == "-" and i + 1 < len(doc) and _is_number_word(doc[i + 1]))
        )
    ):
        run.append(doc[i])
        i += 1
    return run


def _value(run: list[Token]) -> float | None:
    """The number that a run of tokens stands for: "3.5 million", "twenty-two", "4bn"."""
    total, current, seen = 0.0, 0.0, False
    numbers, magnitudes = word_map("marks.number"), word_map("marks.magnitude")
    for token in run:
        for part in token.lower_.replace("-", " ").split():
            match = DIGITS.match(part)
            if match:
                current, seen = current + float(match.group().replace(",", "")), True
                part = part[match.end() :]
            if part in numbers and part != "dozen":
                current, seen = current + numbers[part], True
            elif part in magnitudes:
                current, seen = (current or 1.0) * magnitudes[part], True
                if magnitudes[part] >= 1000:
                    total, current = total + current, 0.0
    return round(total + current, 6) if seen else None


def _unit(run: list[Token], inside: set[int]) -> tuple[str | None, list[Token]]:
    doc, first, last = run[0].doc, run[0], run[-1]
    before = doc[first.i - 1] if first.i else None
    after = doc[last.i + 1] if last.i + 1 < len(doc) else None
    if before is not None and before.text in word_set("marks.currency"):
        return before.text, []
    if after is not None and after.text in {"%", "percent", "per"}:
        return "%", [after] if after.text != "per" else [after, doc[min(after.i + 1, len(doc) - 1)]]
    partitive = child(last, "prep")
    if partitive is not None and partitive.lower_ == "of" and (whole := child(partitive, "pobj")) is not None:
        return whole.lemma_.lower(), []
    counted = next(
        (token.head for token in reversed(run) if token.dep_ == "nummod" and token.head.pos_ in {"NOUN", "PROPN"}), None
    )
    if counted is not None and counted.lower_.rstrip(".") in CALENDAR:
        return None, []  # "injured 600 Wednesday"
    if counted is not None and counted.i in inside and counted.i > last.i:
        return counted.lemma_.lower(), [doc[i] for i in range(last.i + 1, counted.i + 1) if i - last.i <= 5]
    governor = last.head.head if last.dep_ == "pobj" else last.head
    measured = next(
        (token for token in governor.children if token.dep_ in {"nsubj", "nsubjpass"} and token is not last), None
    )
    counts = measured is not None and measured.pos_ == "NOUN" and not says(governor)
    return (measured.lemma_.lower() if measured is not None and counts else None), []


def _bounds(first: Token, inside: set[int]) -> list[Token]:
    doc, i = first.doc, first.i - 1
    found: list[Token] = []
    while (
        i in inside
        and i >= first.i - 3
        and (doc[i].lower_ in word_set("marks.bound") - {"to", "an"} or doc[i].text in word_set("marks.currency"))
    ):
        found.insert(0, doc[i])
        i -= 1
    return found


def _text(words: Iterable[Token]) -> str:
    return " ".join("".join(token.text_with_ws for token in words).split())
