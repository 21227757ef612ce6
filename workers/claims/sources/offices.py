"""Who holds which office in an article: "Judge Ada Lund" is who "the judge" is from there on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workers.claims.grammar.noun import BEFORE_HEAD, is_plural, is_role
from workers.claims.grammar.sheet import Token
from workers.claims.grammar.words import word_set

SMALL = frozenset({"DT", "IN", "POS", "PRP$", ",", "TO"})
"""tags of words that do not tell one office from another"""


class Offices:
    """Fills as an article is read; an office that two people hold tells nobody."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, frozenset[str]]] = {}
        """lemma of the office → who holds it → the words by which it was called"""
        self._blurred: set[str] = set()
        self._since: dict[tuple[str, str], int] = {}
        """lemma of the office and who holds it → the token that says so first"""

    def learn(self, name: Token, called: str) -> None:
        """What stands before a name, behind it in apposition, or what the name is an apposition to."""
        titles = [token for token in name.lefts if token.dep_ in {"compound", "nmod"} and _is_office(token)]
        if titles:
            before = [token for token in name.lefts if token.dep_ in BEFORE_HEAD]
            self._hold(titles[-1], called, before)
        self._appositions(name, called, _is_office)

    def learn_body(self, name: Token, called: str) -> None:
        """The same of an organisation: "Relief Now, a charity", "its operator, Acme"."""
        self._appositions(name, called, _is_body)

    def _appositions(self, name: Token, called: str, fits: Callable[[Token], bool]) -> None:
        for token in name.rights:
            if token.dep_ == "appos" and fits(token):
                self._hold(token, called, token.subtree)
        if name.dep_ == "appos" and fits(name.head):
            self._hold(name.head, called, (token for token in name.head.subtree if token.i < name.left_edge.i))

    def _hold(self, office: Token, called: str, words: Iterable[Token]) -> None:
        told = frozenset(token.lower_ for token in words if token.tag_ not in SMALL)
        known = self._held.setdefault(office.lemma_.lower(), {})
        known[called] = known.get(called, frozenset()) | told | {office.lower_}
        self._since.setdefault((office.lemma_.lower(), called), office.i)

    def blur(self, noun: Token) -> None:
        """ "two of the ministers", "a judge": from there on "the judge" may be another."""
        vague = is_plural(noun) or any(token.lower_ in {"a", "an", "another", "one"} for token in noun.lefts)
        if vague and not any(token.dep_ == "appos" for token in noun.children) and noun.dep_ not in {"appos", "attr"}:
            self._blurred.add(noun.lemma_.lower())

    def holder(self, noun: Token) -> str | None:
        """Whom "the judge", "the interior minister" or "her lawyer" means: the only one who is called so."""
        known = self._held.get(noun.lemma_.lower())
        if known is None or noun.lemma_.lower() in self._blurred or is_plural(noun) or not _is_definite(noun):
            return None
        asked = {token.lower_ for token in _described(noun) if token.tag_ not in SMALL}
        found = [name for name, told in known.items() if asked <= told]
        return found[0] if len(found) == 1 else None

    def named_later(self, noun: Token) -> str | None:
        """Who "its mayor" or "a charity" of the first sentence turns out to be: the only one who is called so."""
        lemma = noun.lemma_.lower()
        known = self._held.get(lemma)
        if known is None or is_plural(noun) or any(token.dep_ in {"nummod", "conj"} for token in noun.children):
            return None
        asked = {token.lower_ for token in _described(noun) if token.tag_ not in SMALL} - {noun.lower_, "former"}
        found = [name for name in known if self._since[lemma, name] > noun.i]
        if len(found) != len(known) or len(found) != 1:
            return None
        told = known[found[0]] - {noun.lower_, "former"}
        return found[0] if not asked or not told or asked & told else None


def _is_body(token: Token) -> bool:
    lemma = token.lemma_.lower()
    return token.pos_ == "NOUN" and lemma in word_set("nouns.institution") | word_set("nouns.again_organisation")


def _is_office(token: Token) -> bool:
    lemma = token.lemma_.lower()
    if lemma in word_set("attribution.unnamed") or lemma in word_set("nouns.institution"):
        return False
    return (token.pos_ == "NOUN" and is_role(token)) or token.lower_ in word_set("nouns.role")


def _is_definite(noun: Token) -> bool:
    if any(token.dep_ in {"appos", "relcl", "nummod", "conj"} for token in noun.children):
        return False
    first = next((token for token in noun.lefts if token.dep_ in {"det", "poss"}), None)
    return first is not None and (first.lower_ == "the" or first.tag_ == "PRP$")


def _described(noun: Token) -> list[Token]:
    parts = [part for part in noun.lefts if part.dep_ in BEFORE_HEAD] + [
        part for part in noun.rights if part.dep_ == "prep"
    ]
    return [noun, *(token for part in parts for token in part.subtree)]
