"""The ingester's side: articles in, numbered and durable; how far the workers are behind."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from service.errors import AdmissionsLost
from service.model import Article, EntryResult
from service.store import keys
from service.store.bell import Bell
from service.store.connection import Arg, Connection, Script, decode, encode
from service.store.values import Durability

_ADMIT = Script("admit")


class Admitting(Bell):
    """What the ingester does to a story."""

    _connection: Connection
    durability: Durability
    _numbered: dict[str, int]
    """story → its last number, as told last"""

    async def admit(self, story: str, article: Article, poll: str, doc_ttl_s: int) -> EntryResult:
        """Numbers an article within its story and appends it to the story's stream, once.

        Within one `poll` the same content gives the same answer however often it is asked: a poll that is repeated
        because it was never closed reports what it did. So a poll must not hold one article twice. An article whose
        content changed gets the next version; `article.version` is not looked at.

        Args:
            poll: names one look at a feed; the same again when the look is repeated after a failure.
            doc_ttl_s: seconds that the text is kept after the article is committed.

        Raises:
            AdmissionsLost: once, where the server has lost admissions that this process knows of, and `durability`
                asks for their places; nothing was written.
            StoreUnavailable: nothing was written, or too few replicas have it; the same call may be made again.
        """
        args = (
            article.content_hash(),
            article.to_json(),
            zlib.compress(encode(article.text), 6),
            poll,
            keys.SEEN_TTL_S,
            doc_ttl_s,
            article.id,
            encode(article.uri),
            known := self._numbered.get(story, 0) if self.durability.in_place else 0,
        )
        names = (
            keys.state(story),
            keys.articles(story),
            keys.seen(story, article.id),
            keys.doc(story, article.id),
            keys.counts(story),
            keys.taken_down(story),
        )
        result, self._numbered[story] = await self._admitted(names, args)
        if result == b"lost":
            raise AdmissionsLost(f"the server has lost {known - self._numbered[story]} admissions of {story}")
        told = EntryResult(decode(result))
        if told in (EntryResult.ADMITTED, EntryResult.REVISION):
            await self.ring(story)
        return told

    async def _admitted(self, names: Sequence[str], args: Sequence[Arg]) -> Any:
        if self.durability.replicas == 0:
            return await self._connection.script(_ADMIT, names, args)
        return await self._connection.durable(_ADMIT, names, args, self.durability.replicas, self.durability.within_s)

    async def backlog(self, story: str) -> int:
        """Articles admitted and not yet committed."""
        admitted, committed = await self._connection.run("HMGET", keys.state(story), "admitted", "committed")
        return int(admitted or 0) - int(committed or 0)
