"""`opml import` and `feeds --opml`: feed lists from one form to the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from service.errors import FeedListError
from service.feeds.config import load_feed_lists
from service.feeds.opml import feeds_in_opml, opml_of, toml_of


def print_toml(file: Path) -> None:
    """Prints the http feeds of an OPML file, whatever it is called, as a feeds.toml.

    Raises:
        FeedListError: the file cannot be read or used.
    """
    try:
        feeds = feeds_in_opml(file, file.read_bytes())
    except OSError as error:
        raise FeedListError(f"{file}: cannot be read: {error.strerror}", "Give the path of an OPML file.") from error
    sys.stdout.write(toml_of(feeds))


def print_opml(lists: Sequence[Path]) -> None:
    """Prints the http feeds of several lists as OPML.

    Raises:
        FeedListError: a list cannot be used.
    """
    sys.stdout.write(opml_of(load_feed_lists(lists)))
