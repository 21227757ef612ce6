"""A response's bytes, decoded piece by piece, with a cap on what came over the wire and on what it unfolds to."""

from __future__ import annotations

import zlib

import brotli

from service.net.failures import FailureKind, FetchFailure

ACCEPT_ENCODING = "gzip, deflate, br"

_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_PIECE_BYTES = 4_096
_SMALL_BYTES, _MOST_TIMES = 2_000_000, 200
"""A body that unfolds to more than both is a bomb: feeds fold to a twentieth, and the cap on its own would let a few
dozen at once fill the memory. What is small may be as empty as it likes. In pieces, so that one never gets further."""
_MAX_MEMBERS = 1_000
"""gzip bodies may concatenate members; each restart copies the rest of a chunk, so thousands of them cost dearly"""


class Body:
    """Collects one body. `feed` each chunk, then `finish` once.

    Args:
        content_encoding: the header's value, all its fields joined by commas; the empty string if there is none.
        max_wire_bytes: cap on bytes received.
        max_bytes: cap on bytes after decoding; never exceeded in memory, whatever the chunk unfolds to.

    Raises:
        FetchFailure: BAD_ENCODING for an encoding that is unknown or applied twice, from here; TOO_LARGE and
            BAD_ENCODING from `feed` and `finish`.
    """

    def __init__(self, content_encoding: str, max_wire_bytes: int, max_bytes: int) -> None:
        self._decoder = _decoder(content_encoding)
        self._max_wire_bytes = max_wire_bytes
        self._max_bytes = max_bytes
        self._decoded = bytearray()
        self._taken_bytes = 0
        self.wire_bytes = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire."""
        self.wire_bytes += len(chunk)
        if self.wire_bytes > self._max_wire_bytes:
            raise FetchFailure(FailureKind.TOO_LARGE, f"more than {self._max_wire_bytes:,} bytes received")
        if isinstance(self._decoder, _Identity):
            self._unfold(chunk)
            return
        for start in range(0, len(chunk), _PIECE_BYTES):
            self._unfold(chunk[start : start + _PIECE_BYTES])

    def _unfold(self, piece: bytes) -> None:
        self._taken_bytes += len(piece)
        most_bytes = min(self._max_bytes, max(_SMALL_BYTES, _MOST_TIMES * self._taken_bytes))
        # One byte of room beyond the cap tells "exactly full" from "more to come".
        self._decoded += self._decoder.decode(piece, most_bytes + 1 - len(self._decoded))
        if len(self._decoded) > most_bytes:
            raise FetchFailure(FailureKind.TOO_LARGE, f"more than {most_bytes:,} bytes after decoding")

    def finish(self) -> bytes:
        """The whole body, once the wire has ended."""
        if self.wire_bytes:
            self._decoder.check_ended()
        return bytes(self._decoded)


class _Identity:
    def decode(self, chunk: bytes, room_bytes: int) -> bytes:
        return chunk[:room_bytes]

    def check_ended(self) -> None:
        return


class _Deflated:
    def __init__(self, name: str) -> None:
        self._name = name
        self._stream: zlib._Decompress | None = None
        self._members = 0

    def decode(self, chunk: bytes, room_bytes: int) -> bytes:
        decoded = bytearray()
        try:
            while chunk and len(decoded) < room_bytes:
                if self._ended() and not chunk.strip(b"\0"):
                    break  # some servers fill up their last block
                self._stream = self._current(chunk)
                decoded += self._stream.decompress(chunk, room_bytes - len(decoded))
                chunk = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        except zlib.error as error:
            raise FetchFailure(FailureKind.BAD_ENCODING, f"{self._name}: {error}") from error
        return bytes(decoded)

    def _ended(self) -> bool:
        return self._stream is not None and self._stream.eof

    def _current(self, chunk: bytes) -> zlib._Decompress:
        if self._stream is not None and not self._stream.eof:
            return self._stream
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise FetchFailure(FailureKind.TOO_LARGE, f"more than {_MAX_MEMBERS:,} compressed members")
        if self._name == "gzip":
            return zlib.decompressobj(_GZIP)
        # Some servers call raw deflate "deflate"; the low half of the first byte of a zlib stream is always 8.
        return zlib.decompressobj(_ZLIB if chunk[0] & 0x0F == 8 else _RAW)

    def check_ended(self) -> None:
        if not self._ended():
            raise FetchFailure(FailureKind.BAD_ENCODING, f"{self._name}: ended early")


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def decode(self, chunk: bytes, room_bytes: int) -> bytes:
        decoded = bytearray()
        try:
            while chunk or not self._stream.can_accept_more_data():
                decoded += self._stream.process(chunk, output_buffer_limit=max(room_bytes - len(decoded), 1))
                chunk = b""
                if len(decoded) >= room_bytes:
                    break
        except brotli.error as error:
            raise FetchFailure(FailureKind.BAD_ENCODING, f"br: {error}") from error
        return bytes(decoded)

    def check_ended(self) -> None:
        if not self._stream.is_finished():
            raise FetchFailure(FailureKind.BAD_ENCODING, "br: ended early")


def _decoder(content_encoding: str) -> _Identity | _Deflated | _Brotli:
    names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    names = [name for name in names if name != "identity"]
    if not names:
        return _Identity()
    if len(names) == 1 and names[0] in ("gzip", "x-gzip", "deflate"):
        return _Deflated(names[0].removeprefix("x-"))
    if names == ["br"]:
        return _Brotli()
    raise FetchFailure(FailureKind.BAD_ENCODING, ", ".join(names))
