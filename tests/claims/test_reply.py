"""What a denial or a silence answers by where it stands in the article, and counts that bring others up to date."""

from __future__ import annotations

import pytest

from workers.claims.links.trust import JUDGE, Trust
from workers.claims.sameness.tally import Tally, tallies

NEVER = Trust({}, -9.0)
"""tells no link that it is asked about"""


def links(result, at):
    return [(link.rel, link.target) for link in result.decisions[at].links]


def unnamed(w, text, *slots, **more):
    return w.said(text, *slots, attribution=(w.unnamed("two people who saw the letter"),), **more)


def answer(w, text):
    clause = w.said(text, "Lorn Port", None, None, attribution=(w.unnamed("a spokesman for Lorn Port"),))
    return clause.model_copy(update={"place": w.read})


def silence(w, text, who="Lorn Port"):
    still = {"kind": "no_comment", "polarity": "denied", "modality": "unconfirmed", "place": w.read}
    return w.said(text, who, "decline comment", None).model_copy(update=still)


def hid(w):
    return unnamed(w, "Lorn Port hid a letter about the cracked quay", "Lorn Port", "hide", "a letter")


def pumps(w):
    return w.said("The Transport Ministry ordered nine new pumps", "Transport Ministry", "order", "nine new pumps")


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Lorn Port rejected that", True),
        ("Lorn Port called this a fairy tale", True),
        ("Lorn Port flatly denies it", True),
        ("Lorn Port disputed the account", True),
        ("That is simply untrue", True),
        ("Lorn Port rejected the claim about the ferry tickets", False),
        ("Lorn Port denied that the ferries had been sold", False),
        ("Nobody at Lorn Port has contradicted it", False),
    ],
)
def test_a_denial_that_only_points_answers_the_sentence_before(harbour, w, text, answers):
    with JUDGE.instead(NEVER):
        article = harbour.print(pumps(w), hid(w), answer(w, text))

    told = [("denies", article.decisions[1].claim_id)] if answers else []
    assert links(article, 2) == told


def test_a_denial_answers_no_sentence_further_up(harbour, w):
    aside = w.said("It rained", "rain", "rain", None, kind="commentary")

    with JUDGE.instead(NEVER):
        article = harbour.print(pumps(w), hid(w), aside, answer(w, "Lorn Port rejected that"))

    assert links(article, 3) == []


def test_of_what_the_sentence_before_tells_a_denial_answers_what_others_say(harbour, w):
    text = "Lorn Port repaired the quay, but two people say that it hid a letter"
    own = w.said(text, "Lorn Port", "repair", "the quay", attribution=(w.unnamed("a spokesman for Lorn Port"),))
    article = harbour.print(own, hid(w), answer(w, "Lorn Port rejected that"))

    assert links(article, 2) == [("denies", article.decisions[1].claim_id)]


@pytest.mark.parametrize(
    ("text", "who", "answers"),
    [
        ("Lorn Port did not return calls", "Lorn Port", True),
        ("Lorn Port declined to comment on the letter", "Lorn Port", True),
        ("Lorn Port declined to comment on the ferry tickets", "Lorn Port", False),
        ("The Transport Ministry did not return calls", "Transport Ministry", False),
    ],
)
def test_a_silence_is_on_the_unnamed_report_that_begins_the_article(harbour, w, text, who, answers):
    with JUDGE.instead(NEVER):
        article = harbour.print(hid(w), pumps(w), silence(w, text, who))

    told = [("withholds", article.decisions[0].claim_id)] if answers else []
    assert links(article, 2) == told


def test_a_silence_is_not_surely_on_what_a_named_person_says_or_what_comes_later(harbour, w):
    named = hid(w).model_copy(update={"attribution": (w.person("Ada Crane"),)})

    with JUDGE.instead(NEVER):
        by_name = harbour.print(named, silence(w, "Lorn Port did not return calls"))
        later = harbour.print(pumps(w), hid(w), silence(w, "Lorn Port did not return calls"))

    assert (links(by_name, 1), links(later, 2)) == ([], [])


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Lorn Port would not comment on that", True),
        ("Lorn Port declined to say whether that was so", True),
        ("Lorn Port would not comment on that day", False),
    ],
)
def test_a_silence_that_points_is_on_the_sentence_before(harbour, w, text, answers):
    with JUDGE.instead(NEVER):
        article = harbour.print(hid(w), pumps(w), silence(w, text))

    told = [("withholds", article.decisions[1].claim_id)] if answers else []
    assert links(article, 2) == told


def toll(w, text, **more):
    return w.said(text, "flood", "kill", None, place=w.read, **more)


def test_a_toll_is_told_as_an_update_whatever_it_looks_like(harbour, w):
    first = harbour.print(toll(w, "The flood at the quay killed four people"))

    with JUDGE.instead(NEVER):
        then = harbour.print(toll(w, "The flood at the quay killed seven people"))

    assert links(then, 0) == [("updates", first.decisions[0].claim_id)]


def test_a_toll_that_only_the_sentence_around_gives_is_told_if_it_is_trusted(harbour, w):
    around = "Seven people were killed, and the flood at the quay"
    harbour.print(toll(w, "The flood at the quay killed four people"))
    aside = w.said(f"{around} tore a crane down", "flood", "tear", "a crane", place=w.read)

    with JUDGE.instead(NEVER):
        then = harbour.print(aside.model_copy(update={"text": "The flood at the quay tore a crane down"}))

    assert links(then, 0) == []


def test_of_what_the_sentence_before_tells_a_denial_answers_what_names_him(harbour, w):
    two = (w.unnamed("two people"),)
    text = "The Transport Ministry was warned and Lorn Port hid a letter, two people say"
    other = w.said(text, "Transport Ministry", "warn", None, attribution=two)
    other = other.model_copy(update={"text": "The Transport Ministry was warned"})
    start = harbour.print(pumps(w), other, hid(w), answer(w, "Lorn Port rejected that"))

    assert links(start, 3) == [("denies", start.decisions[2].claim_id)]


def test_a_count_of_those_who_were_moved_is_only_told_if_it_is_trusted(harbour, w):
    first = harbour.print(toll(w, "The flood at the quay left 400 people homeless"))

    with JUDGE.instead(NEVER):
        doubted = harbour.print(toll(w, "The flood at the quay left 900 people homeless"))
    with JUDGE.instead(Trust({}, 9.0)):
        trusted = harbour.print(toll(w, "The flood at the quay left 950 people homeless"))

    assert first.decisions[0].claim_id is not None
    assert links(doubted, 0) == []
    assert [rel for rel, _ in links(trusted, 0)] == ["updates"]


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("Lorn Port should have listed 133 berths and not 131", True),
        ("Lorn Port listed 133 berths instead of 131", True),
        ("Lorn Port listed more than 131 berths", False),
    ],
)
def test_the_older_figure_that_a_text_names_needs_no_judge(harbour, w, text, replaced):
    berths = w.said("Lorn Port has 131 berths", "Lorn Port", "have", None, quantities=(w.figure(131, "berths"),))
    first = harbour.print(berths)
    figures = (w.figure(133, "berths"), w.figure(131, "berths")) if replaced else (w.figure(131, "berths"),)
    later = w.said(text, "Lorn Port", "list", None, quantities=figures, place=w.read)

    with JUDGE.instead(NEVER):
        then = harbour.print(later)

    assert links(then, 0) == ([("updates", first.decisions[0].claim_id)] if replaced else [])


def test_a_silence_ends_with_the_clause_that_says_so_though_nothing_tells_on_what_it_was(harbour, w):
    kept = harbour.print(silence(w, "Lorn Port did not return calls"))
    harbour.print(w.said("Lorn Port spoke of its new cranes", "Lorn Port", "speak", "its new cranes"))
    lasting = harbour.registry.claims[kept.decisions[0].claim_id].ended
    harbour.print(w.said("Lorn Port broke its silence at midnight", "Lorn Port", "break", "its silence"))

    assert not lasting
    assert harbour.registry.claims[kept.decisions[0].claim_id].ended


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Officials knew of deaths in the valley as early as January 26", ()),
        ("Two people had died by 26 January", (Tally("dead", 2.0),)),
        ("The plane made 900 flights without a fatality", ()),
        ("A woman died of a heart attack on one of the buses", ()),
        ("One of them is dead", (Tally("dead", 1.0),)),
        ("In May 26 people died", (Tally("dead", 26.0),)),
    ],
)
def test_neither_a_date_nor_what_went_well_is_a_count(text, counted):
    assert tallies(text) == counted
