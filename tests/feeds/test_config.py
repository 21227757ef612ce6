from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.errors import FeedListError
from service.feeds.config import load_feed_list, source_of
from service.model import Published
from service.toml_lines import _Scan

GOOD = """\
[[feed]]
folder = "texts"
language = "en"

[[feed.text]]
file = "b.txt"
source = "The Gazette"
published = 2031-05-04
published_basis = "text"

[[feed.text]]
file = "a.txt"
published = 2031-05-04T12:00:00+02:00

[[feed]]
url = "https://example.org/news/feed?format=rss"
source = "Example Wire"
allow_private = true
aggregator = true

[[feed]]
name = "archive"
file = "old.rss"
interval_s = 5
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "feeds.toml"
    path.write_text(text, "utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(FeedListError) as caught:
        load_feed_list(path)
    return caught.value.message.replace(f"{path}:", "")


def test_a_feed_list_is_read_with_its_defaults(tmp_path: Path) -> None:
    folder, url, file = load_feed_list(written(tmp_path, GOOD)).feeds

    assert (folder.name, folder.kind, folder.address, folder.interval_s) == (
        "texts",
        "folder",
        str(tmp_path / "texts"),
        0.5,
    )
    assert [text.file for text in folder.texts] == ["b.txt", "a.txt"]
    assert folder.texts[0].published == Published(datetime(2031, 5, 4, tzinfo=UTC), "day", "text")
    assert folder.texts[1].published == Published(datetime(2031, 5, 4, 10, tzinfo=UTC), "second", "listing")
    assert (url.name, url.interval_s, url.allow_private) == ("example.org/news/feed?format=rss", 300, True)
    assert (file.name, file.kind, file.interval_s, file.allow_private) == ("archive", "file", 5, False)
    assert [feed.aggregator for feed in (folder, url, file)] == [False, True, False]


FOLDER = '[[feed]]\nfolder = "x"\n'
URL = '[[feed]]\nurl = "http://x/"\n'
TEXT_A = '[[feed.text]]\nfile = "a"\n'
A_DATE = "must be a date, without quotes: 2031-05-04 or 2031-05-04T12:00:00Z"
OUTSIDE = "published is outside the years 1900 to 2100"
NUL = "there is a NUL character in it, which no name, path or address can hold"
ONE_OF = "a feed has exactly one of url, file and folder; this one has"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FOLDER + "intervall_s = 3\n", "3: unknown key 'intervall_s'; did you mean 'interval_s'?"),
        (FOLDER + '[[feed.text]]\nfle = "a"\n', "3: 'file' is missing\n4: unknown key 'fle'; did you mean 'file'?"),
        ('[[feeds]]\nurl = "http://x/"\n', "1: unknown key 'feeds'; did you mean 'feed'?"),
        ("", "1: no feed is listed; a list holds at least one [[feed]] table"),
        ('[[feed]]\nname = "x"\n', f"1: {ONE_OF} none"),
        ("\n" + URL + 'file = "y"\n', f"2: {ONE_OF} url and file"),
        ('[[feed]]\nurl = "ftp://x/"\n', "2: url must be an http or https address with a host, not 'ftp://x/'"),
        (URL + 'interval_s = "often"\n', "3: interval_s must be a number, without quotes"),
        (URL + 'aggregator = "yes"\n', "3: aggregator must be true or false, without quotes"),
        (URL + "interval_s = 0\n", "3: interval_s: Input should be greater than or equal to 0.1"),
        (URL + '[[feed.text]]\nfile = "a"\n', "3: text tables belong to a feed with a folder"),
        (FOLDER + '[[feed.text]]\nfile = "../a"\n', "4: file is the name of a text in the folder, without a path"),
        (FOLDER + '[[feed.text]]\nfile = "a"\n' * 2, "6: the text 'a' is listed twice, here and in line 4"),
        ('\n[feed]\nurl = "http://x/"\n', "2: feed is an array of tables: write [[feed]], in double brackets"),
        (
            FOLDER + '[feed.text]\nfile = "a"\n',
            "3: text is an array of tables: write [[feed.text]], in double brackets",
        ),
        ("feed = 3\n", "1: feed must be an array of tables"),
        (FOLDER + TEXT_A + 'published = "2024-01-01"\n', f"5: published {A_DATE}"),
        (FOLDER + TEXT_A + "published = 0001-01-01T00:00:00+14:00\n", f"5: {OUTSIDE}"),
        (FOLDER + TEXT_A + "published = 9999-12-31T00:00:00-14:00\n", f"5: {OUTSIDE}"),
        (FOLDER + TEXT_A + "published = 0001-01-01\n", f"5: {OUTSIDE}"),
        ('[[feed]]\nfolder = "x\\u0000"\n', f"2: {NUL}"),
        ('[[feed]]\nname = "n"\nfile = "x\\u0000y"\n', f"3: {NUL}"),
        (FOLDER + '[[feed.text]]\nfile = "\\u0000a"\n', f"4: {NUL}"),
        ("[[feed]]\nurl = 3\n", "2: url must be a string in quotes"),
        (
            '[[feed]]\nurl = "ftp://a:secret@x/"\n',
            "2: url must be an http or https address with a host, not 'ftp://…@x/'",
        ),
        (FOLDER + "x = " + "[" * 3_000, "3: not TOML: brackets are nested too deeply"),
        (FOLDER + "name = \n", "3: not TOML: Invalid value (at line 3, column 8)"),
        (FOLDER + 'name = "n"\n' + URL + 'name = "n"\n', "6: two feeds are named 'n', here and in line 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert complaint(tmp_path, text) == expected


def test_a_time_without_an_offset_is_refused(tmp_path: Path) -> None:
    text = '[[feed]]\nfolder = "x"\n\n[[feed.text]]\nfile = "a"\npublished = 2031-05-04T12:00:00\n'
    assert complaint(tmp_path, text).startswith("6: published is a time without an offset")


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedListError, match="cannot be read"):
        load_feed_list(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'[[feed]]\nname = "caf\xe9"\n')
    with pytest.raises(FeedListError, match=r"latin\.toml:2: not UTF-8"):
        load_feed_list(tmp_path / "latin.toml")


def test_a_source_is_a_url_a_file_a_folder_or_a_list(tmp_path: Path) -> None:
    (tmp_path / "old.rss").write_text("<rss/>")

    assert [feed.kind for feed in source_of("https://example.org/feed")] == ["url"]
    assert [feed.kind for feed in source_of(str(tmp_path))] == ["folder"]
    assert [feed.kind for feed in source_of(str(tmp_path / "old.rss"))] == ["file"]
    assert len(source_of(str(written(tmp_path, GOOD)))) == 3


@pytest.mark.parametrize("argument", ["ftp://example.org/", "no-such-thing", "https://"])
def test_what_is_no_source_is_told(argument: str) -> None:
    with pytest.raises(FeedListError):
        source_of(argument)


def test_what_is_named_by_hand_may_name_outlets_and_what_a_list_names_may_not(tmp_path: Path) -> None:
    (tmp_path / "old.rss").write_text("<rss/>")

    assert source_of("https://example.org/feed")[0].aggregator
    assert source_of(str(tmp_path / "old.rss"))[0].aggregator
    assert not source_of(str(written(tmp_path, '[[feed]]\nurl = "https://example.org/feed"\n')))[0].aggregator


def test_a_private_host_typed_by_hand_is_meant() -> None:
    assert source_of("http://127.0.0.1:8701/copies.rss")[0].allow_private
    assert source_of("http://localhost/feed")[0].allow_private
    assert not source_of("https://example.org/feed")[0].allow_private


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("224.0.0.1", True),  # these five are global to Python 3.11, and refused
        ("192.88.99.1", True),
        ("168.63.129.16", True),
        ("[64:ff9b::7f00:1]", True),
        ("[2002::1]", True),
        ("[::1]", True),
        ("[fe80::1%25eth0]", True),
        ("93.184.215.14", False),
        ("[2606:4700::1111]", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_a_host_is_private_by_hand_exactly_where_the_client_would_refuse_it(host: str, private: bool) -> None:
    assert source_of(f"http://{host}/feed")[0].allow_private is private


def test_a_list_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert load_feed_list(written(tmp_path, "\ufeff" + GOOD)).feeds == load_feed_list(written(tmp_path, GOOD)).feeds


def test_a_long_list_is_looked_through_for_lines_only_when_there_is_something_to_complain_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a list of 2,000 feeds, and scans counted
    scans, lines = [], _Scan.lines
    monkeypatch.setattr(_Scan, "lines", lambda scan: scans.append(scan) or lines(scan))  # type: ignore[func-returns-value]
    many = "".join(f'[[feed]]\nname = "n{n}"\nurl = "http://x.example/{n}"\n' for n in range(2_000))
    # when
    began = time.process_time()
    feeds = load_feed_list(written(tmp_path, many)).feeds
    # then
    assert (len(feeds), scans) == (2_000, [])
    assert time.process_time() - began < 5
    # and what is wrong in each of them costs one scan
    assert complaint(tmp_path, many.replace("url", "urll")).count("\n") == 1_999
    assert len(scans) == 1


def test_an_address_is_shown_without_its_password(tmp_path: Path) -> None:
    (feed,) = source_of("https://user:p@ss@x.example:8080/feed?a=b@c")
    assert (feed.shown, "p@ss" in feed.address) == ("https://…@x.example:8080/feed?a=b@c", True)
    (plain,) = source_of("https://x.example/@desk")
    assert plain.shown == plain.address
    assert source_of(str(tmp_path))[0].shown == str(tmp_path)
