"""The numbers of those who follow events over HTTP. Unlike the others they are of one service, since it began."""

from __future__ import annotations

from service.numbers.number import Number

FOLLOWERS: tuple[Number, ...] = (
    Number(
        "claimwire_sse_followers",
        "gauge",
        (),
        "Connections that follow events over HTTP at this service, now.",
        "Near 2000: more are told to come back later; run another service.",
        lambda snapshot: iter([((), snapshot.followers.now)]),
    ),
    Number(
        "claimwire_sse_sent_events",
        "counter",
        (),
        "Events sent to them since this service began.",
        "Nothing to do: there is news, or somebody reads all there is from the beginning.",
        lambda snapshot: iter([((), snapshot.followers.sent)]),
    ),
    Number(
        "claimwire_sse_cut_off",
        "counter",
        (),
        "Connections cut off because they took nothing for 20 seconds.",
        "A client does not read, or a proxy buffers: events must pass it at once.",
        lambda snapshot: iter([((), snapshot.followers.cut_off)]),
    ),
    Number(
        "claimwire_sse_gaps",
        "counter",
        (),
        "Followers told that what came after their cursor is gone.",
        "Clients are away for longer than CLAIMWIRE_RETENTION_DAYS: let events stay longer.",
        lambda snapshot: iter([((), snapshot.followers.gaps)]),
    ),
)
