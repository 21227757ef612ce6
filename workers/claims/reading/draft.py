"""One predicate on its way to a clause, and what it inherits from above."""

from __future__ import annotations

from dataclasses import dataclass, field

from workers.claims.grammar.sheet import Token
from workers.claims.grammar.speech import Speech
from workers.claims.grammar.syntax import Form


@dataclass(frozen=True, slots=True)
class Context:
    """What a predicate inherits from above."""

    speech: tuple[Speech, ...] = ()
    """who says so, the outermost first"""
    subject: Token | None = None
    modality: str | None = None
    presupposed: bool = False
    tense: Token | None = None
    """the finite verb that a participle hangs on"""
    caused: bool = False
    """the complement of a causing verb: "led officials to demand" """
    instead: Token | None = None
    """the subject, where the parser took another word for it"""
    top: Token | None = None
    """the verb through which it is told: "is believed to", whose words belong to the text"""
    taken: frozenset[int] = frozenset()
    """tokens below the top that belong to other clauses or to the frame"""


Next = tuple[Token, Context]
"""a predicate to be visited"""


@dataclass(slots=True)
class Draft:
    """One predicate, before it has words of its own."""

    head: Token
    form: Form
    subject: Token | None
    context: Context
    denied: Token | None = None
    """what is denied, if the verb denies"""
    no_comment: bool = False
    cut: set[int] = field(default_factory=set)
    """tokens of its subtree that belong to other clauses or to the frame"""
    antecedent: Token | None = None
    """of a relative clause: what it is about"""
    belied: Draft | None = None
    """what is denied, where that is what the sentence says: "P, which they deny" """
    asked: Draft | None = None
    """of a nominal event: what was done at somebody's request"""

    @property
    def top(self) -> Token:
        """The head of the words to be written."""
        return self.context.top or self.head
