"""What a clause is worth: weighed by its signs, held in doubt, told when a second voice makes it or its time comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.contract.data import Document, Hop
from service.model import Article
from service.stories.story import Actor, Story
from workers.claims.compare import Comparison, Context, Registry, compare
from workers.claims.extract import Extractor
from workers.claims.memory.encode import beside, cosine, load_encoder
from workers.claims.model import Clause, Place
from workers.claims.novelty import worth
from workers.claims.novelty.gate import Gate, Weighing
from workers.claims.novelty.scene import scene
from workers.claims.novelty.signs import Sight, Signs
from workers.claims.novelty.worth import Line, Worth, load_worth
from workers.claims.sameness.lens import lens

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
HOLD = timedelta(hours=6)
STORY = Story(
    id="invented",
    title="Norrik wants to close the paper mill of Tarn against the will of the union",
    language="en",
    focus=(("Norrik",), ("Tarn",)),
    actors={name: Actor(kind="organisation", side=name) for name in ("Norrik", "Tarn")},
)
CLOSES = "Norrik will close the paper mill in the autumn"
SHUTS = "In the autumn Norrik will close the paper mill"


def weights(clause: dict[str, float], bias: float = 0.0, article: float = 1.0) -> Worth:
    return Worth(Line({}, article), Line(clause, bias), 0.0, -1.8, 1.0, 0.0)


PUSH, WAIT, DOUBT = weights({}, 2.0), weights({}, 0.5), weights({}, -1.0)
OTHER_MATTER = weights({}, 2.0, article=-5.0)


@pytest.fixture
def weigh(monkeypatch: pytest.MonkeyPatch) -> Callable[[Worth], None]:
    return lambda found: monkeypatch.setattr("workers.claims.compare.load_worth", lambda: found)


def place(**more: Any) -> Place:
    fields: dict[str, Any] = {
        "sentence": 0, "paragraph": 0, "paragraphs": 3, "form": "finite", "hangs": "ROOT", "joined": False, "depth": 0,
        "mark": "", "tag": "VBD", "subject": "name", "quoted": False, "full_words": 5, "names": 1, "words": 8,
    }  # fmt: skip
    return Place(**(fields | more))


FURTHER = " The report goes on about it for some lines." * 8
"""so that the text is more than a few lines"""


class Desk:
    """Compares one article of one clause after the other, each an hour later."""

    def __init__(self, w: Any) -> None:
        self.w, self.registry, self.hours = w, Registry(), 0

    def tell(
        self,
        text: str,
        *,
        frame: tuple[str, ...] = (),
        by: str = "",
        wire: str = "",
        after_hours: int = 1,
        further: str = FURTHER,
        **more: Any,
    ) -> Comparison:
        self.hours += after_hours
        fields = {"modality": "expected", "place": place()} | more
        clause = self.w.said(text, *(frame or ("Norrik", "close", "the paper mill")), **fields)
        document = Document(
            uri=f"text:{self.hours}",
            publisher=by or f"Outlet {self.hours}",
            first_seen=NOON + self.hours * timedelta(hours=1),
        )
        context = Context(STORY, document, f"{text}.{further}", f"a{self.hours}", wire or f"w{self.hours}", hold=HOLD)
        result = compare(self.registry, [clause], context)
        for known in result.changed.values():
            self.registry.upsert(known)
        for claim_id in result.dropped:
            self.registry.forget(claim_id)
        return result


@pytest.fixture
def desk(w: Any) -> Desk:
    return Desk(w)


def types(result: Comparison) -> list[str]:
    return [effect.type for effect in result.effects]


# -- weighing ----------------------------------------------------------------------------------------------------


def test_what_is_worth_it_is_told_at_once(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(PUSH)
    result = desk.tell(CLOSES)
    assert types(result) == ["new"]
    assert not desk.registry.held


def test_what_is_told_says_what_it_was_found_to_be_worth(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(PUSH)
    (decision,) = desk.tell(CLOSES).decisions
    assert decision.why.detail is not None
    assert decision.why.detail.endswith("; worth 2.00")
    assert desk.registry.claims[decision.claim_id or ""].why == decision.why
    (free,) = desk.tell("A ferry ran late", frame=("a ferry", "run"), place=None).decisions
    assert "worth" not in (free.why.detail or "")


def test_an_article_can_be_weighed_with_other_weights_by_another_gate(desk: Desk) -> None:
    asked: list[Worth] = []

    class Asked(Gate):
        def __init__(self, sight: Sight, worth: Worth) -> None:
            super().__init__(sight, worth)
            asked.append(worth)

    clause = desk.w.said(CLOSES, "Norrik", "close", "the paper mill", place=place())
    document = Document(uri="text:1", publisher="Outlet", first_seen=NOON)
    context = Context(STORY, document, CLOSES, "a1", "w1")
    compared = compare(desk.registry, [clause], context, Weighing(DOUBT, Asked))
    assert [decision.verdict for decision in compared.decisions] == ["held"]
    assert asked == [DOUBT]


def seen_of(desk: Desk, weigh: Callable[[Worth], None], first: dict[str, Any], second: dict[str, Any]) -> Signs:
    """The signs of a clause that comes after another one."""
    weigh(PUSH)
    desk.tell("Norrik dismissed 40 welders", frame=("Norrik", "dismiss", "welders"), **first)
    weigh(DOUBT)
    desk.tell("The union counted 40 men at the gate", frame=("the union", "count", "men"), **second)
    (known,) = desk.registry.held.values()
    assert known.held is not None
    return known.held.signs


def test_a_figure_that_was_told_is_told_from_one_that_was_not(w: Any, weigh: Callable[[Worth], None]) -> None:
    forty, fifty = (w.figure(40, "welders"),), (w.figure(50, "men"),)
    assert seen_of(Desk(w), weigh, {"quantities": forty}, {"quantities": (w.figure(40, "men"),)})["figure_known"] == 1
    assert seen_of(Desk(w), weigh, {"quantities": forty}, {"quantities": fifty})["figure_known"] == 0
    assert seen_of(Desk(w), weigh, {"quantities": forty}, {})["figure_known"] == 0


def test_the_source_of_the_nearest_claim_may_be_the_same(w: Any, weigh: Callable[[Worth], None]) -> None:
    moe, lund = {"attribution": (w.person("Karl Moe"),)}, {"attribution": (w.person("Ada Lund"),)}
    assert seen_of(Desk(w), weigh, moe, moe)["nearest_source"] == 1
    assert seen_of(Desk(w), weigh, moe, lund)["nearest_source"] == 0
    assert seen_of(Desk(w), weigh, {}, {})["nearest_source"] == 0


def test_what_is_told_from_behind_is_seen_in_its_tenses() -> None:
    article = "Norrik has sold the crane. The union had complained that the crane was old. Norrik sold the crane."
    published = Article("a1", "The Echo", "text:x", "", article, "en", None, NOON)
    tenses = [
        clause.place and (clause.place.perfect, clause.place.cue_perfect)
        for clause in Extractor().extract(published, STORY)
    ]
    assert tenses == [("has", ""), ("", "had"), ("", "")]


def test_a_text_without_clauses_is_not_looked_at(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(OTHER_MATTER)
    document = Document(uri="text:1", publisher="Outlet", first_seen=NOON)
    looked = scene(desk.registry, [], [], Context(STORY, document, REPORT, "a1", "w1"), lens(STORY))
    assert looked.brief
    assert looked.like_parts == 0.0
    assert not compare(desk.registry, [], Context(STORY, document, REPORT, "a1", "w1")).elsewhere


def about_words(text: str, about: str) -> float:
    """How much of what a story file says beside its actors' names a text is seen to have."""
    story = STORY.model_copy(update={"title": f"Norrik and Tarn: {about}"})
    document = Document(uri="text:1", publisher="Outlet", first_seen=NOON)
    clauses = Extractor().extract(Article("a1", "The Echo", "text:x", "", text, "en", None, NOON), story)
    context = Context(story, document, text, "a1", "w1")
    return scene(Registry(), clauses, [{} for _ in clauses], context, lens(story)).about_words


def test_whether_an_article_has_the_one_word_that_the_story_file_says_tells_little() -> None:
    one, many = "mill", "closing a paper mill, the union of the mill, who protested"
    assert about_words(REPORT, one) > about_words(MATCH, one)
    assert about_words(REPORT, many) > about_words(REPORT, one)
    assert about_words(MATCH, many) < about_words(MATCH, one)


def test_how_much_is_known_and_how_long_a_clause_is_are_seen(w: Any, weigh: Callable[[Worth], None]) -> None:
    seen = seen_of(Desk(w), weigh, {}, {"place": place(words=15, form="relative")})
    assert (seen["known"], seen["length"], seen["finite"]) == (round(1 / 51, 4), 0.5, 0)
    assert seen_of(Desk(w), weigh, {}, {"place": place(words=90)})["length"] == 1


def test_words_that_no_claim_near_has_are_seen_as_a_share(w: Any, weigh: Callable[[Worth], None]) -> None:
    assert seen_of(Desk(w), weigh, {}, {})["fresh_share"] == 0.8, "all but 40 are fresh"


def test_what_was_not_read_out_of_a_text_is_not_weighed(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(DOUBT)
    assert types(desk.tell(CLOSES, place=None)) == ["new"]


def test_a_score_is_a_rounded_sum_and_an_unknown_sign_counts_nothing() -> None:
    line = Line({"a": 0.12345, "b": -1.0}, 0.5)
    assert line.of({"a": 1.0, "b": 0.25, "c": 9.0}) == 0.3735


def test_the_weights_that_are_shipped_say_where_they_come_from_and_weigh_known_signs(w: Any) -> None:
    made = json.loads(worth.WEIGHTS.read_text("utf-8"))
    assert made["made"]["from"] == sorted(made["made"]["left_out"])
    assert len(made["made"]["from"]) >= 5
    assert made["bands"]["wait_from"] < made["bands"]["push_from"]
    found = load_worth()
    desk = Desk(w)
    desk.tell(CLOSES)
    (held,) = [known.held for known in desk.registry.held.values()] or [None]
    if held is not None:
        assert set(found.clause.weights) <= set(held.signs)


def test_a_sign_that_was_not_noted_when_the_claim_was_held_counts_nothing() -> None:
    assert Line({"of a later version": 3.0, "fresh": 1.0}, 0.5).of({"fresh": 0.25}) == 0.75


def test_a_second_clause_of_a_sentence_is_weighed_as_such(w: Any, weigh: Callable[[Worth], None]) -> None:
    weigh(weights({"sibling": -5.0}, 2.0))
    desk = Desk(w)
    first = w.said(CLOSES, "Norrik", "close", "the paper mill", place=place())
    second = w.said("The union fights", "the union", "fight", None, place=place(joined=True)).model_copy(
        update={"end": len(CLOSES)}
    )
    document = Document(uri="text:1", publisher="Outlet", first_seen=NOON)
    result = compare(desk.registry, [first, second], Context(STORY, document, CLOSES, "a1", "w1"))
    assert [decision.verdict for decision in result.decisions] == ["new", "held"]
    apart = second.model_copy(update={"start": len(CLOSES) + 1, "end": len(CLOSES) + 20})
    result = compare(
        desk.registry, [first, apart], Context(STORY, document, CLOSES + " The union fights. ....", "a1", "w1")
    )
    assert [decision.verdict for decision in result.decisions] == ["new", "new"]


# -- another matter ----------------------------------------------------------------------------------------------


def test_an_article_about_another_matter_brings_nothing(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(PUSH)
    for told in (
        ("buy", "a harbour crane"), ("sue", "the mayor"), ("lose", "a forest permit"), ("hire", "two hundred welders"),
        ("sink", "an old ferry"), ("praise", "the bishop"), ("paint", "every school"), ("export", "frozen herring"),
    ):  # fmt: skip
        desk.tell(f"Norrik {told[0]}s {told[1]}", frame=("Norrik", *told))
    assert len(desk.registry.claims) == 8
    weigh(OTHER_MATTER)
    result = desk.tell("Norrik beat the guests by three goals")
    assert result.elsewhere
    assert [decision.verdict for decision in result.decisions] == ["ignored"]
    assert not result.changed


def test_a_text_of_a_few_lines_says_too_little_to_be_of_another_matter(
    desk: Desk, weigh: Callable[[Worth], None]
) -> None:
    weigh(OTHER_MATTER)
    assert [decision.verdict for decision in desk.tell(CLOSES, further="").decisions] == ["new"]
    assert [decision.verdict for decision in desk.tell("Norrik sank a ferry").decisions] == ["held"]


def test_while_next_to_nothing_is_known_another_matter_is_only_held(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(OTHER_MATTER)
    result = desk.tell(CLOSES)
    assert not result.elsewhere
    assert [decision.verdict for decision in result.decisions] == ["held"]


def relevance(text: str, story: Story = STORY, registry: Registry | None = None) -> tuple[float, bool]:
    """An article's score under the weights of this installation, and whether it is about another matter."""
    text = "\n\n".join([text] * 4)
    article = Article("a1", "The Echo", "text:x", "", text, "en", None, NOON)
    clauses: tuple[Clause, ...] = Extractor().extract(article, story)
    document = Document(uri="text:x", publisher="The Echo", first_seen=NOON)
    eyes, context = lens(story), Context(story, document, text, "a1", "w1")
    found = registry or Registry()
    near = found.nearest(found.vectors([(eyes.content(clause.text), clause.language) for clause in clauses]), eyes)
    gate = Gate(
        Sight(text, scene(found, clauses, near, context, eyes, load_worth().general), eyes, frozenset()), load_worth()
    )
    return gate.relevance, gate.elsewhere


REPORT = "Norrik said on Monday that it will close its paper mill in Tarn. The union of the mill protested."
MATCH = "Norrik beat Tarn 3-1 on Saturday. The guests scored after nine minutes, but the home team won the cup."


def test_a_match_report_is_less_like_the_story_than_its_first_report() -> None:
    (report, _), (match, _) = relevance(REPORT), relevance(MATCH)
    assert report > load_worth().first_elsewhere_below
    assert match < report


def test_where_the_story_file_says_what_it_is_about_the_first_article_may_be_of_another_matter() -> None:
    about = """The owner of the mill, Norrik, has announced that it will close the paper mill in Tarn in the autumn and
    dismiss its workers. Whether the union can stop the closure, who might buy the mill, what the town council says."""
    told = STORY.model_copy(update={"about": about})
    assert not relevance(REPORT, told)[1]
    assert relevance(MATCH, told)[1]
    assert not relevance(MATCH)[1]


def test_what_all_news_have_in_common_does_not_make_an_article_like_the_story() -> None:
    """Without taking it off, the likeness of any report to any story is high."""
    eyes, encoder = lens(STORY), load_encoder()
    match, report, story = encoder.encode([eyes.content(text) for text in (MATCH * 4, REPORT * 4, STORY.title * 9)])
    common = load_worth().general
    assert cosine(match, report) > 0.3
    assert cosine(beside(match, common), beside(report, common)) < 0.6 * cosine(match, report)
    assert cosine(beside(report, common), beside(story, common)) > cosine(beside(match, common), beside(story, common))
    assert beside(match, b"") == match


def test_a_text_of_one_new_sentence_is_not_far_from_the_story_for_that(
    desk: Desk, weigh: Callable[[Worth], None]
) -> None:
    """The update of a wire story is read for its new sentence alone."""
    weigh(PUSH)
    desk.tell(CLOSES)
    (known,) = desk.registry.claims
    eyes = lens(STORY)
    document = Document(uri="text:1", publisher="Outlet", first_seen=NOON)
    context = Context(STORY, document, REPORT, "a1", "w1")
    new = [desk.w.said("The mayor wept", "the mayor", "weep", None)]
    assert scene(desk.registry, new, [{known: 0.1}], context, eyes).near_known > 0.3
    assert scene(desk.registry, new * 3, [{}, {}, {}], context, eyes).near_known == 0.0


# -- holding -----------------------------------------------------------------------------------------------------


def test_what_is_in_doubt_is_held_and_nobody_is_told(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(WAIT)
    result = desk.tell(CLOSES)
    assert types(result) == []
    (known,) = desk.registry.held.values()
    assert known.held is not None
    assert (known.held.band, known.held.until - known.held.since) == ("wait", HOLD)
    assert desk.registry.claims == {}


def test_a_second_voice_bears_it_out_with_both_appearances(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(DOUBT)
    desk.tell(CLOSES)
    result = desk.tell(SHUTS)
    (effect,) = result.effects
    assert effect.type == "new"
    assert [item.source for item in effect.evidence] == ["text:2", "text:1"]
    known = desk.registry.claims[effect.claim_id]
    assert known.held is None
    assert (known.support.documents, known.support.origins) == (2, 2)
    assert known.why.rule == "held_and_borne_out"
    assert result.released == {effect.claim_id: "borne_out"}


def test_the_same_agency_is_no_second_voice(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(DOUBT)
    wire = (Hop(kind="outlet", name="Nordnytt", named=True, relation="wasDerivedFrom"),)
    desk.tell(CLOSES, attribution=wire)
    assert types(desk.tell(SHUTS, attribution=wire)) == []
    assert len(desk.registry.held) == 1


def test_what_says_another_thing_bears_nothing_out(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(DOUBT)
    desk.tell(CLOSES)
    assert types(desk.tell("Norrik will not close the paper mill in the autumn", polarity="denied")) == []
    assert len(desk.registry.held) == 2


def test_after_its_time_a_doubtful_claim_is_told_with_low_confidence(
    desk: Desk, weigh: Callable[[Worth], None]
) -> None:
    weigh(WAIT)
    desk.tell(CLOSES)
    desk.tell("The union called a strike at the harbour", frame=("the union", "call", "a strike"), after_hours=5)
    assert len(desk.registry.held) == 2, "its time has not come"
    result = desk.tell("A ferry ran late", frame=("a ferry", "run"), after_hours=1)
    (effect,) = [effect for effect in result.effects if effect.document is not None]
    assert effect.document is not None
    assert effect.document.uri == "text:1"
    assert desk.registry.claims[effect.claim_id].claim.confidence == "low"


def test_after_its_time_a_claim_of_the_lowest_band_is_dropped(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(DOUBT)
    first = desk.tell(CLOSES)
    result = desk.tell("A ferry ran late", frame=("a ferry", "run"), after_hours=7)
    assert result.dropped == first.held
    assert types(result) == []
    assert first.held.isdisjoint(desk.registry.held)


def test_what_was_told_meanwhile_is_not_told_again(desk: Desk, weigh: Callable[[Worth], None]) -> None:
    weigh(WAIT)
    first = desk.tell(CLOSES, by="Echo", wire="w1")
    weigh(PUSH)
    desk.tell(SHUTS, by="Echo", wire="w1")
    assert len(desk.registry.claims) == 1
    result = desk.tell("A ferry ran late", frame=("a ferry", "run"), after_hours=7)
    assert first.held.isdisjoint(result.changed)
