"""Which language a text is in, and what follows: nothing is read as what it is not. The texts are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.grammar import words
from workers.claims.language import is_foreign_speech, is_read, language_of
from workers.claims.model import Clause

EXTRACTOR = Extractor()
NOON = datetime(2031, 5, 14, 12, tzinfo=UTC)
STORY = Story(
    id="mill",
    title="The mill",
    language="en",
    focus=(("Corvane",),),
    actors={"Corvane": Actor(kind="organisation", side="Corvane"), "Ostland": Actor(kind="state", side="Ostland")},
)

ENGLISH = (
    "Corvane closed the mill on Tuesday after a fire, the union said, and it will not open again before the winter."
)
SPANISH = (
    "Corvane cerró la fábrica el martes tras un incendio, dijo el sindicato, y no volverá a abrirla hasta el invierno."
)
FRENCH = "Corvane a fermé l'usine mardi après un incendie, selon le syndicat, et elle ne rouvrira pas avant l'hiver."
POLISH = (
    "Corvane zamknął zakład we wtorek po pożarze, poinformował związek zawodowy, który zapowiada protesty; ponowne "
    "otwarcie zakładu przed zimą wydaje się wykluczone, twierdzi dyrekcja koncernu."
)


def read(text: str, marked: str | None = None, headline: str = "") -> tuple[Clause, ...]:
    published = Published(NOON, "second", "feed")
    return EXTRACTOR.extract(Article("a1-0", "The Echo", "text:x", headline, text, marked, published, NOON), STORY)


@pytest.mark.parametrize(
    ("text", "marked", "language"),
    [
        (ENGLISH, None, "en"),
        (SPANISH, None, "es"),
        (FRENCH, None, "fr"),
        (ENGLISH, "es", "en"),
        (SPANISH, "en-GB", "es"),
        (SPANISH, "fr", "es"),
        (FRENCH, "en", "fr"),
        ("O governo fechou a mina, mas não disse quando vai reabrir os poços da região.", "es", "pt"),
        ("Corvane pagó dos millones de pesos de multa de los de mayo", "es", "es"),
        ("Corvane cierra", "es-MX", "es"),
        ("Corvane cierra", None, "en"),
        ("Corvane closed", "fr", "fr"),
        ("12 345, 67", "pt", "pt"),
        ("", None, "en"),
        (POLISH, "pl", "pl"),
        (POLISH, None, "und"),
        ("Завод Corvane закрыт во вторник", None, "und-Cyrl"),
        ("Завод Corvane закрыт во вторник", "en", "und-Cyrl"),
        ("Завод Corvane закрыт во вторник", "ru", "ru"),
        ("工場は火曜日に閉鎖された", None, "und-Jpan"),
        ("工厂星期二关闭", None, "und-Hani"),
    ],
)
def test_a_clear_text_speaks_for_itself_and_an_unclear_one_is_what_it_is_marked(
    text: str, marked: str | None, language: str
) -> None:
    assert language_of(text, marked) == language


def test_without_mark_and_signs_a_text_is_in_the_language_of_its_story() -> None:
    assert language_of("Corvane cierra", None, "es-AR") == "es"


@pytest.mark.parametrize("text", [FRENCH, POLISH, "Завод Corvane закрыт во вторник после пожара"])
@pytest.mark.parametrize("marked", [None, "en"])
def test_from_a_language_that_is_not_read_no_claims_are_read(text: str, marked: str | None) -> None:
    assert read(text, marked) == ()
    assert not is_read(language_of(text, marked))


def test_a_wrong_mark_changes_nothing_in_a_clear_text() -> None:
    assert read(ENGLISH, "es") == read(ENGLISH) != ()
    assert read(SPANISH, "en") == read(SPANISH) != ()


def test_in_an_article_of_two_languages_the_paragraphs_of_the_other_are_passed_over() -> None:
    more = (
        "Ostland will pay for the workers, the government told them, and the money is to come from the regional fund."
    )
    mostly_english = read(f"{ENGLISH}\n\n{more}\n\n{SPANISH}")
    pays = (
        "Ostland pagará a los trabajadores, según el gobierno, que busca desde el lunes una salida para los afectados."
    )
    mostly_spanish = read(f"{SPANISH}\n\n{pays}\n\n{ENGLISH}")

    assert {clause.language for clause in mostly_english} == {"en"}
    assert all(clause.end <= len(ENGLISH) + len(more) + 2 for clause in mostly_english)
    assert {clause.language for clause in mostly_spanish} == {"es"}
    assert all(clause.end <= len(SPANISH) + len(pays) + 2 for clause in mostly_spanish)


@pytest.mark.parametrize(
    "quotation",
    [
        "No vamos a negociar con ellos",
        "¡Nunca!",
        "Nous ne le ferons pas, c'est une honte",
        "Das ist nicht wahr",
        "Никогда",
    ],
)
def test_words_of_another_language_in_an_english_text_are_not_read(quotation: str) -> None:
    assert is_foreign_speech(quotation)
    found = read(f"Corvane closed the mill on Tuesday. “{quotation}”, the director said at the gate.")
    assert [clause.text for clause in found] == [clause.text for clause in read("Corvane closed the mill on Tuesday.")]


@pytest.mark.parametrize(
    "quotation",
    ["No deal", "No deal for a son", "We will not pay", "Never", "Los Angeles is closed", "Corvane must go"],
)
def test_an_english_quotation_is_read(quotation: str) -> None:
    assert not is_foreign_speech(quotation)


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Path]:
    """A folder with a language that nobody speaks."""
    folder = tmp_path / "qto"
    folder.mkdir()
    (folder / "language.toml").write_text(
        'name = "Toy"\nscript = "Latn"\nfunction = ["ka", "ke", "ko", "ku"]\n', "utf-8"
    )
    words.add_lexica(tmp_path)
    yield folder
    words.drop_lexica(tmp_path)


SURFACE = """
articles = ["ka"]
negation = ["nu"]
complementizers = ["ke"]
according = ["leu"]
people = ["fonto"]
[say]
forms = ["dira"]
[deny]
forms = ["nira"]
[numbers]
sep = 7
[figures]
group = "."
decimal = ","
[measure]
dead = ["mortu"]
[times]
units = {tag = "days"}
said = [["{n} {unit} pasta", "{n} {unit} ago"]]
"""
TOY = "Ka Corvane dira ke ka milo klosa ku sep tag pasta ko dol.\n\nKa fonto nira ke sep homi mortu ka milo ku ko."


def test_a_folder_is_all_that_a_language_needs(toy: Path) -> None:
    assert language_of(TOY) == "qto"
    assert read(TOY) == ()

    (toy / "surface.toml").write_text(SURFACE, "utf-8")
    words.forget()
    told, denied = read(TOY)

    assert (told.text, told.language) == ("Ka milo klosa ku sep tag pasta ko dol.", "qto")
    assert [(hop.kind, hop.name, hop.side, hop.cue) for hop in told.attribution] == [
        ("organisation", "Corvane", "Corvane", "dira")
    ]
    assert told.when is not None and told.when.earliest is not None
    assert (told.when.text, told.when.earliest.date().isoformat()) == ("sep tag pasta", "2031-05-07")
    assert denied.polarity == "denied"
    assert [(hop.kind, hop.descriptor) for hop in denied.attribution] == [("unnamed", "fonto")]
    assert [(figure.value, figure.unit) for figure in denied.quantities] == [(7.0, "homi")]
