import subprocess
import sys
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ClaimwireError
from workers.claims.memory.distil import quantise
from workers.claims.memory.encode import (
    DIMENSIONS,
    MODEL_DIR,
    StaticEncoder,
    as_matrix,
    cosine,
    cosines,
    load_encoder,
)

words = st.text(alphabet="abcdefghij klmnopqrst.,'é", max_size=60)


def test_a_vector_is_256_signed_bytes_of_length_about_127() -> None:
    (vector,) = load_encoder().encode(["The dam at Orrin burst on Sunday"])

    assert len(vector) == DIMENSIONS
    assert np.linalg.norm(as_matrix([vector]).astype(float)) == pytest.approx(127, abs=1.5)


def test_paraphrases_are_nearer_than_other_things() -> None:
    dam, same, other = load_encoder().encode(
        ["The dam burst", "The embankment of the reservoir gave way", "The bank raised its interest rate"]
    )

    assert cosine(dam, same) > cosine(dam, other) + 0.1


def test_known_scores_stay_what_they_are() -> None:
    """Whoever rebuilds the model sees here that every threshold must be looked at again."""
    a, b = load_encoder().encode(["The board rejected the offer", "The offer was turned down by the board"])

    assert load_encoder().name == "static-" + (MODEL_DIR / "SHA256SUMS").read_text(encoding="ascii")[:12]
    assert cosine(a, b) == 0.6567


def test_a_text_without_a_known_token_has_no_direction() -> None:
    vectors = load_encoder().encode(["", "   ", "\u0000", "🜲"])

    assert all(vector == bytes(DIMENSIONS) for vector in vectors)
    assert cosine(vectors[0], load_encoder().encode(["dam"])[0]) == 0.0


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=100)
def test_any_string_has_a_vector(text: str) -> None:
    assert [len(vector) for vector in load_encoder().encode([text, text + "\ud800"])] == [DIMENSIONS, DIMENSIONS]


def test_a_very_long_text_costs_no_more_than_its_beginning() -> None:
    long = "dam " * 500_000

    assert load_encoder().encode([long]) == load_encoder().encode([long[:4_000]])


@given(st.lists(words, min_size=1, max_size=6))
@settings(max_examples=50)
def test_a_text_has_the_same_vector_in_any_company(texts: list[str]) -> None:
    together = load_encoder().encode(texts)

    assert together == [load_encoder().encode([text])[0] for text in texts]


@given(words, words)
@settings(max_examples=100)
def test_cosine_is_symmetric_bounded_and_one_for_the_same(left: str, right: str) -> None:
    a, b = load_encoder().encode([left, right])

    assert cosine(a, b) == cosine(b, a)
    assert -1.0 <= cosine(a, b) <= 1.0
    assert cosine(a, a) == (1.0 if any(a) else 0.0)


@given(st.lists(st.binary(min_size=DIMENSIONS, max_size=DIMENSIONS), min_size=1, max_size=5))
@settings(max_examples=50)
def test_many_scores_are_the_single_scores(vectors: list[bytes]) -> None:
    matrix = as_matrix(vectors)

    table = cosines(matrix, matrix)

    assert table.tolist() == [[cosine(a, b) for b in vectors] for a in vectors]


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "from workers.claims.memory.encode import load_encoder\n"
        "print(load_encoder().encode(['Three ferries collided off Tarn'])[0].hex())"
    )
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert bytes.fromhex(elsewhere.stdout.strip()) == load_encoder().encode(["Three ferries collided off Tarn"])[0]


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    for file in MODEL_DIR.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    StaticEncoder(tmp_path)
    scales = bytearray((tmp_path / "scales.npy").read_bytes())
    scales[-1] ^= 1
    (tmp_path / "scales.npy").write_bytes(bytes(scales))

    with pytest.raises(ClaimwireError, match=r"scales\.npy"):
        StaticEncoder(tmp_path)


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ClaimwireError) as refused:
        StaticEncoder(tmp_path)

    assert refused.value.hint


def test_the_model_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in MODEL_DIR.iterdir()) < 8_400_000
    assert (MODEL_DIR / "rows.npy").stat().st_size < 8_000_000


def test_quantising_keeps_a_row_to_half_a_step() -> None:
    rows = np.random.default_rng(7).normal(scale=[[1.0], [0.01], [1e-4]], size=(3, DIMENSIONS))

    bytes_, scales = quantise(rows)

    restored = bytes_ * (scales[:, None] / 2**24)
    assert np.abs(restored - rows).max(axis=1).tolist() <= (np.abs(rows).max(axis=1) / 127 * 0.52).tolist()


ODD = st.one_of(st.sampled_from("abcé  \n\t'-.,ß中İſ\u0301\u3000\u2009"), st.sampled_from(["[UNK]", "[PAD]", " "]))


@given(st.lists(st.one_of(ODD, st.characters(codec="utf-8"))).map("".join))
def test_a_text_has_the_tokens_of_its_words(text):
    encoder = cast("StaticEncoder", load_encoder())
    whole = encoder._tokenizer.encode(text, add_special_tokens=False).ids

    assert encoder._tokens(text) == whole
