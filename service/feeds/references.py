"""References in a feed's XML put in order: names that only HTML has, numbers of no character, and bare ampersands."""

from __future__ import annotations

import html.entities
import re
from xml.sax.saxutils import escape

_REFERENCE = re.compile(rb"&(?:#([0-9]{1,20}|[xX][0-9a-fA-F]{1,20});|([A-Za-z][A-Za-z0-9]{0,40});)?")
_CDATA = re.compile(rb"(<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<![A-Za-z][^>]*>)", re.DOTALL)
_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def with_references(body: bytes) -> bytes:
    """`body` with every reference one that XML knows without a declaration.

    Entities of HTML become their characters, in CDATA too: what stands there is HTML. Names that nobody knows and
    bare ampersands become text, and numbers beyond all characters the replacement character, but not in CDATA.
    """
    parts = _CDATA.split(body)
    parts[::2] = [_REFERENCE.sub(_in_text, part) for part in parts[::2]]
    parts[1::2] = [_REFERENCE.sub(_in_cdata, part) for part in parts[1::2]]
    return b"".join(parts)


def _in_text(reference: re.Match[bytes]) -> bytes:
    number, name = reference.groups()
    if number is not None:
        return reference.group() if _is_character(number) else "\ufffd".encode()
    if name is None:
        return b"&amp;"
    return reference.group() if name in _OF_XML else _character(name) or b"&amp;" + name + b";"


def _in_cdata(reference: re.Match[bytes]) -> bytes:
    name = reference.group(2)
    return reference.group() if name is None or name in _OF_XML else _character(name) or reference.group()


def _character(name: bytes) -> bytes:
    return escape(html.entities.html5.get(f"{name.decode('ascii')};", "")).encode()


def _is_character(number: bytes) -> bool:
    value = int(number[1:], 16) if number[:1] in b"xX" else int(number)
    if value < 0x20:
        return value in (0x9, 0xA, 0xD)
    return value <= 0xD7FF or 0xE000 <= value <= 0xFFFD or 0x10000 <= value <= 0x10FFFF
