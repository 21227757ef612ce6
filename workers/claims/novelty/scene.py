"""An article as a whole, before its clauses are weighed: is it of the story, and who speaks in it?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from service.stories.story import Story
from workers.claims.grammar.words import word_set
from workers.claims.memory.encode import as_matrix, beside, cosine, cosines
from workers.claims.memory.registry import Context, Registry
from workers.claims.model import Clause, Known
from workers.claims.sameness.kept import of_claim
from workers.claims.sameness.lens import Lens
from workers.claims.sources.concern import described

_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_ENDINGS = ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s")
_STEM = 4
"""letters that an ending must leave"""
_SPEAKING = frozenset({"i", "we", "you", "our", "us", "my", "your", "one"})
"""words by which an author speaks of himself and to his readers"""
SETTLED = 8
"""claims known at which what is known weighs as much as what the story file says"""
OPENING, OPENING_MOST = 180, 240
"""words of a text that tell what it is about, and how many if its paragraph goes on: the share of anything that is
found in a text grows with the text, so a page of 600 words is judged as one of 200. Source: AUC of articles of nineteen
sets, thirteen pages of 420 words about other matters among them, each under weights learned without it: .95 (.93 when
3,000 characters were looked at), of those pages alone .89 (.70)"""
LOOKED_AT = 3_000
"""characters of a text whose paragraphs are looked at one by one"""
BRIEF = 60
"""words below which a text says too little to be told from what is known: its likeness to all that is low, whatever it
tells. The articles that the weights were learned from have more"""
MOST = 3
"""paragraphs, and claims nearest to clauses, that are looked at: an article need not be about the story throughout"""
NEAR = 0.55
"""how near a clause of an article about the story comes to a known claim: taken for those that a text of one or two
clauses does not have. The update of a wire story is read for its new sentence alone. Source: mean over nine stories"""
CAST, CAST_OF_FEW = 8, 0.3
"""actors from which the share of them that an article names tells something, and what is taken for the share in a story
file with fewer: an article of another matter names .2 of them, one of the story .4. Source: mean over twelve sets"""
ABOUT_DOUBT, ABOUT_OF_MOST = 4, 0.4
"""words that are added to what the story file says, and how many of them an article is taken to have: the share of one
word is all or nothing. Source: AUC .981 (.971 without) of articles of fifteen sets, each under weights learned without
it; an article of the story has .4 of the words in the mean"""
NOTHING_ALIKE = 0.3
"""likeness up to which two texts need not share a matter. Source: of 30,000 pairs of a paragraph and what the file of
another story says, 95 in 100 are below .28"""
OTHERS = 2
"""other matters likest to an article: its likeness to the story is set against the mean of theirs. Source: AUC of the
difference in each of eight stories, .81 to .96; with the likest alone .75 to .95"""
CORE = 12
"""words of the story that most articles of it have"""
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds for all clauses of an article: shares from 0 to 1; cosines beside what all news have in common."""

    like_parts: float
    """likeness of the paragraphs most like it to what the story file says of the story, less by what they are liker to
    another matter that it names"""
    likelier: float
    """how much liker the opening is to what the story file says of the story than to the other matters that it names"""
    about_words: float
    """of the words that the story file says of the story, actors apart: those that the article has"""
    known: int
    """how many claims are known"""
    like_known: float
    """likeness of the article to all that is known of the story"""
    near_known: float
    """how near the clauses come that are nearest to known claims"""
    attributed: float
    """of the clauses: those that somebody says"""
    personal: float
    """how much the author speaks of himself or to the reader"""
    cast: float
    """of the actors in the story file: those that the article names"""
    core_words: float
    """of the words that most articles with known claims have: those that this one has"""
    description: int
    """words beside the actors' names that the story file says of the story"""
    brief: bool = False
    """whether the text says too little to tell that it is about another matter"""

    @property
    def settled(self) -> float:
        """How much what is known weighs."""
        return _share(min(self.known, SETTLED), SETTLED)


NOTHING = Scene(
    like_parts=0.0,
    likelier=0.0,
    about_words=0.0,
    known=0,
    like_known=0.0,
    near_known=0.0,
    attributed=0.0,
    personal=0.0,
    cast=0.0,
    core_words=0.0,
    description=0,
    brief=True,
)
"""of an article in which nothing was read"""


@lru_cache(maxsize=20_000)
def words(text: str, lens: Lens) -> frozenset[str]:
    """Stems of the content words beside the actors' names."""
    found = {word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(lens.content(text).casefold())}
    return frozenset(_stem(word) for word in found - word_set("acts.function") if len(word) > 1)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


def scene(
    registry: Registry,
    clauses: Sequence[Clause],
    near: Sequence[Mapping[str, float]],
    context: Context,
    lens: Lens,
    general: bytes = b"",
) -> Scene:
    """Looks at an article with what is known before it.

    Args:
        near: the claims nearest to its clauses.
        general: what the vectors of all news have in common, see `beside`.
    """
    if not clauses:
        return replace(NOTHING, known=len(registry.claims))
    about, headline = described(context.story), context.document.headline
    paragraphs = [paragraph for paragraph in _BLANK_LINE.split(context.text[:LOOKED_AT]) if paragraph.strip()]
    text = whole(headline, context.text)
    matters = [about, *context.story.other_matters]
    contents = [lens.content(part) for part in (*matters, text, *paragraphs)]
    vectors = [beside(vector, general) for vector in registry.encoder.encode(contents)]
    article, rest = vectors[len(matters)], vectors[len(matters) + 1 :]
    ours, *others = cosines(as_matrix([article]), as_matrix(vectors[: len(matters)])).tolist()[0]
    likes = [_liker(*like) for like in cosines(as_matrix(rest), as_matrix(vectors[: len(matters)])).tolist()]
    of_story, mine = words(about, lens), words(text, lens)
    looked_at = [registry.claims[claim_id] for claim_id in sorted({claim_id for ids in near for claim_id in ids})]
    return Scene(
        like_parts=_mean_of_most(likes),
        likelier=round(ours - _mean_of_most(others, OTHERS), 4) if others else 0.0,
        about_words=_about(len(mine & of_story), len(of_story)),
        known=len(registry.claims),
        like_known=cosine(article, beside(registry.centre(lens), general)),
        near_known=_mean_of_most([max(scores.values(), default=0.0) for scores in near] + [NEAR] * (MOST - len(near))),
        attributed=_share(sum(map(_is_said, clauses)), len(clauses)),
        personal=_personal(context.text),
        cast=_cast(text, context.story, lens),
        core_words=_share(len(mine.intersection(_core(looked_at, lens))), CORE),
        description=len(of_story),
        brief=len(_WORD.findall(context.text, 0, LOOKED_AT)) < BRIEF,
    )


def _liker(story: float, *others: float) -> float:
    """Likeness to the story, less by what a text is liker to another matter."""
    return story - max(0.0, max(others, default=0.0) - max(story, NOTHING_ALIKE))


def _core(known: Sequence[Known], lens: Lens) -> list[str]:
    """The words that the sentences of known claims have, first those of the most articles."""
    by_article: dict[str, set[str]] = {}
    for one in known:
        sentence = one.evidence[0].selector[0].exact
        by_article.setdefault(one.appearance_document.uri, set()).update(words(sentence, lens))
    counted = Counter(word for said in by_article.values() for word in said)
    return sorted(counted, key=lambda word: (-counted[word], word))[:CORE]


def whole(headline: str, text: str) -> str:
    """What of an article tells what it is about."""
    return f"{headline}\n{_opening(text)}"


def _opening(text: str) -> str:
    """What of a text tells what it is about: as news is written, its first paragraphs."""
    words_of = list(islice(_WORD.finditer(text), OPENING_MOST))
    if len(words_of) < OPENING:
        return text
    ends = _BLANK_LINE.search(text, words_of[OPENING - 1].end())
    most = words_of[-1].end() if len(words_of) == OPENING_MOST else len(text)
    return text[: min(ends.start(), most) if ends else most]


def _about(part: int, whole: int) -> float:
    return round((part + ABOUT_DOUBT * ABOUT_OF_MOST) / (whole + ABOUT_DOUBT), 4)


def _cast(text: str, story: Story, lens: Lens) -> float:
    return _share(len(lens.actors(text)), len(story.actors)) if len(story.actors) >= CAST else CAST_OF_FEW


def _mean_of_most(values: Sequence[float], number: int = MOST) -> float:
    most = sorted(values, reverse=True)[:number]
    return round(sum(most) / len(most), 4) if most else 0.0


@of_claim
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
