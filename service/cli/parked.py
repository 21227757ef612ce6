"""How dead letters of subscribers and of webhooks are printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict

from service.cli.show import visible, write_json
from service.model import utc
from service.store.values import ParkedDelivery


def print_parked(who: str, letters: Sequence[ParkedDelivery], *, as_json: bool) -> None:
    """Prints the events that somebody gave up, and why."""
    if as_json:
        write_json({**asdict(letter), "at": utc(letter.at)} for letter in letters)
        return
    for letter in letters:
        named = f"{letter.entry_id}  {utc(letter.at)[:19]}  {letter.event_id}  {letter.type}  {letter.subject}"
        sys.stdout.write(f"{visible(named)}\n    {visible(letter.reason)}\n")
    if not letters:
        sys.stderr.write(f"{who} gave nothing up.\n")
