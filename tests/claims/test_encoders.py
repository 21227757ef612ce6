"""What any encoder behind the interface must do. The extra `onnx` goes through the same where it is there."""

from __future__ import annotations

import base64
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from service.errors import SettingError
from service.settings import Settings
from workers.claims.compare import Registry
from workers.claims.memory import encode, encode_onnx
from workers.claims.memory.encode import Encoder, Kind, as_matrix, cosine, loaded
from workers.claims.sameness.lens import lens

HERE: list[Kind] = ["static"]
if find_spec("onnxruntime") and find_spec(encode_onnx.PACKAGE):
    HERE.append("onnx")


@pytest.fixture(params=HERE)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return loaded(request.param)


class Letters:
    """An encoder of another width: counts letters."""

    name = "letters"
    dimensions = 30

    def encode(self, texts):  # type: ignore[no-untyped-def]
        counts = [[text.casefold().count(chr(97 + at)) for at in range(self.dimensions)] for text in texts]
        return [np.minimum(np.array(row) * 9, 127).astype(np.int8).tobytes() for row in counts]


def test_a_vector_has_the_width_it_says_and_length_127(encoder: Encoder) -> None:
    vectors = encoder.encode(["The dam at Orrin burst on Sunday", "Nobody was hurt."])

    assert {len(vector) for vector in vectors} == {encoder.dimensions}
    assert np.linalg.norm(as_matrix(vectors).astype(float), axis=1) == pytest.approx(127, abs=1.5)


def test_paraphrases_are_nearer_than_other_things(encoder: Encoder) -> None:
    dam, same, other = encoder.encode(
        ["The dam burst", "The embankment of the reservoir gave way", "The bank raised its interest rate"]
    )

    assert cosine(dam, same) > cosine(dam, other) + 0.1


def test_a_text_has_the_same_vector_in_any_company_and_every_time(encoder: Encoder) -> None:
    texts = ["The dam burst", "The dam at Orrin burst on Sunday, the fire service told reporters", "No.", ""]

    assert encoder.encode(texts) == [encoder.encode([text])[0] for text in texts]


def test_any_string_has_a_vector_and_one_without_known_tokens_no_direction(encoder: Encoder) -> None:
    vectors = encoder.encode(["", " ", "\0", "🜲", "dam\ud800", "dam " * 500_000])

    assert {len(vector) for vector in vectors} == {encoder.dimensions}
    assert [any(vector) for vector in vectors] == [False, False, False, False, True, True]


def test_an_encoder_is_named_by_its_content(encoder: Encoder) -> None:
    assert len(encoder.name.rpartition("-")[2]) == 12


def test_the_setting_names_the_encoders_that_there_are() -> None:
    assert get_args(Settings.model_fields["encoder"].annotation) == get_args(Kind)


@pytest.fixture
def nothing_loaded(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    loaded.cache_clear()
    monkeypatch.setattr(encode, "_chosen", "static")
    yield
    loaded.cache_clear()


@pytest.mark.usefixtures("nothing_loaded")
def test_a_missing_extra_says_what_to_do_and_leaves_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_onnx, "PACKAGE", "no_such_weights")

    with pytest.raises(SettingError) as refused:
        encode.choose("onnx")

    assert "claimwire[onnx]" in refused.value.hint
    assert encode.load_encoder().name.startswith("static-")


@pytest.mark.usefixtures("nothing_loaded")
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "altered_weights").mkdir()
    (tmp_path / "altered_weights" / "__init__.py").touch()
    (tmp_path / "altered_weights" / "model.onnx").write_bytes(b"another model")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(encode_onnx, "PACKAGE", "altered_weights")

    with pytest.raises(SettingError, match="not the file that was measured"):
        encode.choose("onnx")


def test_what_another_encoder_recorded_is_encoded_again_from_its_words(w) -> None:  # type: ignore[no-untyped-def]
    """Records hold the wordings, so a story may change its encoder between two starts."""
    newsroom = w.newsroom(w.story("Acme"))
    said = newsroom.known(newsroom.print(w.said("Acme closed the mill in Tarn", "Acme", "close", "the mill")))
    of_letters = Registry(Letters())

    of_letters.upsert(said)
    mixed, copy, seen = of_letters.is_mixed, of_letters.with_changes({}), lens(newsroom.story)
    (asked,) = Letters().encode([seen.content("Acme closed the mill in Tarn")])
    (near,) = copy.nearest([asked], seen)

    assert said.encoder == newsroom.registry.encoder.name
    assert mixed
    assert near == {said.claim.id: 1.0}
    assert [copy.claims[said.claim.id].encoder, *copy.claims[said.claim.id].vectors] == [
        "letters",
        base64.b64encode(asked).decode(),
    ]
    assert not copy.is_mixed


def test_a_registry_is_as_wide_as_its_encoder_from_the_start(encoder: Encoder, w) -> None:  # type: ignore[no-untyped-def]
    story = w.story("Acme")
    registry = Registry(encoder)

    assert registry.nearest(encoder.encode(["closed the mill"]), lens(story)) == [{}]
    assert registry.with_changes({}).encoder is encoder
