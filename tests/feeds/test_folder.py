from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.feeds.config import Feed, ListedText
from service.feeds.folder import read_folder, scan_folder
from service.feeds.listing import FeedUnreadable, Listing
from service.model import EntryResult, Published

LONG_AFTER = 4e9
CAP = 5_000_000


def feed(folder: Path, *texts: ListedText, source: str | None = None) -> Feed:
    return Feed("texts", "folder", str(folder), 0.5, source=source, texts=texts)


def read(folder: Path, *texts: ListedText) -> Listing:
    watched = feed(folder, *texts)
    return read_folder(watched, scan_folder(watched, LONG_AFTER, 0.3).names, CAP)


def refusals(listing: Listing) -> dict[str, tuple[EntryResult, str]]:
    return {refused.item: (refused.result, refused.why) for refused in listing.refused}


def test_a_text_is_an_entry_as_it_stands(tmp_path: Path) -> None:
    text = "\ufeffFirst line, no headline\r\n\r\nSecond\u00a0paragraph – “quoted”.\n"
    (tmp_path / "pier.txt").write_bytes(text.encode())

    (entry,) = read(tmp_path).entries

    assert (entry.headline, entry.body, entry.markup) == ("", text, "plain")
    assert (entry.source, entry.key, entry.published) == ("pier", "pier.txt", None)
    assert entry.uri == f"text:{tmp_path.name}/pier"


def test_listed_texts_come_first_in_their_order_with_what_is_said_of_them(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / f"{name}.txt").write_text(f"text {name}")
    published = Published(datetime(2031, 5, 4, tzinfo=UTC), "day", "listing")

    listing = read(tmp_path, ListedText("c.txt", "The Gazette", published), ListedText("gone.txt"), ListedText("b.txt"))

    assert [entry.key for entry in listing.entries] == ["c.txt", "b.txt", "a.txt", "d.txt"]
    assert (listing.entries[0].source, listing.entries[0].published) == ("The Gazette", published)
    assert refusals(listing) == {"gone.txt": (EntryResult.UNREADABLE, "it cannot be read: No such file or directory")}


def test_what_is_no_text_is_refused_alone_and_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("fine")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \n\t\n")
    (tmp_path / "binary.txt").write_bytes(b"\x7fELF\x00\x01\x02")
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    (tmp_path / "circle.txt").symlink_to(tmp_path / "circle.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("a secret")
    (tmp_path / "link.txt").symlink_to(outside)
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "none.txt")

    listing = read(tmp_path)

    assert [entry.key for entry in listing.entries] == ["good.txt"]
    assert refusals(listing) == {
        "empty.txt": (EntryResult.UNREADABLE, "it is empty"),
        "blank.txt": (EntryResult.UNREADABLE, "it is empty"),
        "binary.txt": (EntryResult.UNREADABLE, "it is binary"),
        "latin.txt": (EntryResult.UNREADABLE, "it is not UTF-8 text, from byte 3"),
        "image.png": (EntryResult.UNREADABLE, "it is not a text: its name does not end in .txt"),
        "circle.txt": (EntryResult.UNREADABLE, "it cannot be read: Too many levels of symbolic links"),
        "pipe.txt": (EntryResult.UNREADABLE, "it cannot be read: not a regular file"),
        "link.txt": (EntryResult.UNREADABLE, "it is a link that leads out of the folder"),
        "nowhere.txt": (EntryResult.UNREADABLE, "it cannot be read: No such file or directory"),
    }


def test_a_huge_file_is_counted_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(50_000_000_000)  # sparse: reading it would take minutes and all memory
    assert refusals(read(tmp_path)) == {"huge.txt": (EntryResult.OVER_LIMIT, "it is larger than 5,000,000 bytes")}


def test_files_that_are_not_for_us_are_passed_over(tmp_path: Path) -> None:
    for name in (".hidden.txt", "feeds.toml", "a.txt.part", "b.txt~", "c.txt.tmp"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.txt").mkdir()
    assert read(tmp_path) == Listing()


def test_a_file_still_being_written_waits_for_the_next_look(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("half a sent")
    written_s = (tmp_path / "new.txt").stat().st_mtime

    assert scan_folder(feed(tmp_path), written_s + 0.1, 0.3).names == ()
    assert scan_folder(feed(tmp_path), written_s + 0.4, 0.3).names == ("new.txt",)
    # a clock that was set back must not hide files for ever
    assert scan_folder(feed(tmp_path), written_s - 3_600, 0.3).names == ("new.txt",)


@pytest.mark.parametrize("ahead_s", [1.0, 3_600.0, 1e9])
def test_a_file_from_the_future_waits_no_longer_than_others(tmp_path: Path, ahead_s: float) -> None:
    # given a file written now that says it was written later: a clock that is wrong, or an archive
    path = tmp_path / "pier.txt"
    path.write_text("The pier closes.")
    written_s = path.stat().st_ctime
    os.utime(path, (written_s + ahead_s, written_s + ahead_s))
    written_s = path.stat().st_ctime

    def scan(after_s: float) -> tuple[str, ...]:
        return scan_folder(feed(tmp_path), written_s + after_s, 0.3).names

    # then it is left while it may still be written, is there from then on, and stays when its time comes
    assert scan(0.1) == ()
    assert scan(0.4) == ("pier.txt",)
    assert scan(ahead_s + 0.1) == ("pier.txt",)
    signatures = {scan_folder(feed(tmp_path), written_s + s, 0.3).signature for s in (0.4, ahead_s + 0.1, ahead_s + 9)}
    assert len(signatures) == 1


def test_the_signature_changes_with_every_change_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")

    def signature() -> str:
        return scan_folder(feed(tmp_path), LONG_AFTER, 0.3).signature

    before = signature()
    assert signature() == before
    os.utime(tmp_path / "a.txt", (1, 1))
    touched = signature()
    (tmp_path / "b.txt").write_text("two")
    assert len({before, touched, signature()}) == 3


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable, match="No such file"):
        scan_folder(feed(tmp_path / "none"), LONG_AFTER, 0.3)


def test_a_name_of_any_bytes_is_told_as_text(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/p\xff.txt")).write_text("fine")
    (entry,) = read(tmp_path).entries
    assert entry.uri.endswith("/p\ufffd")


def test_no_string_of_a_texts_entry_holds_what_cannot_be_written(tmp_path: Path) -> None:
    name = os.fsdecode(b"pier\xff.txt")
    (tmp_path / name).write_text("The pier.")
    (entry,) = read(tmp_path, ListedText(name, source="a\ud800\0")).entries
    assert (entry.source, entry.key) == ("a\ufffd\ufffd", "pier\ufffd.txt")
    (entry,) = read_folder(Feed("f\udcff", "folder", str(tmp_path), 0.5, language="\0"), (name,), CAP).entries
    assert (entry.feed, entry.language) == ("f\ufffd", "\ufffd")
