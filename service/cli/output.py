"""Files that a command was asked to write: looked at before the work, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from service.errors import ClaimwireError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def check_output(path: Path) -> None:
    """Looks whether a file could be written. To be asked before the work: what is known then need not be lost.

    Raises:
        ClaimwireError: not as things stand.
    """
    try:
        if path.is_dir():
            raise ClaimwireError(f"{path}: is a folder", "Name a file in it.")
        if not path.parent.is_dir():
            raise ClaimwireError(f"{path}: there is no folder {path.parent}", "Make the folder, or name another.")
        with suppress(FileNotFoundError):
            path.lstat()  # the name may be too long, or be none
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise _unwritable(path, "Permission denied")
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def write_output(path: Path, content: bytes) -> None:
    """Writes a file: whoever reads it meanwhile reads the old one whole. A link is followed, and what is no file (a
    device, a pipe) is written to: nothing else takes its place.

    Raises:
        ClaimwireError: it cannot be written.
    """
    try:
        real = Path(os.path.realpath(path))
        if real.exists() and not real.is_file():
            real.write_bytes(content)
        else:
            _replace(real, content)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def no_room(failure: OSError | None) -> ClaimwireError | None:
    """What a failure is called if it is that a disk is full under what is printed; nothing of that is tried again."""
    if failure is None or failure.filename is not None or failure.errno not in _NO_ROOM:
        return None
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ClaimwireError(f"what is printed cannot be written: {failure.strerror}", "Make room, or print elsewhere.")


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _unwritable(path: Path, why: object) -> ClaimwireError:
    words = why.strerror if isinstance(why, OSError) and why.strerror else why
    return ClaimwireError(f"{path}: cannot be written: {words}", "Name another file.")
