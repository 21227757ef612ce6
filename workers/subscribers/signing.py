"""Signatures by which a target knows that a webhook is ours, untouched and of now.

Source: Standard Webhooks 1.0 (standardwebhooks.com), symmetric signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 24, 64


def secrets_of(written: str) -> tuple[bytes, ...]:
    """The keys of a secret as it is written; several, with spaces between, while one replaces another.

    Raises:
        ValueError: one is no base64 of 24 to 64 bytes. The words do not repeat it.
    """
    return tuple(_key(part) for part in written.split())


def headers_of(id_: str, timestamp_s: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """What a request is sent with.

    Args:
        id_: of the event: the same however often it is sent.
        timestamp_s: of this attempt; a target refuses what is minutes old, so that nobody can send it again later.
        keys: one signature for each; none: it is not signed.
    """
    headers = {"webhook-id": id_, "webhook-timestamp": str(timestamp_s)}
    if keys:
        signed = f"{id_}.{timestamp_s}.".encode() + body
        headers["webhook-signature"] = " ".join(f"v1,{_signature(key, signed)}" for key in keys)
    return headers


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(written: str) -> bytes:
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64") from error
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(f"it stands for {len(key)} bytes, and {_LEAST_BYTES} to {_MOST_BYTES} are allowed")
    return key
