"""How a new claim stands against known ones: denials, silences and figures find what they are about."""

from __future__ import annotations

import pytest

from service.contract.data import When
from workers.claims.grammar.stems import root
from workers.claims.links.stance import stance

REOPENED = "Lorn Port has agreed to reopen the flooded quay"


def kinds(result):
    return [effect.type for effect in result.effects]


@pytest.fixture
def harbour(w):
    return w.newsroom(w.story("Lorn Port", "Dockers League", "Transport Ministry"))


def links(result, at=0):
    return [(link.rel, link.target) for link in result.decisions[at].links]


def claim(result, at=0):
    return result.decisions[at].claim_id


def league(w, text, *slots, **more):
    return w.said(text, *slots, attribution=(w.unnamed("a spokesman for the Dockers League"),), **more)


def port(w, text, *slots, **more):
    return w.said(text, *slots, attribution=(w.unnamed("a spokesman for Lorn Port"),), **more)


def port_denies(w):
    """Of `REOPENED`, by the port."""
    text = "Lorn Port denied that it had agreed to reopen the quay"
    return port(w, text, "Lorn Port", "agree reopen", "the quay", polarity="denied")


# -- denials ---------------------------------------------------------------------------------------------------------


def test_a_denial_finds_what_it_denies_by_its_words(harbour, w):
    told = harbour.print(
        w.said(
            "The Dockers League demanded that Lorn Port reopen the quay", "Dockers League", "demand reopen", "Lorn Port"
        ),
        w.said(REOPENED, "Lorn Port", "agree reopen", "the flooded quay"),
    )
    denied = harbour.print(port_denies(w))

    assert links(denied) == [("denies", claim(told, 1))]
    assert kinds(denied) == ["new", "disputed"]
    assert harbour.registry.claims[claim(told, 1)].support.denied_by == (claim(denied),)


def test_nobody_denies_what_he_said_himself(harbour, w):
    harbour.print(port(w, REOPENED, "Lorn Port", "agree reopen", "the flooded quay"))
    denied = harbour.print(port_denies(w))

    assert links(denied) == []


def test_a_denial_that_repeats_nothing_is_about_what_stands_before_it(harbour, w):
    harbour.print(
        w.said("The Transport Ministry closed the ferry line", "Transport Ministry", "close", "the ferry line")
    )
    article = harbour.print(
        league(w, "Lorn Port paid the crane drivers nothing", "Lorn Port", "pay", "the crane drivers"),
        port(w, "That is simply untrue", None, "be untrue", None, polarity="denied"),
    )

    assert links(article, 1) == [("denies", claim(article))]


def test_a_figure_called_invented_is_a_denial_of_the_claim_with_the_figure(harbour, w):
    article = harbour.print(
        league(
            w,
            "Lorn Port wants to cut 300 jobs",
            "Lorn Port",
            "want cut",
            "300 jobs",
            quantities=(w.figure(300, "jobs"),),
        ),
        w.said("Lorn Port called the figure pure invention", "Lorn Port", "call", "the figure"),
    )

    assert links(article, 1) == [("denies", claim(article))]
    assert harbour.registry.claims[claim(article, 1)].claim.polarity == "denied"


def test_a_dismissal_told_by_another_outlet_in_other_words_is_the_same(harbour, w):
    first = harbour.print(
        league(
            w,
            "Lorn Port wants to cut 300 jobs",
            "Lorn Port",
            "want cut",
            "300 jobs",
            quantities=(w.figure(300, "jobs"),),
        ),
        w.said("Lorn Port called the figure pure invention", "Lorn Port", "call", "the figure"),
    )
    again = harbour.print(
        league(
            w,
            "Lorn Port wants to cut 300 jobs",
            "Lorn Port",
            "want cut",
            "300 jobs",
            quantities=(w.figure(300, "jobs"),),
        ),
        w.said("Lorn Port dismissed the claim as nonsense", "Lorn Port", "dismiss", "the claim"),
    )

    assert claim(again, 1) == claim(first, 1)
    assert "new" not in kinds(again)


def test_somebody_who_says_that_it_is_not_so_denies_it(harbour, w):
    told = harbour.print(
        w.said(
            "The Dockers League and Lorn Port have been negotiating wages since July",
            "Dockers League",
            "negotiate",
            "Lorn Port",
        )
    )
    denied = harbour.print(
        port(
            w,
            "There are no negotiations about wages with the Dockers League",
            None,
            "be negotiation",
            None,
            polarity="denied",
        )
    )

    assert links(denied) == [("denies", claim(told))]


@pytest.mark.parametrize(("said", "linked"), [("There are no negotiations", True), ("There are no discussions", False)])
def test_one_near_word_is_not_enough_to_deny_what_the_article_does_not_tell(harbour, w, said, linked):
    text = "The Dockers League and Lorn Port have been negotiating since July"
    told = harbour.print(w.said(text, "Dockers League", "negotiate", "Lorn Port"))
    denied = harbour.print(port(w, said, None, f"be {said.split()[-1][:-1]}", None, polarity="denied"))

    assert links(denied) == ([("denies", claim(told))] if linked else [])


def test_what_the_text_itself_says_is_not_so_answers_nobody(harbour, w):
    harbour.print(
        w.said(
            "The Dockers League and Lorn Port have been negotiating wages since July",
            "Dockers League",
            "negotiate",
            "Lorn Port",
        )
    )
    said = harbour.print(
        w.said(
            "There are no negotiations about wages with the Dockers League",
            None,
            "be negotiation",
            None,
            polarity="denied",
        )
    )

    assert links(said) == []


def test_a_denial_never_points_at_a_retracted_claim(harbour, w):
    told = harbour.print(w.said(REOPENED, "Lorn Port", "agree reopen", "the flooded quay"))
    harbour.registry.upsert(harbour.known(told).model_copy(update={"retracted": True}))

    denied = harbour.print(port_denies(w))

    assert links(denied) == []


def test_each_side_says_that_the_other_did_it(harbour, w):
    told = harbour.print(
        port(w, "A boat of the Dockers League rammed the pilot boat of Lorn Port", "Dockers League", "ram", "Lorn Port")
    )
    other = harbour.print(
        league(
            w, "The pilot boat of Lorn Port rammed a boat of the Dockers League", "Lorn Port", "ram", "Dockers League"
        )
    )

    assert links(other) == [("contradicts", claim(told))]
    assert kinds(other) == ["new", "disputed"]


@pytest.mark.parametrize(
    ("form", "base"),
    [("bought", "buy"), ("stole", "steal"), ("withdrew", "withdraw"), ("hidden", "hide"), ("broken", "break")],
)
def test_an_irregular_form_is_the_word_of_its_base(form, base):
    assert root(form) == root(base)


@pytest.mark.parametrize(("noun", "verb"), [("mediation", "mediate"), ("mediator", "mediated")])
def test_a_noun_of_what_is_done_and_of_who_does_it_is_the_word_of_its_verb(noun, verb):
    assert root(noun) == root(verb)


@pytest.mark.parametrize("noun", ["director", "million", "region"])
def test_a_noun_that_only_ends_alike_stays(noun):
    assert root(noun) == noun


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize(
    ("denies", "linked"), [("cranes, barges and sheds were pledged to the bank", False), ("it had sold cranes", True)]
)
def test_a_denial_links_to_a_claim_that_tells_most_of_its_words(harbour, w, beside, denies, linked):
    told = w.said("Lorn Port sold the northern cranes to a scrap dealer", "Lorn Port", "sell", "the northern cranes")
    denied = port(w, f"Lorn Port denied that {denies}", "Lorn Port", denies.split()[-1], None, polarity="denied")
    article = harbour.print(told, denied) if beside else (harbour.print(told), harbour.print(denied))[1]

    assert bool(links(article, 1 if beside else 0)) == linked


@pytest.mark.parametrize("first", [True, False])
def test_who_counts_brings_his_own_count_up_to_date(harbour, w, first):
    def dead(count, says):
        people = w.figure(count, "people")
        return harbour.print(says(w, f"{count} people have died", f"{count} people", "die", quantities=(people,)))

    counts = {league: dead(40, league), port: dead(55, port)}
    again = dead(60, league if first else port)

    assert links(again) == [("updates", claim(counts[league if first else port]))]


def test_what_was_denied_before_anybody_said_it_is_disputed_from_the_start(harbour, w):
    denied = harbour.print(port_denies(w))
    said = harbour.print(league(w, REOPENED, "Lorn Port", "agree reopen", "the flooded quay"))

    assert links(said) == [("contradicts", claim(denied))]
    assert harbour.registry.claims[claim(said)].support.denied_by == (claim(denied),)


def test_what_was_denied_before_is_not_whatever_else_is_said_of_it(harbour, w):
    harbour.print(port_denies(w))
    said = harbour.print(league(w, "Lorn Port paved the quay in spring", "Lorn Port", "pave", "the quay"))

    assert links(said) == []


def test_two_people_whom_the_story_does_not_list_are_two_deniers(harbour, w):
    harbour.print(w.said(REOPENED, "Lorn Port", "agree reopen", "the flooded quay"))

    def denial(name):
        hop = w.person(name)
        return w.said("That is simply untrue", None, "be untrue", None, polarity="denied", attribution=(hop,))

    first = harbour.print(w.said(REOPENED, "Lorn Port", "agree reopen", "the flooded quay"), denial("Ada Prill"))
    other = harbour.print(w.said(REOPENED, "Lorn Port", "agree reopen", "the flooded quay"), denial("Bo Tarn"))

    assert claim(first, 1) != claim(other, 1)
    assert links(other, 1) == links(first, 1)


# -- silences --------------------------------------------------------------------------------------------------------


def quiet(w, text="Lorn Port declined to comment", who="Lorn Port"):
    return w.said(text, who, "decline comment", None, kind="no_comment", polarity="denied", modality="unconfirmed")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The office of the harbour master denied of any payment", "denial"),
        ("Asked whether it had been told, the harbour master shook his head", "denial"),
        ("The harbour master's office had no comment", "silence"),
        ("It is far too soon to draw conclusions", "silence"),
        ("The harbour master rejected that", "denial"),
        ("The harbour master rejected that offer", None),
        ("The harbour master called the report a fairy tale", "denial"),
        ("The harbour master nodded at the questions", None),
    ],
)
def test_denials_and_silences_are_seen_in_loose_words(w, text, kind):
    clause = w.said(text, "harbour master", "do", None)
    taken = stance(clause, text)
    assert (taken.kind if taken else None) == kind


def accused(w):
    return (
        league(w, "The quay wall has been cracked for a year", "wall", "crack", None),
        league(w, "Lorn Port hid a report about the cracks", "Lorn Port", "hide", "a report about the cracks"),
        w.said("The Transport Ministry sent two engineers", "Transport Ministry", "send", "two engineers"),
    )


def test_a_silence_is_about_the_first_that_the_article_tells_of_who_keeps_it(harbour, w):
    article = harbour.print(*accused(w), quiet(w))

    assert links(article, 3) == [("withholds", claim(article, 1))]
    assert harbour.registry.claims[claim(article, 1)].support.no_comment == (claim(article, 3),)


def test_a_silence_of_who_only_stands_by_is_about_nothing_in_particular(harbour, w):
    article = harbour.print(
        *accused(w)[:2], quiet(w, "The Transport Ministry declined to comment", "Transport Ministry")
    )

    assert links(article, 2) == []


def test_a_silence_of_who_is_only_told_of_is_about_the_first_that_names_him(harbour, w):
    article = harbour.print(
        league(w, "The quay wall has been cracked for a year", "wall", "crack", None),
        league(w, "A report about the cracks went to Lorn Port", "a report", "go", "Lorn Port"),
        quiet(w),
    )

    assert links(article, 2) == [("withholds", claim(article, 1))]


def test_a_silence_of_whom_the_whole_article_tells_is_about_nothing_in_particular(harbour, w):
    paid = league(w, "Lorn Port paid the crane drivers nothing", "Lorn Port", "pay", "the crane drivers")
    closed = league(w, "Lorn Port closed the northern basin", "Lorn Port", "close", "the northern basin")
    article = harbour.print(*accused(w)[:2], paid, closed, quiet(w))

    assert links(article, 4) == []


def test_a_silence_that_says_on_what_is_about_that(harbour, w):
    article = harbour.print(*accused(w), quiet(w, "Lorn Port would not say whether the wall had been cracked for long"))

    assert links(article, 3) == [("withholds", claim(article))]


@pytest.mark.parametrize(
    "text",
    [
        "Lorn Port did not answer messages",
        "Lorn Port would not discuss the report",
        "Lorn Port's chief walked past reporters",
        "Lorn Port said any statement was premature",
        "Lorn Port declined to give the date of the report",
        "Lorn Port refused to explain the report",
    ],
)
def test_silence_has_many_words(harbour, w, text):
    article = harbour.print(*accused(w), w.said(text, "Lorn Port", None, None))

    assert harbour.registry.claims[claim(article, 3)].kind == "no_comment"


def test_a_silence_told_by_another_outlet_is_the_same(harbour, w):
    first = harbour.print(*accused(w), quiet(w))
    again = harbour.print(*accused(w), quiet(w, "There was no immediate comment from Lorn Port"))

    assert claim(again, 3) == claim(first, 3)


def test_a_silence_ends_once_when_who_kept_it_speaks_of_it(harbour, w):
    article = harbour.print(*accused(w), quiet(w))
    spoke = harbour.print(
        port(
            w,
            "Lorn Port denied that it had hidden a report about cracks",
            "Lorn Port",
            "hide",
            "a report",
            polarity="denied",
        )
    )

    assert links(spoke) == [("denies", claim(article, 1))]
    assert ("updates", claim(article, 3)) in [(link.rel, link.target) for link in harbour.known(spoke).links]
    assert "updated" in kinds(spoke)
    assert harbour.registry.claims[claim(article, 3)].ended

    later = harbour.print(
        port(w, "Lorn Port has hired a lawyer over the report about the cracks", "Lorn Port", "hire", "a lawyer")
    )
    assert "updated" not in kinds(later)


@pytest.mark.parametrize(
    "text",
    [
        "Lorn Port sent flowers after weeks of silence",
        "Lorn Port broke its silence and sent flowers",
    ],
)
def test_a_silence_ends_where_the_text_says_so(harbour, w, text):
    article = harbour.print(*accused(w), quiet(w))
    harbour.print(port(w, text, "Lorn Port", "have", "a report about the cracks"))

    assert harbour.registry.claims[claim(article, 3)].ended


def test_a_silence_lasts_while_its_keeper_speaks_of_other_things(harbour, w):
    article = harbour.print(*accused(w), quiet(w))
    harbour.print(port(w, "Ferries will sail hourly in summer", "ferries", "sail", None))

    assert not harbour.registry.claims[claim(article, 3)].ended


# -- figures and times -----------------------------------------------------------------------------------------------


def test_a_count_updates_the_latest_count_not_the_nearest(harbour, w):
    def toll(text, actor, action, **more):
        return harbour.print(w.said(text, actor, action, None, **more))

    toll(
        "The collapse of the quay killed at least two dockers", "collapse", "kill", quantities=(w.figure(2, "dockers"),)
    )
    third = toll("A third docker has died after the collapse of the quay", "docker", "die")
    fourth = toll(
        "The death toll of the collapse of the quay rose to four",
        "death toll",
        "rise",
        quantities=(w.figure(4, "toll"),),
    )

    assert links(fourth) == [("updates", claim(third))]
    assert kinds(fourth) == ["new", "updated"]


def collapsed(w, dead, missing, text="{} dockers died in the collapse of the quay and {} are missing"):
    quantities = (w.figure(dead, "dockers"), w.figure(missing, "dockers"))
    return w.said(text.format(dead, missing), "dockers", "die", None, quantities=quantities)


def test_a_clause_with_two_counts_updates_the_claims_of_both(harbour, w):
    nine, many = (w.figure(9, "dockers"),), (w.figure(38, "dockers"),)
    killed, missed = "The collapse of the quay killed nine dockers", "38 dockers are missing in the ruins of the quay"
    dead = harbour.print(w.said(killed, "collapse", "kill", "dockers", quantities=nine))
    missing = harbour.print(w.said(missed, "dockers", "be missing", None, quantities=many))
    both = harbour.print(collapsed(w, 14, 41))

    assert links(both) == [("updates", claim(dead)), ("updates", claim(missing))]
    assert kinds(both) == ["new", "updated", "updated"]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Four dockers died in the collapse of the quay", False),
        ("The harbour master lowered the death toll of the collapse of the quay to four", True),
    ],
)
def test_a_count_of_the_dead_falls_only_where_it_is_corrected(harbour, w, text, linked):
    told = harbour.print(w.said("The collapse of the quay killed nine dockers", "collapse", "kill", "dockers"))
    lower = harbour.print(w.said(text, "harbour master", "say", None, quantities=(w.figure(4, "dockers"),)))

    assert (("updates", claim(told)) in links(lower)) == linked


def test_a_part_of_a_count_updates_nothing(harbour, w):
    harbour.print(
        w.said(
            "The collapse of the quay injured 19 dockers",
            "collapse",
            "injure",
            "19 dockers",
            quantities=(w.figure(19, "dockers"),),
        )
    )
    part = harbour.print(
        w.said(
            "Nine of the injured dockers are in hospital after the collapse of the quay",
            "nine",
            "be",
            None,
            quantities=(w.figure(9, "injured"),),
        )
    )

    assert links(part) == []


def test_a_clause_that_names_the_figure_it_replaces_updates_that_claim(harbour, w):
    told = harbour.print(
        league(w, "The port plans to cut 1,200 jobs", "port", "plan cut", None, quantities=(w.figure(1200, "jobs"),)),
        w.said("The wall is 1,100 metres long", "wall", "be", None, quantities=(w.figure(1100, "metres"),)),
    )  # fmt: skip
    quantities = (w.figure(400, "redundancies"), w.figure(1200, "").model_copy(update={"text": "1200"}))
    now = harbour.print(
        port(
            w,
            "The company reckons with some 400 redundancies rather than the 1200",
            "company",
            "reckon",
            None,
            quantities=quantities,
        )
    )

    assert links(now) == [("updates", claim(told))]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Complaints came from 1200 households in the valley", (1200,)),
        ("Ferries carried 900 tourists to the island in summer", (900,)),
    ],
)
def test_a_figure_of_something_else_updates_nothing(harbour, w, text, figures):
    harbour.print(
        league(w, "The port plans to cut 1,200 jobs", "port", "plan cut", None, quantities=(w.figure(1200, "jobs"),))
    )
    other = harbour.print(
        w.said(text, "port", "carry", None, quantities=tuple(w.figure(value, "jobs") for value in figures))
    )

    assert "updates" not in [rel for rel, _ in links(other)]


def test_a_deadline_put_off_updates_the_claim_that_told_of_it(harbour, w):
    due = w.on("by 20 May", 20, 20)
    told = harbour.print(
        w.said("The Transport Ministry has until 20 May to decide", "Transport Ministry", "have decide", None, when=due)
    )
    later = harbour.print(
        w.said("The Transport Ministry has postponed the decision", "Transport Ministry", "postpone", "the decision")
    )

    assert links(later) == [("updates", claim(told))]


def discovered(w, who, by, when):
    return w.said(
        f"{who} discovered the cracks in the wall {when.text}",
        who,
        "discover",
        "the cracks in the wall",
        when=when,
        attribution=(w.unnamed(by),),
    )


@pytest.fixture
def noticed(w):
    return w.said(
        "Lorn Port had noticed cracks on 3 May",
        "Lorn Port",
        "notice",
        "cracks",
        when=w.on("on 3 May", 3, 3),
        attribution=(w.unnamed("two divers"),),
    )


def test_an_act_told_of_another_time_contradicts_it(harbour, w, noticed):
    told = harbour.print(discovered(w, "Lorn Port", "a clerk", w.on("on 20 May", 20, 20)))
    earlier = harbour.print(noticed)

    assert links(earlier) == [("contradicts", claim(told))]


@pytest.mark.parametrize(("who", "day"), [("Transport Ministry", 20), ("Lorn Port", 3)])
def test_an_act_of_another_or_of_the_same_time_contradicts_nothing(harbour, w, noticed, who, day):
    harbour.print(discovered(w, who, "a clerk", w.on(f"on {day} May", day, day)))
    earlier = harbour.print(noticed)

    assert links(earlier) == []


def test_times_that_conflict_name_their_sources(harbour, w):
    def told(when):
        return w.said(
            "The Transport Ministry closed the ferry line", "Transport Ministry", "close", "the ferry line", when=when
        )

    harbour.print(told(w.on("on Friday", 2, 2)))
    again = harbour.print(told(w.on("late last month", 20, 30)))

    when = harbour.known(again).claim.when
    assert (when.conflicts_with, when.conflict_sources) == (("late last month",), ("text:invented/2",))


def test_a_relative_time_that_is_only_printed_again_is_stale_and_counted_from_the_first_print(harbour, w):
    def told(first, last):
        dated = w.on("a week ago", first, last)
        when = When(**{**dated.model_dump(), "basis": "relative_to_publication"})
        return w.said(
            "The Transport Ministry closed the ferry line", "Transport Ministry", "close", "the ferry line", when=when
        )

    first = harbour.print(told(2, 3))
    assert not harbour.known(first).claim.when.stale
    again = harbour.print(told(20, 21))

    when = harbour.known(again).claim.when
    assert when.stale
    assert (when.earliest.day, len(harbour.known(again).whens)) == (2, 1)
