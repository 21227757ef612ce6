"""Who has what, agreed upon by all without asking: highest random weight. Pure."""

from __future__ import annotations

import hashlib

Weight = tuple[bytes, str]


def weight(thing: str, name: str) -> Weight:
    """How strongly a thing belongs to who has this name: to the greatest of all who are there.

    Who comes or goes moves his own share and no other.

    Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998): highest random weight.
    """
    digest = hashlib.blake2b(f"{name}\0{thing}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return digest, name
