"""Records in memory share what each of them would carry alike, and are otherwise as they were."""

from datetime import UTC, datetime

from pydantic import BaseModel

from service.contract.data import (
    Claim,
    Document,
    Evidence,
    Frame,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    Why,
)
from workers.claims.memory.lean import lean
from workers.claims.memory.registry import Registry
from workers.claims.model import Known

NOW = datetime(2025, 1, 5, tzinfo=UTC)


def read(number: int) -> Known:
    """A record as it comes from a store."""
    text = f"The mill at Orsund burned for {number} hours."
    known = Known(
        claim=Claim(
            id=f"c1-{number:016x}",
            text=text,
            about="mill-fire",
            frame=Frame(actor="mill", action="burn"),
            polarity="affirmed",
            modality="asserted",
            novelty="new",
            confidence="high",
        ),
        appearance_document=Document(
            uri=f"https://a.example/{number}", version=1, publisher="a.example", headline="Fire", first_seen=NOW
        ),
        evidence=(
            Evidence(
                source=f"https://a.example/{number}",
                selector=(
                    TextQuoteSelector(exact=text, prefix="", suffix=""),
                    TextPositionSelector(start=0, end=len(text)),
                ),
            ),
        ),
        attribution=(),
        support=Support(),
        why=Why(rule="new"),
        kind="claim",
        vectors=(),
        frames=(Frame(actor="mill", action="burn"),),
        wordings=(text,),
    )
    return Known.model_validate_json(known.model_dump_json())


def sets(record: BaseModel) -> list[int]:
    """Which set of names each record in it has."""
    found = [id(record.__pydantic_fields_set__)]
    for value in record.__dict__.values():
        for one in value if isinstance(value, tuple) else (value,):
            found += sets(one) if isinstance(one, BaseModel) else []
    return found


def test_two_records_of_one_kind_share_the_names_of_their_fields_and_say_what_they_said() -> None:
    one, other = read(1), read(2)
    said = one.model_dump_json(), other.model_dump_json()
    assert set(sets(one)).isdisjoint(sets(other))

    lean(one), lean(other)

    assert sets(one) == sets(other)
    assert (one.model_dump_json(), other.model_dump_json()) == said


def test_a_copy_has_names_of_its_own() -> None:
    one, other = lean(read(1)), lean(read(2))

    copy = one.model_copy(update={"retracted": True})

    assert copy.__pydantic_fields_set__ is not other.__pydantic_fields_set__
    assert other == read(2)


def test_a_registry_holds_lean_records() -> None:
    registry = Registry()
    for number in (1, 2):
        registry.upsert(read(number))

    one, other = registry.claims.values()
    assert sets(one) == sets(other)
