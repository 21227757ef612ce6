"""What is kept of the pages behind entries: until its article is admitted the text, and then that it was."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from service.store import keys
from service.store.connection import Connection, decode, encode
from service.store.feed_values import KeptPage

_TEXT_TTL_S = 7 * 86_400
"""for an article whose admission never comes"""


class Pages:
    """What full texts need."""

    _connection: Connection

    async def page(self, article: str) -> KeptPage | None:
        """What is known of the page behind an article; asking keeps it for another `SEEN_TTL_S` once it is admitted."""
        key = keys.page(article)
        version, problem, text, stories = await self._connection.run(
            "HMGET", key, "version", "problem", "text", "stories"
        )
        if version is None:
            return None
        if text is None:
            await self._connection.run("EXPIRE", key, keys.SEEN_TTL_S)
        return KeptPage(
            decode(version),
            decode(zlib.decompress(text)) if text is not None else None,
            decode(problem or b""),
            tuple(decode(stories).split()) if stories else (),
        )

    async def keep_page(self, article: str, page: KeptPage) -> None:
        """Keeps a page's text; what was known of another version is forgotten."""
        key, text = keys.page(article), zlib.compress(encode(page.text or ""))
        await self._connection.pipeline(
            [
                ("DEL", key),
                ("HSET", key, "version", page.version, "problem", encode(page.problem), "text", text),
                ("EXPIRE", key, _TEXT_TTL_S),
            ]
        )

    async def page_admitted(self, article: str, stories: Sequence[str]) -> None:
        """Drops the text and remembers to which stories it was admitted."""
        key = keys.page(article)
        await self._connection.pipeline(
            [
                ("HSET", key, "stories", encode(" ".join(sorted(stories)))),
                ("HDEL", key, "text"),
                ("EXPIRE", key, keys.SEEN_TTL_S),
            ]
        )
