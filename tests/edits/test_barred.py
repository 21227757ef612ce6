"""The list of addresses that were taken down: what stands in it is read as it was written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.edits.barred import Barred
from service.errors import ClaimwireError

_STORIES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)


@given(st.lists(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])), unique=True, max_size=5))
def test_addresses_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, addresses: list[str]
) -> None:
    barred = Barred(tmp_path_factory.mktemp("data"))
    for address in addresses:
        barred.add(address)
    assert barred.read() == addresses
    for address in addresses[:2]:
        barred.remove(address)
    assert barred.read() == addresses[2:]


@given(_STORIES, _STORIES, st.sampled_from(["text:a", '["text:a"]', "text:a\nb"]))
def test_it_is_barred_but_where_that_was_lifted(
    tmp_path_factory: pytest.TempPathFactory, lifted: list[str], again: list[str], address: str
) -> None:
    barred = Barred(tmp_path_factory.mktemp("data"))
    barred.spare(address, "a")  # of what nobody took down there is nothing to lift
    assert barred.read() == []
    barred.add(address)
    for story in lifted:
        barred.spare(address, story)
    for story in again:
        barred.add(address, story)
    assert barred.read() == [address]
    for story in ("a", "b", "c", "d"):
        assert barred.read(story) == ([] if story in set(lifted) - set(again) else [address])
    barred.add(address)
    assert barred.read("a") == [address]


@pytest.mark.parametrize("address", ["text:a/b\nc", "text:a/b\u2028c", "text:a/b\x85c", '"text:a"', "text:a\r"])
def test_an_address_that_breaks_lines_is_one_address(tmp_path: Path, address: str) -> None:
    barred = Barred(tmp_path)
    barred.add("text:a/first")
    barred.add(address)
    assert barred.read() == ["text:a/first", address]


def test_a_list_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    (tmp_path / "takedowns.txt").write_text("https://one.example/\ntext:a/b\n", "utf-8")
    assert Barred(tmp_path).read() == ["https://one.example/", "text:a/b"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b'"half\n'], ids=["no UTF-8", "no line"])
def test_a_damaged_list_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "takedowns.txt").write_bytes(content)
    with pytest.raises(ClaimwireError, match=r"takedowns\.txt: cannot be read"):
        Barred(tmp_path).read()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ClaimwireError, match=r"takedowns\.txt: cannot be"):
        Barred(tmp_path / "file").add("text:a")


def test_of_many_who_note_at_once_nobody_is_written_over(tmp_path: Path) -> None:
    """A service and a command share a data folder."""
    addresses = [f"text:{number}" for number in range(40)]
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda address: Barred(tmp_path).add(address), addresses))
    assert sorted(Barred(tmp_path).read()) == sorted(addresses)
