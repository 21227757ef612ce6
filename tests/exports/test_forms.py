"""The forms of an export: each can be read back by the program it is for, and hostile text stays text."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from service.cli.export_fold import Exported, folded
from service.cli.export_linked import CONTEXT, as_jsonld, document_iri
from service.cli.export_tables import COLUMNS, as_csv, as_parquet, neutral
from service.contract.data import Link
from service.contract.envelope import to_structured
from service.errors import ClaimwireError
from tests.subscribers.builders import STORY, claim_event

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", '=cmd|"/C calc"!A0']
HOSTILE = [*FORMULAS, "quoted \"and\", 'and'\nnext", "\ud800 half", "<b>", "a; b"]


def claims(*texts: str) -> list[Exported]:
    """The second one and those after it deny the first, which is told again in the end."""
    denial = (Link(rel="denies", target=f"c1-{1:016x}", why="w"),)
    events = [claim_event(number, links=denial if number > 1 else ()) for number in range(1, len(texts) + 1)]
    events.append(claim_event(90, "claimwire.claim.corroborated.v1", claim=1))
    told = [to_structured({**one.attributes, "data": one.data}) for one in events]
    for event, text in zip(told, [*texts, texts[0]], strict=True):
        event["data"]["claim"]["text"] = event["data"]["appearance"]["document"]["headline"] = text
        words, place = event["data"]["appearance"]["evidence"][0]["selector"]
        words["exact"], place["end"] = text, len(text)
    return folded(STORY, told)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_a_claim_is_a_row() -> None:
    first, second = rows_of(as_csv(claims("Skerry sold it.", "Skerry did not sell it.")))
    assert list(first) == list(COLUMNS)
    assert (
        first
        | {
            "story": STORY,
            "text": "Skerry sold it.",
            "says": "Ada Brink (said) → Nordnytt",
            "sources_min": "1",
            "sides": "Skerry",
            "uri": "https://nordnytt.example/1",
            "words": "Skerry sold it.",
            "start": "0",
            "end": "15",
            "linked_from": f"denies c1-{2:016x}",
            "published": "",
            "withdrawn": "False",
        }
        == first
    )
    assert second["links"] == f"denies c1-{1:016x}"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_cell_is_carried_out(text: str) -> None:
    (row,) = rows_of(as_csv(claims(text)))
    for cell in row.values():
        assert not re.match(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", cell)
    assert row["words"] == ("'" if text in FORMULAS else "") + text.replace("\ud800", "?")


@given(st.text())
def test_only_what_is_a_formula_is_touched(text: str) -> None:
    assert neutral(text) in (text, f"'{text}")
    assert neutral(neutral(text)) == neutral(text)
    if text[:1].isalnum() or text[:1] == " ":
        assert neutral(text) == text


def test_numbers_stay_numbers() -> None:
    assert [neutral(value) for value in (-1, 0.5, None, True)] == [-1, 0.5, None, True]


@pytest.mark.parametrize("text", ["Skerry sold it.", *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_parquet_has_types_and_the_words_untouched(text: str) -> None:
    content = as_parquet(claims(text, "no"), {"as_of": "2031-05-04T12:00:00Z"})
    table = parquet.read_table(io.BytesIO(content))
    first = table.to_pylist()[0]
    assert first["words"] == text.replace("\ud800", "?")
    assert first["first_told"] == datetime(2031, 5, 4, 12, 1, tzinfo=UTC)
    assert (first["sources_min"], first["status"], first["sides"]) == (1, ["new"], ["Skerry"])
    assert [one["uri"] for one in first["appearances"]] == ["https://nordnytt.example/1", "https://nordnytt.example/90"]
    assert table.schema.metadata[b"claimwire.as_of"] == b"2031-05-04T12:00:00Z"


def test_an_empty_export_has_its_columns() -> None:
    assert rows_of(as_csv([])) == []
    assert as_csv([]).decode().startswith("story,id,text,")
    assert parquet.read_table(io.BytesIO(as_parquet([], {}))).column_names == [*COLUMNS, "appearances"]
    assert json.loads(as_jsonld([], {}))["@graph"] == []


def test_without_pyarrow_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ClaimwireError, match="pyarrow") as refused:
        as_parquet([], {})
    assert "claimwire[parquet]" in refused.value.hint


def refuse(url: str, _: object) -> Any:
    raise AssertionError(f"{url} was to be fetched")


TERMS = {
    "https://schema.org/": {
        "Claim", "NewsArticle", "Organization", "Person", "Event", "text", "about", "dateCreated", "dateModified",
        "firstAppearance", "appearance", "creativeWorkStatus", "headline", "inLanguage", "publisher", "datePublished",
        "name", "description",
    },
    "http://www.w3.org/ns/prov#": {
        "Entity", "Agent", "wasDerivedFrom", "hadPrimarySource", "wasQuotedFrom", "wasAttributedTo",
    },
    "http://www.w3.org/ns/oa#": {
        "Annotation", "motivatedBy", "identifying", "hasBody", "hasTarget", "SpecificResource", "hasSource",
        "hasSelector", "TextQuoteSelector", "TextPositionSelector", "exact", "prefix", "suffix", "start", "end",
    },
}  # fmt: skip
"""terms that these vocabularies have"""


def iris(node: Any) -> set[str]:
    """Every property, type and id of an expanded document."""
    if isinstance(node, list):
        return set().union(*map(iris, node))
    if not isinstance(node, dict):
        return set()
    named = {key for key in node if not key.startswith("@")}
    types = node.get("@type", [])
    named |= set(types if isinstance(types, list) else [types])
    named |= {node["@id"]} if "@id" in node else set()
    return named.union(*(iris(value) for value in node.values()))


@pytest.mark.parametrize("text", ["Skerry sold it.", *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_linked_data_expands_without_the_network_and_loses_nothing(text: str) -> None:
    document = json.loads(as_jsonld(claims(text, "no"), {}))
    expanded = jsonld.expand(document, {"documentLoader": refuse})
    assert len(expanded) == len(document["@graph"]), "every node says something"
    used = iris(expanded)
    assert all(re.match(r"[a-z]+:[^\s<>]+$", iri) for iri in used), "every name is an absolute IRI"
    for vocabulary, terms in TERMS.items():
        assert {iri.removeprefix(vocabulary) for iri in used if iri.startswith(vocabulary)} <= terms
    assert not [name for name in _names(document["@graph"]) if ":" not in name and not name.startswith("@")]


def _names(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_names, node))
    return set(node).union(*map(_names, node.values())) if isinstance(node, dict) else set()


def test_a_name_that_is_no_term_would_be_lost() -> None:
    """The negative control: expansion drops what it cannot name."""
    document = {"@context": CONTEXT, "@id": "urn:x:1", "truth": "certainly", "schema:text": "a"}
    assert iris(jsonld.expand(document, {"documentLoader": refuse})) == {"urn:x:1", "https://schema.org/text"}


def test_who_says_what_where_in_linked_data() -> None:
    document = json.loads(
        as_jsonld(claims("Skerry sold it.", "Skerry did not sell it."), {"as_of": "2031-05-04T13:00:00Z"})
    )
    nodes = {node["@id"]: node for node in document["@graph"]}
    own = f"urn:claimwire:claim:lighthouse-sale:c1-{1:016x}"
    claim, words = nodes[own], next(node for node in nodes.values() if node.get("oa:hasBody") == own)
    assert claim["schema:firstAppearance"] == "https://nordnytt.example/1"
    assert claim["schema:appearance"] == ["https://nordnytt.example/1", "https://nordnytt.example/90"]
    assert nodes[f"urn:claimwire:claim:lighthouse-sale:c1-{2:016x}"]["cw:denies"] == [own]
    quoted, place = words["oa:hasTarget"]["oa:hasSelector"]
    assert (quoted["oa:exact"], place["oa:start"], place["oa:end"]) == ("Skerry sold it.", 0, 15)
    assert [nodes[hop]["schema:name"] for hop in words["cw:chain"]] == ["Nordnytt", "Ada Brink"]
    (said_by,) = words["prov:wasAttributedTo"]
    assert nodes[said_by]["@type"] == ["prov:Agent", "schema:Person"]
    assert document["cw:asOf"] == "2031-05-04T13:00:00Z"
    assert "ClaimReview" not in json.dumps(document)
    dataset = jsonld.to_rdf(document, {"documentLoader": refuse})
    assert len(dataset["urn:claimwire:export"]) > 60


@pytest.mark.parametrize(
    ("uri", "iri"),
    [
        ("https://nordnytt.example/a?b=c&d#e", "https://nordnytt.example/a?b=c&d#e"),
        ("https://nordnytt.example/a b<c>", "https://nordnytt.example/a%20b%3Cc%3E"),
        ("text:articles/002", "urn:claimwire:document:text%3Aarticles%2F002"),
        ("javascript:alert(1)", "urn:claimwire:document:javascript%3Aalert%281%29"),
        ("\ud800", "urn:claimwire:document:%3F"),
    ],
    ids=range(5),
)
def test_an_address_can_stand_in_a_graph(uri: str, iri: str) -> None:
    assert document_iri(uri) == iri
