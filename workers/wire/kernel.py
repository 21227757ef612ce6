"""Which kernel runs: the compiled one where it was built, otherwise the pure one, which it equals bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from workers.wire import alignment, forms, postings, pure, scanning, tiles


class Postings(Protocol):
    """Which wire stories have a fingerprint; see `postings`."""

    def __len__(self) -> int: ...
    def enlist(self, fingerprints: bytes, ordinal: int, /) -> None: ...  # noqa: D102
    def tally(self, fingerprints: bytes, least: int, older: tuple[Any, ...], /) -> list[tuple[int, int]]: ...  # noqa: D102


class Kernel(Protocol):
    """What the room asks of a kernel; see `scanning`, `pure`, `alignment`, `tiles` and `postings`."""

    def scan(self, text: str, /) -> scanning.Scanned: ...  # noqa: D102
    def sketch(self, text: str, /) -> tuple[bytes, int]: ...  # noqa: D102
    def likeness(  # noqa: D102
        self, codes: bytes, kinds: bytes, known_codes: bytes, known_kinds: bytes, parts: bytes, width: int, /
    ) -> tuple[int, int, int, int]: ...
    def glance(self, text: str, known: str, /) -> tuple[int, int, int, int, int, int]: ...  # noqa: D102
    def agreement(  # noqa: D102
        self, text: alignment.Words, known: alignment.Words, parts: bytes, scale: int, /
    ) -> tuple[int, int, int, int, alignment.Differing]: ...
    def covered(self, spelled: bytes, width: int, known_spelled: bytes, /) -> bytes: ...  # noqa: D102
    def stretches(  # noqa: D102
        self, marks: bytes, starts: bytes, ends: bytes, most: int, /
    ) -> tuple[tuple[int, int], ...]: ...
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
    sketch = staticmethod(pure.sketch)
    likeness = staticmethod(alignment.likeness)
    glance = staticmethod(alignment.glance)
    agreement = staticmethod(alignment.agreement)
    covered = staticmethod(tiles.covered)
    stretches = staticmethod(pure.stretches)
    unreached = staticmethod(pure.unreached)
    lexicon = staticmethod(pure.lexicon)
    retold = staticmethod(pure.retold)
    Postings = postings.Postings


PURE: Final[Kernel] = _Pure()
_found: Final = _compiled()
COMPILED: Final[bool] = _found is not None
"""whether the compiled kernel is there; without it all is the same, and ten to fifty times slower"""
chosen: Kernel = _found or PURE
