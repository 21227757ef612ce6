from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.encoding import as_utf8
from service.feeds.listing import FeedUnreadable
from tests.feeds.feed_texts import item, read, rss, titles

WORDS = "Hafen gesperrt – Öl läuft aus"
FEED = rss(f"<item><title>{WORDS}</title></item>")


def declared(name: str) -> str:
    return FEED.replace('version="1.0"?', f'version="1.0" encoding="{name}"?')


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FEED.encode(), ""),
        (FEED.encode("utf-8-sig"), ""),
        (FEED.encode(), "text/xml"),
        (FEED.encode(), "text/html; charset=iso-8859-1"),
        (declared("iso-8859-1").encode(), "application/xml"),
        (declared("utf-8").encode("cp1252"), ""),
        (declared("iso-8859-1").encode("cp1252"), ""),
        (declared("windows-1252").encode("cp1252"), "text/xml; charset=utf-8"),
        (declared("us-ascii").encode("cp1252"), ""),
        (declared("no-such-code").encode("cp1252"), ""),
        (FEED.encode("cp1252"), 'text/xml; charset="windows-1252"'),
        (declared("utf-16").encode("utf-16"), ""),
        (FEED.encode("utf-16-le"), ""),
        (FEED.encode("utf-16-be"), "application/rss+xml; charset=utf-8"),
        (FEED.encode("utf-32"), ""),
        (declared("utf-16").encode(), ""),
        (gzip.compress(FEED.encode()), "application/rss+xml"),
        (b" \r\n\n" + FEED.encode(), ""),
        (b"Notice: variable not set in line 7\n" + FEED.encode(), ""),
        (b'<?xml version="1.0"?>\n' + FEED.encode(), ""),
        (FEED.replace('version="1.0"', 'version="1.1"').encode(), ""),
        (FEED.replace("Hafen", "Hafen\x08").replace("\x08", "\x0b").replace("\x0b", "").encode() + b"\0\0", ""),
    ],
)
def test_the_words_are_the_same_whatever_was_sent_and_claimed(body: bytes, content_type: str) -> None:
    assert titles(read(body, content_type=content_type)) == [WORDS]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("windows-1251", "Порт закрыт"),
        ("koi8-r", "Порт закрыт"),
        ("gb2312", "港口关闭"),
        ("shift_jis", "港は閉鎖"),
        ("iso-2022-jp", "港は閉鎖"),
        ("euc-kr", "항구 폐쇄"),
        ("iso-8859-2", "Przystań zamknięta"),
    ],
)
def test_a_declared_encoding_is_believed_also_against_a_server_that_says_latin_1_of_everything(
    name: str, words: str
) -> None:
    body = declared(name).replace(WORDS, words).encode(name)
    for content_type in ("", "application/rss+xml", "text/xml; charset=ISO-8859-1", f"text/xml; charset={name}"):
        assert titles(read(body, content_type=content_type)) == [words]


def test_a_feed_that_changes_its_encoding_midway_is_right_on_both_sides() -> None:
    body = rss(item(1, "Öl"), "@@", item(3, "Öl")).encode().replace(b"@@", item(2, "Öl").encode("cp1252"))
    assert [entry.body for entry in read(body).entries] == ["Öl"] * 3


def test_control_characters_are_spaces() -> None:
    assert titles(read(rss("<item><title>Pier\x08closed\x0b</title></item>"))) == ["Pier closed"]


def test_gzip_that_is_none_is_told() -> None:
    with pytest.raises(FeedUnreadable, match="cannot be unpacked"):
        read(b"\x1f\x8b\x08" + b"x" * 100)


def test_of_gzip_that_is_cut_off_the_items_before_the_cut_are_read() -> None:
    listing = read(gzip.compress(rss(item(1), item(2)).encode(), 0)[:-80])
    assert (titles(listing)[:1], listing.problem) == (["Notice 1"], "the document is cut off")


def test_a_body_that_unpacks_to_more_than_allowed_is_told() -> None:
    packing = zlib.compressobj(wbits=31)
    bomb = packing.compress(b" " * 10_000_000) + packing.flush()
    with pytest.raises(FeedUnreadable, match="unpacks to more than 1,000,000 bytes"):
        as_utf8(bomb, "", 1_000_000)


@given(st.binary(max_size=200), st.sampled_from(["", "x; charset=utf-16", "x; charset=hz", "x; charset=undefined"]))
def test_whatever_comes_is_utf_8_without_what_xml_forbids(body: bytes, content_type: str) -> None:
    try:
        words = as_utf8(body, content_type, 1_000).decode()
    except FeedUnreadable:
        return
    assert not set(words) & set(map(chr, [*range(9), 11, 12, *range(14, 32)]))
