"""Where an article's processor time goes in a worker, and what it costs as its story grows. In one process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from service.model import Article, article_id
from tests.desk.builders import EXTRACTOR, NOON, STORY, Bench
from workers.claims.model import Known
from workers.desk.decide import decide
from workers.desk.finding import Finding
from workers.wire.sketch import sketch

_WHO = ("Fjordlys", "The council of Skerry", "Ada Brandt", "A spokesman of Fjordlys", "The union of Skerry")
_DID = ("rejected", "delayed", "signed", "questioned", "praised", "cancelled", "paid for", "sold", "leased", "repaired")
_WHAT = (
    "the offer for the lighthouse", "the repair of the pier", "the contract with the yard", "the budget of the harbour",
    "the sale of the ferry", "the vote on the hotel", "the plan for the tower", "the inquiry into the fire",
    "the strike of the divers", "the lease of the quay", "the bill for the lamp", "the report on the mole",
)  # fmt: skip
_WHEN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SIZES = (10, 100, 1_000, 10_000)
_TRIES = 15


def texts(number: int) -> str:
    """An article of four sentences that speak of the story; no two are alike."""
    said = []
    for at in range(4):
        n = number * 7 + at * 13
        who, did, what = _WHO[n % 5], _DID[n // 5 % 10], _WHAT[n // 50 % 12]
        said.append(
            f"{who} {did} {what} in Skerry on {_WHEN[(n + at) % 5]} after {number + at + 2} weeks of talks with "
            f"Fjordlys, Ada Brandt told reporters."
        )
    return "\n\n".join(said)


def _article(number: int) -> Article:
    return Article(
        id=article_id("Bench", str(number)), source="Bench", uri=f"https://bench.example/{number}", headline="",
        text=texts(number), language="en", published=None, first_seen=NOON,
    )  # fmt: skip


def rooms(count: int = 30) -> Iterator[tuple[str, str]]:
    """Processor time of each step, a mean over so many articles."""
    bench, spent = Bench(), Counter[str]()
    for number in range(count + 3):
        one = _article(number)
        if number == 3:
            spent.clear()  # what is loaded at the first article is loaded
        began = time.process_time()
        sketched = sketch(one.text)
        spent["sketch"] += _since(began)
        began = time.process_time()
        clauses = EXTRACTOR.extract(one, STORY)
        spent["clauses"] += _since(began)
        began = time.process_time()
        found = Finding(entry_id=f"{number + 1}-0", article=one.to_json(), clauses=clauses, sketch=sketched.to_json())
        finding = Finding.from_bytes(found.to_bytes())
        spent["finding, there and back"] += _since(began)
        view = bench.view(one, None)
        began = time.process_time()
        decided = decide(STORY, number + 1, finding, one, view)
        spent["match, compare, announce"] += _since(began)
        bench._apply(decided)
    every = sum(spent.values())
    for name, us in spent.items():
        yield f"  {name}", f"{us / count:8.0f} µs ({us / every:.0%})"
    yield "  an article of 4 sentences", f"{every / count:8.0f} µs in a worker, without the store"


def _since(began: float) -> int:
    return int((time.process_time() - began) * 1e6)


def growth() -> Iterator[tuple[str, str]]:
    """What deciding costs when so many claims are known."""
    bench = Bench()
    for number in range(6):
        bench.decide(_article(number))
    models = sorted(bench.registry.claims.values(), key=lambda known: known.claim.id)
    words = iter(_claims(models))
    first = 0.0
    for size in SIZES:
        while len(bench.registry.claims) < size:
            bench.registry.upsert(next(words))
        bench.decide(_article(1_000 + size))  # what is encoded at the first look is encoded
        took = sorted(_deciding(bench, 100_000 + size + at) for at in range(_TRIES))[_TRIES // 2]
        first = first or took
        yield f"  deciding with {size:6} claims known", f"{took * 1e6:8.0f} µs ({took / first:.2f} of the first)"


def _claims(models: list[Known]) -> Iterator[Known]:
    for number in range(max(SIZES)):
        model = models[number % len(models)]
        n = number * 3
        text = f"{_WHO[n % 5]} {_DID[n // 5 % 10]} {_WHAT[n // 50 % 12]} for house {number} of street {number // 40}"
        claim: Any = model.claim.model_copy(update={"id": f"c1-{number:016x}", "text": text})
        first = {"vectors": model.vectors[:1], "frames": model.frames[:1]}
        yield model.model_copy(update={"claim": claim, "wordings": (text,), **first})


def _deciding(bench: Bench, number: int) -> float:
    one = _article(number)
    clauses = EXTRACTOR.extract(one, STORY)
    at = bench.state.committed + 1
    finding = Finding(
        entry_id=f"{at}-0", article=one.to_json(), clauses=clauses, sketch=sketch(one.text).to_json(), cut=False
    )
    view = bench.view(one, None)
    began = time.process_time()
    decide(STORY, at, finding, one, view)
    return time.process_time() - began
