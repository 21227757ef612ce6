"""Forms of English words: tenses, possessives, articles, the shape of a sentence."""

from __future__ import annotations

import re

from workers.claims.grammar.words import word_map, word_set

DETERMINED = frozenset({"the", "a", "an", "this", "that", "its", "his", "her", "their", "our", "my", "whose"})


def definite(name: str) -> str:
    """ "the Postal Union", "the Transport Ministry"; other names stand alone."""
    first = name.split(" of ")[0].split()  # "the Republic of Tor"
    first = first if all(word[:1].isupper() for word in first) else name.split()
    last = first[-1].lower() if first else ""
    return (
        f"the {name}"
        if last in word_set("nouns.definite")
        and name.split()[0].lower() not in DETERMINED
        and "'s " not in name
        and "’s " not in name
        else name
    )


def possessive(name: str) -> str:
    """A name with its possessive ending."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def third_person(verb: str) -> str:
    """The present tense that goes with a name."""
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"


DOUBLES = re.compile(r"[^aeiou]*(?:qu)?[aeiou][^aeiouwxy]")
"""verbs of one syllable that double their last letter: "beg", "stop" """


def verb_of(participle: str, lemma: str) -> str:
    """The verb of a present participle: "hoping" is of "hope" whatever its lemma says; "hop" makes "hopping"."""
    short = DOUBLES.fullmatch(lemma) is not None and participle == f"{lemma}ing"
    return f"{lemma}e" if short else lemma


def past_tense(lemma: str) -> str:
    """The simple past of a verb."""
    irregular = word_map("forms.past").get(lemma)
    if irregular is not None:
        return str(irregular)
    if lemma.endswith("e"):
        return f"{lemma}d"
    if lemma.endswith("y") and lemma[-2:-1] not in "aeiou":
        return f"{lemma[:-1]}ied"
    return f"{lemma}{lemma[-1]}ed" if DOUBLES.fullmatch(lemma) else f"{lemma}ed"


def _paired(words: str) -> str:
    """Brackets of which only one half was kept taken out, or closed where what they hold goes on to the end."""
    odd, opened = set[int](), list[int]()
    for at, mark in enumerate(words):
        if mark == "(":
            opened.append(at)
        elif mark == ")" and not opened:
            odd.add(at)
        elif mark == ")":
            opened.pop()
    inside = [at for at in opened if at > 0]
    odd |= set(opened) - set(inside)
    kept = "".join(mark for at, mark in enumerate(words) if at not in odd)
    return f"{kept.rstrip('.')}{')' * len(inside)}" if inside else kept


def finish(text: str) -> str:
    """A capital at the front, a full stop at the end, single spaces."""
    words = " ".join(text.split())
    words = re.sub(r"\s+([,.;:!?%)])", r"\1", words)
    words = re.sub(r"([(])\s+", r"\1", words)
    words = re.sub(r"(?:,\s*){2,}", ", ", _paired(words))
    words = words.strip(" ,;:—–-")
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words[-1] in ".!?" else f"{words}."
