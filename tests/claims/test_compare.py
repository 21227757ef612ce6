from datetime import UTC, datetime

import pytest

from service.contract.data import Document
from workers.claims.compare import Registry, carry
from workers.claims.sameness import same


def kinds(result):
    return [effect.type for effect in result.effects]


@pytest.fixture
def harbour(w):
    """A strike: the port, its dockers, the ministry."""
    return w.newsroom(w.story("Lorn Port", "Dockers League", "Transport Ministry"))


def asked(w, text="The Transport Ministry asked Lorn Port to reopen the quay", action="ask reopen the quay", **more):
    return w.said(text, "Transport Ministry", action, "Lorn Port", **more)


def test_what_nobody_said_is_new(harbour, w):
    result = harbour.print(asked(w))

    assert kinds(result) == ["new"]
    assert result.decisions[0].verdict == "new"
    assert harbour.known(result).claim.confidence == "high"


def test_the_same_by_another_verb_and_another_outlet_is_no_news(harbour, w):
    first = harbour.print(asked(w))
    again = harbour.print(
        asked(w, "The Transport Ministry ordered Lorn Port to open the quay again", "order open the quay again")
    )

    assert again.decisions[0].claim_id == first.decisions[0].claim_id
    assert kinds(again) == ["corroborated"]
    assert harbour.known(again).support.origins == 2


def test_banning_somebody_is_not_letting_him_in(harbour, w):
    harbour.print(w.said("Lorn Port banned the Dockers League from the quay", "Lorn Port", "ban", "Dockers League"))
    other = harbour.print(
        w.said("Lorn Port allowed the Dockers League onto the quay", "Lorn Port", "allow", "Dockers League")
    )

    assert kinds(other) == ["new"]


def test_as_many_hurt_as_dead_are_others(harbour, w):
    def blast(deed, verb):
        people = {"quantities": (w.figure(12, "people"),)}
        return harbour.print(w.said(f"The blast at Lorn Port {deed} 12 people", "blast", verb, "12 people", **people))

    blast("killed", "kill")

    assert kinds(blast("injured", "injure")) == ["new"]
    assert kinds(blast("wounded", "wound")) == ["corroborated"]


def test_a_cut_is_no_raise(harbour, w):
    harbour.print(w.said("Lorn Port raised the wages of the Dockers League by 5%", "Lorn Port", "raise wages", "5%"))
    other = harbour.print(
        w.said("Lorn Port cut the wages of the Dockers League by 5%", "Lorn Port", "cut wages", "5%"),
    )

    assert kinds(other) == ["new"]


def test_role_inversion_never_merges(harbour, w):
    first = harbour.print(
        w.said("Lorn Port rejected the offer of the Dockers League", "Lorn Port", "reject the offer", "Dockers League")
    )
    other = harbour.print(
        w.said("The Dockers League rejected the offer of Lorn Port", "Dockers League", "reject the offer", "Lorn Port")
    )

    assert kinds(other) == ["new"]
    assert other.decisions[0].claim_id != first.decisions[0].claim_id
    assert other.decisions[0].why.detail.startswith("inversion")


def test_without_the_slot_guard_the_inversion_would_merge(harbour, w, monkeypatch):
    monkeypatch.setattr(same, "_best_slots", lambda *compared: "none")
    harbour.print(
        w.said("Lorn Port rejected the offer of the Dockers League", "Lorn Port", "reject the offer", "Dockers League")
    )

    other = harbour.print(
        w.said("The Dockers League rejected the offer of Lorn Port", "Dockers League", "reject the offer", "Lorn Port")
    )

    assert other.decisions[0].verdict in ("same", "corroborates")


def test_another_actor_is_another_claim(harbour, w):
    harbour.print(asked(w))

    other = harbour.print(
        w.said(
            "The Dockers League asked Lorn Port to reopen the quay",
            "Dockers League",
            "ask reopen the quay",
            "Lorn Port",
        )
    )

    assert kinds(other) == ["new"]


def test_asking_for_a_thing_is_not_the_thing(harbour, w):
    harbour.print(asked(w))

    done = harbour.print(w.said("Lorn Port reopened the quay", "Lorn Port", "reopen", "the quay"))

    assert kinds(done) == ["new"]


def test_telling_what_one_will_do_is_no_order(harbour, w):
    harbour.print(
        w.said(
            "Lorn Port told the Dockers League to leave the quay", "Lorn Port", "tell leave the quay", "Dockers League"
        )
    )
    harbour.print(
        w.said("Lorn Port informed the Dockers League of the decision", "Lorn Port", "inform", "Dockers League")
    )

    other = harbour.print(
        w.said(
            "Lorn Port notified the Dockers League of the decision that it would suspend talks",
            "Lorn Port",
            "notify suspend talks",
            "Dockers League",
        )
    )
    order = harbour.print(
        w.said(
            "Lorn Port notified the Dockers League that it would have to leave the quay",
            "Lorn Port",
            "notify leave the quay",
            "Dockers League",
        )
    )

    assert kinds(other) == ["new"]
    assert "new" not in kinds(order)


def test_a_prediction_is_not_the_fact_and_the_fact_updates_it(harbour, w):
    harbour.print(w.said("Lorn Port will reopen the quay", "Lorn Port", "reopen", "the quay", modality="expected"))

    done = harbour.print(w.said("Lorn Port has reopened the quay", "Lorn Port", "reopen", "the quay"))

    assert kinds(done) == ["new", "updated"]


def test_an_open_slot_matches_nothing(harbour, w):
    harbour.print(w.said("Somebody cut the cable", None, "cut", None))

    other = harbour.print(w.said("The minister cut her holiday short", None, "cut short", None))

    assert kinds(other) == ["new"]


def test_a_toll_that_rose_is_a_claim_of_its_own_that_updates(harbour, w):
    first = harbour.print(
        w.said(
            "Four dockers were hurt in the crush",
            "four dockers",
            "hurt in the crush",
            None,
            quantities=(w.figure(4, "dockers"),),
        )
    )
    risen = harbour.print(
        w.said(
            "Nine dockers were hurt in the crush",
            "nine dockers",
            "hurt in the crush",
            None,
            quantities=(w.figure(9, "dockers"),),
        )
    )

    target = first.decisions[0].claim_id
    assert kinds(risen) == ["new", "updated"]
    assert [(link.rel, link.target) for link in risen.decisions[0].links] == [("updates", target)]
    assert risen.effects[1].claim_id == target


def test_the_old_toll_told_again_is_still_the_old_claim(harbour, w):
    crush = "dockers were hurt in the crush"
    first = harbour.print(
        w.said(f"Four {crush}", "four dockers", "hurt in the crush", None, quantities=(w.figure(4, "dockers"),))
    )
    harbour.print(
        w.said(f"Nine {crush}", "nine dockers", "hurt in the crush", None, quantities=(w.figure(9, "dockers"),))
    )

    late = harbour.print(
        w.said(f"Four {crush}", "four dockers", "hurt in the crush", None, quantities=(w.figure(4, "dockers"),))
    )

    assert late.decisions[0].claim_id == first.decisions[0].claim_id
    assert "new" not in kinds(late)


def test_a_corrected_name_updates_the_claim_it_corrects(harbour, w):
    first = harbour.print(
        w.said("Lorn Port dismissed foreman Ode Harl", "Lorn Port", "dismiss", "foreman Ode Harl"), wire="w"
    )
    text = "Lorn Port dismissed foreman Odd Hall"
    at = text.index("Odd")
    fixed = harbour.print(
        w.said(text, "Lorn Port", "dismiss", "foreman Odd Hall"),
        wire="w",
        corrections=[(at, len(text), "Ode Harl", "Odd Hall")],
    )

    assert kinds(fixed) == ["new", "updated"]
    assert fixed.effects[1].claim_id == first.decisions[0].claim_id


def test_a_date_put_off_is_an_update(harbour, w):
    talk = ("Talks will open", "talks", "open", None)
    harbour.print(w.said(*talk, modality="expected", when=w.on("on 9 May", 9, 9)))

    later = harbour.print(w.said(*talk, modality="expected", when=w.on("on 20 May", 20, 20)))

    assert kinds(later) == ["new", "updated"]


def test_the_new_date_told_again_is_no_further_update(harbour, w):
    talk = ("Talks will open", "talks", "open", None)
    harbour.print(w.said(*talk, modality="expected", when=w.on("on 9 May", 9, 9)))
    later = harbour.print(w.said(*talk, modality="expected", when=w.on("on 20 May", 20, 20)))

    again = harbour.print(w.said(*talk, modality="expected", when=w.on("on the 20th", 20, 20)))

    assert again.decisions[0].claim_id == later.decisions[0].claim_id
    assert "new" not in kinds(again)


def test_a_correction_carried_by_a_second_copy_is_told_once(harbour, w):
    harbour.print(w.said("Lorn Port dismissed foreman Ode Harl", "Lorn Port", "dismiss", "foreman Ode Harl"), wire="w")
    fixed = w.said("Lorn Port dismissed foreman Odd Hall", "Lorn Port", "dismiss", "foreman Odd Hall")
    corrections = [(fixed.text.index("Odd"), len(fixed.text), "Ode Harl", "Odd Hall")]
    first = harbour.print(fixed, wire="w", corrections=corrections)

    second = harbour.print(fixed, by="Another Outlet", wire="w", corrections=corrections)

    assert second.decisions[0].claim_id == first.decisions[0].claim_id
    assert kinds(second) == []


def test_times_of_one_claim_that_conflict_stay_visible(harbour, w):
    harbour.print(asked(w, when=w.on("on Friday", 2, 2)))
    again = harbour.print(
        asked(
            w,
            "The Transport Ministry told Lorn Port to reopen the quay",
            "tell reopen",
            when=w.on("a week ago", 20, 21),
        )
    )

    known = harbour.known(again)
    assert "new" not in kinds(again)
    assert known.claim.when.text == "on Friday"
    assert known.claim.when.conflicts_with == ("a week ago",)
    assert [when.text for when in known.whens] == ["on Friday", "a week ago"]


def test_times_that_can_be_the_same_do_not_conflict(harbour, w):
    harbour.print(asked(w, when=w.on("on Friday", 2, 2)))
    again = harbour.print(asked(w, when=w.on("early this month", 1, 9)))

    assert harbour.known(again).claim.when.conflicts_with == ()


def denial(w, who=None, text="Two Lorn Port managers denied having been told to reopen the quay"):
    return w.said(
        text, "two Lorn Port managers", "deny having been told to reopen the quay", "Transport Ministry",
        polarity="denied", attribution=(who or w.unnamed("two Lorn Port managers"),),
    )  # fmt: skip


def test_a_denial_is_new_links_and_disputes(harbour, w):
    claim = harbour.print(asked(w)).decisions[0].claim_id
    denied = harbour.print(denial(w))

    assert kinds(denied) == ["new", "disputed"]
    assert [(link.rel, link.target) for link in denied.decisions[0].links] == [("denies", claim)]
    assert denied.effects[1].claim_id == claim
    assert harbour.registry.claims[claim].support.denied_by == (denied.decisions[0].claim_id,)


def test_a_denial_repeated_by_the_same_denier_is_the_same(harbour, w):
    harbour.print(asked(w))
    first = harbour.print(denial(w))
    again = harbour.print(
        denial(
            w,
            w.unnamed("two Lorn Port executives"),
            "Two Lorn Port executives have denied that the Transport Ministry issued any such order",
        )
    )

    assert again.decisions[0].claim_id == first.decisions[0].claim_id
    assert "new" not in kinds(again)


def test_a_denial_by_somebody_else_is_another(harbour, w):
    harbour.print(asked(w))
    harbour.print(denial(w))
    other = harbour.print(
        denial(
            w, w.person("Ilse Marn"), "Ilse Marn denied that the Transport Ministry told Lorn Port to reopen the quay"
        )
    )

    assert kinds(other) == ["new", "disputed"]


def test_a_denial_that_came_first_is_linked_when_the_claim_arrives(harbour, w):
    first = harbour.print(denial(w))
    claim = harbour.print(asked(w))

    denier = first.decisions[0].claim_id
    assert kinds(first) == ["new"]
    assert kinds(claim) == ["new", "disputed"]
    assert [(link.rel, link.target) for link in claim.decisions[0].links] == [("contradicts", denier)]
    assert harbour.known(claim).support.denied_by == (denier,)


def test_a_plain_negation_contradicts_and_never_merges(harbour, w):
    claim = harbour.print(w.said("Lorn Port reopened the northern quay", "Lorn Port", "reopen", "the northern quay"))
    negated = harbour.print(
        w.said(
            "Lorn Port has not reopened the northern quay",
            "Lorn Port",
            "not reopen",
            "the northern quay",
            polarity="denied",
        )
    )

    assert kinds(negated) == ["new", "disputed"]
    assert negated.decisions[0].links[0].rel == "contradicts"
    assert negated.decisions[0].claim_id != claim.decisions[0].claim_id


def test_a_negation_of_something_else_contradicts_nothing(harbour, w):
    harbour.print(w.said("Lorn Port reopened the northern quay", "Lorn Port", "reopen", "the northern quay"))

    other = harbour.print(
        w.said("Lorn Port did not publish its accounts", "Lorn Port", "not publish", "its accounts", polarity="denied")
    )

    assert kinds(other) == ["new"]
    assert other.decisions[0].links == ()


def silence(w, text="Lorn Port has not confirmed whether it was told to reopen the quay"):
    return w.said(text, "Lorn Port", "not confirm", None, kind="no_comment", polarity="denied", modality="unconfirmed")


def test_a_withheld_comment_is_told_once_and_stands_beside_the_claim(harbour, w):
    claim = harbour.print(
        w.said(
            "The Transport Ministry told Lorn Port to reopen the quay",
            "Transport Ministry",
            "tell reopen the quay",
            "Lorn Port",
        )
    )
    silent = harbour.print(
        silence(w, "Lorn Port has not confirmed whether the Transport Ministry told it to reopen the quay")
    )
    again = harbour.print(silence(w, "Lorn Port has yet to comment"))

    assert kinds(silent) == ["new"]
    assert harbour.registry.claims[claim.decisions[0].claim_id].support.no_comment == (silent.decisions[0].claim_id,)
    assert again.decisions[0].claim_id == silent.decisions[0].claim_id
    assert "new" not in kinds(again)


def test_who_declines_to_comment_twice_keeps_silent_on_two_occasions(harbour, w):
    first = harbour.print(silence(w, "Lorn Port declined to comment"), silence(w, "Lorn Port would not comment"))
    second = harbour.print(silence(w, "Lorn Port declined to comment"))
    still = harbour.print(silence(w, "Lorn Port has still not commented"))

    assert kinds(first) == kinds(second) == ["new"]
    assert second.decisions[0].claim_id != first.decisions[0].claim_id
    assert "new" not in kinds(still)


def test_commentary_and_boilerplate_push_nothing(harbour, w):
    claim = harbour.print(asked(w)).decisions[0].claim_id

    result = harbour.print(
        w.said("This underlines the growing impatience", None, "underline", None, kind="commentary"),
        w.said("Sign up for our newsletter", None, "sign up", None, kind="boilerplate"),
        asked(w, kind="commentary"),
    )

    assert kinds(result) == []
    assert [decision.verdict for decision in result.decisions] == ["ignored"] * 3
    assert result.changed[claim].support.documents == 2


def test_background_is_told_once_and_as_background(harbour, w):
    old = w.said("The Dockers League was founded in 1911", "Dockers League", "found in 1911", None, kind="background")

    first, again = harbour.print(old), harbour.print(old)

    assert kinds(first) == ["background"]
    assert harbour.known(first).claim.novelty == "background"
    assert kinds(again) == []


def test_later_mentions_in_the_article_are_the_first_one(harbour, w):
    result = harbour.print(
        asked(w), asked(w, "The request to reopen the quay", "request reopen the quay", presupposed=True)
    )

    assert kinds(result) == ["new"]
    assert result.decisions[1].verdict == "same"


def test_a_presupposed_claim_is_pushed_with_low_confidence(harbour, w):
    result = harbour.print(
        w.said("Lorn Port's dismissal of forty dockers", "Lorn Port", "dismissal", "forty dockers", presupposed=True)
    )

    assert harbour.known(result).claim.confidence == "low"


def test_copies_never_corroborate(harbour, w):
    claim = harbour.print(asked(w), wire="w").decisions[0].claim_id
    copy = Document(uri="text:invented/copy", publisher="Another Outlet", first_seen=datetime(2031, 5, 4, tzinfo=UTC))

    carried = carry(harbour.registry, "w", copy)
    again = harbour.print(asked(w), by="A Third Outlet", wire="w")

    assert carried[claim].support.model_dump(include={"copies", "documents", "publishers", "origins"}) == {
        "copies": 1, "documents": 2, "publishers": 2, "origins": 1,
    }  # fmt: skip
    assert kinds(again) == []
    assert harbour.known(again).support.origins == 1


def test_the_same_agency_is_one_voice(harbour, w):
    harbour.print(asked(w, attribution=(w.agency("Nordwire"),)))

    again = harbour.print(
        asked(
            w,
            "The Transport Ministry told Lorn Port to open the quay",
            "tell open",
            attribution=(w.agency("Nordwire"),),
        )
    )

    assert kinds(again) == []
    assert harbour.known(again).support.publishers == 2


def test_the_same_nine_words_in_a_row_are_no_further_origin(harbour, w):
    text = "The Transport Ministry asked Lorn Port to reopen the quay by noon on Saturday"
    harbour.print(asked(w, text))

    again = harbour.print(asked(w, text + " at the latest"))

    assert kinds(again) == []


def test_a_further_named_source_corroborates(harbour, w):
    harbour.print(asked(w, attribution=(w.agency("Nordwire"), w.unnamed("a port official"))))

    again = harbour.print(asked(w, attribution=(w.agency("Nordwire"), w.person("Ilse Marn"))))

    assert kinds(again) == ["corroborated"]
    assert harbour.known(again).support.sources.named == 1


def test_the_registry_handed_in_stays_as_it_is(harbour, w):
    harbour.print(asked(w))
    before = dict(harbour.registry.claims)
    registry = harbour.registry.with_changes({})

    harbour.registry = registry
    harbour.print(asked(w), denial(w))

    assert before != registry.claims
    harbour.registry = Registry()
    assert all(before[claim_id].support.documents == 1 for claim_id in before)


def test_a_retracted_claim_is_not_known_any_more(harbour, w):
    first = harbour.print(asked(w))
    known = harbour.known(first)
    harbour.registry.upsert(known.model_copy(update={"retracted": True}))

    again = harbour.print(asked(w))

    assert kinds(again) == ["new"]


def test_the_reason_names_rule_nearest_claim_and_score(harbour, w):
    first = harbour.print(asked(w))
    other = harbour.print(w.said("The Transport Ministry fined Lorn Port", "Transport Ministry", "fine", "Lorn Port"))

    why = other.decisions[0].why
    assert (why.rule, why.nearest) == ("new", first.decisions[0].claim_id)
    assert why.score == round(why.score, 4)
    assert "slots agree: both" in why.detail


def toll(w, text, actor, action, *figures, target=None):
    return w.said(text, actor, action, target, quantities=tuple(w.figure(*figure) for figure in figures))


def test_so_many_dead_are_the_same_dead_whatever_is_said_to_have_killed_them(harbour, w):
    first = harbour.print(
        toll(w, "The Lorn Port blast killed 49 people", "Lorn Port", "kill", (49, "people"), target="49 people")
    )
    harbour.print(toll(w, "The blast left 60 people dead", "the blast", "leave dead", (60, "people")))
    again = harbour.print(
        toll(w, "The Transport Ministry blast killed 49 people", "Transport Ministry", "kill", (49, "people"))
    )

    assert again.decisions[0].claim_id == first.decisions[0].claim_id
