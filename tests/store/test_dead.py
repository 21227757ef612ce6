"""Dead letters get one second chance or one end, whatever is called how often; too many of them stop their line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.model import EntryResult, Outcome
from service.store import keys
from service.store.store import DeadLimit, Store
from service.store.values import DeadLetter
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_next, commit_of


async def bury(store: Store, number: int, *, commit: bool = True) -> DeadLetter:
    """Gives up the article that has its turn."""
    await store.dead_letter(STORY, number, f"{number}-0", "reading it failed", "Traceback\nValueError: 1", "w")
    if commit:
        one = article(number)
        await commit_next(store, article_id=one.id, uri=one.uri, outcome=Outcome.PARKED, events=(), claims={})
    return next(letter for letter in await store.dead_letters(STORY) if letter.number == number)


async def numbers_taken(store: Store, worker: str = "w") -> list[int]:
    await store.ensure_group(STORY)
    taken = await store.take([STORY], worker, 10, 0.01)
    return [admission.number for admission in taken]


async def test_a_dead_letter_says_what_died_of_what(store: Store) -> None:
    await admit(store, 1)
    await store.begin(STORY, 1)

    letter = await bury(store, 1)

    assert letter.article == replace(article(1), text="")
    assert (letter.number, letter.reason, letter.starts, letter.worker) == (1, "reading it failed", 1, "w")
    assert letter.traceback.endswith("ValueError: 1")


async def test_a_long_traceback_keeps_both_ends(store: Store) -> None:
    await admit(store, 1)

    await store.dead_letter(STORY, 1, "1-0", "why", "first" + "x" * 100_000 + "last", "w")

    (letter,) = await store.dead_letters(STORY)
    assert letter.traceback.startswith("first")
    assert letter.traceback.endswith("last")
    assert len(letter.traceback) < 7000


async def test_a_retried_article_comes_again_at_the_end_of_the_line_once(store: Store) -> None:
    await admit(store, 3)
    letter = await bury(store, 1)

    ended = [await store.retry_dead(letter) for _ in range(3)]

    assert {(end.how, end.number) for end in ended} == {("retried", 4)}
    assert await store.backlog(STORY) == 3
    assert await store.dead_letters(STORY) == []
    entry = (await store.range(keys.articles(STORY)))[-1]
    assert (entry.id, entry.fields["retry"]) == ("4-0", "1")
    counts = await store.counts(STORY)
    assert (counts["entry:retry"], counts["dead:retried"], counts["entry:admitted"]) == (1, 1, 3)
    assert await store.dead_end(STORY, 1) == ended[0]


async def test_what_was_taken_down_is_not_retried(store: Store) -> None:
    # given a takedown that has barred the address and not purged yet
    await admit(store, 1)
    letter = await bury(store, 1)
    await store.bar(STORY, letter.uri, "a court's order")

    # then it would be decided behind the takedown, and told of after it
    assert (await store.retry_dead(letter)).how == "taken_down"
    assert await store.backlog(STORY) == 0
    assert (await store.drop_dead(letter)).how == "dropped"


async def test_a_takedown_takes_the_text_of_what_was_given_up_too(store: Store, server: RealServer) -> None:
    # given an article that no record knows
    await admit(store, 1)
    letter = await bury(store, 1)
    await store.bar(STORY, letter.uri, "a court's order")

    # when
    await store.purge(STORY, letter.uri, [], [])

    # then nothing of it is left, and once the bar is lifted it may come again
    assert await store.dead_letters(STORY) == []
    assert server.tell("EXISTS", keys.doc(STORY, letter.article_id)) == 0
    await store.lift(STORY, letter.uri, [], "e1-0000000000000000")
    assert await store.admit(STORY, article(1), "later", TTL_S) is EntryResult.REVISION


async def test_a_retried_article_is_read_as_it_was_and_keeps_its_text_until_decided(
    store: Store, server: RealServer
) -> None:
    await admit(store, 1)
    letter = await bury(store, 1)
    assert server.tell("TTL", keys.doc(STORY, article(1).id)) > 0
    await store.retry_dead(letter)

    await store.ensure_group(STORY)
    (again,) = await store.take([STORY], "w", 10, 0.1)
    assert (again.number, again.article) == (2, article(1))
    assert server.tell("TTL", keys.doc(STORY, article(1).id)) == -1

    await commit_next(store, article_id=article(1).id)
    assert server.tell("TTL", keys.doc(STORY, article(1).id)) > 0


async def test_one_that_is_retried_before_its_tombstone_is_committed_keeps_its_text(
    store: Store, server: RealServer
) -> None:
    await admit(store, 1)
    letter = await bury(store, 1, commit=False)
    await store.retry_dead(letter)

    await commit_next(store, outcome=Outcome.PARKED, events=(), claims={})

    assert server.tell("TTL", keys.doc(STORY, article(1).id)) == -1
    assert await numbers_taken(store) == [2]


async def test_a_retried_article_can_die_again(store: Store) -> None:
    await admit(store, 1)
    await store.retry_dead(await bury(store, 1))
    await store.dead_letter(STORY, 2, "2-0", "still", "", "w")
    (letter,) = await store.dead_letters(STORY)

    assert (letter.number, letter.reason, letter.article_id) == (2, "still", article(1).id)
    assert (await store.retry_dead(letter)).number == 3


async def test_its_source_s_later_version_is_the_last_word(store: Store) -> None:
    await admit(store, 1)
    letter = await bury(store, 1)
    assert await store.admit(STORY, article(1, "It sailed."), "poll-2", TTL_S) is EntryResult.REVISION

    end = await store.retry_dead(letter)

    assert (end.how, end.number) == ("superseded", 2)
    assert await store.backlog(STORY) == 1
    assert await store.dead_letters(STORY) == [letter]


@pytest.mark.parametrize(
    ("deleted", "how"), [(keys.doc(STORY, article(1).id), "past_horizon"), (keys.articles(STORY), "unreadable")]
)
async def test_what_cannot_be_retried_says_why_and_stays(
    store: Store, server: RealServer, deleted: str, how: str
) -> None:
    await admit(store, 1)
    server.tell("DEL", deleted)
    letter = await bury(store, 1)

    assert (await store.retry_dead(letter)).how == how
    assert await store.dead_letters(STORY) == [letter]
    assert (await store.drop_dead(letter)).how == "dropped"


async def test_dropping_leaves_a_record_and_is_final(store: Store) -> None:
    await admit(store, 1)
    letter = await bury(store, 1)

    dropped = [await store.drop_dead(letter), await store.drop_dead(letter), await store.retry_dead(letter)]

    assert {end.how for end in dropped} == {"dropped"}
    assert (dropped[0].uri, dropped[0].reason) == (article(1).uri, "reading it failed")
    assert await store.dead_letters(STORY) == []
    assert await store.backlog(STORY) == 0
    assert (await store.counts(STORY))["dead:dropped"] == 1


async def test_what_was_never_there_is_unknown(store: Store) -> None:
    await admit(store, 1)
    letter = await bury(store, 1)

    assert (await store.retry_dead(replace(letter, number=7))).how == "unknown"
    assert (await store.retry_dead(replace(letter, id="1-1"))).how == "unknown"
    assert await store.dead_end(STORY, 1) is None


async def _bury(store: Store, numbers: Sequence[int]) -> None:
    for number in numbers:
        await store.dead_letter(STORY, number, f"{number}-0", "why", "", "w")


async def test_a_line_of_dead_letters_stops_and_goes_on_when_it_is_told_to(store: Store) -> None:
    store.dead_limit = DeadLimit(most=2, of=10)
    await admit(store, 5)
    await _bury(store, (1, 2))
    assert not (await store.head(STORY)).paused
    await _bury(store, (3,))

    head = await store.head(STORY)
    assert head.paused == "3 of the last 10 articles became dead letters"
    assert head.finding is None
    await store.ensure_group(STORY)
    assert await store.reclaim(STORY, "w", 0) == []
    assert await numbers_taken(store) == []

    assert await store.resume(STORY) == head.paused
    assert await store.resume(STORY) == ""
    assert (await store.head(STORY)).finding is not None
    assert [admission.number for admission in await store.reclaim(STORY, "w", 0)] == []
    assert await numbers_taken(store) == [4, 5]
    await _bury(store, (4, 5))
    assert not (await store.head(STORY)).paused, "what was buried before is not held against it"


async def test_a_worker_that_meets_a_paused_line_leaves_it_and_the_others_go_on(store: Store) -> None:
    store.dead_limit = DeadLimit(most=0, of=10)
    await admit(store, 2)
    await store.ensure_group(STORY)
    await store.ensure_group("lighthouse")
    other = await Store.open(store._connection.url, dead_limit=DeadLimit(1, 10))
    await _bury(other, (1, 2))
    await other.close()
    await admit(store, 1, first=3)
    await store.admit("lighthouse", article(1), "poll-1", TTL_S)

    taken = await store.take([STORY, "lighthouse"], "w", 10, 0.1)
    assert [admission.story for admission in taken] == ["lighthouse"]

    await store.resume(STORY)
    assert [admission.number for admission in await store.reclaim(STORY, "w", 0)] == [3]


async def test_dead_letters_here_and_there_stop_nothing(store: Store) -> None:
    store.dead_limit = DeadLimit(most=2, of=10)
    await admit(store, 40)
    await _bury(store, (1, 6, 12, 17, 23, 28, 34, 39))

    assert not (await store.head(STORY)).paused


async def test_without_a_limit_every_article_may_die(store: Store) -> None:
    """The negative control: the limit is what stops the line."""
    store.dead_limit = DeadLimit(most=0, of=10)
    await admit(store, 12)
    await _bury(store, range(1, 13))

    assert not (await store.head(STORY)).paused


async def test_another_article_under_the_number_is_not_given_what_was_found_in_the_first(
    store: Store, server: RealServer
) -> None:
    """A server that lost its last second numbers again; whoever read before it did must not be believed."""
    await store.ensure_group(STORY)
    await admit(store, 1)
    (lost,) = await store.take([STORY], "w", 1, 0.1)
    server.tell("FLUSHALL")
    await store.ensure_group(STORY)
    await admit(store, 1, first=2)

    assert not await store.put_finding(STORY, 1, b"of the first", lost.mark)
    assert not await store.dead_letter(STORY, 1, "1-0", "why", "", "w", mark=lost.mark)
    assert not await store.commit(commit_of(await store.state(STORY), article_id=lost.article.id))
    (now,) = await store.take([STORY], "w", 1, 0.1)
    assert await store.put_finding(STORY, 1, b"of the second", now.mark)
    assert await store.commit(commit_of(await store.state(STORY), article_id=now.article.id))


async def test_a_decision_made_before_the_number_was_another_s_is_refused(store: Store, server: RealServer) -> None:
    """The same article, admitted again with another text: number, token and id are those that were decided upon."""
    await admit(store, 1)
    await store.put_finding(STORY, 1, b"of the first text")
    head = await store.head(STORY)
    late = commit_of(head.state, mark=head.mark)
    server.tell("FLUSHALL")
    await store.admit(STORY, article(1, "It sailed."), "poll-2", TTL_S)

    assert not await store.commit(late)
    assert await store.commit(replace(late, mark="")), "the control: the mark is what tells them apart"


async def test_what_was_given_up_is_not_decided_by_somebody_who_read_it_before(store: Store) -> None:
    """It would be announced, and again after its retry."""
    await admit(store, 1)
    late = commit_of(await store.state(STORY))
    letter = await bury(store, 1, commit=False)
    await store.retry_dead(letter)

    assert not await store.commit(late)
    await commit_next(store, outcome=Outcome.PARKED, events=(), claims={})


async def test_what_the_server_no_longer_knows_to_be_dead_is_not_parked(store: Store, server: RealServer) -> None:
    """It would end without a dead letter, and nobody would hear of it."""
    await admit(store, 1)
    parked = commit_of(await store.state(STORY), outcome=Outcome.PARKED, events=(), claims={})

    assert not await store.commit(parked)
    await bury(store, 1, commit=False)
    assert await store.commit(parked)


async def test_without_a_mark_it_would_be(store: Store, server: RealServer) -> None:
    """The negative control of the mark."""
    await admit(store, 1, first=2)

    assert await store.put_finding(STORY, 1, b"of the first")
