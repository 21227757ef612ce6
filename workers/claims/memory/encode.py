"""Texts to vectors: the static encoder, in exact integer arithmetic.

A vector is 256 signed bytes: the weighted sum of the text's token rows, brought to length 127. Sums, scores and the
rounding between them are exact whole numbers or single correctly rounded float operations, so the same text gives the
same bytes on every machine and in every process.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from service.errors import ClaimwireError
from workers.claims.one_thread import multiply_alone

DIMENSIONS = 256
MODEL_DIR = Path(__file__).parents[1] / "model"
TEXT_LIMIT = 4_000
"""characters of a text that are read: a clause is far shorter, and a hostile one must not cost more"""
WORDS = 30_000
"""words whose tokens are kept: more than a newsroom's month; about 6 MB"""
KEPT = 4_096
"""recorded vectors kept in the form in which they are compared: 4 MB"""
_ASKED = 256
"""vectors kept that others are compared with: those of one article; 0.3 MB"""
_ROOM_BITS = 22
"""sums are shifted to at most this many bits, so that 256 squares of them fit a 64-bit integer exactly"""

Vectors = npt.NDArray[np.int8]
Kind = Literal["static", "onnx"]
_chosen: Kind = "static"


class Encoder(Protocol):
    """What turns texts into vectors. Another one may stand behind it; vectors of two encoders never compare."""

    @property
    def name(self) -> str:
        """Which model, by content: goes into every explanation."""

    @property
    def dimensions(self) -> int:
        """How many bytes a vector has."""

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text: int8 of length about 127; all zero for a text without a known token."""


class StaticEncoder:
    """Rows of a table, summed. The table is memory-mapped: workers of one host share it."""

    dimensions = DIMENSIONS

    def __init__(self, folder: Path = MODEL_DIR) -> None:
        """
        Raises:
            ClaimwireError: a file of the model is missing or is not the one whose sha256 is recorded.
        """
        sums = _checked(folder)
        self.name = "static-" + sums["rows.npy"][:12]
        # A plain view of the map: every look into a `memmap` makes another one, in Python.
        self._rows = cast("npt.NDArray[np.int8]", np.asarray(np.load(folder / "rows.npy", mmap_mode="r")))
        self._scales = np.load(folder / "scales.npy").astype(np.float64)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._most: int | None = (self._tokenizer.truncation or {}).get("max_length")
        self._of_word = lru_cache(maxsize=WORDS)(self._read)

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """As the protocol says. Cost: about 0.05 ms a clause."""
        readable = (text[:TEXT_LIMIT].encode("utf-8", "ignore").decode() for text in texts)  # no lone surrogates
        return [self._vector(self._tokens(text)) for text in readable]

    def _tokens(self, text: str) -> list[int]:
        """The tokens of a text are those of its words: the tokenizer parts at blanks first."""
        tokens = [token for word in text.split(" ") for token in self._of_word(word)]
        return tokens[: self._most]

    def _read(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word, add_special_tokens=False).ids) if word else ()

    def _vector(self, ids: list[int]) -> bytes:
        at = np.array([token for token in ids if token != self._unknown], np.intp)
        if not len(at):
            return bytes(DIMENSIONS)
        # Floats, and exact: whole numbers, whose sums stay far below 2**53 whatever the order.
        total = self._scales[at] @ self._rows[at].astype(np.float64)
        return _to_length(total.astype(np.int64))


def _to_length(total: npt.NDArray[np.int64]) -> bytes:
    """Whole numbers to int8 of length 127 (bytes of 256)."""
    peak = int(np.abs(total).max())
    if peak == 0:
        return bytes(len(total))
    short = total >> max(0, peak.bit_length() - _ROOM_BITS)
    length = math.sqrt(int((short * short).sum()))
    return np.rint(short.astype(np.float64) * 127.0 / length).astype(np.int8).tobytes()


def _checked(folder: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    try:
        for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
            expected, name = line.split()
            sums[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if sums[name] != expected:
                raise ClaimwireError(
                    f"{name} of the encoder is not the file that was released (sha256 {sums[name][:12]}…)",
                    "reinstall Claimwire, or rebuild the model with python -m workers.claims.memory.distil",
                )
    except (OSError, ValueError) as error:
        raise ClaimwireError(
            f"the encoder's model in {folder} cannot be read: {error}", "reinstall Claimwire"
        ) from error
    return sums


def choose(kind: Kind) -> None:
    """Which encoder `load_encoder` gives from now on: said once, before anything is compared.

    Raises:
        SettingError: the extra `onnx` is not installed, or is not what was measured.
    """
    global _chosen
    loaded(kind)
    _chosen = kind


def load_encoder() -> Encoder:
    """The encoder of this process: the static one, if nobody chose another.

    Raises:
        ClaimwireError: the model's files are missing or altered.
    """
    return loaded(_chosen)


@cache
def loaded(kind: Kind) -> Encoder:
    """An encoder, read once: the static one takes 30 ms and 13 MB, the other half a second and 200 MB.

    Raises:
        ClaimwireError: its files are missing or altered.
    """
    multiply_alone()
    if kind == "onnx":
        from workers.claims.memory.encode_onnx import OnnxEncoder

        return OnnxEncoder(MODEL_DIR / "tokenizer.json", TEXT_LIMIT)
    return StaticEncoder()


def beside(vector: bytes, general: bytes) -> bytes:
    """A vector without what the vectors of all texts of a kind have in common; as it is if `general` is empty.

    Any two long texts of news are alike, whatever they tell: the mean of their vectors has four fifths of their length.
    Source: Arora, Liang and Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (2017).

    Args:
        general: the mean of the vectors of such texts, int8 as they are.
    """
    if len(general) != len(vector):
        return vector
    a, b = (np.frombuffer(each, dtype=np.int8).astype(np.int64) for each in (vector, general))
    return _to_length(np.asarray((a - b) << _ROOM_BITS // 2)) if a.any() else vector


def centre(total: npt.NDArray[np.int64]) -> bytes:
    """The direction of a sum of vectors, as a vector."""
    return _to_length(total)


def as_matrix(vectors: Sequence[bytes]) -> Vectors:
    """Vectors of one encoder as the rows of a matrix."""
    width = len(vectors[0]) if vectors else DIMENSIONS
    return np.frombuffer(b"".join(vectors), dtype=np.int8).reshape(len(vectors), width)


@lru_cache(maxsize=KEPT)
def _unpacked(vector: str) -> tuple[npt.NDArray[np.float32], float]:
    """A recorded vector, with the square of its length."""
    return _row(base64.b64decode(vector))


@lru_cache(maxsize=_ASKED)
def as_row(vector: bytes) -> tuple[npt.NDArray[np.float32], float]:
    """A vector that is compared with many, with the square of its length."""
    return _row(vector)


def _row(vector: bytes) -> tuple[npt.NDArray[np.float32], float]:
    row = np.frombuffer(vector, dtype=np.int8).astype(np.float32)  # sums are exact, see `cosines`
    return row, float(row @ row)


def best(vector: bytes, recorded: Sequence[str]) -> float:
    """The greatest cosine of a vector with vectors as records hold them, in base64; at least one."""
    row, length = as_row(vector)
    shares: list[float] = []
    for known, other in map(_unpacked, recorded):
        lengths = math.sqrt(length * other)
        shares.append(float(row @ known) / lengths if lengths > 0 else 0.0)
    return round(max(shares) * 1e4, 0) / 1e4  # to the last digit what numpy makes of it, at a tenth of the time


def cosine(a: bytes, b: bytes) -> float:
    """Exact integer dot product over exact lengths, rounded to 4 places; 0.0 if either is all zero."""
    return float(cosines(as_matrix([a]), as_matrix([b]))[0, 0])


def cosines(left: Vectors, right: Vectors) -> npt.NDArray[np.float64]:
    """The cosine of every row of `left` with every row of `right`, each as `cosine` gives it: (n, m) floats."""
    # float32 holds every partial sum (below 512 * 127**2) exactly, whatever order the BLAS adds in.
    a, b = left.astype(np.float32), right.astype(np.float32)
    squares = [np.einsum("ij,ij->i", each, each).astype(np.float64) for each in (a, b)]
    lengths = np.sqrt(squares[0][:, None] * squares[1][None, :])
    dots: Any = (a @ b.T).astype(np.float64)
    shares: npt.NDArray[np.float64] = np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)
    return np.round(shares, 4)
