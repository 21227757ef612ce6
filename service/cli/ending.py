"""How a command that failed ends: what it says, and its exit status."""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn, TypeVar

from rich.console import Console

from service.cli.output import no_room
from service.cli.show import ReaderGone
from service.errors import ClaimwireError, InvariantBroken
from service.supervisor import BROKEN, GAVE_UP

INTERRUPTED = 130
"""what shells say of who was ended by Ctrl-C"""

Failure = TypeVar("Failure", bound=BaseException)


def end(error: BaseException) -> NoReturn:
    """Ends the program. An expected failure is one line and what to do next, exit status 2; what we broke ourselves is
    a traceback, exit status 3, so that nobody starts it again without a look; what nobody foresaw is raised."""
    if (expected := _cause(error, ClaimwireError)) is not None:
        _complain(expected)
        sys.exit(GAVE_UP)
    if _cause(error, InvariantBroken) is not None:
        traceback.print_exception(error)
        sys.exit(BROKEN)
    if _cause(error, ReaderGone) or _cause(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    if (full := no_room(_cause(error, OSError))) is not None:
        _complain(full)
        sys.exit(1)
    if isinstance(error, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    raise error


def _cause(error: BaseException, kind: type[Failure]) -> Failure | None:
    """The error itself, or the first of its kind among the tasks that failed together."""
    if isinstance(error, kind):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for inner in error.exceptions if (found := _cause(inner, kind)) is not None), None)
    return None


def _complain(error: ClaimwireError) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]claimwire:[/] {_plain(error.message)}")
    if error.hint:
        console.print(_plain(error.hint))


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
