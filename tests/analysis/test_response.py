"""The response surface: its covariance, its fit and its surfaces, against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from hpsearch.analysis.axes import axes_of
from hpsearch.analysis.response import Response, Settings, draw_settings
from hpsearch.analysis.surfaces import draw_surfaces
from hpsearch.spaces import Float, Space

AXES = axes_of(Space(tuple(Float(f"x{i}", 0, 1) for i in range(3))))
SETTINGS = Settings(np.array([0.5, 0.2, 0.1]), np.array([0, 1, 2]), 0.4, 0.05)


def response(number: int = 30, seed: int = 0) -> Response:
    """Random codes with a bowl on the first axis and noise of 0.1."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(25, size=(number, 3))
    values = -((codes[:, 0] / 24 - 0.4) ** 2)
    values = (values - values.mean()) / values.std() + generator.normal(0, 0.1, number)
    return Response(AXES, codes, (values - values.mean()) / values.std())


def test_the_covariance_is_the_sum_of_its_parts() -> None:
    """Mean, every axis, every pair once, and noise, written out one by one."""
    seen = response(12)
    parts = [
        variance * axis.kernels[length][np.ix_(codes, codes)]
        for axis, codes, variance, length in zip(
            AXES, seen.codes.T, SETTINGS.variances, SETTINGS.lengths, strict=True
        )
    ]
    expected = 1 + sum(parts) + 0.05 * np.eye(12)
    for first, second in [(0, 1), (0, 2), (1, 2)]:
        expected = expected + 0.4 * parts[first] * parts[second]
    assert seen.covariance(SETTINGS) == pytest.approx(expected)
    without = expected - 0.4 * parts[0] * parts[2]
    assert seen.covariance(SETTINGS, without=(0, 2)) == pytest.approx(without)


def test_settings_are_compared_by_the_normal_density() -> None:
    """Up to constants, as scipy has it: the same difference between two noises and their priors."""
    seen = response(12)
    other = Settings(SETTINGS.variances, SETTINGS.lengths, 0.4, 0.5)

    def expected(settings: Settings) -> float:
        density = multivariate_normal(np.zeros(12), seen.covariance(settings))
        prior = -0.5 * ((np.log(settings.noise) - np.log(0.03)) / 2) ** 2
        return float(density.logpdf(seen.values)) + prior

    found = seen.log_posterior(SETTINGS) - seen.log_posterior(other)
    assert found == pytest.approx(expected(SETTINGS) - expected(other))


def test_quality_is_that_of_leaving_out_one_trial_at_a_time() -> None:
    """The closed form against thirty predictions from twenty-nine trials."""
    seen = response()
    covariance = seen.covariance(SETTINGS)
    missed = []
    for left_out in range(30):
        rest = np.delete(np.arange(30), left_out)
        weights = np.linalg.solve(covariance[np.ix_(rest, rest)], seen.values[rest])
        missed.append(seen.values[left_out] - covariance[left_out, rest] @ weights)
    expected = 1 - np.square(missed).sum() / np.square(seen.values).sum()
    assert seen.quality(SETTINGS) == pytest.approx(expected)


def test_noise_and_the_axis_that_matters_are_learned() -> None:
    """The noise is 0.1 of the standard deviation, and only the first axis matters."""
    draws = draw_settings(response(60), np.random.default_rng(0))
    noise = np.median([np.sqrt(own.noise) for own in draws])
    assert 0.06 < noise < 0.16
    variances = np.median([own.variances for own in draws], axis=0)
    assert variances[0] > 20 * max(variances[1:])


def test_surfaces_go_near_the_trials_and_have_the_posterior_mean() -> None:
    """The mean of many surfaces is the textbook's, whichever way they were drawn."""
    seen = response(20)
    surfaces = draw_surfaces(seen, [SETTINGS], np.random.default_rng(0), each=3000)
    covariance = seen.covariance(SETTINGS)
    signal = covariance - 1 - 0.05 * np.eye(20)
    expected = signal @ np.linalg.solve(covariance, seen.values)
    assert surfaces.at(seen.codes).mean(axis=0) == pytest.approx(expected, abs=0.03)
