"""How fetching can fail: a closed set, each kind with the plain words that an operator reads."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Why there is no response. Each is a label of logs; what an HTTP status says is not a failure of fetching."""

    BAD_URL = "bad_url"
    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMED_OUT = "timed_out"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    BAD_REDIRECT = "bad_redirect"


WORDS: dict[FailureKind, str] = {
    FailureKind.BAD_URL: "the address is not a usable http(s) URL",
    FailureKind.ADDRESS_REFUSED: "the host is a private or special address; set allow_private = true if that is meant",
    FailureKind.UNREACHABLE: "the host cannot be reached",
    FailureKind.TLS: "the host's certificate or TLS handshake was not accepted",
    FailureKind.TIMED_OUT: "no complete answer within the time limit",
    FailureKind.BROKEN: "the answer was cut off or is not HTTP",
    FailureKind.TOO_LARGE: "the answer is larger than the limit",
    FailureKind.BAD_ENCODING: "the answer's Content-Encoding is unknown, doubled or does not fit its bytes",
    FailureKind.BAD_REDIRECT: "the redirects lead in a circle, too far, or away from http(s)",
}


class FetchFailure(Exception):
    """No response: what happened, as a kind and in plain words."""

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{WORDS[self.kind]} ({self.detail})" if self.detail else WORDS[self.kind]
