"""The times of one claim, read out of texts: those that conflict are seen with their sources, a stale one is marked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from service.contract.data import When
from service.model import Article, Published, article_id
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.model import Known
from workers.desk.line import Line
from workers.evaluation.gold import load_gold

REPOSITORY = Path(__file__).parents[2]
STORY = Story(
    id="ferry",
    title="Arden closes its ferry line",
    language="en",
    focus=(("Arden",),),
    actors={"Arden": Actor(kind="state", side="Arden"), "Lorn Lines": Actor(kind="organisation", side="Lorn Lines")},
)
FIRST = "Arden told Lorn Lines about ten days ago to close its ferry line, the ministry of transport said."
AGAIN = f"""The harbour of Lorn has emptied since the middle of the month, its master told visitors on a cold morning.

Fishermen who used to sell their catch on the quay now drive to the market of the next town. {FIRST}

Nobody expects the old timetable back before the summer, and the ticket office has been boarded up."""
DATED = FIRST.replace("about ten days ago", "on 4 May 2031")
EXTRACTOR = Extractor()


def article(day: int, outlet: str, text: str) -> Article:
    at = datetime(2031, 5, day, 9, tzinfo=UTC)
    uri = f"https://{outlet.lower()}.example/{day}"
    return Article(article_id(outlet, uri), outlet, uri, "", text, "en", Published(at, "minute", "feed"), at)


def told(*articles: Article) -> Known:
    """The first claim that they make."""
    line = Line(STORY, EXTRACTOR.extract)
    for one in articles:
        assert line.take(one) is not None
    return next(iter(line.registry.claims.values()))


def time_of(*articles: Article) -> When:
    when = told(*articles).claim.when
    assert when is not None
    assert when.earliest is not None
    assert when.earliest.month == 5
    return when


def test_a_relative_time_that_is_printed_again_later_is_stale() -> None:
    when = time_of(article(14, "Kystposten", FIRST), article(21, "Havn", AGAIN))
    assert when.stale
    assert when.conflicts_with == ()


def test_a_copy_of_a_week_later_makes_it_stale_and_one_of_the_same_day_does_not() -> None:
    copy = f"{FIRST} Its ships are still in port."
    assert not time_of(article(14, "Kystposten", FIRST), article(14, "Havn", copy)).stale
    late = time_of(article(14, "Kystposten", FIRST), article(21, "Havn", copy))
    assert (late.stale, late.conflicts_with) == (True, ())
    assert not time_of(article(14, "Kystposten", DATED), article(21, "Havn", f"{DATED} Its ships are in port.")).stale


def test_in_other_words_it_is_stale_and_both_times_are_seen() -> None:
    later = "Roughly ten days ago Arden told Lorn Lines to close its ferry line, officials said."
    when = time_of(article(14, "Kystposten", FIRST), article(21, "Havn", later))
    assert when.stale
    assert (when.text, when.conflicts_with) == ("about ten days ago", ("Roughly ten days ago",))
    assert when.conflict_sources == ("https://havn.example/21",)


def test_another_time_conflicts_and_is_not_stale() -> None:
    other = "Arden told Lorn Lines two days ago to close its ferry line, officials said."
    when = time_of(article(14, "Kystposten", FIRST), article(14, "Havn", other))
    assert not when.stale
    assert when.conflicts_with == ("two days ago",)


def test_the_same_words_on_the_same_day_are_no_news_of_the_time() -> None:
    later = "Roughly ten days ago Arden told Lorn Lines to close its ferry line, officials said."
    when = time_of(article(14, "Kystposten", FIRST), article(14, "Havn", later))
    assert not when.stale
    assert when.conflicts_with == ()


def test_the_times_that_the_shipped_story_gives_for_one_act() -> None:
    """Gold: ten days, late October and a week; the week conflicts, late October does not, the last print is stale."""
    gold = load_gold(REPOSITORY / "seeds/gold/qatar-hamas", REPOSITORY / "seeds/stories")
    line = Line(gold.story, EXTRACTOR.extract)
    for one in gold.articles:
        line.take(one.article())
    known = max(line.registry.claims.values(), key=lambda known: len(known.whens))
    days = [(when.text, source[:3]) for when, source in zip(known.whens, known.when_sources, strict=True)]
    assert {("roughly ten days ago", "003"), ("in Late October", "003"), ("a week ago", "004")} <= set(days)
    when = known.claim.when
    assert when is not None
    seen = dict(zip(when.conflicts_with, when.conflict_sources, strict=True))
    assert seen["a week ago"].startswith("004")
    assert "in Late October" not in seen
    assert when.stale
