"""Interactions: pairs of hyperparameters whose best values depend on each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.analysis.axes import Numbers
from hpsearch.analysis.effects import (
    SMALLEST_SHARE,
    Effect,
    Shares,
    estimate_shares,
    inverse,
    judge,
    shuffled,
    shuffles_of,
    waves,
)
from hpsearch.analysis.response import Response, Settings

NUM_WAVES = 3
LEVEL = 0.005  # over all pairs together
FEWEST_TOGETHER = 30
MOST_TRIALS = 200


@dataclass(frozen=True)
class Interaction:
    """What a pair of hyperparameters explains beyond what each does for itself.

    Args:
        first: Axis number of the one.
        second: Axis number of the other.
        effect: Its share; chance is that of the strongest of all pairs.
    """

    first: int
    second: int
    effect: Effect


def interactions(
    response: Response, settings: Settings, generator: np.random.Generator
) -> list[Interaction]:
    """The pairs shown to interact, strongest first.

    The products of both hyperparameters' values are shuffled among the trials in the same way
    for every pair, and a pair must exceed what the strongest of all pairs gets by chance.

    It also has to explain at least 1 % of the variation.

    Args:
        response: The trials; more than 200 are cut down to 200 of them.
        settings: What shapes the surface.
        generator: Source of the shuffles.
    """
    response = response.first(MOST_TRIALS)
    number = len(response.axes)
    pairs = [(i, j) for i in range(number) for j in range(i + 1, number)]
    seed = int(generator.integers(2**32))
    found = {pair: _shares(response, settings, *pair, seed) for pair in pairs}
    known = {pair: shares for pair, shares in found.items() if shares is not None}
    if not known:
        return []
    strongest = np.max([own.shares[1:] - own.shares[1:].mean() for own in known.values()], axis=0)
    effects = {
        pair: judge(own, LEVEL, strongest + own.shares[1:].mean(), generator)
        for pair, own in known.items()
    }
    shown = [
        Interaction(*pair, effect)
        for pair, effect in effects.items()
        if effect.exceeds_chance and effect.share >= SMALLEST_SHARE
    ]
    return sorted(shown, key=lambda interaction: -interaction.effect.share)


def _shares(
    response: Response, settings: Settings, first: int, second: int, seed: int
) -> Shares | None:
    codes = response.codes
    together = np.flatnonzero((codes[:, first] >= 0) & (codes[:, second] >= 0))
    if len(together) < FEWEST_TOGETHER:
        return None
    one = waves(response.axes[first], NUM_WAVES)
    other = waves(response.axes[second], NUM_WAVES)
    columns = _products(one[codes[:, first]], other[codes[:, second]])
    precision = inverse(response.covariance(settings, without=(first, second)))
    orders = shuffles_of(together, np.random.default_rng(seed))
    averages = np.kron(one.T @ one / len(one), other.T @ other / len(other))
    spread = np.asarray(len(together) / len(codes) * averages, dtype=float)
    return estimate_shares(shuffled(columns, together, orders), precision, response.values, spread)


def _products(one: Numbers, other: Numbers) -> Numbers:
    """Every column of the one times every column of the other, (trials, columns)."""
    return np.asarray((one[:, :, None] * other[:, None, :]).reshape(len(one), -1))
