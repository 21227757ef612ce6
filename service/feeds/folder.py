"""A folder of texts: each file one entry. The words as they stand in the file, and nothing guessed around them.

The first line is not taken for a headline, and a file's time is never taken for a publication.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from service.articles.clean import writable_entry
from service.feeds.config import Feed, ListedText
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.model import Entry, EntryResult

_TEXT = ".txt"
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds, from its directory alone; no file is opened for it."""

    names: tuple[str, ...]
    """the files to read: the listed ones in the list's order, then the others by name"""
    signature: str
    """changes when a file comes, goes or changes"""


def scan_folder(feed: Feed, now_s: float, settle_s: float) -> Scan:
    """See what is there.

    Args:
        feed: the folder and what is listed of it.
        now_s: seconds since 1970.
        settle_s: a file that changed within so many seconds is still being written, and left for the next look. By
            the time it claims or the time of its last touch here, whichever is earlier: one from the future is not
            held back until then, nor taken while it is being written.

    Raises:
        FeedUnreadable: there is no such folder, or it cannot be read.
    """
    try:
        with os.scandir(feed.address) as found:
            files = {entry.name: _stamp(entry) for entry in found if not _is_passed_over(entry)}
    except OSError as error:
        raise FeedUnreadable(f"the folder cannot be read: {error.strerror}") from error
    settled = {name: seen for name, seen in files.items() if not now_s - settle_s < seen.settles_s <= now_s}
    listed = [text.file for text in feed.texts if text.file in settled or text.file not in files]
    names = (*listed, *sorted(settled.keys() - set(listed)))
    content = repr((feed, [(name, settled[name].version if name in settled else None) for name in names]))
    return Scan(names, hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32])


def read_folder(feed: Feed, names: tuple[str, ...], max_bytes: int) -> Listing:
    """Read the named files, in that order. A file that is no text is refused alone.

    Args:
        feed: the folder.
        names: file names, without a path.
        max_bytes: a larger file is not read at all.
    """
    listed = {text.file: text for text in feed.texts}
    entries: list[Entry] = []
    refused: list[Refused] = []
    for name in names:
        read = _read(Path(feed.address), name, max_bytes)
        if isinstance(read, Refused):
            refused.append(read)
        else:
            entries.append(_entry(feed, name, listed.get(name) or ListedText(name), read))
    return Listing(tuple(entries), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Stamp:
    version: tuple[int, int]
    """size in bytes, and the time of modification in ns as the file claims it"""
    settles_s: float
    """when it was last written, as far as that is known"""


def _stamp(entry: os.DirEntry[str]) -> _Stamp:
    try:
        status = entry.stat()
    except OSError:  # gone meanwhile, or a link to nowhere: reading it tells
        return _Stamp((-1, 0), 0.0)
    # The status change is the kernel's word: an archive may set the modification to any time, this not.
    return _Stamp((status.st_size, status.st_mtime_ns), min(status.st_mtime, status.st_ctime))


def _is_passed_over(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".") or entry.name.endswith((".toml", *_UNFINISHED)) or _is_folder(entry)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _read(folder: Path, name: str, max_bytes: int) -> str | Refused:
    try:
        path = Path(os.path.realpath(folder / name))
        if not path.is_relative_to(os.path.realpath(folder)):
            return _refusal(name, "it is a link that leads out of the folder")
        if path.suffix.lower() != _TEXT:
            return _refusal(name, f"it is not a text: its name does not end in {_TEXT}")
        raw = _bytes(path, max_bytes)
    except OSError as error:
        return _refusal(name, f"it cannot be read: {error.strerror}")
    if raw is None:
        return Refused(_printable(name), EntryResult.OVER_LIMIT, f"it is larger than {max_bytes:,} bytes")
    return _text(name, raw)


def _bytes(path: Path, max_bytes: int) -> bytes | None:
    """The file's content, or None if there is more of it than allowed. Never waits for a pipe, never follows a link."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a regular file")
        if status.st_size > max_bytes:
            return None
        raw = file.read(max_bytes + 1)
        return raw if len(raw) <= max_bytes else None


def _text(name: str, raw: bytes) -> str | Refused:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _refusal(name, f"it is not UTF-8 text, from byte {error.start:,}")
    if "\0" in text:
        return _refusal(name, "it is binary")
    return text if text.strip() else _refusal(name, "it is empty")


def _refusal(name: str, why: str) -> Refused:
    return Refused(_printable(name), EntryResult.UNREADABLE, why)


def _entry(feed: Feed, name: str, listed: ListedText, text: str) -> Entry:
    stem = Path(_printable(name)).stem
    entry = Entry(
        feed=feed.name,
        source=listed.source or feed.source or stem,
        key=_printable(name),
        uri=f"text:{_printable(Path(feed.address).resolve().name)}/{stem}",
        headline="",
        body=text,
        markup="plain",
        language=feed.language,
        published=listed.published,
    )
    return writable_entry(entry)


def _printable(name: str) -> str:
    """A file name may hold any bytes; what is told of it is UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
