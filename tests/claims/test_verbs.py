import pytest

from workers.claims.grammar.verbs import heads, kin


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("reject the offer", "turn down the bid"),
        ("rejection of the plan", "reject the plan"),
        ("resign as chairman", "step down"),
        ("close the border", "shut the frontier"),
        ("die in the fire", "kill"),
        ("have to announce", "announce"),
        ("make an announcement", "announce"),
        ("host talks", "host"),
    ],
)
def test_verbs_of_one_meaning_are_near(left, right):
    assert kin(left, right) == kin(right, left) == "near"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("accept", "reject"),
        ("open the talks", "close"),
        ("win the case", "lose"),
        ("ban the league", "allow the league"),  # who bans forbids
        ("stop", "resume"),
        ("close the quay", "reopen"),
        ("support", "reject"),
        ("raise wages", "cut wages"),  # no dictionary sets them against each other
        ("double output", "halve output"),
        ("detain the captain", "release the captain"),
        ("find guilty of fraud", "acquit of fraud"),
        ("charge with fraud", "clear of fraud"),
        ("suspend the service", "restore the service"),
        ("uphold the verdict", "quash the verdict"),
        ("set the hearing", "put back the hearing"),
        ("appoint the director", "dismiss the director"),
        ("offer a subsidy", "withdraw the subsidy"),
        ("kill the crew", "rescue the crew"),
    ],
)
def test_opposites_are_opposed(left, right):
    assert kin(left, right) == kin(right, left) == "opposed"


@pytest.mark.parametrize(
    ("left", "right"),
    [("offer", "reject"), ("examine", "approve"), ("record", "kill"), ("host", "expel"), ("arrest", "charge")],
)
def test_verbs_that_nothing_relates_are_others(left, right):
    assert kin(left, right) == "other"


def test_two_that_let_an_amount_grow_are_not_near_for_that():
    assert kin("raise", "double") == "other"


@pytest.mark.parametrize("action", ["", "   ", "not", "of the", "1,400"])
def test_no_verb_is_near_to_nothing(action):
    assert kin(action, action) == "unknown"


def test_a_particle_belongs_to_its_verb():
    assert heads("turn down the bid") == {"turn_down"}


def test_opening_an_investigation_is_investigating():
    assert kin("open investigation", "examine the deal") == "near"
    assert kin("open", "close") == "opposed"


def test_a_light_verb_leaves_the_word_to_its_noun():
    assert "decide" in heads("take a decision")


def test_an_unlisted_word_is_near_to_itself_alone():
    assert kin("zorbify the quay", "zorbify") == "near"
    assert kin("zorbify", "plinkate") == kin("zorbify", "close") == "unknown"
