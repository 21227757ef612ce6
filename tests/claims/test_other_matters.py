"""A story file may say what else its actors are in the news for: that tells articles about such matters apart."""

from __future__ import annotations

from tests.desk.builders import EXTRACTOR, STORY, WIRE, article
from workers.claims.novelty.gate import Gate, Weighing
from workers.claims.novelty.signs import Sight
from workers.claims.novelty.worth import Worth, load_worth
from workers.desk.line import Line

STORMS = "Storms at sea: fishermen rescued, ferries cancelled, harbours closed."
RESCUE = (
    "The lifeboat of Skerry rescued four fishermen from a trawler without an engine in the storm, its skipper said.\n\n"
    "Ferries to the island were cancelled and the harbour was closed after waves broke over the pier.\n\n"
    "A cutter of Fjordlys towed the trawler, whose crew had been at sea for nine days, into the bay at dawn.\n\n"
    "Two of the fishermen were taken to hospital with broken ribs, and the storm is expected to ease by the weekend."
)


ABOUT = "Fjordlys offers to buy the lighthouse of Skerry and to turn it into a hotel; the council votes on the offer."


def relevance(text: str, *other_matters: str) -> float:
    """The score of a text as the first article of the story."""
    story = STORY.model_copy(update={"about": ABOUT, "other_matters": other_matters})
    scores: list[float] = []

    def noted(sight: Sight, worth: Worth) -> Gate:
        gate = Gate(sight, worth)
        scores.append(gate.relevance)
        return gate

    Line(story, EXTRACTOR.extract, Weighing(load_worth(), noted)).take(article(1, text))
    return scores[0]


def test_an_article_about_a_matter_that_the_file_names_is_farther_from_the_story() -> None:
    assert relevance(RESCUE, STORMS) < relevance(RESCUE) - 0.5


def test_one_about_the_story_is_as_near_as_without() -> None:
    assert relevance(WIRE, STORMS) > relevance(WIRE) - 0.1


def test_a_matter_that_is_not_the_article_s_changes_nothing() -> None:
    assert relevance(RESCUE, "The price of onions and tulips at the auction.") == relevance(RESCUE)
