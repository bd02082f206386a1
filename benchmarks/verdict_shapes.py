"""How simulated learning curves go: approaches, losses that fit an error, noise of measuring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.analysis.curves import LearningCurves
from hpsearch.analysis.verdicts import Case, ClassScores

Array = NDArray[np.float64]
Generator = np.random.Generator
CLASSES = (2, 3, 5, 10, 20, 43)
SHORTEST, LONGEST = 6, 60
VALIDATION = (200, 5000)
SETTLED, BY = (0.98, 0.998), (0.4, 0.65)
"""Share of the way that a network which settles has behind it, after what share of the epochs."""


@dataclass
class Setup:
    """What is drawn for every curve before its kind is known.

    Args:
        rng: Draws everything.
        epochs: 6 to 60.
        classes: Number of classes.
        images: Size of the validation part, 200 to 5,000.
        params: Hyperparameters that the judge is told.
    """

    rng: Generator
    epochs: int
    classes: int
    images: int
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def draw(cls, rng: Generator) -> Setup:
        images = int(np.exp(rng.uniform(*np.log(VALIDATION))))
        epochs = int(np.round(np.exp(rng.uniform(*np.log((SHORTEST, LONGEST))))))
        return cls(rng, epochs, int(rng.choice(CLASSES)), images)

    @property
    def chance(self) -> float:
        """Error of guessing."""
        return 1 - 1 / self.classes

    @property
    def top(self) -> float:
        """Cross-entropy of guessing."""
        return float(np.log(self.classes))

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def times(self) -> Array:
        """The middle of each epoch, in shares of the whole training."""
        return (np.arange(self.epochs) + 0.5) / self.epochs


def left_of(setup: Setup, done: float, by: float = 1.0) -> Array:
    """How much of the way is left after each epoch: exponential, power or S-shaped.

    Args:
        setup: Of the curve.
        done: Share of the way that is behind …
        by: … after this share of the epochs.
    """
    times, kind = setup.times() / setup.times()[-1] / by, setup.rng.integers(3)
    if kind == 0:
        return np.asarray(np.exp(np.log(1 - done) * times))
    if kind == 1:
        power = setup.uniform(1.0, 2.0)
        pace = (1 - done) ** (-1 / power) - 1
        return np.asarray((1 + pace * times) ** -power)
    power, odds = setup.uniform(1.3, 2.2), (1 - done) / done
    return np.asarray(odds / (odds + times**power))


def loss_of(setup: Setup, error: Array, exponent: float) -> Array:
    """A cross-entropy for an error: 0 with none, that of guessing with guessing's."""
    return setup.top * np.clip(error / setup.chance, 1e-4, None) ** exponent


def learning(
    setup: Setup,
    train_end: float,
    val_end: float,
    done: float,
    by: float = 1.0,
    penalty: float | None = None,
) -> LearningCurves:
    """Errors that go from guessing towards their ends, with the losses that belong to them.

    Args:
        setup: Of the curve.
        train_end: Training error it tends to.
        val_end: Validation error it tends to.
        done: Share of the way that is behind …
        by: … after this share of the epochs.
        penalty: What is added to both losses; by default next to nothing.
    """
    left = left_of(setup, done, by)
    errors = [end + (setup.chance - end) * left for end in (train_end, val_end)]
    added = setup.uniform(0, 0.01) if penalty is None else penalty
    exponent = setup.uniform(0.85, 1.1)
    losses = [loss_of(setup, error, exponent) + added for error in errors]
    return clean(losses[0], losses[1], 1 - errors[0], 1 - errors[1])


def settled(setup: Setup, train: float, val: float, penalty: float | None = None) -> LearningCurves:
    done, by = setup.uniform(*SETTLED), setup.uniform(*BY)
    return learning(setup, train, val, done, by=by, penalty=penalty)


def clean(loss: Array, val_loss: Array, accuracy: Array, val_accuracy: Array) -> LearningCurves:
    """Curves without noise."""
    series = (np.asarray(s, dtype=np.float64) for s in (loss, val_loss, accuracy, val_accuracy))
    return LearningCurves(np.arange(1, len(loss) + 1), *series, best_epoch=None)


def measured(setup: Setup, curves: LearningCurves, *, calm: float = 1.0) -> LearningCurves:
    """The curves as they would be measured.

    The validation part is the same in every epoch, so that most of its sampling error is one and
    the same offset; accuracies come in steps of one image.

    Args:
        setup: Of the curve.
        curves: Without noise.
        calm: Size of the jitter.
    """
    rng, count = setup.rng, len(curves.epochs)
    truth = np.clip(curves.val_accuracy, 0, 1)
    spread = np.sqrt(np.maximum(truth * (1 - truth), 1 / setup.images) / setup.images)
    offset = float(np.clip(rng.normal(), -2, 2))
    swing = calm * rng.normal(0, setup.uniform(0.001, 0.006), count)
    val_accuracy = truth + spread * (0.9 * offset + 0.4 * rng.normal(size=count)) + swing
    steps = np.round(np.clip(val_accuracy, 0, 1) * setup.images) / setup.images
    small, large = calm * setup.uniform(0.004, 0.02), calm * setup.uniform(0.01, 0.04)
    return curves._replace(
        loss=curves.loss * np.exp(rng.normal(0, small, count)),
        val_loss=curves.val_loss * np.exp(rng.normal(0, large, count)),
        accuracy=np.clip(curves.accuracy + calm * rng.normal(0, 0.002, count), 0, 1),
        val_accuracy=steps,
    )


def scored(setup: Setup, curves: LearningCurves, scores: ClassScores | None = None) -> Case:
    """What is judged; scores by class near the accuracy half of the time, if there are none."""
    if scores is None and setup.rng.random() < 0.5:
        scatter = setup.rng.normal(0, 0.008, (2, len(curves.epochs)))
        levels = np.clip(curves.val_accuracy + scatter - 0.005, 0, 1)
        scores = ClassScores(levels[0], levels[1])
    return Case(curves, setup.classes, setup.images, setup.params, scores)
