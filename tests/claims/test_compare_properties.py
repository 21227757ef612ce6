import itertools
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.claims.compare import Registry
from workers.claims.sameness.lens import Lens

STORIES = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text(encoding="utf-8"))["story"]


def room(w, told):
    return w.newsroom(w.story(**told["actors"]))


def _said(w, text, actor, action, target, counted=None):
    figures = (w.figure(*counted),) if counted else ()
    return w.said(text, actor or None, action, target or None, quantities=figures)


def clauses(w, told):
    """(claim's id in the file, clause) for every wording, claims interleaved."""
    by_claim = [[(claim["id"], _said(w, *words)) for words in claim["wordings"]] for claim in told["claim"]]
    return [item for layer in itertools.zip_longest(*by_claim) for item in layer if item is not None]


def test_wordings_of_two_claims_are_rarely_one_and_those_of_one_mostly_are(w):
    """Four invented stories, one wording an article: 88 wordings of 38 claims; false merges hide news."""
    wrong = split = claims = 0
    for told in STORIES:
        home, newsroom = {}, room(w, told)
        for name, clause in clauses(w, told):
            decision = newsroom.print(clause).decisions[0]
            wrong += home.setdefault(decision.claim_id, name) != name
        claims += len(told["claim"])
        split += len(home) - len(told["claim"])

    assert claims == 38
    assert wrong == 0
    assert split <= 21


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told["name"])
def test_an_article_printed_twice_says_nothing_new(w, told):
    newsroom = room(w, told)
    everything = [clause for _, clause in clauses(w, told)]
    newsroom.print(*everything)

    again = newsroom.print(*everything)

    assert {decision.verdict for decision in again.decisions} <= {"same", "corroborates"}
    assert {effect.type for effect in again.effects} <= {"corroborated"}


@given(st.data())
@settings(max_examples=20)
def test_nothing_depends_on_the_order_in_which_a_worker_learnt_the_claims(w, data):
    told = data.draw(st.sampled_from(STORIES))
    newsroom = room(w, told)
    items = [clause for _, clause in clauses(w, told)]
    newsroom.print(*items[::2])
    shuffled = Registry()
    for known in data.draw(st.permutations(sorted(newsroom.registry.claims.values(), key=lambda k: k.claim.id))):
        shuffled.upsert(known)
    straight = newsroom.print(*items[1::2])

    newsroom.registry, newsroom.count = shuffled, newsroom.count - 1
    again = newsroom.print(*items[1::2])

    assert again == straight


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told["name"])
def test_what_was_known_and_taken_away_leaves_nothing_behind(w, told):
    """A worker that saw a wording, or a whole claim, go knows what one knows that has read the rest anew."""
    newsroom = room(w, told)
    lens = Lens(newsroom.story)
    for _, clause in clauses(w, told):
        newsroom.print(clause)
    seasoned = newsroom.registry
    whole = seasoned.centre(lens)
    for at, claim_id in enumerate(sorted(seasoned.claims)):
        known = seasoned.claims[claim_id]
        if at % 3 == 0:
            seasoned.forget(claim_id)
        elif at % 3 == 1:
            again = {"wordings": (*known.wordings[-1:], known.wordings[-1]), "vectors": known.vectors[-1:] * 2}
            seasoned.upsert(known.model_copy(update=again))

    anew = Registry()
    for known in seasoned.claims.values():
        anew.upsert(known)

    assert anew.centre(lens) != whole
    assert seasoned.centre(lens) == anew.centre(lens)
    asked = anew.vectors([(lens.content(clause.text), "en") for _, clause in clauses(w, told)])
    assert seasoned.nearest(asked, lens) == anew.nearest(asked, lens)


@given(st.data())
@settings(max_examples=20)
def test_every_effect_has_its_record_and_targets_follow(w, data):
    told = data.draw(st.sampled_from(STORIES))
    newsroom = room(w, told)
    items = data.draw(st.permutations([clause for _, clause in clauses(w, told)]))

    result = newsroom.print(*items)

    assert {effect.claim_id for effect in result.effects} <= set(result.changed)
    assert len({(effect.type, effect.claim_id) for effect in result.effects}) == len(result.effects)
    announced = [effect.claim_id for effect in result.effects if effect.type == "new"]
    assert sorted(announced) == sorted(d.claim_id for d in result.decisions if d.verdict == "new")
    for effect in result.effects:
        quote, position = effect.evidence[0].selector
        assert quote.exact
        assert position.end - position.start == len(quote.exact)


def test_a_refused_commit_leaves_no_trace(w):
    told = STORIES[0]
    newsroom = room(w, told)
    items = [clause for _, clause in clauses(w, told)]
    newsroom.print(*items[:6])
    before = {claim_id: known.model_dump_json() for claim_id, known in newsroom.registry.claims.items()}
    context_of = newsroom.count

    registry = newsroom.registry
    newsroom.registry = registry.with_changes({})
    refused = newsroom.print(*items[6:])
    newsroom.registry, newsroom.count = registry, context_of
    assert {claim_id: known.model_dump_json() for claim_id, known in registry.claims.items()} == before

    assert newsroom.print(*items[6:]) == refused


def test_thousands_of_claims_are_searched_in_milliseconds(w):
    newsroom = room(w, STORIES[1])
    result = newsroom.print(*[clause for _, clause in clauses(w, STORIES[1])])
    sample = next(iter(result.changed.values()))
    words = [
        f"{a} {b} {c}"
        for a in ["port", "quay", "crane", "ship", "tide", "mast", "rope", "hull", "deck", "sail"]
        for b in range(30)
        for c in ["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"]
    ]
    for number, text in enumerate(words):
        claim = sample.claim.model_copy(update={"id": f"c1-{number:016x}", "text": text})
        newsroom.registry.upsert(
            sample.model_copy(update={"claim": claim, "wordings": (text,), "frames": sample.frames[:1]})
        )
    clause = w.said("The Competition Authority fined Arden Foods", "Competition Authority", "fine", "Arden Foods")
    newsroom.print(clause)

    started = time.process_time()
    newsroom.print(*[clause.model_copy(update={"text": f"{clause.text} {n} euros"}) for n in range(40)])

    assert len(newsroom.registry.claims) > 3_000
    assert time.process_time() - started < 6.0


def test_an_article_without_clauses_changes_nothing(w):
    newsroom = room(w, STORIES[0])

    result = newsroom.print()

    assert (result.decisions, result.changed, result.effects) == ((), {}, ())
