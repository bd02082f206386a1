"""The Gaussian process behind Bayesian search, against scikit-learn's and against its own data."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from hpsearch.search import surrogate
from hpsearch.search.surrogate import GaussianProcess, Kernel, fit_kernel

GENERATOR = np.random.default_rng(5)
FEATURES = GENERATOR.random((30, 3))
OWNERS = np.array([0, 1, 1])  # the second hyperparameter has two features
VALUES = np.sin(5 * FEATURES[:, 0]) + FEATURES[:, 1] + 0.1 * GENERATOR.normal(size=30)
KERNEL = Kernel(np.array([0.4, 0.9]), 1.3, 0.0, 0.02)


def test_predictions_are_those_of_scikit_learn() -> None:
    """The same kernel, noise and constant give the same mean and deviation."""
    process = GaussianProcess(FEATURES, VALUES, OWNERS, KERNEL)
    lengths = KERNEL.lengths[OWNERS]
    stock = GaussianProcessRegressor(
        ConstantKernel(KERNEL.signal) * Matern(lengths, nu=2.5),
        alpha=KERNEL.noise + surrogate.JITTERS[0],
        optimizer=None,
    ).fit(FEATURES, VALUES - process.constant)
    asked = GENERATOR.random((50, 3))
    mean, deviation = process.predict(asked)
    expected, spread = stock.predict(asked, return_std=True)
    assert mean == pytest.approx(expected + process.constant, abs=1e-6)
    assert deviation == pytest.approx(spread, abs=1e-4)
    assert process.mean(asked) == pytest.approx(mean)


def test_the_gradient_of_the_fit_is_right() -> None:
    """Against finite differences, at three places."""
    arguments = (FEATURES, VALUES, OWNERS, surrogate._prior(2))
    for logs in (
        np.zeros(5),
        np.array([-1.0, 0.5, 0.3, -2.0, -3.0]),
        np.array([1.0, -1.5, -0.5, -4.0, -5.0]),
    ):
        error = check_grad(
            lambda x: surrogate._loss(x, *arguments)[0],
            lambda x: surrogate._loss(x, *arguments)[1],
            logs,
        )
        assert error < 1e-3


def test_the_fit_finds_which_hyperparameter_matters_and_how_noisy_trials_are() -> None:
    """Of two, only the first has an effect; the noise has a tenth of the variance.

    Without repetitions nobody can tell noise from what single configurations have for themselves.
    """
    generator = np.random.default_rng(1)
    features = generator.random((100, 2))
    signal = np.sin(6 * features[:, 0])
    values = signal / signal.std() + np.sqrt(0.1) * generator.normal(size=100)
    kernel = fit_kernel(features, values, np.array([0, 1]))
    assert kernel.lengths[1] > 3 * kernel.lengths[0]
    assert 0.05 < kernel.noise + kernel.rugged < 0.2


def test_repetitions_tell_noise_from_a_rugged_function() -> None:
    """Fifty configurations three times each: equal values, and values that scatter."""
    generator = np.random.default_rng(2)
    features = np.repeat(generator.random((50, 2)), 3, 0)
    own = np.repeat(generator.normal(size=50), 3)
    rugged = fit_kernel(features, own, np.array([0, 1]))
    noisy = fit_kernel(features, generator.normal(size=150), np.array([0, 1]))
    assert rugged.noise < 0.02
    assert noisy.noise > 0.5
    process = GaussianProcess(features, own, np.array([0, 1]), rugged)
    assert process.mean(features) == pytest.approx(own, abs=0.1)


def test_samples_have_the_mean_and_deviation_of_the_prediction() -> None:
    process = GaussianProcess(FEATURES, VALUES, OWNERS, KERNEL)
    asked = GENERATOR.random((5, 3))
    samples = process.sample(asked, 4000, np.random.default_rng(0))
    mean, deviation = process.predict(asked)
    assert samples.mean(0) == pytest.approx(mean, abs=0.05)
    assert samples.std(0) == pytest.approx(deviation, rel=0.1, abs=0.01)


def test_repeated_rows_without_noise_do_no_harm() -> None:
    """A singular covariance is helped by a larger diagonal."""
    features = np.repeat(FEATURES[:2], 20, 0)
    kernel = Kernel(np.array([50.0, 50.0]), 20.0, 0.0, 1e-9)
    process = GaussianProcess(features, np.repeat([0.0, 1.0], 20), OWNERS, kernel)
    assert np.isfinite(process.predict(FEATURES)[0]).all()
