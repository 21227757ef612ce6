"""docs/correcting.md says what an edit is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from service.contract.edits import _NEEDED, Action, Edit

DOCUMENT = (Path(__file__).parents[2] / "docs" / "correcting.md").read_text("utf-8")


def test_the_request_shown_is_an_edit() -> None:
    (body,) = re.findall(r"--json '([^']+)'", DOCUMENT)
    assert Edit.model_validate_json(body).action == "retract"


def test_every_action_that_a_person_has_is_told_with_what_it_needs() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*?) \|", DOCUMENT.partition("|---|")[2], re.MULTILINE))
    assert rows.keys() == set(get_args(Action)) - {"due"}  # that is the service's own
    for action, row in rows.items():
        told = re.findall(r"`(claim|into|documents|undoes|uri)`", row)
        assert tuple(told[: len(_NEEDED[action])]) == _NEEDED[action]
