"""The response surface: what a Gaussian process learns of the objective from the trials.

The objective is a sum of a part along every axis, a part for every pair of axes, and noise:
Lu, Boukouvalas & Hensman, Additive Gaussian Processes Revisited, ICML 2022. What a hyperparameter
contributes where it is inactive is 0. Variances, length scales and noise are not set to one best
guess but drawn from their posterior, so that the surface is as uncertain as sixty trials leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hpsearch.analysis.axes import LENGTHS, Axis, Codes, Numbers

VARIANCE = (np.log(0.03), 2.0)  # mean and sd of the logarithm, in units of the total variance
NOISE = (np.log(0.03), 2.0)
PAIRS = (np.log(0.3), 1.5)
SMALLEST_NOISE = 1e-5


@dataclass(frozen=True)
class Settings:
    """One draw of what shapes the surface.

    Args:
        variances: Of each axis' own part.
        lengths: Position in LENGTHS for each axis.
        pairs: The variance of a pair's part as a multiple of the product of its axes' own.
        noise: Variance of the noise.
    """

    variances: Numbers
    lengths: Codes
    pairs: float
    noise: float


class Response:
    """Trials seen through the centred kernels of the axes.

    Args:
        axes: The axes.
        codes: (trials, axes), INACTIVE where a hyperparameter is not in use.
        values: (trials,), of mean 0 and variance 1.
    """

    def __init__(self, axes: Sequence[Axis], codes: Codes, values: Numbers) -> None:
        self.axes, self.codes, self.values = tuple(axes), codes, values
        self.seen = [self._seen(number) for number in range(len(axes))]
        """For each axis: from every point of the grid to every trial, (lengths, grid, trials)."""
        self.between = [self._of_trials(number, seen) for number, seen in enumerate(self.seen)]
        """For each axis: between the trials, (lengths, trials, trials)."""

    def _seen(self, number: int) -> Numbers:
        codes = self.codes[:, number]
        return np.asarray(self.axes[number].kernels[:, :, codes] * (codes >= 0))

    def _of_trials(self, number: int, seen: Numbers) -> Numbers:
        codes = self.codes[:, number]
        return np.asarray(seen[:, codes, :] * (codes >= 0)[None, :, None])

    def first(self, number: int) -> Response:
        """The same with at most so many trials."""
        if len(self.values) <= number:
            return self
        return Response(self.axes, self.codes[:number], self.values[:number])

    def covariance(self, settings: Settings, without: tuple[int, int] | None = None) -> Numbers:
        """Between the trials, noise included, (trials, trials); without the part of one pair."""
        total = np.zeros((len(self.values),) * 2)
        squares = np.zeros_like(total)
        for between, length, variance in zip(
            self.between, settings.lengths, settings.variances, strict=True
        ):
            part = variance * between[length]
            total += part
            squares += part * part
        total += settings.pairs / 2 * (total * total - squares)  # every pair once
        if without is not None:
            i, j = without
            scale = settings.pairs * settings.variances[i] * settings.variances[j]
            one, other = self.between[i], self.between[j]
            total -= scale * one[settings.lengths[i]] * other[settings.lengths[j]]
        total += 1.0  # the unknown mean
        total.flat[:: len(total) + 1] += settings.noise
        return total

    def variance_left(self, settings: Settings) -> float:
        """Variance of the values that the axes' own parts leave: pairs and noise."""
        weights = np.linalg.solve(self.covariance(settings), self.values)
        parts = zip(settings.variances, self.between, settings.lengths, strict=True)
        mains = sum(variance * between[length] for variance, between, length in parts)
        return float(np.var(self.values - np.asarray(mains) @ weights))

    def quality(self, settings: Settings) -> float:
        """Share of the variation predicted for trials that are left out one at a time."""
        inverse = np.linalg.inv(self.covariance(settings))
        missed = (inverse @ self.values) / np.diag(inverse)
        return 1 - float((missed**2).sum() / (self.values**2).sum())

    def log_posterior(self, settings: Settings) -> float:
        """How well settings fit the trials and what is expected of settings."""
        from scipy.linalg import solve_triangular

        try:
            lower = np.linalg.cholesky(self.covariance(settings))
        except np.linalg.LinAlgError:
            return -np.inf
        white = solve_triangular(lower, self.values, lower=True, check_finite=False)
        fit = -0.5 * float(white @ white) - float(np.log(np.diag(lower)).sum())
        return fit + _log_prior(settings)


def typical(settings: Sequence[Settings]) -> Settings:
    """The middle of several settings."""
    lengths = np.array([own.lengths for own in settings])
    return Settings(
        np.exp(np.mean([np.log(own.variances) for own in settings], axis=0)),
        np.median(lengths, axis=0).astype(np.intp),
        float(np.exp(np.mean([np.log(own.pairs) for own in settings]))),
        float(np.exp(np.mean([np.log(own.noise) for own in settings]))),
    )


def _log_prior(settings: Settings) -> float:
    scores = [
        float((((np.log(settings.variances) - VARIANCE[0]) / VARIANCE[1]) ** 2).sum()),
        ((np.log(settings.noise) - NOISE[0]) / NOISE[1]) ** 2,
        ((np.log(settings.pairs) - PAIRS[0]) / PAIRS[1]) ** 2,
    ]
    return -0.5 * float(sum(scores))


def draw_settings(
    response: Response, generator: np.random.Generator, *, sweeps: int = 120, keep: int = 32
) -> list[Settings]:
    """Settings from their posterior, by Metropolis steps along one of them at a time.

    Args:
        response: The trials.
        generator: Source of randomness.
        sweeps: How often every setting is moved; the first quarter only leads to the posterior.
        keep: How many draws are returned, evenly spaced over the rest.
    """
    number = len(response.axes)
    current = Settings(np.full(number, 0.2), np.ones(number, np.intp), 0.3, 0.1)
    score = response.log_posterior(current)
    kept = []
    at = set(np.linspace(sweeps // 4, sweeps - 1, keep).astype(int))
    for sweep in range(sweeps):
        for place in range(number + 2):
            proposed = _moved(current, place, generator)
            there = response.log_posterior(proposed)
            if np.log(generator.random()) < there - score:
                current, score = proposed, there
        if sweep in at:
            kept.append(current)
    return kept


def _moved(settings: Settings, place: int, generator: np.random.Generator) -> Settings:
    """Settings with one of them moved: an axis, the pairs or the noise."""
    number = len(settings.variances)
    factor = float(np.exp(generator.normal(0, 1.0 if place < number else 0.5)))
    if place == number:
        return replace(settings, pairs=settings.pairs * factor)
    if place > number:
        return replace(settings, noise=max(settings.noise * factor, SMALLEST_NOISE))
    variances, lengths = settings.variances.copy(), settings.lengths.copy()
    variances[place] *= factor
    if generator.random() < 0.5:
        lengths[place] = generator.integers(len(LENGTHS))
    return replace(settings, variances=variances, lengths=lengths)
