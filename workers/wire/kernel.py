"""Which kernel runs: the compiled one where it was built, otherwise the pure one, which it equals bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from workers.wire import forms, postings, pure, scanning, tiles


class Postings(Protocol):
    """Which wire stories have a fingerprint; see `postings`."""

    def __len__(self) -> int: ...
    def enlist(self, fingerprints: bytes, ordinal: int, /) -> None: ...  # noqa: D102
    def tally(self, fingerprints: bytes, least: int, older: tuple[Any, ...], /) -> list[tuple[int, int]]: ...  # noqa: D102


class Kernel(Protocol):
    """What the room asks of a kernel; see `scanning`, `pure`, `tiles` and `postings` for what each does."""

    def scan(self, text: str, /) -> scanning.Scanned: ...  # noqa: D102
    def shingles(self, codes: bytes, kinds: bytes, width: int, /) -> bytes: ...  # noqa: D102
    def shared(self, one: bytes, other: bytes, /) -> int: ...  # noqa: D102
    def sketch(self, text: str, /) -> tuple[bytes, int, int]: ...  # noqa: D102
    def slots(self, codes: bytes, kinds: bytes, scale: int, /) -> tuple[bytes, bytes]: ...  # noqa: D102
    def places(self, values: bytes, begin: bytes, /) -> tuple[bytes, bytes]: ...  # noqa: D102
    def agreement(  # noqa: D102
        self,
        kinds: bytes,
        spelled: bytes,
        here: tuple[bytes, bytes],
        known: tuple[bytes, bytes],
        known_spelled: bytes,
        scale: int,
        /,
    ) -> tuple[int, int, int, int, pure.Differing]: ...
    def runs(self, spelled: bytes, width: int, /) -> tuple[bytes, bytes]: ...  # noqa: D102
    def covered(  # noqa: D102
        self, spelled: bytes, width: int, runs: tuple[bytes, bytes], known_spelled: bytes, /
    ) -> bytes: ...
    def unreached(self, marks: bytes, sentences: bytes, scale: int, /) -> list[tuple[int, int]]: ...  # noqa: D102
    def lexicon(self, spelled: bytes, sentences: bytes, /) -> pure.Lexicon: ...  # noqa: D102
    def retold(  # noqa: D102
        self,
        spelled: bytes,
        marks: bytes,
        asked: Sequence[tuple[int, int]],
        known: pure.Lexicon,
        sentences: bytes,
        scale: int,
        /,
    ) -> list[bool]: ...
    def Postings(self, crowd: int, /) -> Postings: ...  # noqa: D102, N802


def _compiled() -> Kernel | None:
    try:
        from workers.wire import _kernel
    except ImportError:
        return None
    if _kernel.VERSION != pure.VERSION:
        return None
    _kernel.configure(forms.classes, forms.folded)
    return _kernel


class _Pure:
    """The functions in Python."""

    scan = staticmethod(scanning.scan)
    shingles = staticmethod(pure.shingles)
    shared = staticmethod(pure.shared)
    sketch = staticmethod(pure.sketch)
    slots = staticmethod(pure.slots)
    places = staticmethod(pure.places)
    agreement = staticmethod(pure.agreement)
    runs = staticmethod(pure.runs)
    covered = staticmethod(tiles.covered)
    unreached = staticmethod(pure.unreached)
    lexicon = staticmethod(pure.lexicon)
    retold = staticmethod(pure.retold)
    Postings = postings.Postings


PURE: Final[Kernel] = _Pure()
_found: Final = _compiled()
COMPILED: Final[bool] = _found is not None
"""whether the compiled kernel is there; without it all is the same, and ten to fifty times slower"""
chosen: Kernel = _found or PURE
