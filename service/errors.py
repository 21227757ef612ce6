"""Failures named by what to do next. Each says what is wrong and, in `hint`, what the reader can do about it."""

from __future__ import annotations


class ClaimwireError(Exception):
    """A failure that a person is told about in one line, with what to do next. The command line exits 2 on it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class StoryFileError(ClaimwireError):
    """A story file that cannot be used; the message begins with file:line."""


class FeedListError(ClaimwireError):
    """A feed list that cannot be used; the message begins with file:line."""


class SettingError(ClaimwireError):
    """A setting whose value cannot be used."""


class ServerUnusable(ClaimwireError):
    """No Redis can be reached or started, or it is too old, or its data belongs to another server family."""


class StoreUnavailable(ClaimwireError):
    """Redis is gone or full for now. Nothing was written; the same call may be made again."""


class AdmissionsLost(StoreUnavailable):
    """The server came back without the last that it had admitted. Nothing was written: what is to keep its place in the
    line must be admitted again before what comes next."""


class LaterRelease(ClaimwireError):
    """A record that a later release wrote: this process must end before it writes what it does not understand."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was written by a later release of Claimwire",
            "Stop the processes of this release, and start those of the later one. Nothing was changed.",
        )


class InvariantBroken(Exception):
    """What we broke ourselves. Never caught: the loop must stop, loudly."""
