from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.toml_lines import Lines, NotToml, line_of_syntax_error, read_toml

TEXT = '''\
# a comment = not a key
title = "one"   # trailing
"quoted key" = 1
dotted.inner.leaf = 2
many = [
    "first", # [[feed]]
    ["x", "y"],
    { name = "z", size = 1 },
]
prose = """
[[feed]]
title = "not here"
a quote at the end: """"

when = 1979-05-27 07:32:00

[actors."Northern League"]
kind = "state"
aliases = ["A",
  "B"]

[[feed]]
name = "one"

[[feed]]
name = 'two'
  [[feed.text]]
  file = "a.txt"
  [[feed.text]]
  file = "b.txt"
  [feed.extra]
  deep = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted key",), 3),
        (("dotted", "inner", "leaf"), 4),
        (("many",), 5),
        (("many", 0), 6),
        (("many", 1, 1), 7),
        (("many", 2, "size"), 8),
        (("prose",), 10),
        (("when",), 15),
        (("actors",), 17),
        (("actors", "Northern League", "kind"), 18),
        (("actors", "Northern League", "aliases", 1), 20),
        (("feed", 0), 22),
        (("feed", 0, "name"), 23),
        (("feed", 1, "name"), 26),
        (("feed", 1, "text", 1, "file"), 30),
        (("feed", 1, "extra", "deep"), 32),
    ],
)
def test_the_line_of_a_key_is_found(path: tuple[str | int, ...], line: int) -> None:
    assert tomllib.loads(TEXT)
    assert Lines(TEXT).of(path) == line


def test_a_key_that_is_not_there_gives_the_line_of_what_should_hold_it() -> None:
    assert Lines(TEXT).of(("feed", 1, "url")) == 25
    assert Lines(TEXT).of(("nothing",)) == 1


@given(st.text(alphabet="[]{}=.,\"'#\n ab1-", max_size=60))
def test_any_text_gives_a_line_of_the_text(text: str) -> None:
    assert 1 <= Lines(text).of(("a",)) <= text.count("\n") + 1


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads("a = 1\nb = = 2\n")
    assert line_of_syntax_error(caught.value) == 2


@pytest.mark.parametrize("text", ["a = 1\nb = " + "[" * 3_000, "a = 1\nb = " + "[" * 3_000 + "]" * 3_000])
def test_brackets_nested_too_deeply_name_their_line(text: str) -> None:
    with pytest.raises(NotToml) as caught:
        read_toml(text)
    assert (caught.value.line, caught.value.words) == (2, "brackets are nested too deeply")


def test_a_number_of_thousands_of_digits_is_refused_in_words() -> None:
    with pytest.raises(NotToml):
        read_toml("a = " + "9" * 5_000)
