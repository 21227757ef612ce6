"""Where claims stand in one article: kept with the document's record, so that every number opens its exact words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.contract.data import Document, Evidence, Hop, TextPositionSelector, TextQuoteSelector
from service.model import Article
from workers.claims.memory.known import SURROUNDINGS
from workers.claims.model import Clause, Decision, Known
from workers.desk.announce import chain

MOST = 300
"""appearances kept of one article"""


def record(
    article: Article,
    document: Document,
    wire_story: str,
    decisions: Sequence[Decision] = (),
    carried: Mapping[str, Known] | None = None,
    previous: Mapping[str, Any] | None = None,
) -> str:
    """What is kept of a document (JSON): whose it is, and claim id → its words there.

    Args:
        decisions: what became of the clauses that were compared.
        carried: claims that the text carries as a copy of another; their words are looked for as they stood there.
        previous: the record of the earlier version; what only that one said stays, with its version.
    """
    found = _said(article, document, decisions)
    for claim_id, known in sorted((carried or {}).items()):
        found.setdefault(claim_id, _copied(article, known))
    before = (previous or {}).get("appearances", {})
    earlier = (previous or {}).get("version", 1)
    kept = {claim_id: {"version": earlier, **one} for claim_id, one in before.items() if claim_id not in found}
    known_of = {
        "uri": article.uri,
        "version": article.version,
        "publisher": article.source,
        "headline": article.headline,
        "wire_story": wire_story,
        "document": document.model_dump(mode="json", exclude_defaults=True),
        "appearances": dict(list({**found, **kept}.items())[:MOST]),
    }
    return json.dumps(known_of, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _said(article: Article, document: Document, decisions: Iterable[Decision]) -> dict[str, dict[str, Any]]:
    """The claims whose words were read in the article itself; a claim said twice has two spans."""
    found: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        claim_id, clause = _claim(decision), decision.clause
        if claim_id is None:
            continue
        words = _words(article, clause.start, clause.end)
        one = found.setdefault(claim_id, {"evidence": [], "attribution": []})
        one["attribution"] = max(one["attribution"], _hops(document, clause), key=len)  # of two, the one that says more
        if words not in one["evidence"]:
            one["evidence"].append(words)
    return found


def _claim(decision: Decision) -> str | None:
    """Commentary makes no claim, and carries on the one that it repeats."""
    return decision.claim_id or (decision.why.nearest if decision.why.rule == "commentary" else None)


def _copied(article: Article, known: Known) -> dict[str, Any]:
    exact = known.evidence[0].selector[0].exact
    start = article.text.find(exact)
    return {"copy": True, "evidence": [_words(article, start, start + len(exact))] if start >= 0 else []}


def _words(article: Article, start: int, end: int) -> dict[str, Any]:
    text = article.text
    quote = TextQuoteSelector(
        exact=text[start:end],
        prefix=text[max(0, start - SURROUNDINGS) : start],
        suffix=text[end : end + SURROUNDINGS],
    )
    found = Evidence(source=article.uri, selector=(quote, TextPositionSelector(start=start, end=end)))
    return found.model_dump(mode="json", exclude_defaults=True)


def _hops(document: Document, clause: Clause) -> list[dict[str, Any]]:
    hops: tuple[Hop, ...] = chain(document, clause.attribution)
    return [hop.model_dump(mode="json", exclude_defaults=True) for hop in hops]
