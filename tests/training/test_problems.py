"""Every kind of problem, schedule and dropout trains through the training loop."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.models import DROPOUT_KINDS, SCHEDULES, Block, Schedule, cnn, lenet, mlp
from hpsearch.spaces import Space

pytestmark = pytest.mark.slow  # TensorFlow

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.normal(size=(96, 4, 4, 1)).astype("float32")
BRIGHTNESS = IMAGES.mean((1, 2, 3)) * 4
LABELS = {
    "binary": (BRIGHTNESS > 0).astype(np.int64),
    "one_label": np.digitize(BRIGHTNESS, [-0.5, 0.5]),
    "many_labels": np.stack([BRIGHTNESS > 0, IMAGES[:, 0, 0, 0] > 0], 1).astype(np.uint8),
    "regression": 10 * BRIGHTNESS.astype("float32"),
    "regression_0_1": (1 / (1 + np.exp(-BRIGHTNESS))).astype("float32")[:, None],
}
NUM_CLASSES = {"binary": 2, "one_label": 3, "many_labels": 2}


def arrays(problem: str) -> Any:
    """The same images to train on and to be judged by."""
    import tensorflow as tf

    from hpsearch.training.arrays import TrainingArrays

    labels = LABELS[problem]
    x, y = tf.constant(IMAGES), tf.constant(labels, "int32" if labels.dtype == int else "float32")
    return TrainingArrays(x, y, x, y)


def trained(build: Any, problem: str, **settings: Any) -> Any:
    """The outcome of a trial."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    chosen = TrialSettings(**{"epochs": 3, "batch_size": 16, **settings})
    return run_trial(build, LiveHyperParameters(Space(), {}), arrays(problem), chosen, seed=1)


def data(problem: str) -> Any:
    return SimpleNamespace(
        image_shape=(4, 4, 1), num_classes=NUM_CLASSES.get(problem, 1), problem=problem
    )


@pytest.mark.parametrize(
    ("problem", "loss"),
    [
        ("binary", "binary_crossentropy"),
        ("binary", "categorical_crossentropy"),
        ("binary", "mse"),
        ("one_label", "mse"),
        ("many_labels", "binary_crossentropy"),
        ("regression", "mse"),
        ("regression_0_1", "mse"),
        ("regression_0_1", "binary_crossentropy"),
    ],
)
def test_every_problem_is_learnt(problem: str, loss: str) -> None:
    metric = "mae" if problem.startswith("regression") else "accuracy"

    def build(hp: Any) -> Any:
        return mlp(data(problem), (16,), learning_rate=0.02, loss=loss)

    smaller = {"direction": "minimize"} if metric == "mae" else {}
    outcome = trained(build, problem, objective=f"val_{metric}", epochs=6, **smaller)
    assert outcome.state == "complete", outcome.message
    history = outcome.progress.history
    assert history["val_loss"][-1] < history["val_loss"][0]
    assert ("val_macro_f1" in history) == (problem in ("binary", "one_label"))
    if metric == "accuracy":
        assert outcome.value > 0.7


def test_one_value_an_image_is_compared_with_one_value() -> None:
    """Labels (n,) and predictions (n, 1) must not spread to (n, n)."""
    outcome = trained(
        lambda hp: mlp(data("regression"), (), learning_rate=1e-9, dense_initializer="zeros"),
        "regression",
        objective="val_mae",
        direction="minimize",
        epochs=1,
    )
    labels = LABELS["regression"]
    history = outcome.progress.history
    assert history["val_mae"][0] == pytest.approx(np.abs(labels).mean(), rel=1e-4)
    assert history["val_loss"][0] == pytest.approx(np.square(labels).mean(), rel=1e-4)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_each_epoch_trains_at_the_rate_of_the_schedule(kind: str) -> None:
    rates: list[float] = []

    def on_epoch(progress: Any) -> None:
        rates.append(float(progress.model.optimizer.learning_rate))

    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import TrialSettings, run_trial

    schedule = Schedule(kind, patience=1)
    outcome = run_trial(
        lambda hp: mlp(data("binary"), (), learning_rate=1e-7, schedule=schedule),
        LiveHyperParameters(Space(), {}),
        arrays("binary"),
        TrialSettings(epochs=4),
        1,
        on_epoch,
    )
    history = outcome.progress.history
    expected = [1e-7 * schedule.share(epoch, 4, history) for epoch in range(4)]
    assert rates == pytest.approx(expected, rel=1e-5)
    assert (len(set(rates)) == 1) == (kind == "constant")


def test_dropout_works_in_a_compiled_epoch_and_repeats_itself() -> None:
    def build(hp: Any) -> Any:
        blocks = [Block(4, pooling="none", dropout_kind=kind) for kind in DROPOUT_KINDS]
        return cnn(data("one_label"), blocks, conv_dropout=0.2)

    first, second = (trained(build, "one_label", epochs=2).progress.history for _ in range(2))
    assert first == second
    assert np.isfinite(first["loss"]).all()


def test_what_no_network_fits_is_recorded_as_infeasible() -> None:
    outcome = trained(lambda hp: lenet(data("one_label")), "one_label")
    assert (outcome.state, outcome.failure) == ("failed", "infeasible")
    assert "a 5×5 kernel does not fit a 4×4 map" in outcome.message
