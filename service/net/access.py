"""How a source wants to be reached: what a request to it may do that others may not, and with whose name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tls:
    """What is different about a source's TLS."""

    ca_file: Path | None = None
    """certificates to trust instead of the system's, PEM"""
    client_cert: Path | None = None
    """our own certificate, with its key unless `client_key` has it, PEM"""
    client_key: Path | None = None
    insecure: bool = False
    """accept any certificate: whoever stands between can write the feed"""


@dataclass(frozen=True, slots=True)
class Access:
    """How one source is reached. Secrets show in no repr."""

    allow_private: bool = False
    """whether the source may stand in a private network, and lead us to others in that same network"""
    authorization: str | None = field(default=None, repr=False)
    """the value of the Authorization header ("Basic …", "Bearer …"): sent to the source's own origin alone"""
    proxy: str | None = field(default=None, repr=False)
    """http://[user:password@]host:port; it may stand in a private network, the target may not"""
    tls: Tls | None = None


PUBLIC = Access()
"""a source of which nothing is said"""
