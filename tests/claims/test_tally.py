"""Which figure of a wording counts the dead, the hurt, the missing, and which counts none of them."""

from __future__ import annotations

import pytest

from workers.claims.sameness.tally import Tally, tallies


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("The blast killed at least two people and injured 14", (("dead", 2), ("hurt", 14))),
        ("A third docker has died", (("dead", 3),)),
        ("raising the death toll to four, with seven people still missing", (("dead", 4), ("missing", 7))),
        ("The harbour master lowered the count of the dead to five from six", (("dead", 5),)),
        ("Eleven of the dockers had not been accounted for", (("missing", 11),)),
        ("Everybody who was on shift has been accounted for", (("missing", 0),)),
        ("1,204 cases and 37 deaths have been reported", (("ill", 1204), ("dead", 37))),
        ("twenty-one people drowned", (("dead", 21),)),
        ("Two more people died", ()),
        ("11 of some 90 dockers were missing", (("missing", 11),)),
        ("9 dockers had been injured by 8 p.m.", (("hurt", 9),)),
        ("The flood left 4,200 people homeless", (("displaced", 4200),)),
        ("Nine of the injured are still in hospital", ()),
        ("Three weeks after the deaths the quay reopened", ()),
        ("A fund of two million crowns for the families of the victims", ()),
        ("Four bodies were brought ashore", (("dead", 4),)),
        ("The storm has claimed 26 lives", (("dead", 26),)),
        ("The number of those saved now stands at 81", (("saved", 81),)),
        ("The plan saved 12 jobs at the quay", ()),
        ("The blast killed 49 people and injured hundreds", (("dead", 49),)),
        ("49 dead, 550 injured", (("dead", 49), ("hurt", 550))),
        ("50 dockers, one of them 19, are now known to have died and 703 others were injured", (("hurt", 703),)),
        ("600 people were hurt, including at least 200 seriously", (("hurt", 600),)),
        ("Toll of the blast at 50, hundreds injured", (("dead", 50),)),
        ("100s hurt, 49 killed", (("dead", 49),)),
        ("Newswire305543 Injured dockers are carried away", ()),
        ("One hundred and twenty-one dockers were killed", (("dead", 121),)),
        ("a hundred and five dockers were injured", (("hurt", 105),)),
        ("Two dozen dockers were killed", (("dead", 24),)),
        ("Half a dozen dockers drowned", (("dead", 6),)),
        ("Half of the 40 dockers were killed", ()),
        ("Two-thirds of the patients died", ()),
        ("A third of the dockers were injured", ()),
        ("One in five of the patients died", ()),
        ("Eight dockers were killed in three blasts", (("dead", 8),)),
        ("A docker was killed by two falling crates", ()),
        ("Killed: 12, injured: 30", (("dead", 12), ("hurt", 30))),
        ("Twelve were killed, 30 were injured and four are missing", (("dead", 12), ("hurt", 30), ("missing", 4))),
        ("A fund of $2 million for the victims", ()),
        ("No one knows how many dockers were killed", ()),
        ("No one was hurt", (("hurt", 0),)),
        ("12² dockers were killed, ² more injured", (("dead", 12),)),
        (f"{'9' * 400} dockers were killed", ()),
        ("9" + 60 * " million" + " dockers were killed", ()),
    ],
)  # fmt: skip
def test_counts_are_read_off_a_wording(text, counts):
    assert tallies(text) == tuple(Tally(name, float(value)) for name, value in counts)


@pytest.mark.parametrize(
    ("text", "counted"), [("Every one of the dead has a name", ()), ("One of them is dead", (Tally("dead", 1),))]
)
def test_every_one_of_those_counted_is_no_count(text, counted):
    assert tallies(text) == counted


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("A man of 74 died on the bus", ()),
        ("A welder, 34, was killed", ()),
        ("Two boys aged 9 and 11 were hurt", (Tally("hurt", 2),)),
        ("A crane killed 34, the fire brigade says", (Tally("dead", 34),)),
    ],
)
def test_an_age_is_no_count(text, counted):
    assert tallies(text) == counted


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("12 were not hurt", ()),
        ("Two workers had not been hurt", ()),
        ("They weren't hurt, and two were killed", (Tally("dead", 2),)),
        ("Three workers were hurt, not killed", (Tally("hurt", 3),)),
        ("12, not 14, were killed", (Tally("dead", 12),)),
        ("11 people were not accounted for", (Tally("missing", 11),)),
    ],
)
def test_what_is_denied_is_no_count(text, counted):
    assert tallies(text) == counted


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("The toll, which stood at 10, had climbed to 14", 14),
        ("The toll rose to 14 from 10", 14),
        ("The toll stood at 10", 10),
        ("The flood killed two people and 5,000 cattle", 2),
    ],
)
def test_a_toll_is_what_it_has_come_to(text, dead):
    assert tallies(text) == (Tally("dead", dead),)


def test_animals_are_not_the_dead_of_a_toll():
    assert tallies("The flood killed 5,000 sheep") == ()
