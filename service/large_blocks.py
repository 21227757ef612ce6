"""Memory of hostile sizes goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 262_144


def return_large_blocks() -> None:
    """From now on what is that large goes back to the system as soon as it is free, in this process.

    Left alone, glibc learns from the first body of megabytes to keep such blocks, and holes of their size stay between
    what is small. Elsewhere than on glibc this does nothing.

    Source: mallopt(3), M_MMAP_THRESHOLD; measured by us: 10 to 20 MB less beside seventy hostile feeds.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
