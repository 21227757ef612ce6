from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.net.body import Body
from service.net.failures import FailureKind, FetchFailure

MEGABYTE = 1_000_000


def read(
    raw: bytes, encoding: str, chunk_bytes: int = 7, max_wire_bytes: int = MEGABYTE, max_bytes: int = MEGABYTE
) -> bytes:
    body = Body(encoding, max_wire_bytes, max_bytes)
    for start in range(0, len(raw), chunk_bytes):
        body.feed(raw[start : start + chunk_bytes])
    return body.finish()


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@given(st.binary(max_size=500), st.integers(1, 64))
def test_every_known_encoding_gives_the_content_back_however_it_arrives(content: bytes, chunk_bytes: int) -> None:
    assert read(content, "", chunk_bytes) == content
    assert read(content, "identity", chunk_bytes) == content
    assert read(gzip.compress(content), "gzip", chunk_bytes) == content
    assert read(gzip.compress(content) * 2, "X-GZIP", chunk_bytes) == content * 2
    assert read(zlib.compress(content), "deflate", chunk_bytes) == content
    assert read(raw_deflate(content), "deflate", chunk_bytes) == content
    assert read(brotli.compress(content), "br", chunk_bytes) == content


def test_a_last_block_filled_up_with_zeros_is_no_rubbish() -> None:
    assert read(gzip.compress(b"here") + b"\0" * 40, "gzip") == b"here"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br, br", "br, gzip", "zstd", "gzip, identity, deflate", "made-up"])
def test_an_unknown_or_doubled_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(FetchFailure) as caught:
        Body(encoding, MEGABYTE, MEGABYTE)
    assert caught.value.kind is FailureKind.BAD_ENCODING


@pytest.mark.parametrize(
    "raw", [b"plain text", gzip.compress(b"x" * 1000, mtime=0)[:-9], gzip.compress(b"x", mtime=0) + b"rubbish"]
)
def test_bytes_that_do_not_fit_their_encoding_are_refused(raw: bytes) -> None:
    with pytest.raises(FetchFailure) as caught:
        read(raw, "gzip")
    assert caught.value.kind is FailureKind.BAD_ENCODING


@pytest.mark.parametrize("raw", [b"plain text", brotli.compress(b"x" * 1000)[:-2], brotli.compress(b"x") + b"rubbish"])
def test_bytes_that_are_not_brotli_are_refused(raw: bytes) -> None:
    with pytest.raises(FetchFailure) as caught:
        read(raw, "br")
    assert caught.value.kind is FailureKind.BAD_ENCODING


def test_the_caps_are_exact() -> None:
    assert len(read(b"x" * 100, "", max_bytes=100, max_wire_bytes=100)) == 100
    assert len(read(gzip.compress(b"x" * 100), "gzip", max_bytes=100)) == 100
    assert len(read(brotli.compress(b"x" * 100), "br", max_bytes=100)) == 100
    for raw, encoding, limits in [
        (b"x" * 101, "", {"max_bytes": 100}),
        (b"x" * 101, "", {"max_wire_bytes": 100}),
        (gzip.compress(b"x" * 101), "gzip", {"max_bytes": 100}),
        (brotli.compress(b"x" * 101), "br", {"max_bytes": 100}),
    ]:
        with pytest.raises(FetchFailure) as caught:
            read(raw, encoding, **limits)
        assert caught.value.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    ("pack", "encoding"), [(gzip.compress, "gzip"), (lambda raw: brotli.compress(raw, quality=3), "br")]
)
def test_a_bomb_is_not_unfolded_past_the_cap(pack: Callable[[bytes], bytes], encoding: str) -> None:
    bomb = pack(b"\0" * 50 * MEGABYTE)
    tracemalloc.start()
    with pytest.raises(FetchFailure) as caught:
        read(bomb, encoding, chunk_bytes=65_536)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.kind is FailureKind.TOO_LARGE
    assert peak_bytes < 8 * MEGABYTE


def test_many_tiny_members_are_refused_and_not_unpacked_one_by_one() -> None:
    with pytest.raises(FetchFailure) as caught:
        read(gzip.compress(b"") * 5_000, "gzip", chunk_bytes=65_536)
    assert caught.value.kind is FailureKind.TOO_LARGE


def test_a_bomb_ends_long_before_the_cap_and_a_dense_feed_does_not() -> None:
    bomb = Body("gzip", 10_000_000, 20_000_000)
    with pytest.raises(FetchFailure, match="more than 2,000,000 bytes after decoding"):
        bomb.feed(gzip.compress(b" " * 60_000_000))
    assert len(bomb._decoded) <= 2_000_001

    item = "<item><title>The same words over and over, as in a feed of one's own making</title></item>"
    feed = "".join(item.replace("one", str(number)) for number in range(60_000)).encode()
    body = Body("gzip", 10_000_000, 20_000_000)
    body.feed(gzip.compress(feed, 9))
    assert body.finish() == feed
