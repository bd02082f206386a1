"""How a study computes, from timings worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from hpsearch.execution import precision_probe
from hpsearch.execution.precision_probe import (
    Timing,
    candidates,
    choose_arithmetic,
    is_clear,
)
from hpsearch.training.precision import BFLOAT16, FLOAT16, FLOAT32, Arithmetic

F32 = Arithmetic()


def times(**seconds: Sequence[float]) -> Any:
    """Stands for the timing of a few models: seconds an image, equal losses of 2."""
    return partial(_rows, seconds, {})


def _rows(
    seconds: dict[str, Sequence[float]],
    losses: dict[str, Sequence[float]],
    arithmetics: Sequence[Arithmetic],
) -> list[list[Timing]]:
    def key(a: Arithmetic) -> str:
        return a.precision + ("_xla" if a.xla else "")

    count = len(next(iter(seconds.values())))
    return [
        [Timing(seconds[key(a)][n], losses.get(key(a), [2.0] * count)[n]) for a in arithmetics]
        for n in range(count)
    ]


def choose(timed: Any, capability: float | None) -> Arithmetic:
    """What is chosen where all candidates have been timed."""
    return choose_arithmetic(timed(candidates(capability)), capability, timed)


@pytest.fixture(autouse=True)
def _amx(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor with bfloat16, whatever runs these tests."""
    known = {None: [BFLOAT16], 7.5: [FLOAT16], 8.0: [FLOAT16, BFLOAT16], 6.0: []}
    monkeypatch.setattr(precision_probe, "lower_precisions", lambda capability: known[capability])


def test_the_slow_models_weigh_most() -> None:
    """(1 + 8) s against (1 + 5) s: 1.5 times as fast, though one model gains nothing."""
    chosen = choose(times(float32=[1, 8], mixed_bfloat16=[1, 5]), None)
    assert (chosen.precision, chosen.xla, chosen.gain) == (BFLOAT16, False, 1.5)
    assert chosen.reason == (
        "1.50× as fast as float32 in a timed probe of 2 models of the study, with the same loss"
    )


def test_a_small_gain_is_not_worth_it() -> None:
    """1.10 is below 1.15; the reason has the figure."""
    chosen = choose(times(float32=[1.1], mixed_bfloat16=[1.0]), None)
    assert chosen.describe() == (
        "float32: mixed_bfloat16 1.10× as fast in a timed probe of a model of the study"
    )


@pytest.mark.parametrize(
    ("losses", "precision"),
    [
        ([2.0, 2.0, 2.1], BFLOAT16),
        ([2.0, 2.0, 90.0], BFLOAT16),  # one chaotic configuration says nothing
        ([2.0, 2.0, math.nan], BFLOAT16),
        ([2.3, 2.3, 2.0], FLOAT32),
        ([math.inf, math.nan, 2.0], FLOAT32),
    ],
)
def test_what_trains_worse_is_not_used_however_fast(losses: list[float], precision: str) -> None:
    """More than a tenth above float32's loss of 2 for most configurations, or not finite."""
    seconds = {FLOAT32: [3.0] * 3, BFLOAT16: [1.0] * 3}
    chosen = choose(partial(_rows, seconds, {BFLOAT16: losses}), None)
    assert chosen.precision == precision
    assert ("trains worse" in chosen.reason) == (precision == FLOAT32)


def test_what_diverges_in_float32_as_well_is_no_evidence() -> None:
    """The other configuration decides."""
    losses = {FLOAT32: [math.nan, 2.0], BFLOAT16: [math.nan, 2.0]}
    seconds = {FLOAT32: [2.0, 2.0], BFLOAT16: [1.0, 1.0]}
    assert choose(partial(_rows, seconds, losses), None).precision == BFLOAT16


def test_rounded_outputs_are_told_with_the_remedy() -> None:
    """A softmax in bfloat16 has three digits; the last layer can be kept in float32."""

    def timed(arithmetics: Sequence[Arithmetic]) -> list[list[Timing]]:
        return [[Timing(1.0 if a == F32 else 0.5, 2.0, rounded=a != F32) for a in arithmetics]]

    chosen = choose(timed, None)
    assert chosen.precision == FLOAT32
    assert "give the last layer dtype='float32'" in chosen.reason


def test_on_a_gpu_the_fastest_precision_is_tried_with_xla() -> None:
    """float16 twice as fast, with XLA 1.5 times that: three times as fast as float32."""
    seconds = times(
        float32=[6.0], mixed_float16=[3.0], mixed_bfloat16=[4.0], mixed_float16_xla=[2.0]
    )
    chosen = choose(seconds, 8.0)
    assert (chosen.precision, chosen.xla, chosen.gain) == (FLOAT16, True, 3.0)
    assert "2.00× as fast as float32" in chosen.reason
    assert "XLA: 1.50× as fast as mixed_float16" in chosen.reason


def test_xla_that_gains_nothing_is_left_out() -> None:
    """Also where the GPU has no tensor cores and only float32 is left."""
    chosen = choose(times(float32=[6.0], mixed_float16=[3.0], mixed_float16_xla=[3.0]), 7.5)
    assert (chosen.precision, chosen.xla, chosen.gain) == (FLOAT16, False, 2.0)
    old = choose(times(float32=[6.0], float32_xla=[5.9]), 6.0)
    assert (old.precision, old.xla) == (FLOAT32, False)


def test_nothing_is_timed_where_there_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor without bfloat16: XLA is five times slower there."""
    monkeypatch.setattr(precision_probe, "lower_precisions", lambda capability: [])

    def never(arithmetics: Sequence[Arithmetic]) -> list[list[Timing]]:
        raise AssertionError

    assert choose_arithmetic([], None, never).reason == "this processor has nothing faster"


def test_where_no_configuration_trains_nothing_is_changed() -> None:
    """How they fail is for the study to record."""
    assert choose(lambda arithmetics: [], None).precision == FLOAT32


@pytest.mark.parametrize(
    ("gain", "loss", "clear"),
    [
        (1.5, 2.0, True),
        (1.0, 2.0, True),
        (1.21, 2.0, True),
        (1.20, 2.0, False),
        (1.10, 2.0, False),
        (1.09, 2.0, True),
        (1.5, 2.09, True),
        (1.5, 2.11, False),
        (1.5, 2.29, False),
        (1.5, 2.31, True),
        (1.5, math.inf, True),
    ],
)
def test_a_gain_or_a_loss_near_what_decides_is_not_clear(
    gain: float, loss: float, clear: bool
) -> None:
    """Within a twentieth of 1.15, and of a loss of a tenth more than 2."""
    rows = [[Timing(1.0, 2.0), Timing(1 / gain, loss)]]
    assert is_clear(candidates(None), rows) == clear
    assert not is_clear(candidates(None), []), "nothing was timed"
