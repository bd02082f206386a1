"""Verdicts are right on curves whose cause is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hpsearch.analysis.curves import LearningCurves, as_series, curves_of
from hpsearch.analysis.remedies import REMEDIES, next_steps
from hpsearch.analysis.verdicts import SENTENCES, judge
from hpsearch.storage import TrialRecord

Array = NDArray[np.float64]
Generator = np.random.Generator


def approach(epochs: int, constants: float) -> Array:
    """From almost 0 to almost 1 in so many time constants, fast at first."""
    return 1 - np.exp(-constants * np.arange(1, epochs + 1) / epochs)


def shaken_curves(
    rng: Generator,
    accuracies: tuple[Array, Array],
    losses: tuple[Array, Array],
    *,
    jitter: float = 0.015,
) -> LearningCurves:
    """Curves with jitter: little in training averages, more in validation."""
    train, validation = accuracies
    loss, val_loss = losses
    count = len(train)
    steady = jitter / 3

    def shaken(values: Array, size: float) -> Array:
        return values * np.exp(rng.normal(0, size, count))

    return LearningCurves(
        epochs=np.arange(1, count + 1),
        loss=shaken(loss, steady * 2),
        val_loss=shaken(val_loss, jitter * 2),
        accuracy=np.clip(train + rng.normal(0, steady, count), 0, 1),
        val_accuracy=np.clip(validation + rng.normal(0, jitter / 2, count), 0, 1),
        best_epoch=int(np.argmax(validation)) + 1,
    )


NUM_CLASSES = 10


def _size(rng: Generator) -> tuple[int, int, float]:
    """Number of epochs, number of classes, jitter."""
    return int(rng.integers(12, 60)), NUM_CLASSES, float(rng.uniform(0.004, 0.02))


def _settling(rng: Generator, train_end: float, val_end: float, constants: float) -> LearningCurves:
    epochs, classes, jitter = _size(rng)
    way, chance = approach(epochs, constants), 1 / classes
    top = math.log(classes)
    ends = [top * (1 - (end - chance) / (1 - chance)) * 0.9 + 0.01 for end in (train_end, val_end)]
    accuracies = [chance + (end - chance) * way for end in (train_end, val_end)]
    losses = [end + (top - end) * (1 - way) for end in ends]
    return shaken_curves(rng, (accuracies[0], accuracies[1]), (losses[0], losses[1]), jitter=jitter)


def good_fit(rng: Generator) -> LearningCurves:
    end = rng.uniform(0.94, 0.995)
    return _settling(rng, end, end - rng.uniform(-0.01, 0.03), rng.uniform(6, 12))


def high_bias(rng: Generator) -> LearningCurves:
    end = rng.uniform(0.62, 0.84)
    return _settling(rng, end, end - rng.uniform(-0.01, 0.025), rng.uniform(6, 12))


def high_bias_and_variance(rng: Generator) -> LearningCurves:
    end = rng.uniform(0.7, 0.86)
    return _settling(rng, end, end - rng.uniform(0.09, 0.2), rng.uniform(6, 12))


def high_variance(rng: Generator) -> LearningCurves:
    """Training goes on to (almost) nothing; the validation loss stalls or rises."""
    shape = _settling(rng, rng.uniform(0.96, 1.0), rng.uniform(0.65, 0.88), rng.uniform(6, 12))
    if rng.random() < 0.5:
        return shape
    late = np.clip(np.linspace(-0.5, 1, len(shape.epochs)), 0, 1)
    return shape._replace(val_loss=shape.val_loss * (1 + rng.uniform(0.3, 1.0) * late))


def stopped_too_early(rng: Generator) -> LearningCurves:
    end = rng.uniform(0.95, 1.0)
    return _settling(rng, end, end - rng.uniform(0, 0.03), rng.uniform(1.7, 2.5))


def learning_rate_too_low(rng: Generator) -> LearningCurves:
    end = rng.uniform(0.95, 1.0)
    return _settling(rng, end, end - rng.uniform(0, 0.02), rng.uniform(0.15, 0.8))


def not_learning(rng: Generator) -> LearningCurves:
    epochs, classes, jitter = _size(rng)
    level, flat = np.full(epochs, 1 / classes), np.full(epochs, math.log(classes))
    return shaken_curves(rng, (level, level), (flat, flat), jitter=jitter / 4)


def learning_rate_too_high(rng: Generator) -> LearningCurves:
    """Either the loss jumps about, or it grows without end, or it is lost."""
    shape = _settling(rng, rng.uniform(0.5, 0.85), rng.uniform(0.5, 0.8), rng.uniform(6, 20))
    count, choice = len(shape.epochs), rng.integers(3)
    if choice == 0:
        shaken = shape.loss[0] * np.exp(rng.normal(-0.5, rng.uniform(0.3, 0.6), count))
        wild = np.clip(shape.accuracy + rng.normal(0, 0.1, count), 0, 1)
        return shape._replace(loss=shaken, accuracy=wild)
    if choice == 1:
        return shape._replace(
            loss=shape.loss[0] * np.exp(np.linspace(-0.2, rng.uniform(1, 4), count))
        )
    lost = shape.loss.copy()
    lost[int(rng.integers(1, count)) :] = np.nan
    return shape._replace(loss=lost)


def trained_too_long(rng: Generator) -> LearningCurves:
    """A good fit half-way; then validation gets worse while training goes on."""
    shape = _settling(rng, rng.uniform(0.96, 1.0), rng.uniform(0.94, 0.96), rng.uniform(10, 16))
    count = len(shape.epochs)
    turn = rng.uniform(0.35, 0.6)
    late = np.clip((np.arange(count) / (count - 1) - turn) / (1 - turn), 0, 1)
    top = shape.val_loss[0]
    return shape._replace(
        loss=shape.loss * (1 - 0.6 * late),
        val_loss=shape.val_loss + top * rng.uniform(0.1, 0.3) * late,
        val_accuracy=shape.val_accuracy - rng.uniform(0.03, 0.08) * late,
    )


def memorizing(rng: Generator) -> LearningCurves:
    """Labels without meaning: only the training images can be learnt."""
    shape = _settling(rng, rng.uniform(0.5, 1.0), 1 / NUM_CLASSES, rng.uniform(2, 8))
    late = np.linspace(0, 1, len(shape.epochs))
    return shape._replace(val_loss=shape.val_loss * (1 + rng.uniform(0.1, 2) * late))


CAUSES: dict[str, Callable[[Generator], LearningCurves]] = {
    "good_fit": good_fit,
    "high_bias": high_bias,
    "high_variance": high_variance,
    "high_bias_and_variance": high_bias_and_variance,
    "stopped_too_early": stopped_too_early,
    "learning_rate_too_low": learning_rate_too_low,
    "learning_rate_too_high": learning_rate_too_high,
    "not_learning": not_learning,
    "memorizing": memorizing,
    "trained_too_long": trained_too_long,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_verdict_names_the_cause_of_simulated_curves(cause: str) -> None:
    rng = np.random.default_rng(7)
    verdicts = [judge(CAUSES[cause](rng), num_classes=NUM_CLASSES).kind for _ in range(60)]
    assert verdicts.count(cause) >= 54, verdicts  # type: ignore[arg-type]


def test_most_simulated_curves_are_judged_right() -> None:
    rng = np.random.default_rng(8)
    right = [
        judge(draw(rng), num_classes=NUM_CLASSES).kind == cause
        for cause, draw in CAUSES.items()
        for _ in range(40)
    ]
    assert np.mean(right) >= 0.95


def made(
    accuracy: list[float], val_accuracy: list[float], loss: list[float], val_loss: list[float]
) -> LearningCurves:
    return LearningCurves(
        np.arange(1, len(loss) + 1),
        as_series(loss),
        as_series(val_loss),
        as_series(accuracy),
        as_series(val_accuracy),
        None,
    )


def test_three_epochs_are_too_few() -> None:
    curves = made([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [2.0, 1.8, 1.6], [2.0, 1.8, 1.6])
    assert judge(curves).kind == "too_few_epochs"


def test_a_short_curve_gives_a_weak_verdict_and_a_long_one_a_firm_one() -> None:
    def flat(count: int) -> LearningCurves:
        return made([0.97] * count, [0.96] * count, [0.1] * count, [0.12] * count)

    assert judge(flat(5), num_classes=10).weak
    assert not judge(flat(10), num_classes=10).weak


def test_evidence_gives_the_numbers() -> None:
    curves = made([0.9] * 5, [0.7] * 5, [0.3] * 5, [1.0] * 5)
    text = judge(curves, num_classes=10).evidence
    assert text == (
        "At the end of 5 epochs: training accuracy 0.900, validation accuracy 0.700, "
        "training loss 0.300, validation loss 1.000."
    )


def test_guessing_is_quoted_when_nothing_is_learnt() -> None:
    curves = made([0.1] * 6, [0.1] * 6, [2.3] * 6, [2.3] * 6)
    verdict = judge(curves, num_classes=10)
    assert verdict.kind == "not_learning"
    assert verdict.evidence.endswith("Guessing among 10 classes reaches 0.100.")


def test_dropout_that_holds_training_accuracy_down_is_no_bias() -> None:
    curves = made([0.85] * 12, [0.97] * 12, [0.5] * 12, [0.1] * 12)
    assert judge(curves, num_classes=43).kind == "good_fit"


def test_a_regression_is_judged_by_its_losses() -> None:
    falling = [1.0, 0.4, 0.2, 0.12, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    apart = [1.0, 0.6, 0.5, 0.42, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4]
    missing = [math.nan] * 12
    assert judge(made(missing, missing, falling, apart)).kind == "high_variance"
    assert judge(made(missing, missing, falling, falling)).kind == "good_fit"


def test_a_loss_that_is_lost_means_steps_that_are_too_long() -> None:
    record = TrialRecord(0, "failed", history={"loss": [2.0, None], "val_loss": [2.1, None]})
    assert judge(curves_of(record), num_classes=10).kind == "learning_rate_too_high"


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": [None]},
        {"loss": [1.0]},
        {"val_loss": [1.0] * 8},
        {"val_accuracy": [0.5] * 8},
        {"accuracy": [0.5] * 8, "val_accuracy": [0.5] * 8},
        {"loss": [0.0] * 8, "val_loss": [0.0] * 8},
        {"loss": [1.0, None, 0.8, 0.7, 0.6], "val_loss": [None, 1.0, 0.9, 0.8, 0.7]},
    ],
)
@pytest.mark.parametrize("num_classes", [None, 2, 43])
def test_any_history_gets_a_verdict(history: dict[str, list[float]], num_classes: int) -> None:
    verdict = judge(curves_of(TrialRecord(0, "complete", history=history)), num_classes=num_classes)
    assert verdict.sentence
    assert verdict.evidence
    assert verdict.next_steps


def test_every_kind_of_verdict_has_words_and_remedies() -> None:
    assert set(SENTENCES) == set(REMEDIES)


def test_next_steps_name_the_hyperparameters_and_their_values() -> None:
    steps = next_steps("learning_rate_too_high", {"learning_rate": 0.03}, ("batch_size",))
    assert steps[:2] == ("Lower `learning_rate` from 0.03 to about 0.003.", "Raise `batch_size`.")


def test_next_steps_keep_whole_numbers_whole() -> None:
    steps = next_steps("high_bias", {"num_conv_layers": 2, "filters": 12}, ())
    assert steps[:2] == (
        "Raise `num_conv_layers` from 2 to about 3.",
        "Raise `filters` from 12 to about 24.",
    )


def test_next_steps_say_what_the_space_lacks() -> None:
    assert "Add augmentation to the space." in next_steps("high_variance", {}, ())


def test_next_steps_leave_out_a_move_that_changes_nothing() -> None:
    steps = next_steps("high_bias", {"dropout_rate": 0.0}, ())
    assert not any("dropout_rate" in step for step in steps)
