"""A feed's bytes as UTF-8, whatever was sent and whatever was claimed about it. All that reads documents reads this.

What is valid UTF-8 is UTF-8: a text of another encoding that happens to be valid and not ASCII is not met in practice,
while servers that claim ISO-8859-1 for everything are. Else the server's charset, the document's own, and at last
UTF-8 in which what does not fit is read as windows-1252, so that a feed that changes its encoding midway is
right on both sides of the change.
"""

from __future__ import annotations

import codecs
import re
import zlib

from service.feeds.listing import FeedUnreadable

_GZIP = b"\x1f\x8b\x08"
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_BYTES = (
    (re.compile(rb"\s*<\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0<", re.DOTALL), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]", re.DOTALL), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
"""Source: Extensible Markup Language 1.0, appendix F"""
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,1000}>")
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_STATEFUL = ("iso-2022", "iso2022", "hz", "utf-7", "utf7")
"""encodings whose bytes are all ASCII"""
_WIDER = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
}
"""what is meant by these names on the web. Source: WHATWG Encoding Standard, names and labels"""
_SAID_BY_DEFAULT = frozenset({"iso-8859-1", "latin1", "us-ascii", "ascii", "utf-8", "utf8"})
"""charsets that servers claim for whatever they send"""
_CONTROLS = bytes(range(0x09)) + b"\x0b\x0c" + bytes(range(0x0E, 0x20))
_WITHOUT_CONTROLS = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))


_WINDOWS_1252 = bytes(range(256)).decode("cp1252", "replace")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")


def as_utf8(body: bytes, content_type: str, max_bytes: int) -> bytes:
    """The document in UTF-8, from its first markup or brace on: without byte order mark, XML declaration, and the
    control characters that XML and JSON do not allow, each of which becomes a space.

    Args:
        body: as it came; gzip that no header told of is unpacked.
        content_type: the Content-Type header, or the empty string.
        max_bytes: what a packed body may unpack to.

    Raises:
        FeedUnreadable: a packed body is broken or larger than allowed.
    """
    if body.startswith(_GZIP):
        body = _unpacked(body, max_bytes)
    body = _transcoded(body, content_type)
    if len(body.translate(None, _CONTROLS)) < len(body):
        body = body.translate(_WITHOUT_CONTROLS)
    return _from_the_first_markup(body)


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacking.decompress(body, max_bytes)
    except zlib.error as error:
        raise FeedUnreadable("it begins like gzip and cannot be unpacked") from error
    if unpacking.unconsumed_tail:
        raise FeedUnreadable(f"it unpacks to more than {max_bytes:,} bytes")
    return unpacked


def _transcoded(body: bytes, content_type: str) -> bytes:
    wide = _wide_encoding(body)
    if wide:
        return body.decode(wide, "replace").lstrip("\ufeff").encode("utf-8", "replace")
    body = body.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARED.match(body[:1_000])
    own = declared.group(1).decode("ascii").lower() if declared else ""
    if own.startswith(_STATEFUL):
        return _decoded(body, own) or body
    if _is_utf8(body):
        return body
    said = _CHARSET.search(content_type)
    claimed = said.group(1).lower() if said else ""
    claims = (own, claimed) if claimed in _SAID_BY_DEFAULT and own else (claimed, own)
    read = next(filter(None, (_decoded(body, name) for name in claims)), None)
    return read or _BEYOND_ASCII.sub(_mended, body)


def _mended(beyond_ascii: re.Match[bytes]) -> bytes:
    given = beyond_ascii.group()
    return given if _is_utf8(given) else codecs.charmap_decode(given, "strict", _WINDOWS_1252)[0].encode()


def _wide_encoding(body: bytes) -> str | None:
    if b"\0" not in body and not body.startswith(b"\x4c\x6f\xa7\x94"):
        return None
    marked = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    return marked or next((name for pattern, name in _FIRST_BYTES if pattern.match(body)), None)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, name: str) -> bytes | None:
    """The body in UTF-8 if it is wholly of the named encoding; None if not, or if that says nothing new."""
    name = _WIDER.get(name, name)
    if not name or name.startswith(("utf-8", "utf8", "utf-16", "utf16")):
        return None
    try:
        if name == "cp1252":  # five bytes are undefined in it, and met
            return codecs.charmap_decode(body, "strict", _WINDOWS_1252)[0].encode()
        return body.decode(name).encode()
    except (LookupError, UnicodeError, ValueError):
        return None


def _from_the_first_markup(body: bytes) -> bytes:
    """Words before the first markup are somebody's debugging; of XML declarations none is needed any more."""
    while True:
        at = body.find(b"<", 0, 4_096)
        if at > 0 and not body[:at].lstrip().startswith((b"{", b"[")):
            body = body[at:]
        declaration = _DECLARATION.match(body)
        if declaration is None:
            return body
        body = body[declaration.end() :]
