"""The numbers of subscribers that run our loop, and of webhooks."""

from __future__ import annotations

from collections.abc import Iterator

from service.numbers.number import Number, Sample
from service.numbers.snapshot import Snapshot

HOWS = ("started", "acknowledged", "unwanted", "parked", "retried", "dropped", "lost")


def _deliveries(snapshot: Snapshot) -> Iterator[Sample]:
    return (
        ((story, group.stream, group.group, how), group.deliveries.get(how, 0))
        for story, of in snapshot.stories.items()
        for group in of.groups
        if group.deliveries
        for how in HOWS
    )


DELIVERIES: tuple[Number, ...] = (
    Number(
        "claimwire_group_deliveries",
        "counter",
        ("story", "stream", "group", "what"),
        "Deliveries to a group of workers.subscribers or a webhook: starts of handling one, and how they ended. "
        "Other clients of Redis are not counted.",
        "started far above acknowledged: handling fails, see the log; parked: a person has to look at it.",
        _deliveries,
    ),
    Number(
        "claimwire_webhook_failures",
        "gauge",
        ("webhook",),
        "Attempts to deliver a webhook that failed in a row.",
        "Above a few: `claimwire webhooks list` says why.",
        lambda snapshot: (((name,), of.failures) for name, of in snapshot.webhooks.items()),
    ),
    Number(
        "claimwire_webhook_disabled",
        "gauge",
        ("webhook",),
        "1 if a webhook's target answered that it is gone (410), else 0.",
        "At 1: correct its address, then `claimwire webhooks enable`; or take it out of the file and `drop` it.",
        lambda snapshot: (((name,), of.disabled) for name, of in snapshot.webhooks.items()),
    ),
)
