"""Story files: a good one loads, and a bad one is refused with the line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.errors import StoryFileError
from service.stories.matcher import Matcher
from service.stories.story import Actor, Story, load_stories, load_story, parse_story

HERE = Path(__file__).parent
GOOD = (HERE / "lighthouse.toml").read_text(encoding="utf-8")


def refusal(text: str) -> str:
    with pytest.raises(StoryFileError) as caught:
        parse_story(text, "x.toml")
    assert caught.value.hint
    return caught.value.message


def line_with(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_story_is_a_file_and_nothing_else() -> None:
    # given
    story = load_story(HERE / "lighthouse.toml")
    matcher = Matcher(story)
    # then
    assert story.actors["Ada Brandt"] == Actor(
        kind="person", aliases=("Brandt",), nominals=("the mayor",), member_of="Skerry", side="Skerry"
    )
    assert matcher.concerns("Fjordlys buys", "Mayor Brandt signed.")
    assert not matcher.concerns("Fjordlys buys", "The Skerry Gazette wrote about it.")


@pytest.mark.parametrize(
    ("old", "new", "line_of", "says"),
    [
        ('aliases = ["Brandt"]', 'alias = ["Brandt"]', "alias =", 'unknown key "alias": did you mean "aliases"?'),
        ("agencies =", "agency =", "agency =", 'unknown key "agency": did you mean "agencies"?'),
        (
            "agencies =",
            "qqq =",
            "qqq =",
            "known: id, title, about, other_matters, language, focus, excludes, agencies, actors",
        ),
        ('"organisation"', '"orginisation"', "orginisation", 'did you mean "organisation"?'),
        ('["Fjordlys"]]', '["Fjordlis"]]', "focus =", 'who is no actor: did you mean "Fjordlys"?'),
        ('member_of = "Skerry"', 'member_of = "Skery"', "member_of", 'who is no actor: did you mean "Skerry"?'),
        ('member_of = "Skerry"', 'member_of = "Ada Brandt"', "member_of", '"Ada Brandt" is a member of itself'),
        ('["Brandt"]', '["Brandt", " "]', '["Brandt"', 'actors."Ada Brandt".aliases[2] must not be empty'),
        ('["Brandt"]', '["Bra\\u0000ndt"]', "aliases =", 'actors."Ada Brandt".aliases[1] holds a NUL character'),
        ('["Brandt"]', '["Brandt", "."]', '["Brandt"', '"." has no letter and no digit'),
        ('["Brandt"]', '["Brandt", "\\u200b"]', '["Brandt"', "has no letter and no digit"),
        (
            'language = "en"',
            'language = "english"',
            "language =",
            "language is 'english', not like en or en-GB (BCP 47)",
        ),
        ('["Brandt"]', '"Brandt"', 'aliases = "Brandt"', "must be a list"),
        ('["Brandt"]', "[1]", "aliases = [1]", "must be a string"),
        ('"lighthouse-sale"', '"Lighthouse sale"', "id =", "1 to 63 of a-z, 0-9 and -"),
        ('"lighthouse-sale"', '"{x}"', "id =", "1 to 63 of a-z, 0-9 and -"),
        ('"lighthouse-sale"', f'"{"a" * 64}"', "id =", "1 to 63 of a-z, 0-9 and -"),
        ('"lighthouse-sale"', '"a\\n"', "id =", "1 to 63 of a-z, 0-9 and -"),
        ('[["Skerry", "Ada Brandt"], ["Fjordlys"]]', "[]", "focus =", "focus must not be empty"),
        ('[["Skerry", "Ada Brandt"], ["Fjordlys"]]', "[[]]", "focus =", "focus[1] must not be empty"),
        ('[["Skerry", "Ada Brandt"], ["Fjordlys"]]', '["Skerry"]', "focus =", "focus[1] must be a list"),
        ('"Skerry Gazette"', '"Skerry council"', "excludes =", 'is an alias of "Skerry" itself'),
        ('["Brandt"]', '["Brandt" "B"]', '"Brandt" "B"', "not TOML"),
        ('[actors."Fjordlys"]', '[actors."Skerry"]', '[actors."Skerry"]', "not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line_of: str, says: str) -> None:
    # given
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    # when
    message = refusal(text)
    # then
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line_of in line]
    assert any(message.startswith(f"x.toml:{line}: ") for line in lines), message
    assert says in message


@pytest.mark.parametrize("given", ['"lighthouse-sale"', 'language = "en"', 'kind = "place"'])
def test_a_mistake_is_told_in_short_however_long_it_is(given: str) -> None:
    assert given in GOOD
    message = refusal(GOOD.replace(given, f'{given[:-1]}{"x" * 100_000}"', 1))
    assert message.count("x") > 50 and len(message) < 500


@pytest.mark.parametrize("shared", ["Brandt", "BRANDT", "Ada  Brandt", "Ada\u00a0Brandt"])
def test_an_alias_of_two_actors_names_both_and_both_lines(shared: str) -> None:
    text = GOOD.replace('"Fjordlys AS"', f'\n  "Fjordlys AS",\n  "{shared}",\n')
    message = refusal(text)
    first = line_with(text, '[actors."Ada' if "Ada" in shared else '["Brandt"]')
    second = line_with(text, f'  "{shared}"')
    assert message.startswith(f"x.toml:{second}: ")
    assert '"Fjordlys"' in message
    assert f'"Ada Brandt" (line {first})' in message


def test_a_story_without_focus_is_told_so() -> None:
    assert refusal(GOOD.replace("focus =", "# focus =")) == "x.toml:1: focus is required and is not there"


def test_every_mistake_is_told_at_once() -> None:
    lines = refusal(GOOD.replace("agencies", "agency").replace('"person"', '"man"')).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["x.toml:7", "x.toml:16"]


def test_an_unfinished_file_names_its_last_line() -> None:
    text = GOOD + "x = ["
    assert refusal(text).startswith(f"x.toml:{len(text.splitlines())}: not TOML")


def test_brackets_nested_too_deeply_are_refused_with_their_line() -> None:
    text = GOOD + "x = " + "[" * 3_000 + "]" * 3_000 + "\n"
    assert refusal(text).startswith(f"x.toml:{len(text.splitlines())}: not TOML: brackets are nested too deeply")


def test_a_story_made_in_code_is_checked_too() -> None:
    with pytest.raises(ValidationError, match="who is no actor"):
        Story(id="x", title="x", language="en", focus=(("{Nobody}",),), actors={})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id = 'x'\ntitle = '\xff'\n", ":2: not UTF-8"),
        (b"", ":1: "),
        (b"\x00\x01", ":1: not TOML"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_story_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "story.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoryFileError) as caught:
        load_story(path)
    assert caught.value.message.startswith(str(path))
    assert says in caught.value.message


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoryFileError, match="cannot be read: Is a directory"):
        load_story(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "story.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_story(path).id == "lighthouse-sale"


def test_a_directory_gives_its_stories_by_id(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.toml").write_text(GOOD.replace("lighthouse-sale", "another"), encoding="utf-8")
    (tmp_path / "notes.md").write_text("not a story", encoding="utf-8")
    assert list(load_stories(tmp_path)) == ["another", "lighthouse-sale"]


def test_a_directory_tells_the_mistakes_of_all_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "c.toml").write_text("nonsense", encoding="utf-8")
    with pytest.raises(StoryFileError) as caught:
        load_stories(tmp_path)
    first, second = caught.value.message.splitlines()
    assert first.startswith(f"{tmp_path / 'b.toml'}:1: the id 'lighthouse-sale' is taken")
    assert second.startswith(f"{tmp_path / 'c.toml'}:1: not TOML")


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_directory_without_stories_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoryFileError, match=r"no story file|cannot be read"):
        load_stories(tmp_path / name)
