from __future__ import annotations

import pickle
from datetime import UTC, datetime

from service.articles.clean import Readable
from service.feeds.listing import Listing, Refused
from service.feeds.parcel import parcel, unparcelled
from service.model import Entry, EntryResult, Published

DATED = Published(datetime(2031, 5, 4, 12, 30, tzinfo=UTC), "minute", "feed")


def test_what_was_packed_comes_out_as_it_was() -> None:
    entries = tuple(
        Entry("gazette", "Gazette", f"key-{n}", f"https://x.example/{n}", "Pier", "<p>\udcff</p>", "html", "en", dated)
        for n, dated in enumerate((DATED, None))
    )
    listing = Listing(
        entries,
        refused=(Refused("key-9", EntryResult.UNREADABLE, "cut off", 3),),
        ttl_s=60.0,
        unchanged=7,
        known=b"\0known",
        words=(Readable("Pier", "One."), Readable("Pier", "Two.")),
    )
    assert unparcelled(pickle.loads(pickle.dumps(parcel(listing)))) == listing


def test_an_empty_listing_is_no_exception() -> None:
    assert unparcelled(parcel(Listing(problem="the document is cut off"))) == Listing(problem="the document is cut off")
