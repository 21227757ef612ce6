"""What an article claims, clause by clause, on a story that exists nowhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.model import Clause

STORY = Story(
    id="tarn-mill",
    title="Explosion at the Tarn mill",
    language="en",
    focus=(("Corvane",),),
    agencies=("Meridian Wire",),
    actors={
        "Corvane": Actor(
            kind="organisation", aliases=("Corvane Group",), nominals=("the company", "the operator"), side="operator"
        ),
        "Ostland": Actor(kind="state", aliases=("Ostlandic",), nominals=("the country",), side="state"),
        "Mill Workers' Union": Actor(kind="organisation", nominals=("the union",), side="workers"),
    },
)
EXTRACTOR = Extractor()


def article(text: str, *, headline: str = "", language: str | None = None) -> Article:
    published = Published(datetime(2031, 5, 14, 9, tzinfo=UTC), "minute", "feed")
    return Article("a1-0", "The Tarn Echo", "text:x", headline, text, language, published, published.value)


def clauses(text: str) -> tuple[Clause, ...]:
    return EXTRACTOR.extract(article(text), STORY)


def texts(text: str) -> list[str]:
    return [clause.text for clause in clauses(text)]


def only(text: str) -> Clause:
    found = [clause for clause in clauses(text) if not clause.presupposed]
    assert len(found) == 1, [clause.text for clause in found]
    return found[0]


def test_an_attributed_clause_loses_its_frame_and_keeps_its_source() -> None:
    clause = only("Ostlandic officials said on Tuesday that Corvane had ignored two safety warnings.")
    assert clause.text == "Corvane had ignored two safety warnings."
    assert (clause.frame.actor, clause.frame.action) == ("Corvane", "ignore")
    assert clause.attribution[-1].side == "state"
    assert not clause.attribution[-1].named


def test_evidence_is_the_whole_sentence_and_an_exact_slice() -> None:
    text = "  TARN (Meridian Wire) — Corvane closed the mill.  \n\n The union welcomed the step.\n"
    found = clauses(text)
    assert [text[clause.start : clause.end] for clause in found] == [
        "Corvane closed the mill.",
        "The union welcomed the step.",
    ]


def test_several_claims_in_a_sentence_come_apart() -> None:
    text = (
        "Corvane closed the mill, while Ostland accused the company of hiding a leak "
        "and ordered it to pay 3 million crowns."
    )
    assert texts(text) == [
        "Corvane closed the mill.",
        "Ostland accused Corvane of hiding a leak.",
        "Ostland ordered Corvane to pay 3 million crowns.",
    ]


def test_telling_somebody_of_the_story_is_an_act_and_telling_the_press_is_not() -> None:
    act = only("Ostland told Corvane that it must close the mill.")
    assert act.text == "Ostland told Corvane that it must close the mill."
    assert (act.frame.actor, act.frame.target, act.attribution) == ("Ostland", "Corvane", ())
    said = only("An Ostlandic minister told Meridian Wire that Corvane must close the mill.")
    assert said.text == "Corvane must close the mill."
    assert [hop.kind for hop in said.attribution] == ["outlet", "unnamed"]


@pytest.mark.parametrize(
    "verb",
    ["asked Corvane to close", "urged Corvane to close", "ordered Corvane to close", "demanded that Corvane close"],
)
def test_asking_is_an_act_with_what_is_asked_for(verb: str) -> None:
    clause = only(f"Ostland {verb} the mill.")
    assert clause.text == f"Ostland {verb} the mill."
    assert clause.frame.actor == "Ostland"
    assert clause.frame.target == "Corvane"
    assert clause.frame.action is not None
    assert clause.frame.action.split()[1:2] == ["close"]


def test_what_is_done_at_somebodys_request_presupposes_the_request() -> None:
    found = clauses("Meridian Wire has reported that Corvane, at the request of Ostland, has asked its staff to leave.")
    assert {(clause.text, clause.presupposed) for clause in found} == {
        ("Corvane has asked its staff to leave.", False),
        ("Ostland requested Corvane to ask its staff to leave.", True),
    }
    assert all(clause.attribution[0].name == "Meridian Wire" for clause in found)


def test_a_nominal_event_presupposes_a_clause() -> None:
    found = clauses("The strike follows Corvane's refusal to negotiate with the union.")
    assert ("Corvane refused to negotiate with the Mill Workers' Union.", True) in {
        (clause.text, clause.presupposed) for clause in found
    }


def test_no_nominal_event_without_somebody_who_did_it() -> None:
    assert all(not clause.presupposed for clause in clauses("The union awaits a refusal to negotiate."))


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Corvane denied that the boiler had leaked.", "that the boiler had leaked"),
        ("Corvane has denied hiding a leak.", "hiding a leak"),
        ("Corvane denied any knowledge of a leak.", "knowledge of a leak"),
        ("Corvane rejected reports that the boiler had leaked.", "reports"),
    ],
)
def test_a_denial_says_who_denies_what(text: str, denied: str) -> None:
    clause = only(text)
    assert clause.polarity == "denied"
    assert clause.text.startswith("Corvane")
    assert denied in clause.text
    assert clause.attribution[-1].name == "Corvane"


def test_rejecting_an_offer_is_no_denial() -> None:
    clause = only("The union rejected the offer.")
    assert clause.polarity == "affirmed"
    assert clause.frame.action == "reject"


@pytest.mark.parametrize(
    "text",
    [
        "Corvane declined to comment.",
        "Corvane has yet to respond to a request for comment.",
        "Corvane has not confirmed whether the mill will close.",
        "The union did not immediately respond to questions.",
        "Corvane could not be reached for comment.",
        "Neither Corvane nor the union would comment.",
        "There was no immediate comment from Corvane.",
    ],
)
def test_silence_is_told_as_silence(text: str) -> None:
    assert [clause.kind for clause in clauses(text)] == ["no_comment"]


@pytest.mark.parametrize(
    "text",
    [
        "This underscores the growing tension between Ostland and Corvane.",
        "The situation remains fluid.",
        "The disaster has raised difficult questions about safety.",
        "“We are devastated,” a Corvane manager said.",
        "The episode could have significant implications for the region.",
        "Will Corvane survive?",
        "This decision follows findings by the ministry.",
        "“This was so completely unforeseen,” a Corvane manager said.",
        "Keeping the workers safe is our first priority, Corvane said.",
        "Tension between Corvane and the union escalated.",
    ],
)
def test_comment_pushes_nothing(text: str) -> None:
    assert {clause.kind for clause in clauses(text)} <= {"commentary"}


@pytest.mark.parametrize(
    "text",
    [
        "Corvane has operated the mill since 1998.",
        "The mill was founded in 1911.",
        "Corvane employs 640 people.",
        "Ostland has hosted the company for decades.",
        "Corvane has kept ties with Ostland for over 75 years.",
    ],
)
def test_what_was_known_before_is_background(text: str) -> None:
    assert [clause.kind for clause in clauses(text)] == ["background"]


@pytest.mark.parametrize(
    "text",
    [
        "The deal will go into effect on 19 May.",
        "There must be an answer from Ostland to the closure, the union said.",
        "Corvane has offered 4.1 percent over two years.",
        "Output at the mill has fallen for five years in a row.",
        "“That is false,” a Corvane manager said.",
        "Tension between Corvane and the union escalated by 14 percent, a poll found.",
    ],
)
def test_what_only_looks_like_comment_or_lore_is_a_claim(text: str) -> None:
    assert [clause.kind for clause in clauses(text)] == ["claim"]


@pytest.mark.parametrize(
    "text", ["Here is more about what Corvane said.", "This page is a summary of news on Corvane."]
)
def test_what_the_page_says_of_itself_is_boilerplate(text: str) -> None:
    assert {clause.kind for clause in clauses(text)} == {"boilerplate"}


def test_what_a_witness_says_of_the_past_is_news() -> None:
    assert only("A former manager said Corvane had hidden a leak in 2019.").kind == "claim"


def test_pronouns_and_nominals_get_their_names() -> None:
    text = "Corvane closed the mill on Monday. It will reopen the mill in June. The company has repaired its boiler."
    assert texts(text) == [
        "Corvane closed the mill on Monday.",
        "Corvane will reopen the mill in June.",
        "Corvane has repaired its boiler.",
    ]


def test_we_in_a_quotation_is_the_side_that_speaks_and_they_is_not() -> None:
    found = texts("Corvane ignored the leak. “They lied to us. We warned them twice,” an Ostlandic official said.")
    assert found[1:] == ["Corvane lied to Ostland.", "Ostland warned Corvane twice."]


def test_a_quotation_over_sentences_is_one_evidence_and_one_speaker() -> None:
    text = "“Corvane hid the leak. The union warned it,” Ada Lund said."
    found = clauses(text)
    assert {text[clause.start : clause.end] for clause in found} == {text}
    assert {clause.attribution[-1].name for clause in found} == {"Ada Lund"}


@pytest.mark.parametrize(
    ("said", "polarity"),
    [
        ("Not one valve left the mill unchecked.", "denied"),
        ("Not a single valve at the mill was changed.", "denied"),
        ("Not one of the valves at the mill was changed.", "denied"),
        ("Not one valve but three at the mill were changed.", "affirmed"),
        ("One valve at the mill was changed.", "affirmed"),
    ],
)
def test_not_one_is_none(said: str, polarity: str) -> None:
    assert only(said).polarity == polarity


def test_modality_and_polarity_are_told() -> None:
    marks = [
        ("Corvane may close the mill.", "possible", "affirmed"),
        ("Corvane will close the mill.", "expected", "affirmed"),
        ("Corvane plans to close the mill.", "expected", "affirmed"),
        ("Corvane should close the mill.", "demanded", "affirmed"),
        ("Corvane reportedly closed the mill.", "reported", "affirmed"),
        ("Corvane is believed to have closed the mill.", "reported", "affirmed"),
        ("If the union strikes, Corvane would close the mill.", "conditional", "affirmed"),
        ("Corvane did not close the mill.", "asserted", "denied"),
        ("Corvane gave no warning.", "asserted", "denied"),
        ("At no time did Corvane close the mill.", "asserted", "denied"),
        ("Under no circumstances will Corvane close the mill.", "expected", "denied"),
        ("The mill of Corvane was “not safe”.", "asserted", "denied"),
        ("The letter leaves no doubt that Corvane closed the mill.", "asserted", "affirmed"),
    ]
    found = [only(text) for text, _, _ in marks]
    assert [(clause.modality, clause.polarity) for clause in found] == [(m, p) for _, m, p in marks]


def test_figures_have_values_and_what_they_count() -> None:
    clause = only("At least 1,200 workers lost their jobs and about $3.5 million at Corvane.")
    assert [(figure.value, figure.unit) for figure in clause.quantities] == [(1200.0, "worker"), (3_500_000.0, "$")]
    assert only("The toll at Corvane rose to twenty-two on 3 May 2031.").quantities[0].value == 22
    assert only("Corvane shut plant 4 on Monday.").quantities == ()


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("A 1970 blast killed more than 230 people in Corvane.", [(230.0, "people")]),
        ("Injured workers were seen at Corvane, Arden, February 22, 2031.", []),
        ("The blast at Corvane injured more than 600 Wednesday.", [(600.0, None)]),
        ("One 7-year-old boy died at Corvane.", [(1.0, "boy")]),
        ("The blast at Corvane killed at least 40 Feb. 22.", [(40.0, None)]),
        ("Corvane sold 1,200 presses on 22 Feb 2031.", [(1200.0, "press")]),
        ("Dozens of workers died at Corvane.", []),
    ],
)
def test_dates_ages_and_vague_numbers_are_no_figures(text: str, counted: list[tuple[float, str | None]]) -> None:
    assert [(figure.value, figure.unit) for figure in only(text).quantities] == counted


def test_a_passive_has_its_agent_as_actor() -> None:
    frame = only("Two warnings were ignored by Corvane.").frame
    assert (frame.actor, frame.action, frame.target) == ("Corvane", "ignore", "two warnings")


def test_headlines_of_the_body_furniture_and_bylines_are_no_evidence() -> None:
    text = "Mill shut by Corvane\nBy Ada Lund\nCorvane closed the mill.\nRead more: Corvane opens a school\n"
    found = EXTRACTOR.extract(article(text, headline="Mill shut by Corvane"), STORY)
    assert [clause.text for clause in found] == ["Corvane closed the mill."]


def test_an_item_that_is_only_a_headline_is_read() -> None:
    assert texts("Corvane closes mill after explosion kills nine workers") != []


def test_a_text_in_capitals_is_read() -> None:
    assert texts("CORVANE CLOSED THE PLANT, AND THE UNION CALLED A STRIKE.") == [
        "Corvane closed the plant.",
        "The Mill Workers' Union called a strike.",
    ]


@pytest.mark.parametrize("text", ["", "x", "Corvane", "...", "\u202e\u200f", "“", '"""', "<p>", "1 2 3", "\ud800 lone"])
def test_scraps_yield_nothing_and_break_nothing(text: str) -> None:
    assert clauses(text) == ()


def test_other_languages_are_never_read_as_english() -> None:
    french = "Le groupe Corvane a fermé l'usine mardi, selon les pompiers, et le ministre a promis une enquête."
    assert clauses(french) == ()
    assert EXTRACTOR.extract(article("Corvane closed the mill.", language="fr"), STORY) == ()
    english = (
        "Corvane closed the mill after the fire, and the union said that it would not accept the decision of the board."
    )
    assert len(texts(f"{english}\n{french}")) == len(texts(english)) > 0


def test_the_same_article_gives_the_same_clauses_whatever_was_read_before() -> None:
    text = "Ostland told Corvane to close the mill. It refused, the union said."
    first = clauses(text)
    clauses("Something else entirely was read in between, at some length, by Corvane.")
    assert clauses(text) == first
    assert Extractor().extract(article(text), STORY) == first


def test_an_endless_article_is_read_up_to_the_limit() -> None:
    sentence = "Corvane closed the mill and the union protested.\n"
    long, short = article(sentence * 4000), article(sentence)
    assert EXTRACTOR.was_cut(long)
    assert not EXTRACTOR.was_cut(short)
    found = EXTRACTOR.extract(long, STORY)
    assert found
    assert found[-1].end <= len(sentence) * (EXTRACTOR.MAX_WORDS // 8 + 1)
