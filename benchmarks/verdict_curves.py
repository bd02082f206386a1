"""Simulated learning curves whose cause is known, each kind drawn at random within wide limits.

Limits keep off the borders: where a gap of .05 begins to be wide is a matter of taste, and a curve
drawn there has no right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.verdict_failures import (
    collapsed,
    learning_rate_too_high,
    memorizing,
    not_above_chance,
    not_learning,
)
from benchmarks.verdict_shapes import (
    Generator,
    Setup,
    clean,
    learning,
    loss_of,
    measured,
    scored,
    settled,
)
from hpsearch.analysis.curves import LearningCurves
from hpsearch.analysis.verdicts import Case, Kind

EARLY = (0.995, 0.4)
"""The same before a turn, so that it is one."""


class Simulated(NamedTuple):
    """A curve and its cause."""

    kind: Kind
    case: Case


def good_fit(setup: Setup) -> Case:
    error = setup.uniform(0.004, 0.05)
    if setup.rng.random() < 0.3:  # dropout in training
        setup.params = {"dropout": round(setup.uniform(0.2, 0.5), 2), "learning_rate": 1e-3}
        return scored(setup, measured(setup, settled(setup, error + 0.035, error)))
    gap = min(setup.uniform(-0.003, 0.012), 0.4 * error)
    curves = settled(setup, max(error - gap, 0.001), error)
    if setup.rng.random() < 0.2:
        curves = descended_twice(setup, curves)
    return scored(setup, measured(setup, curves))


def descended_twice(setup: Setup, curves: LearningCurves) -> LearningCurves:
    """Validation that gets worse for a while in the first half and then better again."""
    place = (setup.times() - setup.uniform(0.25, 0.4)) / 0.1
    bump = setup.uniform(0.02, 0.06) * np.exp(-(place**2))
    return curves._replace(
        val_accuracy=curves.val_accuracy - bump, val_loss=curves.val_loss * (1 + 4 * bump)
    )


def high_bias(setup: Setup) -> Case:
    error = setup.uniform(0.16, 0.3 if setup.classes == 2 else 0.5)
    curves = settled(setup, error, error + setup.uniform(0, 0.015))
    if setup.rng.random() < 0.4:
        curves = creeping(setup, curves, error)
    return scored(setup, measured(setup, curves))


def creeping(setup: Setup, curves: LearningCurves, error: float) -> LearningCurves:
    """A small network that goes on improving, ever more slowly, and stays poor."""
    times = np.maximum(setup.times() / setup.times()[-1], 0.25)
    more = error * setup.uniform(0.15, 0.4) * (times**-0.5 - 1)
    return curves._replace(
        accuracy=curves.accuracy - more,
        val_accuracy=curves.val_accuracy - more,
        loss=curves.loss * (1 + more),
        val_loss=curves.val_loss * (1 + more),
    )


def high_variance(setup: Setup) -> Case:
    if setup.rng.random() < 0.25:  # nothing left to learn in training, a little on new images
        setup.images = max(setup.images, 1500)
        train, gap = setup.uniform(0, 0.003), setup.uniform(0.035, 0.05)
    else:
        train, gap = setup.uniform(0, 0.05), setup.uniform(0.09, 0.25)
    curves = settled(setup, train, train + gap)
    if setup.rng.random() < 0.5:
        curves = risen(setup, curves)
    return scored(setup, measured(setup, curves))


def risen(setup: Setup, curves: LearningCurves) -> LearningCurves:
    """A validation loss that turns, for wrong images are wrong with more confidence."""
    turn = setup.uniform(0.4, 0.6)
    late = np.clip((setup.times() - turn) / (1 - turn), 0, 1)
    level = float(curves.val_loss[-1])
    return curves._replace(val_loss=curves.val_loss + level * setup.uniform(0.4, 1.5) * late)


def loss_rises_accuracy_holds(setup: Setup) -> Case:
    setup.epochs = max(setup.epochs, 10)
    error = setup.uniform(0.01, 0.05)
    curves = learning(setup, error * setup.uniform(0.7, 1), error, *EARLY)
    return scored(setup, measured(setup, risen(setup, curves)))


def high_bias_and_variance(setup: Setup) -> Case:
    limit = 0.2 if setup.classes == 2 else 0.35
    train = setup.uniform(0.15, limit)
    return scored(setup, measured(setup, settled(setup, train, train + setup.uniform(0.09, 0.2))))


def stopped_too_early(setup: Setup) -> Case:
    train = setup.uniform(0, 0.03)
    val = train + setup.uniform(0, 0.01)
    return scored(setup, measured(setup, learning(setup, train, val, setup.uniform(0.78, 0.9))))


def learning_rate_too_low(setup: Setup) -> Case:
    setup.epochs = max(setup.epochs, 8)
    setup.classes = max(setup.classes, 3)
    train = setup.uniform(0, 0.05)
    if setup.rng.random() < 0.5:
        setup.params = {"learning_rate": float(10 ** setup.uniform(-6, -4.3))}
    slow = np.exp(-setup.uniform(0.2, 0.8) * setup.times() ** setup.uniform(0.9, 1.1))
    errors = [end + (setup.chance - end) * slow for end in (train, train + 0.01)]
    exponent = setup.uniform(0.9, 1.1)
    losses = [loss_of(setup, error, exponent) for error in errors]
    return scored(setup, measured(setup, clean(*losses, 1 - errors[0], 1 - errors[1])))


def regularization_too_strong(setup: Setup) -> Case:
    limit = 0.35 if setup.classes == 2 else 0.5
    error, way = setup.uniform(0.18, limit), setup.rng.integers(3)
    if way == 2:  # dropout: validation, where nothing is dropped, is ahead
        setup.params = {"dropout": round(setup.uniform(0.65, 0.9), 2)}
        ahead = setup.uniform(0.06, 0.12)
        chance_left = setup.chance - 0.04
        error = min(max(error, 0.2), chance_left - ahead)
        return scored(setup, measured(setup, settled(setup, error + ahead, error)))
    if way == 1:
        setup.params = {"l2": float(10 ** setup.uniform(-1.8, -0.5)), "learning_rate": 1e-3}
    penalty = setup.uniform(0.5, 1.5) * setup.top
    curves = settled(setup, error, error + setup.uniform(0, 0.01), penalty)
    return scored(setup, measured(setup, curves))


def trained_too_long(setup: Setup) -> Case:
    """A good fit half-way; then validation gets worse while training goes on."""
    setup.epochs, setup.images = max(setup.epochs, 12), max(setup.images, 500)
    error = setup.uniform(0.015, 0.05)
    curves = learning(setup, error, error + setup.uniform(0, 0.01), *EARLY)
    turn = setup.uniform(0.4, 0.6)
    late = np.clip((setup.times() - turn) / (1 - turn), 0, 1)
    worse = setup.uniform(0.05, 0.12) * late
    return scored(
        setup,
        measured(
            setup,
            curves._replace(
                loss=curves.loss * (1 - 0.7 * late),
                accuracy=curves.accuracy + 0.7 * error * late,
                val_accuracy=curves.val_accuracy - worse,
                val_loss=curves.val_loss + 5 * worse,
            ),
        ),
    )


def validation_easier(setup: Setup) -> Case:
    error = setup.uniform(0.005, 0.07)
    ahead = setup.uniform(0.06, 0.12)
    return scored(setup, measured(setup, settled(setup, error + ahead, error)))


def converged(setup: Setup) -> Case:
    """A regression, whose accuracy nobody measures."""
    start, end = setup.uniform(0.5, 40), setup.uniform(0.02, 0.2)
    left = np.exp(-setup.times() * setup.uniform(9, 20))
    left += 0.01 * (1 - setup.times())
    loss = start * (end + (1 - end) * left)
    missing = np.full(setup.epochs, np.nan)
    curves = clean(loss, loss * setup.uniform(1, 1.15), missing, missing)
    return Case(measured(setup, curves), None, setup.images, {}, None)


DRAWS: dict[Kind, Callable[[Setup], Case]] = {
    "good_fit": good_fit,
    "high_bias": high_bias,
    "high_variance": high_variance,
    "high_bias_and_variance": high_bias_and_variance,
    "stopped_too_early": stopped_too_early,
    "trained_too_long": trained_too_long,
    "loss_rises_accuracy_holds": loss_rises_accuracy_holds,
    "learning_rate_too_low": learning_rate_too_low,
    "learning_rate_too_high": learning_rate_too_high,
    "regularization_too_strong": regularization_too_strong,
    "validation_easier": validation_easier,
    "collapsed": collapsed,
    "memorizing": memorizing,
    "not_learning": not_learning,
    "not_above_chance": not_above_chance,
    "converged": converged,
}


def simulate(each: int, seed: int) -> Iterator[Simulated]:
    """So many curves of every kind."""
    for place, (kind, draw) in enumerate(DRAWS.items()):
        for number in range(each):
            rng: Generator = np.random.default_rng([seed, place, number])
            yield Simulated(kind, draw(Setup.draw(rng)))
