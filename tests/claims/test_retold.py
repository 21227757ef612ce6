"""Read and compared: the same thing told by another construction is no news, and its neighbours stay apart."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from service.contract.data import Document
from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.compare import Comparison, Context, Registry, compare
from workers.claims.extract import Extractor
from workers.claims.model import Clause

AT = datetime(2031, 5, 14, 9, tzinfo=UTC)
STORY = Story(
    id="strait",
    title="The strait",
    language="en",
    focus=(("Norrik", "Velland", "Ostra"),),
    agencies=("Meridian Wire",),
    actors={
        "Norrik": Actor(kind="organisation", aliases=("Norrik Paper",), nominals=("the company",), side="norrik"),
        "Labour Inspectorate": Actor(kind="organisation", nominals=("the inspectorate",), side="state"),
        "Velland": Actor(kind="state", aliases=("Vellish",), nominals=("the small island state",), side="velland"),
        "Ostra": Actor(kind="state", aliases=("Ostran",), side="ostra"),
        "Elin Sorvik": Actor(kind="person", aliases=("Sorvik",), nominals=("the chairwoman",), member_of="Norrik"),
    },
)
EXTRACTOR = Extractor()


def read(text: str) -> tuple[Clause, ...]:
    article = Article("a1-0", "The Echo", "text:x", "", text, None, Published(AT, "minute", "feed"), AT)
    return EXTRACTOR.extract(article, STORY)


def only(text: str) -> Clause:
    found = [clause for clause in read(text) if clause.kind != "commentary"]
    assert len(found) == 1, [clause.text for clause in found]
    return found[0]


def tell(*texts: str) -> list[Comparison]:
    """Compares articles of one sentence or more, each of an outlet of its own."""
    registry, results = Registry(), []
    for number, text in enumerate(texts):
        document = Document(uri=f"text:{number}", publisher=f"Outlet {number}", first_seen=AT)
        article = hashlib.sha256(text.encode()).hexdigest()[:16]
        result = compare(registry, read(text), Context(STORY, document, text, article, f"w{number}"))
        for known in result.changed.values():
            registry.upsert(known)
        results.append(result)
    return results


def is_news(*texts: str) -> bool:
    """Whether the last of these articles says something that the ones before did not."""
    return any(effect.type == "new" for effect in tell(*texts)[-1].effects)


def links(*texts: str) -> list[str]:
    return [link.rel for decision in tell(*texts)[-1].decisions for link in decision.links]


# -- reports called true or false --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "The news that Norrik closed the mill is correct, Karl Moe said.",
        "Reports that Norrik closed the mill are accurate, Karl Moe said.",
        "The report this morning of Norrik having closed the mill is true, according to Karl Moe.",
        "According to Karl Moe; the report earlier today of Norrik having closed a mill in the Valley is true.",
    ],
)
def test_who_calls_a_report_true_says_what_it_says(text: str) -> None:
    clause = only(text)
    assert (clause.frame.actor, clause.frame.action, clause.polarity) == ("Norrik", "close", "affirmed")
    assert clause.text.startswith("Norrik ")
    assert clause.attribution[-1].name == "Karl Moe"
    assert not is_news("Norrik closed the mill.", text)


@pytest.mark.parametrize(
    "text",
    [
        "Reports that Norrik closed the mill were inaccurate, Karl Moe said.",
        "It is not true that Norrik closed the mill, Karl Moe said.",
        "The claim that Norrik closed the mill is not correct, Karl Moe said.",
        "Karl Moe said that reports that Norrik closed the mill were false too.",
    ],
)
def test_who_calls_a_report_false_denies_what_it_says(text: str) -> None:
    clause = only(text)
    assert (clause.frame.actor, clause.frame.action, clause.polarity) == ("Norrik", "close", "denied")
    assert clause.attribution[-1].name == "Karl Moe"
    assert links("Norrik closed the mill.", text) == ["denies"]


def test_what_is_no_report_is_neither_true_nor_false() -> None:
    clause = only("The map of Velland is correct.")
    assert clause.frame.action == "be correct"


# -- messages that direct ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "A letter from the inspectorate told Norrik to shut the mill.",
        "The inspectorate sent Norrik a letter demanding the closure of the mill.",
        "A memo was sent to Norrik by the inspectorate, calling for the closure of the mill.",
        "The inspectorate called for the closure of the mill.",
    ],
)
def test_a_message_that_directs_is_its_sender_directing(text: str) -> None:
    found = [clause for clause in read(text) if not clause.presupposed]
    assert [clause.frame.actor for clause in found] == ["Labour Inspectorate"]
    assert not is_news("The inspectorate ordered Norrik to close the mill.", text)


def test_a_message_without_a_sender_leaves_open_who_directs() -> None:
    clause = only("A memo was sent to Norrik last week, calling for the closure of the mill.")
    assert (clause.frame.actor, clause.frame.action, clause.frame.target) == (None, "call closure", "Norrik")


def test_a_letter_that_asks_for_nothing_is_only_a_letter() -> None:
    assert only("The inspectorate sent Norrik a letter.").frame.action == "send"
    assert is_news("The inspectorate ordered Norrik to close the mill.", "Velland sent Norrik a letter.")


def test_a_message_that_states_something_frames_it() -> None:
    clause = only("Ostra conveyed a message to Velland, stating that the blockade was illegal.")
    assert clause.text == "The blockade was illegal."
    assert clause.attribution[-1].name == "Ostra"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ostra appealed to Velland for help with the flood.", "Ostra demanded an apology from Velland."),
        ("Ostra asked Velland to extradite a banker.", "Ostra asked Velland to pay for the flood."),
        ("Ostra told Velland to leave the strait.", "Ostra told Velland not to leave the strait."),
        ("Velland agreed to close the port.", "Velland agreed not to close the port."),
        ("The inspectorate told Norrik to replace the valves.", "The inspectorate asked Norrik for its payroll."),
        ("Ostra told Velland to leave the strait.", "Velland told Ostra to leave the strait."),
    ],
)
def test_two_demands_between_the_same_parties_stay_apart(one: str, other: str) -> None:
    assert is_news(one, other)
    assert is_news(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ostra asked Velland to close the port.", "Ostra ordered Velland to shut the port."),
        ("Ostra demanded that Velland close the port.", "Ostra had been pushing for Velland to close the port."),
        ("Ostra asked Velland to close the port.", "The Ostran government's request to shut the port was refused."),
        ("Velland told Ostra to leave the bay.", "Ostra was notified of its need to leave the bay."),
        ("Ostra called Velland a pirate state.", "Velland, called a pirate state by Ostra, has refused two offers."),
    ],
)
def test_another_construction_is_the_same_directive(one: str, other: str) -> None:
    merged = tell(one, other)
    first = merged[0].decisions[0].claim_id
    assert first in {decision.claim_id for decision in merged[1].decisions}


# -- no longer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Velland can no longer use the port.",
        "Norrik no longer employs divers.",
        "The log of the ships of Velland was nowhere to be found.",
        "Norrik is nowhere near a deal.",
        "There are no more ships in the port of Velland.",
    ],
)
def test_no_longer_negates(text: str) -> None:
    assert only(text).polarity == "denied"


@pytest.mark.parametrize("text", ["No more than 12 ships lay in Velland.", "Velland waited no longer than Ostra did."])
def test_no_more_than_counts(text: str) -> None:
    assert all(clause.polarity == "affirmed" for clause in read(text))


def test_what_is_said_in_front_is_set_aside() -> None:
    assert not is_news(
        "After months of talks without any result, the ships of Velland should not be welcomed in Ostran ports.",
        "The ships of Velland should no longer be welcome in the ports of Ostra.",
    )
    assert is_news(
        "After months of talks without any result, the ships of Velland should not be welcomed in Ostran ports.",
        "After months of talks without any result, the ships of Velland left the ports of Ostra.",
    )


# -- readable text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("This incident led Ostran officials to demand that Velland close the port.", "Ostran officials demanded that"),
        ("Among those charged is Elin Sorvik, who is believed to be living in Ostra.", "Elin Sorvik is believed to be"),
        ("The inspectorate denied on Saturday that Norrik had paid it.", "The Labour Inspectorate denied on Saturday"),
    ],
)
def test_a_claim_reads_like_a_sentence(text: str, wanted: str) -> None:
    assert any(clause.text.startswith(wanted) for clause in read(text)), [clause.text for clause in read(text)]


def test_a_passive_names_who_does_it_wherever_it_stands() -> None:
    frame = only("Velland was labelled a risk by Ostra.").frame
    assert (frame.actor, frame.action, frame.target) == ("Ostra", "label", "Velland")
    assert only("Velland was labelled a risk by Friday.").frame.actor is None


# -- what is no news ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "This development occurs at a time when the strait is changing.",
        "In recent weeks, tensions have escalated between Velland and Ostra.",
        "Velland has often walked a diplomatic tightrope.",
        "“We made this very clear to Velland,” an Ostran official said.",
    ],
)
def test_mood_moment_and_pointing_are_comment(text: str) -> None:
    assert {clause.kind for clause in read(text)} <= {"commentary"}


@pytest.mark.parametrize(
    "text",
    [
        "Velland has always supported its neighbour, Ostra.",
        "Velland has served as a base for the fleet.",
        "Velland has played a significant role in the talks with Ostra.",
        "Elin Sorvik, who is believed to be living in Ostra, leads a fund.",
    ],
)
def test_what_somebody_has_been_all_along_is_background(text: str) -> None:
    assert "background" in {clause.kind for clause in read(text)}


@pytest.mark.parametrize(
    "text",
    [
        "The accident occurred at 5 a.m. at the mill of Norrik.",
        "Pressure in the boiler of Norrik rose to 12 bar.",
        "Velland has played a recording of the call to Ostra.",
        "Velland has served Ostra with a lawsuit.",
        "Norrik made clear to Velland that the mill would close.",
        "There has been speculation that Norrik may leave Velland.",
    ],
)
def test_news_in_similar_words_stays_news(text: str) -> None:
    assert "claim" in {clause.kind for clause in read(text)}


def test_an_adjective_and_its_negation_agree_when_one_is_denied() -> None:
    presence = "The presence of Ostran ships in the bay is"
    assert not is_news(f"{presence} unacceptable.", f"{presence} no longer acceptable.")
    assert is_news(f"{presence} unacceptable.", f"{presence} acceptable.")


def test_what_hangs_on_a_possibility_is_one() -> None:
    clauses = read("Velland could gain a port while reducing the pressure on its fishermen.")
    assert {clause.modality for clause in clauses} == {"possible"}
    assert any(clause.text.startswith("Velland could reduce") for clause in clauses)


def test_a_negation_stays_where_an_adverb_stands_before_the_participle() -> None:
    clause = only("The mill of Norrik has not been permanently closed, Karl Moe told reporters.")
    assert (clause.text, clause.polarity) == ("The mill of Norrik has not been permanently closed.", "denied")


def test_what_is_waited_for_is_nobodys_claim() -> None:
    text = "Velland will resume the talks when Ostra shows that it is willing, Karl Moe said."
    assert [clause.frame.actor for clause in read(text)] == ["Velland"]
    past = read("Velland left the talks when Ostra showed that it was armed.")
    assert "Ostra was armed." in {clause.text for clause in past}


def test_a_nominal_with_an_owner_behind_it_is_not_short_for_somebody_else() -> None:
    text = "Elin Sorvik resigned. The chairwoman of the inspectorate has not been told."
    assert read(text)[1].text == "The chairwoman of the Labour Inspectorate has not been told."


def test_who_reportedly_did_it_is_told_by_somebody_unnamed() -> None:
    hop = only("Norrik reportedly closed the mill.").attribution[-1]
    assert (hop.kind, hop.descriptor, hop.named) == ("unnamed", "reportedly", False)
    assert only("Norrik recently closed the mill.").attribution == ()


def test_finding_oneself_doing_is_doing() -> None:
    clause = only("With talks at a standstill, Ostra found itself asking Velland to close the port.")
    assert clause.text == "Ostra asked Velland to close the port."
    assert only("Ostra found a leak.").frame.action == "find"


def test_he_is_who_bears_the_title() -> None:
    text = "Vellish Prime Minister Karl Moe said the port is open. He added that Norrik may use it."
    assert "Karl Moe" in str(read(text)[-1].attribution[-1].name)
