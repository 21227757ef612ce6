"""A story in Spanish, read without a parser: what is new, what is known, who says it, how claims stand to others."""

from __future__ import annotations

import json
import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.contract.data import Hop
from service.model import Article, Outcome, Published, article_id
from service.numbers.metrics import OTHER_LANGUAGE
from service.stories.story import load_story
from workers.claims.extract import Extractor
from workers.claims.memory.encode import as_matrix, cosine, load_encoder
from workers.claims.model import Clause, Decision
from workers.claims.surface.stems import vector
from workers.desk.decide import Decided
from workers.desk.line import Line

FOLDER = Path(__file__).parent / "fixtures" / "mina"
STORY = load_story(FOLDER / "story.toml")
GOLD: list[dict[str, Any]] = tomllib.loads((FOLDER / "articles.toml").read_text("utf-8"))["article"]
EXTRACTOR = Extractor()
NOON = datetime(2031, 5, 14, 12, tzinfo=UTC)


def as_article(gold: dict[str, Any]) -> Article:
    published = Published(gold["published"], "second", "feed")
    key = article_id(gold["outlet"], gold["id"])
    return Article(
        key, gold["outlet"], gold["id"], gold["headline"], gold["text"].strip(), None, published, published.value
    )


def play() -> tuple[Line, dict[str, Decided | None]]:
    line = Line(STORY, EXTRACTOR.extract)
    return line, {gold["id"]: line.take(as_article(gold)) for gold in GOLD}


@pytest.fixture(scope="module")
def played() -> dict[str, Decided | None]:
    return play()[1]


def at(played: dict[str, Decided | None], gold: dict[str, Any], words: str) -> Decision:
    """What became of the clause whose evidence holds some words."""
    decided = played[gold["id"]]
    assert decided is not None
    text = gold["text"].strip()
    assert text.count(words) == 1
    found = [one for one in decided.decisions if words in text[one.clause.start : one.clause.end]]
    near = [one for one in found if words.casefold() in one.clause.text.casefold()] or found
    assert near, words
    return near[0]


def claim_of(played: dict[str, Decided | None], words: str) -> str | None:
    gold = next(one for one in GOLD if words in one["text"] and not one.get("copy"))
    return at(played, gold, words).claim_id


def each(key: str) -> list[Any]:
    return [pytest.param(gold, item, id=f"{gold['id']}-{item}") for gold in GOLD for item in gold.get(key, ())]


@pytest.mark.parametrize(("gold", "words"), each("new"))
def test_what_nobody_had_claimed_is_new(played: dict[str, Decided | None], gold: dict[str, Any], words: str) -> None:
    assert at(played, gold, words).verdict == "new"


@pytest.mark.parametrize(("gold", "pair"), each("known"))
def test_what_is_told_again_is_known(played: dict[str, Decided | None], gold: dict[str, Any], pair: list[str]) -> None:
    told = at(played, gold, pair[0])
    assert told.verdict in ("same", "corroborates")
    assert told.claim_id == claim_of(played, pair[1])


@pytest.mark.parametrize(("gold", "said"), each("says"))
def test_who_says_it(played: dict[str, Decided | None], gold: dict[str, Any], said: list[str]) -> None:
    hop = at(played, gold, said[0]).clause.attribution[-1]
    assert (hop.kind, said[2] in (hop.name or hop.descriptor or "")) == (said[1], True), hop
    assert hop.named == (said[1] in ("person", "organisation"))


@pytest.mark.parametrize(("gold", "link"), each("links"))
def test_how_a_claim_stands_to_another(
    played: dict[str, Decided | None], gold: dict[str, Any], link: list[str]
) -> None:
    links = [(one.rel, one.target) for one in at(played, gold, link[0]).links]
    assert links == [(link[1], claim_of(played, link[2]))]


def test_nothing_else_is_pushed(played: dict[str, Decided | None]) -> None:
    """All events but those of the gold: one, a sentence of which half is known ("cerrada el lunes … seguirá")."""
    listed = sum(len(gold.get("new", ())) for gold in GOLD)
    pushed = [event for one in played.values() if one is not None for event in one.commit.events if event.new_claim]
    assert len(pushed) == listed + 1


@pytest.mark.parametrize(("gold", "words"), each("silent"))
def test_other_matters_make_no_claim(played: dict[str, Decided | None], gold: dict[str, Any], words: str) -> None:
    decided = played[gold["id"]]
    assert decided is not None
    assert not any(words in gold["text"].strip()[one.clause.start : one.clause.end] for one in decided.decisions)


def test_a_copy_is_a_copy_and_another_sport_is_off_the_story(played: dict[str, Decided | None]) -> None:
    ended = {gold["id"]: None if (one := played[gold["id"]]) is None else one.commit.outcome for gold in GOLD}
    assert ended["es3"] is Outcome.COPY
    assert ended["es7"] is None


def test_the_events_name_the_language_and_quote_exactly(played: dict[str, Decided | None]) -> None:
    for gold in GOLD:
        decided = played[gold["id"]]
        for event in decided.commit.events if decided is not None else ():
            body = json.loads(event.data)
            assert body["appearance"]["document"]["language"] == "es"
            for evidence in body["appearance"]["evidence"]:
                quote, position = evidence["selector"]
                assert as_article(gold).text[position["start"] : position["end"]] == quote["exact"]


def test_roles_turned_round_are_two_claims(played: dict[str, Decided | None]) -> None:
    assert claim_of(played, "El Ministerio de Energía demandó") != claim_of(played, "Minera Solana demandó al")


def test_the_same_again_byte_for_byte() -> None:
    assert [one and one.token for one in play()[1].values()] == [one and one.token for one in play()[1].values()]


# -- two languages in one story ---------------------------------------------------------------------------------------


def test_articles_of_two_languages_in_one_story_stand_side_by_side() -> None:
    line, _ = play()
    english = (
        "Minera Solana closed the Valdecobre mine on Monday after a collapse in the north gallery, its director said."
    )
    french = (
        "Minera Solana a fermé la mine de Valdecobre lundi, selon le directeur, après un effondrement dans la galerie."
    )
    taken = []
    for number, text in enumerate((english, french)):
        gold = GOLD[-1] | {"id": f"more{number}", "outlet": f"Outlet {number}", "headline": "", "text": text}
        taken.append(line.take(replace(as_article(gold), language="es")))

    told, unread = taken
    assert told is not None
    assert unread is not None
    assert [one.verdict for one in told.decisions] == ["new"]
    assert json.loads(told.commit.events[0].data)["appearance"]["document"]["language"] == "en"
    assert (unread.decisions, unread.commit.outcome) == ((), Outcome.NOTHING_NEW)
    assert (told.commit.counts.get(OTHER_LANGUAGE), unread.commit.counts.get(OTHER_LANGUAGE)) == (None, 1)


# -- forms ------------------------------------------------------------------------------------------------------------


def read(text: str) -> tuple[Clause, ...]:
    published = Published(NOON, "second", "feed")
    return EXTRACTOR.extract(Article("a1-0", "El Eco", "text:x", "", text, "es", published, NOON), STORY)


def hop_of(text: str) -> Hop:
    return read(text)[0].attribution[-1]


@pytest.mark.parametrize(
    ("text", "kind", "source", "cue"),
    [
        ("Según la alcaldesa Rita Mora, la mina abrirá en junio.", "person", "Rita Mora", "según"),
        ("La mina abrirá en junio, según informó el diario La Voz.", "outlet", "La Voz", "según"),
        ("El portavoz de Minera Solana dijo a la prensa que la mina abrirá.", "organisation", "Minera Solana", "dijo"),
        ("Tres vecinos aseguraron este martes que la mina abrirá.", "unnamed", "Tres vecinos", "aseguraron"),
        ("“La mina abrirá”, ha afirmado Rita Mora en la radio.", "person", "Rita Mora", "ha afirmado"),
        ("Rita Mora, alcaldesa de Valdecobre, explicó: “La mina abrirá”.", "person", "Rita Mora", "explicó"),
        ("El informe concluye que la mina abrirá en junio.", "document", "informe", "concluye"),
    ],
)
def test_forms_of_attribution(text: str, kind: str, source: str, cue: str) -> None:
    hop = hop_of(text)
    assert (hop.kind, hop.name or hop.descriptor, hop.cue) == (kind, source, cue)


def test_a_silence_is_told_by_the_outlet() -> None:
    (silence,) = read("Minera Solana no respondió a las preguntas de este diario.")
    (denial,) = read("Minera Solana desmintió que hubiera vendido la mina.")
    assert silence.attribution == ()
    assert [hop.name for hop in denial.attribution] == ["Minera Solana"]


@pytest.mark.parametrize(
    ("text", "polarity", "modality", "kind"),
    [
        ("Minera Solana no pagará los salarios.", "denied", "expected", "claim"),
        ("Minera Solana dijo que pagó lo que no debía.", "affirmed", "asserted", "claim"),
        ("Minera Solana podría vender la mina.", "affirmed", "possible", "claim"),
        ("Es falso que Minera Solana vendiera la mina.", "denied", "asserted", "claim"),
        ("Minera Solana se negó a pagar los salarios.", "affirmed", "asserted", "claim"),
        ("¿Venderá Minera Solana la mina?", "affirmed", "asserted", "commentary"),
        ("Minera Solana no respondió a las preguntas de este diario.", "denied", "unconfirmed", "no_comment"),
        ("La mina fue inaugurada en 1921 por Minera Solana.", "affirmed", "asserted", "background"),
    ],
)
def test_marks(text: str, polarity: str, modality: str, kind: str) -> None:
    (clause,) = read(text)
    assert (clause.polarity, clause.modality, clause.kind) == (polarity, modality, kind)


def test_figures_and_times() -> None:
    (paid,) = read("Minera Solana pagó 1.250,5 millones de pesos el 3 de marzo de 2031 y más de 300 salarios.")
    assert [(figure.value, figure.unit) for figure in paid.quantities] == [
        (1_250_500_000.0, "pesos"),
        (300.0, "salarios"),
    ]
    assert paid.when is not None and paid.when.earliest is not None
    assert (paid.when.earliest.date().isoformat(), paid.when.basis) == ("2031-03-03", "stated")


def test_two_things_said_in_one_sentence_come_apart() -> None:
    said = read("Minera Solana pagará los salarios de mayo, pero no reabrirá la galería norte.")
    assert [clause.text for clause in said] == [
        "Minera Solana pagará los salarios de mayo.",
        "No reabrirá la galería norte.",
    ]
    assert [clause.polarity for clause in said] == ["affirmed", "denied"]


# -- stems ------------------------------------------------------------------------------------------------------------


def test_wordings_are_as_near_as_the_words_they_share_and_languages_are_strangers() -> None:
    texts = [
        "El derrumbe causó la muerte de tres mineros",
        "Tres mineros murieron en el derrumbe",
        "La liga empieza hoy",
    ]
    width = load_encoder().dimensions
    one, same, other = (vector(text, "es", width) for text in texts)
    (english,) = load_encoder().encode(["The collapse killed three miners"])

    assert {len(v) for v in (one, same, other, english)} == {width}
    assert cosine(one, same) > 0.6 > cosine(one, other) + 0.2
    assert abs(cosine(one, english)) < 0.3
    assert not as_matrix([vector("de la", "es", width)]).any()


@given(st.text(st.sampled_from('aáé eñM Sol. ,;:“”«»"¿?¡!dijo que no\n0159según'), max_size=300))
@settings(max_examples=60)
def test_any_text_is_read_and_its_evidence_lies_in_it(text: str) -> None:
    for clause in read(f"Minera Solana dijo que pagará los salarios según la ley y las normas. {text}"):
        assert 0 <= clause.start < clause.end
        assert clause.text


def test_a_row_of_cues_costs_little() -> None:
    row = "Minera Solana cerró la mina. " + " ".join(["según"] * 400 + ["dijo que"] * 100) + "."
    started = time.process_time()
    read("\n\n".join([row] * 5))
    assert time.process_time() - started < 2.0


def test_a_text_without_stops_is_not_read_and_costs_little() -> None:
    assert read("Minera Solana " + "dijo que según la mina y la mina, " * 2_000) == ()
