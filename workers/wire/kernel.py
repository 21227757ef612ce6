"""Which kernel runs: the compiled one where it was built, otherwise the pure one, which it equals bit for bit."""

from __future__ import annotations

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
    def alike(self, text: str, stories: list[tuple[str, ...]], /) -> list[alignment.Shares | None]: ...  # noqa: D102
    def agreement(  # noqa: D102
        self, text: str, parts: tuple[str, ...], /
    ) -> tuple[bool, int, int, int, int, alignment.Differing]: ...
    def cover(self, text: str, parts: tuple[str, ...], most: int, /) -> tiles.Cover: ...  # noqa: D102
    def retold(  # noqa: D102
        self, text: str, parts: tuple[str, ...], marks: bytes, asked: list[tuple[int, int]], /
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
    alike = staticmethod(alignment.alike)
    agreement = staticmethod(alignment.agreement)
    cover = staticmethod(tiles.cover)
    retold = staticmethod(tiles.retold)
    Postings = postings.Postings


PURE: Final[Kernel] = _Pure()
_found: Final = _compiled()
COMPILED: Final[bool] = _found is not None
"""whether the compiled kernel is there; without it all is the same, and ten to fifty times slower"""
chosen: Kernel = _found or PURE
