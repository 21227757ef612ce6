"""A person's edits in a replay: each comes where it stood in the line, so that the same events come of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from service.contract.api import EditShown
from service.contract.complaint import first_complaint
from service.contract.edits import as_article
from service.edits.editing import DOC_TTL_S
from service.errors import SettingError
from service.model import Article, EntryResult
from service.store.store import Store


def read_edits(file: Path, story: str) -> list[EditShown]:
    """The edits of a story out of what `claimwire edit list --json` printed, in the order of the line.

    Raises:
        SettingError: the file cannot be read, or a line is no edit.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{file}: cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(EditShown.model_validate_json(line))
        except ValidationError as error:
            raise SettingError(
                f"{file}:{number}: no edit: {first_complaint(error)}", "`claimwire edit list --json` prints them."
            ) from error
    return sorted((one for one in found if one.story == story and one.edit), key=lambda one: one.number)


class Interleaved:
    """The store as a replay's ingester sees it: before an article, the edits that came before it."""

    def __init__(self, store: Store, story: str, edits: Sequence[EditShown]) -> None:
        self._store = store
        self._story = story
        self._edits = list(edits)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def admit(self, story: str, article: Article, poll: str, doc_ttl_s: int) -> EntryResult:
        """As the store's."""
        await self.catch_up()
        return await self._store.admit(story, article, poll, doc_ttl_s)

    async def catch_up(self, *, every: bool = False) -> None:
        """Admits the edits whose turn has come; with `every` those too that came after the last article."""
        while self._edits:
            admitted = (await self._store.state(self._story)).admitted
            first = self._edits[0]
            if not every and first.number > admitted + 1:
                return
            assert first.edit is not None
            assert first.at is not None
            await self._store.admit(self._story, as_article(first.edit, first.id, first.at), first.id, DOC_TTL_S)
            self._edits.pop(0)


def with_edits(store: Store, story: str, edits: Sequence[EditShown]) -> Store:
    """The store with the edits in their places; itself if there are none."""
    return cast(Store, Interleaved(store, story, edits)) if edits else store


async def admit_the_rest(store: Store) -> None:
    """The edits that came after the last article."""
    if isinstance(store, Interleaved):
        await store.catch_up(every=True)
