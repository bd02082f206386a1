"""Simulated curves of networks that learn nothing, or that steps too long have thrown off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.verdict_shapes import Setup, clean, learning, measured, scored, settled
from hpsearch.analysis.verdicts import Case, ClassScores


def learning_rate_too_high(setup: Setup) -> Case:
    """Thrown about, grown without end, lost, or thrown off in the first epoch."""
    way, count = setup.rng.integers(4), setup.epochs
    error = setup.uniform(0.1, 0.4)
    curves = measured(setup, settled(setup, error, error + 0.02))
    if way == 0:
        size = setup.uniform(0.15, 0.4)
        wild = setup.rng.normal(0, size, count)
        loss = setup.top * np.abs(0.6 + wild) + 0.05
        shaken = np.clip(curves.val_accuracy + setup.rng.normal(0, size / 3, count), 0, 1)
        return scored(setup, curves._replace(loss=loss, val_loss=loss * 1.1, val_accuracy=shaken))
    if way == 1:
        growing = np.exp(np.linspace(-0.2, setup.uniform(1, 5), count))
        return scored(setup, curves._replace(loss=setup.top * growing))
    if way == 2:
        lost = curves.loss.copy()
        lost[int(setup.rng.integers(1, count)) :] = np.nan
        return scored(setup, curves._replace(loss=lost))
    return thrown_off(setup)


def thrown_off(setup: Setup) -> Case:
    level = setup.top * setup.uniform(1.0, 1.2) * np.exp(setup.rng.normal(0, 0.03, setup.epochs))
    level[0] = setup.top * setup.uniform(1.6, 20)
    guessed = guesses(setup)
    return scored(setup, clean(level, level * 1.02, *guessed))


def guesses(setup: Setup) -> tuple[NDArray[Any], NDArray[Any]]:
    """Training and validation accuracy of a network that guesses."""
    rate = 1 / setup.classes
    drawn = setup.rng.binomial(setup.images, rate, setup.epochs) / setup.images
    return rate + setup.rng.normal(0, 0.004, setup.epochs), drawn


def not_learning(setup: Setup) -> Case:
    flat = np.full(setup.epochs, setup.top * setup.uniform(1, 1.01))
    shaken = flat * np.exp(setup.rng.normal(0, 0.002, (2, setup.epochs)))
    return scored(setup, clean(*shaken, *guesses(setup)))


def not_above_chance(setup: Setup) -> Case:
    """A loss that comes down to that of guessing and no further."""
    start = setup.uniform(0.06, 0.2)
    level = setup.top * (1 + start * np.exp(-setup.times() * setup.uniform(8, 15)))
    level[0] = setup.top * (1 + start)
    shaken = level * np.exp(setup.rng.normal(0, 0.002, (2, setup.epochs)))
    return scored(setup, clean(*shaken, *guesses(setup)))


def collapsed(setup: Setup) -> Case:
    return _one_class(setup) if setup.rng.random() < 0.5 else _few_classes(setup)


def _one_class(setup: Setup) -> Case:
    setup.classes = int(setup.rng.choice((2, 3, 5, 10)))
    share = setup.uniform(max(0.25, 1.4 / setup.classes), 0.9)
    others = (1 - share) / (setup.classes - 1)
    entropy = -share * np.log(share) - (1 - share) * np.log(others)
    fall = np.exp(-setup.times() * setup.uniform(6, 15))
    loss = entropy + (setup.top - entropy) * fall + 0.05 * fall
    loss[0] = max(loss[0], 1.05 * entropy)
    flips = 1 + setup.rng.normal(0, 0.002, setup.epochs)
    accuracy = np.full(setup.epochs, share)
    f1 = np.full(setup.epochs, 2 * share / (1 + share) / setup.classes)
    scores = ClassScores(np.full(setup.epochs, 1 / setup.classes), f1)
    return scored(setup, clean(loss * flips, loss, accuracy * flips, accuracy), scores)


def _few_classes(setup: Setup) -> Case:
    setup.classes = int(setup.rng.choice((10, 20, 43)))
    share = setup.uniform(0.2, 0.4)
    error = 1 - share * setup.uniform(0.85, 1)
    curves = measured(setup, settled(setup, error, error))
    accuracy = curves.val_accuracy
    f1 = accuracy * 2 * share / (1 + share)
    return scored(setup, curves, ClassScores(accuracy, f1 + setup.rng.normal(0, 0.003, len(f1))))


def memorizing(setup: Setup) -> Case:
    """Labels without meaning: only the training images can be learnt."""
    error = setup.uniform(0, 0.5 * setup.chance)
    curves = learning(setup, error, setup.chance, setup.uniform(0.85, 0.99))
    curves = measured(setup, curves)
    growing = 1 + setup.uniform(0.2, 2) * setup.times()
    scores = ClassScores(curves.val_accuracy, curves.val_accuracy)
    return scored(setup, curves._replace(val_loss=setup.top * growing), scores)
