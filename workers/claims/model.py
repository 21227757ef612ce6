"""What the room of claims hands on: clauses out of an article, and what comparing them with the registry decided."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from service.contract.data import (
    Claim,
    Document,
    Evidence,
    Frame,
    Hop,
    Link,
    Modality,
    Polarity,
    Quantity,
    Support,
    When,
    Why,
)

Kind = Literal["claim", "background", "commentary", "boilerplate", "no_comment"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


SubjectKind = Literal["name", "noun", "person", "thing", "speaker", "none"]
"""person, thing: a pronoun; speaker: I, we, you"""


Perfect = Literal["", "has", "had"]
"""has: present perfect, "has maintained"; had: past perfect"""


class Place(_Value):
    """Where in its sentence and its article a clause stands, and what it looks like there."""

    sentence: int
    """number of the evidence that it shares with other clauses"""
    paragraph: int
    paragraphs: int
    """of the article"""
    form: str
    """finite, participle, relative, nominal"""
    hangs: str
    """what the predicate (or the first one coordinated with it) is to the one above: ROOT, ccomp, advcl, …"""
    joined: bool
    """coordinated with a predicate before it"""
    depth: int
    """predicates above it that are no frame of speech"""
    mark: str
    """the word that joins it: "when", "because", "to" """
    tag: str
    """of the finite verb (Penn Treebank), or of the head"""
    subject: SubjectKind
    """as the text has it, before anything was resolved"""
    quoted: bool
    full_words: int
    """words of its own that are no function words"""
    names: int
    words: int
    perfect: Perfect = ""
    cue_perfect: Perfect = ""
    """of the verb that says who says it: "had complained that" """


class Clause(_Value):
    """One thing that a sentence says, before anybody asked whether it is new. Serialisable: it waits in Redis."""

    start: int
    end: int
    """the evidence, in code points of the article's text"""
    text: str
    """readable on its own: pronouns and nominals resolved, without the attribution that frames it"""
    frame: Frame
    """actors by their story names where the story lists them, else as found; action is a lemma phrase"""
    polarity: Polarity
    modality: Modality
    kind: Kind
    quantities: tuple[Quantity, ...] = ()
    when: When | None = None
    attribution: tuple[Hop, ...] = ()
    """publisher excluded (the caller knows it); outlets and agencies first, the original source last"""
    presupposed: bool = False
    """from a nominal event or a subordinate clause: lower confidence"""
    vector: str = ""
    """base64 of the encoder's int8 vector of `text`"""
    language: str = "en"
    """of the article, as BCP 47 has it"""
    place: Place | None = None
    """none: not read out of a text; nothing is then known against it"""


class Held(_Value):
    """Why nobody was told of a claim yet."""

    since: AwareDatetime
    until: AwareDatetime
    """by the articles' clock; with the first article after it the claim is pushed, or dropped"""
    band: Literal["wait", "doubt"]
    score: float
    """what it was found to be worth"""
    signs: dict[str, float] = {}
    """what was seen of its clause, for weighing it again"""


class Lent(_Value):
    """What one claim brought into another when they were merged: exactly this goes when that is undone."""

    publishers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    wire_stories: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    no_comment: tuple[str, ...] = ()
    whens: tuple[When, ...] = ()
    documents_counted: int = 0
    copies_counted: int = 0


class Mark(_Value):
    """What a person's edit did to a claim."""

    edit: str
    """its id"""
    action: Literal["merge", "split", "retract", "background"]
    other: str = ""
    """merge: the claim it went into; split: the claim it came from"""
    lent: Lent | None = None
    kind: Kind = "claim"
    """before"""
    retracted: bool = False
    """before"""


class Known(_Value):
    """The registry's record of one claim: what subscribers see, and what comparing needs."""

    claim: Claim
    appearance_document: Document
    """of the first appearance"""
    evidence: tuple[Evidence, ...]
    attribution: tuple[Hop, ...]
    support: Support
    links: tuple[Link, ...] = ()
    why: Why
    kind: Kind
    vectors: tuple[str, ...]
    """base64 int8, one for each distinct wording kept (bounded)"""
    encoder: str = ""
    """which encoder made them, by content"""
    frames: tuple[Frame, ...]
    wordings: tuple[str, ...] = ()
    """distinct claim texts kept beside the vectors"""
    publishers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    """keys of independent origins: agency, outlet, or document when nothing better is known"""
    sources: tuple[str, ...] = ()
    """keys of source actors seen behind it"""
    credits: tuple[tuple[str, str], ...] = ()
    """(who credits, the outlet that is credited), bounded"""
    wire_stories: tuple[str, ...] = ()
    """wire stories whose text carries it"""
    documents: tuple[str, ...] = ()
    """uris, bounded; the support has the count"""
    articles: tuple[str, ...] = ()
    """their ids, in the same order; the empty string where it was not kept"""
    last_seen: AwareDatetime | None = None
    """when the last document was first seen that carries it"""
    when_sources: tuple[str, ...] = ()
    """uris of the documents that give the times, in their order"""
    ended: bool = False
    """of a silence: whoever kept it has spoken"""
    whens: tuple[When, ...] = ()
    retracted: bool = False
    """nothing is compared with it any more: its source withdrew it, or a person retracted or merged it"""
    marks: tuple[Mark, ...] = ()
    """what persons did to it, and nobody undid"""
    held: Held | None = None
    """nobody was told of it, and nothing is compared with it but other claims that would be new"""

    @property
    def merged_into(self) -> str | None:
        """The claim that this one is part of, since a person merged them."""
        return next((mark.other for mark in reversed(self.marks) if mark.action == "merge"), None)


class Decision(_Value):
    """What became of one clause."""

    clause: Clause
    verdict: Literal["new", "same", "corroborates", "background", "held", "ignored"]
    claim_id: str | None
    """the claim it is (new or known); none if ignored"""
    links: tuple[Link, ...] = ()
    why: Why
