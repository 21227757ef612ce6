"""Who reads which story: everybody while they are few, one and another when they are many."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.desk.shares import Shares

STORIES = [f"s{n}" for n in range(200)]


def shares(workers: list[str], each: int, stories: list[str] = STORIES) -> dict[str, Shares]:
    made = {name: Shares(name, stories, each) for name in workers}
    for share in made.values():
        share.update(workers)
    return made


def test_few_stories_are_read_by_everybody() -> None:
    assert all(share.mine == sorted(STORIES) for share in shares(["a", "b", "c"], each=200).values())


@settings(max_examples=40)
@given(workers=st.sets(st.text("abcdef", min_size=1), min_size=1, max_size=6), each=st.integers(1, 250))
def test_every_story_has_as_many_readers_as_there_is_room_for(workers: set[str], each: int) -> None:
    made = shares(sorted(workers), each)
    wanted = next(iter(made.values())).readers(len(workers))
    for story in STORIES:
        assert sum(share.is_mine(story) for share in made.values()) == wanted
    assert 1 <= wanted <= len(workers)


def test_who_dies_leaves_his_stories_alone_to_others() -> None:
    before = shares(["a", "b", "c", "d"], each=1)
    after = shares(["a", "b", "c"], each=1)
    for name in after:
        assert set(before[name].mine) <= set(after[name].mine)
    assert sorted(story for share in after.values() for story in share.mine) == sorted(STORIES)


def test_shares_are_about_even() -> None:
    assert all(30 <= len(share.mine) <= 75 for share in shares(["a", "b", "c", "d"], each=1).values())


def test_nothing_changes_when_nobody_comes_or_goes() -> None:
    share = Shares("a", STORIES, 1)
    assert share.update(["a", "b"])
    assert not share.update(["b", "a"])
    assert share.update(["b"]) is False, "a worker that was not heard of is there all the same"


def test_who_follows_other_stories_has_another_digest() -> None:
    assert Shares("a", STORIES).digest == Shares("b", reversed(STORIES)).digest != Shares("a", STORIES[1:]).digest
