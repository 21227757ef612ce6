"""The operators' side of dead letters: what could not be decided, its second chance, and a line that stands still."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from service.model import Article
from service.store import keys
from service.store.connection import Connection, Script, decode
from service.store.ids import EntryId
from service.store.values import DeadEnd, DeadLetter

_END_DEAD = Script("end_dead")
_RESUME = Script("resume")
_PAGE = 500


class Dead:
    """What a person does about articles that were given up."""

    _connection: Connection

    async def dead_letters(self, story: str) -> list[DeadLetter]:
        """Those that nobody has retried or dropped, the oldest first."""
        letters, after = list[DeadLetter](), "-"
        while entries := await self._connection.run("XRANGE", keys.dead(story), after, "+", "COUNT", _PAGE):
            for entry_id, flat in entries:
                fields = {decode(flat[i]): decode(flat[i + 1]) for i in range(0, len(flat), 2)}
                letters.append(_letter(story, decode(entry_id), fields))
            after = f"({letters[-1].id}"
        return letters

    async def dead_end(self, story: str, number: int) -> DeadEnd | None:
        """How a dead letter ended; None if it is open, or there never was one, or that is long ago."""
        record = await self._connection.run("HGET", keys.dead_ended(story), number)
        return None if record is None else _end(record)

    async def retry_dead(self, letter: DeadLetter) -> DeadEnd:
        """Admits the article again, once: under the next number, at the end of the line.

        What was announced since then stands, so the article is decided upon what is known by then. It keeps its
        version and the time at which it was first seen. One whose source has sent a later version is not retried, nor
        one that was taken down.
        """
        return await self._end_dead(letter, "retried")

    async def drop_dead(self, letter: DeadLetter) -> DeadEnd:
        """Removes a dead letter, once; a record of it stays."""
        return await self._end_dead(letter, "dropped")

    async def resume(self, story: str) -> str:
        """Lets a paused line go on. Returns why it was paused; the empty string if it was not."""
        return decode(await self._connection.script(_RESUME, (keys.state(story),)))

    async def _end_dead(self, letter: DeadLetter, how: Literal["retried", "dropped"]) -> DeadEnd:
        story, article_id = letter.story, letter.article_id
        names = [key(story) for key in (keys.state, keys.articles, keys.dead, keys.dead_ended, keys.counts)]
        names += [keys.seen(story, article_id), keys.doc(story, article_id), keys.taken_down(story)]
        told, number, record = await self._connection.script(
            _END_DEAD, names, (letter.number, letter.id, how, keys.DEAD_LENGTH)
        )
        return _end(record) if record else DeadEnd(decode(told), number)  # type: ignore[arg-type]  # one of the script's


def _end(record: bytes) -> DeadEnd:
    fields = json.loads(decode(record))
    at = datetime.fromtimestamp(fields["at_ms"] / 1000, UTC)
    return DeadEnd(fields["how"], fields["number"], at, fields["uri"], fields["reason"])


def _letter(story: str, entry_id: str, fields: Mapping[str, str]) -> DeadLetter:
    try:
        article = Article.from_json(fields.get("article", ""), "")
    except (KeyError, TypeError, ValueError):
        article = None
    return DeadLetter(
        story=story,
        number=int(fields["number"]),
        id=entry_id,
        at=EntryId.of(entry_id).at,
        article=article,
        article_id=fields.get("article_id", ""),
        uri=fields.get("uri", ""),
        version=int(fields.get("version", "0")),
        reason=fields.get("reason", ""),
        traceback=fields.get("detail", ""),
        worker=fields.get("consumer", ""),
        starts=int(fields.get("starts", "0")),
    )
