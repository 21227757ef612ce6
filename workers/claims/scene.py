"""An article as a whole, before its clauses are weighed: is it of the story, and who speaks in it?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.stories.story import Story
from workers.claims.encode import blend, cosine
from workers.claims.lens import Lens
from workers.claims.model import Clause, Known
from workers.claims.registry import Context, Registry
from workers.claims.words import word_set

_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_ENDINGS = ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s")
_STEM = 4
"""letters that an ending must leave"""
_SPEAKING = frozenset({"i", "we", "you", "our", "us", "my", "your", "one"})
"""words by which an author speaks of himself and to his readers"""
SETTLED = 8
"""claims known at which what is known weighs as much as what the story file says"""
MANY = 30
"""claims known from which their number tells nothing more"""
LOOKED_AT = 3_000
"""characters of a text that tell what it is about"""
TELLING = 3
"""words beside the actors' names that a story file must have to tell what the story is about"""
BRIEF = 60
"""words below which a text says too little to be told from what is known: its likeness to all that is low, whatever it
tells. The articles that the weights were learned from have more"""
LEAD = 2
"""paragraphs that tell what an article is about"""
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds for all clauses of an article. Shares, from 0 to 1."""

    like_story: float
    """content likeness to what the story file says of the story"""
    like_known: float
    """content likeness to all that is known of it"""
    known_words: float
    """of the words of headline and lead, actors apart: those that the story file or a known claim has"""
    known_claims: float
    """how many are known, of MANY"""
    attributed: float
    """of the clauses: those that somebody says"""
    personal: float
    """how much the author speaks of himself or to the reader"""
    described: bool = True
    """whether the story file says enough of the story to tell another matter from it while nothing is known"""
    brief: bool = False
    """whether the text says too little to tell that it is about another matter"""


@lru_cache(maxsize=20_000)
def words(text: str, lens: Lens) -> frozenset[str]:
    """Stems of the content words beside the actors' names."""
    found = (word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(lens.content(text).casefold()))
    return frozenset(_stem(word) for word in found if len(word) > 1 and word not in word_set("acts.function"))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


def scene(
    registry: Registry, clauses: Sequence[Clause], near: Sequence[Mapping[str, float]], context: Context, lens: Lens
) -> Scene:
    """Looks at an article with what is known before it; `near` are the claims nearest to its clauses."""
    about = described(context.story)
    paragraphs = [paragraph for paragraph in _BLANK_LINE.split(context.text) if paragraph.strip()]
    headline = context.document.headline
    story, article = registry.encoder.encode(
        [lens.content(about), lens.content("\n".join((headline, context.text[:LOOKED_AT])))]
    )
    lead = words("\n".join((headline, *paragraphs[:LEAD])), lens)
    met = {claim_id for scores in near for claim_id in scores}
    told = frozenset().union(words(about, lens), *(wordings(registry.claims[claim_id], lens) for claim_id in met))
    known = len(registry.claims)
    return Scene(
        like_story=cosine(article, story),
        like_known=cosine(article, blend(registry.centre(lens), known, story, SETTLED)),
        known_words=_share(len(lead & told), len(lead)),
        known_claims=_share(min(known, MANY), MANY),
        attributed=_share(sum(map(_is_said, clauses)), len(clauses)),
        personal=_personal(context.text),
        described=len(words(about, lens)) >= TELLING,
        brief=len(_WORD.findall(context.text, 0, LOOKED_AT)) < BRIEF,
    )


def described(story: Story) -> str:
    """What the story file says the story is about."""
    return f"{story.title}. {story.about}" if story.about.strip() else story.title


def wordings(known: Known, lens: Lens) -> frozenset[str]:
    """The words of all wordings kept of a claim."""
    return frozenset().union(*(words(wording, lens) for wording in known.wordings))


def _is_said(clause: Clause) -> bool:
    return any(hop.kind not in ("outlet", "publisher") for hop in clause.attribution)


def _personal(text: str) -> float:
    plain = _WORD.findall(_QUOTED.sub(" ", text).casefold())
    return min(1.0, _share(20 * sum(word in _SPEAKING for word in plain), len(plain)))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
