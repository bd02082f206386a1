"""Arithmetic of lower precision: who has it, and that trials are computed in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import InputError
from hpsearch.spaces import Space
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.loop import EpochLoop
from hpsearch.training.precision import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    Arithmetic,
    check_precision,
    lower_precisions,
    processor_flags,
)
from hpsearch.training.process import clear
from hpsearch.training.trial import Outcome, TrialSettings, run_trial
from tests.training.conftest import build

AMX = "processor\t: 0\nflags\t\t: fpu avx512f amx_bf16 amx_tile\n"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (AMX, ["amx_bf16"]),
        ("flags\t: avx512_bf16 amx_bf16\n", ["amx_bf16", "avx512_bf16"]),
        ("flags\t: avx2\n", []),
        ("Features\t: neon\n", []),
    ],
)
def test_processors_with_bfloat16_are_told_by_their_flags(
    tmp_path: Path, text: str, flags: list[str]
) -> None:
    """As Linux lists them; elsewhere nothing is known."""
    (tmp_path / "cpuinfo").write_text(text)
    assert processor_flags(tmp_path / "cpuinfo") == flags
    assert processor_flags(tmp_path / "missing") == []


@pytest.mark.parametrize(
    ("capability", "precisions"),
    [(6.1, []), (7.0, [FLOAT16]), (7.5, [FLOAT16]), (8.6, [FLOAT16, BFLOAT16]), (0.0, [])],
)
def test_gpus_have_what_their_tensor_cores_have(capability: float, precisions: list[str]) -> None:
    """Volta and Turing float16, Ampere and later both, says NVIDIA's documentation."""
    assert lower_precisions(capability) == precisions


def test_a_precision_that_would_be_imitated_is_refused() -> None:
    """float16 on a processor is many times slower than float32."""
    check_precision(FLOAT32, None)
    check_precision(FLOAT16, 7.5)
    with pytest.raises(InputError, match="takes a GPU of compute capability 7 or more"):
        check_precision(FLOAT16, None)
    with pytest.raises(InputError, match="8 or more, or a processor with amx_bf16"):
        check_precision(BFLOAT16, 7.5)


def trained(arrays: Any, arithmetic: Arithmetic) -> Outcome:
    settings = TrialSettings(epochs=2, batch_size=16, arithmetic=arithmetic)
    return run_trial(build, LiveHyperParameters(Space(), {}), arrays, settings, 7)


@pytest.mark.slow
def test_every_trial_is_computed_in_the_precision_of_its_study(arrays: Any, tmp_path: Path) -> None:
    """Also the second one, before which the session was cleared; weights and outputs are
    float32.

    The model is saved with its policy: loaded anywhere it predicts the same. The models have
    learnt as in float32: brightness tells the two classes apart.
    """
    import keras

    for _ in range(2):
        outcome = trained(arrays, Arithmetic(BFLOAT16))
        model = outcome.progress.model
        *inner, last = (layer.dtype_policy.name for layer in model.layers)
        assert (set(inner), last) == ({BFLOAT16}, FLOAT32)
        assert {weight.dtype for weight in model.weights} == {FLOAT32}
        clear()
    assert outcome.value is not None
    assert outcome.value > 0.8
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    images = arrays.x_validation
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(model(images)))


@pytest.mark.slow
def test_xla_trains_as_without_it_and_only_if_the_model_allows(arrays: Any) -> None:
    """On a processor only a model that was compiled with jit_compile=True asks for it.

    No dropout: XLA draws other random numbers.
    """
    import keras
    import tensorflow as tf

    def loop(jit_compile: bool | str) -> tuple[EpochLoop, list[float]]:
        keras.utils.set_random_seed(3)
        layers = keras.layers
        output = layers.Dense(2, activation="softmax")
        model = keras.Sequential([layers.Input((6, 6, 1)), layers.Flatten(), output])
        loss = "sparse_categorical_crossentropy"
        model.compile("adam", loss, metrics=["accuracy"], jit_compile=jit_compile)
        made = EpochLoop(model, arrays, 20, xla=True)
        return made, [made.train_epoch(epoch, 0)["loss"] for epoch in range(2)]

    def is_compiled(made: EpochLoop) -> bool:
        graph = made._train_steps.compiled.get_concrete_function().graph
        definition = graph.as_graph_def()
        functions = [f for f in definition.library.function if "_XlaMustCompile" in f.attr]
        return any(f.attr["_XlaMustCompile"].b for f in functions)

    plain, auto = loop(False), loop("auto")
    compiled = loop(True)
    assert [is_compiled(made) for made, _ in (plain, auto, compiled)] == [False, False, True]
    np.testing.assert_allclose(compiled[1], plain[1], rtol=1e-3)
    assert tf.config.list_physical_devices("GPU") == []
