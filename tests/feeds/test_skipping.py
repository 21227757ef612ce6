from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.feeds.skipping import after_skipped, skip_mask

HOUR, DAY = 3_600.0, 86_400.0
SUNDAY_NOON = datetime(2031, 5, 4, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("hours", "days", "after_s"),
    [
        ([], [], 600.0),
        ([13], [], 600.0),
        ([12], [], HOUR),
        ([12, 13, 14], [], 3 * HOUR),
        ([], [6], 12 * HOUR),
        ([0, 1], [6], 14 * HOUR),
        ([12], [5], HOUR),
        (range(24), [], DAY),
        ([], range(7), DAY),
        ([], [6, 0], DAY),
        ([24, -1, 99], [7, -1], 600.0),
    ],
)
def test_hours_and_days_are_left_out_for_a_day_at_most(hours: list[int], days: list[int], after_s: float) -> None:
    due = after_skipped(SUNDAY_NOON + 600, SUNDAY_NOON, skip_mask(hours, days))
    assert due - SUNDAY_NOON == after_s


def test_what_is_due_later_than_in_a_day_is_left_alone() -> None:
    assert after_skipped(SUNDAY_NOON + 30 * DAY, SUNDAY_NOON, skip_mask(range(24), [])) == SUNDAY_NOON + 30 * DAY
