"""What was shown of a story, kept for whoever asks the same while nothing has changed: many boards look at once."""

from __future__ import annotations

from collections import OrderedDict

from service.web.library import Standing

STORIES = 64
ANSWERS = 32
"""of one story; some 60 kB each"""


class Kept(OrderedDict[str, tuple[bytes, ...]]):
    """By query; those asked for least recently go."""

    def __setitem__(self, query: str, answer: tuple[bytes, ...]) -> None:
        super().__setitem__(query, answer)
        while len(self) > ANSWERS:
            self.popitem(last=False)


class Answers:
    """Of all stories. Of what is purged nothing is kept: a story stands otherwise after that."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Standing, dict[str, Kept]]] = OrderedDict()

    def of(self, story: str, standing: Standing, page: str) -> Kept:
        """What is kept of one of a story's pages as it stands."""
        stands, kept = self._kept.get(story, (standing, {}))
        if stands != standing:
            kept = {}
        self._kept[story] = standing, kept
        self._kept.move_to_end(story)
        while len(self._kept) > STORIES:
            self._kept.popitem(last=False)
        return kept.setdefault(page, Kept())
