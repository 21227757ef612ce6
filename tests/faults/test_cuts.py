"""A log that is cut at any record, shortly: `python -m tests.faults.cuts` has every one of them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from service.store import committing, wire_index
from service.store.binaries import Binary
from tests.cluster.lines import Found, read
from tests.faults.cuts import OF, play
from tests.faults.mutants import rewritten
from tests.servers import families, family_id, valkey

STANDS = "return logged and logged[2][2] == token"


@pytest.fixture(scope="module")
def found() -> Found:
    return read(OF)


@pytest.mark.parametrize("binary", families(), ids=family_id)
async def test_desks_that_remember_what_the_server_forgot_write_the_same_again(binary: Binary, found: Found) -> None:
    on = await play(binary, found, every=125)

    assert on.lost > 10, "commits that the desks remembered and the server had forgotten"


async def test_without_a_look_at_the_history_what_was_lost_would_count_as_known(found: Found) -> None:
    with ExitStack() as stack:
        for script in (committing._CLAIMS_SINCE, wire_index._WIRE_SINCE):
            stack.enter_context(rewritten(script, (STANDS, "return true")))
        with pytest.raises(AssertionError):
            await play(valkey(), found, every=71)
