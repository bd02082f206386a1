"""Models built in lower precision give outputs in float32, whatever their builder says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from hpsearch.training.exact_outputs import built_in, rounds_outputs
from hpsearch.training.precision import BFLOAT16, FLOAT32, compute_in


@pytest.fixture(autouse=True)
def _float32_afterwards() -> Iterator[None]:
    yield
    compute_in(FLOAT32)


def plain() -> Any:
    """As builders for Keras Tuner are written."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(3, activation="softmax")]
    )


def nested() -> Any:
    """A model whose last layer is inside of another one."""
    inputs = keras.Input((4,))
    return keras.Model(inputs, plain()(inputs))


def bare_operation() -> Any:
    """A model that ends in an operation without a layer."""
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.ops.softmax(keras.layers.Dense(3)(inputs)))


@pytest.mark.parametrize("build", [plain, nested])
def test_outputs_are_float32_and_inner_layers_are_not(build: Any) -> None:
    """Probabilities add up to 1 to float32, which bfloat16 with its 8 bits misses."""
    model = built_in(BFLOAT16, build)
    output = model(np.random.default_rng(0).normal(size=(64, 4)).astype("float32"))
    assert output.dtype == "float32"
    assert np.abs(np.asarray(output).sum(axis=1) - 1).max() < 1e-6
    dense = [own for own in model._flatten_layers() if type(own).__name__ == "Dense"]
    assert {own.units: own.compute_dtype for own in dense} == {8: "bfloat16", 3: "float32"}
    assert not rounds_outputs(model)


def test_it_is_kept_in_the_file(tmp_path: Any) -> None:
    """A loaded model gives the same outputs."""
    model = built_in(BFLOAT16, plain)
    images = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert np.array_equal(np.asarray(model(images)), np.asarray(loaded(images)))


def test_what_cannot_be_made_exact_is_told() -> None:
    """A bare operation has no policy of its own."""
    assert rounds_outputs(built_in(BFLOAT16, bare_operation))
    assert not rounds_outputs(built_in(FLOAT32, bare_operation))


def test_a_number_is_no_model() -> None:
    """Builders may return one."""
    assert built_in(BFLOAT16, lambda: 0.5) == 0.5
