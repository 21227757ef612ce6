"""Claims as linked data: JSON-LD 1.1 in terms of schema.org, PROV and the Web Annotation model. Pure.

    schema:Claim        the claim, with the works that it appears in
    schema:NewsArticle  a document; also a prov:Entity
    oa:Annotation       exact words: the claim is its body, a span of a document its target; the chain of who says it
                        hangs on it by the PROV relation of each hop, and as cw:chain in order
    cw:                 what has no term elsewhere: the ladder, sides, how claims stand to each other

There is no schema:ClaimReview: nothing here says whether a claim is true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from service.cli.export_fold import Exported

CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    "schema": "https://schema.org/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "cw": "urn:claimwire:term:",
    "schema:appearance": {"@type": "@id"},
    "schema:firstAppearance": {"@type": "@id"},
    "schema:about": {"@type": "@id"},
    "schema:dateCreated": {"@type": "xsd:dateTime"},
    "schema:dateModified": {"@type": "xsd:dateTime"},
    "schema:datePublished": {"@type": "xsd:dateTime"},
    "oa:motivatedBy": {"@type": "@id"},
    "oa:hasBody": {"@type": "@id"},
    "oa:hasSource": {"@type": "@id"},
    "oa:start": {"@type": "xsd:nonNegativeInteger"},
    "oa:end": {"@type": "xsd:nonNegativeInteger"},
    "cw:firstSeen": {"@type": "xsd:dateTime"},
    "cw:earliest": {"@type": "xsd:dateTime"},
    "cw:latest": {"@type": "xsd:dateTime"},
    "cw:asOf": {"@type": "xsd:dateTime"},
    "cw:deniedBy": {"@type": "@id"},
    "cw:noComment": {"@type": "@id"},
    "cw:mergedInto": {"@type": "@id"},
    "cw:copyOf": {"@type": "@id"},
    "cw:chain": {"@container": "@list", "@type": "@id"},
    **{
        f"cw:{relation}": {"@type": "@id"}
        for relation in ("denies", "contradicts", "updates", "narrows", "withholds", "supports", "variantOf")
    },
    **{
        f"prov:{relation}": {"@type": "@id"}
        for relation in ("wasDerivedFrom", "hadPrimarySource", "wasQuotedFrom", "wasAttributedTo")
    },
}
_ORGANISATIONS = {"publisher", "outlet", "organisation"}


def as_jsonld(claims: Sequence[Exported], note: Mapping[str, str]) -> bytes:
    """One document with a context of its own: nothing has to be fetched to read it.

    Args:
        note: `as_of`, if the claims are those of a time.
    """
    nodes: dict[str, dict[str, Any]] = {}
    for one in claims:
        for node in _nodes(one):
            nodes.setdefault(node["@id"], node)
    document: dict[str, Any] = {"@context": CONTEXT, "@graph": list(nodes.values())}
    if "as_of" in note:
        document = {"@context": CONTEXT, "@id": "urn:claimwire:export", "cw:asOf": note["as_of"], **document}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _nodes(one: Exported) -> list[dict[str, Any]]:
    about = f"urn:claimwire:story:{_part(one.story)}"
    own = claim_iri(one.story, one.claim["id"])
    documents = [_document(appearance["document"]) for appearance in one.appearances]
    annotations = [node for appearance in one.appearances for node in _annotations(own, appearance)]
    places = [document["@id"] for document in documents]
    claim = {
        "@id": own,
        "@type": "schema:Claim",
        "schema:text": one.claim["text"],
        "schema:about": about,
        "schema:dateCreated": one.first_told,
        "schema:dateModified": one.last_changed,
        "schema:firstAppearance": places[0] if places else None,
        "schema:appearance": places,
        "schema:creativeWorkStatus": one.status,
        **{f"cw:{name}": one.claim[name] for name in ("polarity", "modality", "novelty", "confidence")},
        **{f"cw:{slot}": words for slot, words in one.claim["frame"].items()},
        "cw:when": _when(one.claim.get("when")),
        "cw:mergedInto": claim_iri(one.story, one.merged_into) if one.merged_into else None,
        "cw:support": _support(one),
    }
    for link in one.links:
        claim.setdefault(f"cw:{link['rel']}", []).append(claim_iri(one.story, link["target"]))
    return [_filled(node) for node in ({"@id": about, "@type": "schema:Event"}, claim, *documents, *annotations)]


def _document(document: Mapping[str, Any]) -> dict[str, Any]:
    published = document.get("published") or {}
    return {
        "@id": document_iri(document["uri"]),
        "@type": ["schema:NewsArticle", "prov:Entity"],
        "schema:headline": document["headline"],
        "schema:inLanguage": document.get("language"),
        "schema:publisher": {"@type": "schema:Organization", "schema:name": document["publisher"]},
        "schema:datePublished": published.get("value"),
        "cw:publishedPrecision": published.get("precision"),
        "cw:firstSeen": document["firstSeen"],
        "cw:copyOf": document_iri(document["copyOf"]) if document.get("copyOf") else None,
    }


def _annotations(claim: str, appearance: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = list[dict[str, Any]]()
    for evidence in appearance["evidence"]:
        quoted, place = evidence["selector"]
        own = f"{claim}:words:{_part(evidence['source'])}:{place['start']}-{place['end']}"
        hops = [_hop(f"{own}:hop:{number}", hop) for number, hop in enumerate(appearance["attribution"], start=1)]
        annotation: dict[str, Any] = {
            "@id": own,
            "@type": ["oa:Annotation", "prov:Entity"],
            "oa:motivatedBy": "oa:identifying",
            "oa:hasBody": claim,
            "oa:hasTarget": {
                "@type": "oa:SpecificResource",
                "oa:hasSource": document_iri(evidence["source"]),
                "oa:hasSelector": [
                    {f"oa:{name}": value for name, value in quoted.items() if name != "type"}
                    | {"@type": "oa:TextQuoteSelector"},
                    {"@type": "oa:TextPositionSelector", "oa:start": place["start"], "oa:end": place["end"]},
                ],
            },
            "cw:withdrawn": appearance["withdrawn"] or None,
            "cw:chain": [hop["@id"] for hop in hops],
        }
        for hop, node in zip(appearance["attribution"], hops, strict=True):
            annotation.setdefault(f"prov:{hop['relation']}", []).append(node["@id"])
        found += [annotation, *hops]
    return found


def _hop(own: str, hop: Mapping[str, Any]) -> dict[str, Any]:
    kind = hop["kind"]
    agent = "schema:Organization" if kind in _ORGANISATIONS else "schema:Person" if kind == "person" else None
    role = "prov:Agent" if hop["relation"] == "wasAttributedTo" else "prov:Entity"
    return {
        "@id": own,
        "@type": [role, *([agent] if agent else [])],
        "schema:name": hop.get("name"),
        "schema:description": hop.get("descriptor"),
        "cw:kind": kind,
        "cw:named": hop["named"],
        "cw:side": hop.get("side"),
        "cw:cue": hop.get("cue"),
    }


def _when(when: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if when is None:
        return None
    return _filled({f"cw:{name}": when.get(name) for name in ("text", "earliest", "latest", "basis")})


def _support(one: Exported) -> dict[str, Any]:
    support = dict(one.support)
    sources = support.pop("sources", {})
    told = {f"cw:sources{name.capitalize()}": value for name, value in sources.items()}
    for name in ("deniedBy", "noComment"):
        told[f"cw:{name}"] = [claim_iri(one.story, claim_id) for claim_id in support.pop(name, ())]
    return _filled({**{f"cw:{name}": value for name, value in support.items()}, **told})


def _filled(node: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in node.items() if value is not None and value not in ([], "")}


def claim_iri(story: str, claim_id: str) -> str:
    """What a claim is called."""
    return f"urn:claimwire:claim:{_part(story)}:{_part(claim_id)}"


def document_iri(uri: str) -> str:
    """A document's own address if it can stand in a graph, else one made of it."""
    if re.match(r"https?://[^/\s]", uri):
        return quote(uri, safe="%:/?#[]@!$&'()*+,;=~", errors="replace")
    return f"urn:claimwire:document:{_part(uri)}"


def _part(text: str) -> str:
    return quote(text, safe="", errors="replace")
