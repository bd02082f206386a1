"""`GaussianProcess`: a model of the objective over a space, with its uncertainty and its noise.

Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006. Matérn 5/2 kernel over
features (`Codes.features`), with one length scale for all features of a hyperparameter. The
kernel's parameters maximize the posterior density under priors whose length scales grow with the
number of hyperparameters (Hvarfner et al., Vanilla Bayesian Optimization Performs Great in High
Dimensions, ICML 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]
    Owners = NDArray[np.intp]

ROOT5 = np.sqrt(5.0)
JITTERS = (1e-6, 1e-4, 1e-2, 1.0)
LENGTH_PRIOR = (np.log(0.5), 0.8)  # mean for three hyperparameters and deviation, of logarithms
SIGNAL_PRIOR = (0.0, 0.7)
RUGGED_PRIOR = (np.log(0.05), 1.5)
NOISE_PRIOR = (np.log(0.05), 1.5)
LENGTH_BOUNDS = (np.log(0.02), np.log(50.0))
VARIANCE_BOUNDS = ((-3.0, 3.0), (np.log(1e-5), np.log(2.0)), (np.log(1e-5), np.log(2.0)))
SAME = 1e-9  # squared distance below which two configurations are one


@dataclass(frozen=True)
class Kernel:
    """Parameters of the kernel, for an objective of about unit variance.

    Args:
        lengths: Length scale of each hyperparameter.
        signal: Variance of the smooth part of the function.
        rugged: Variance of what each configuration has for itself: repetitions show it, its
            neighbours do not.
        noise: Variance between repetitions of one configuration.
    """

    lengths: Vector
    signal: float
    rugged: float
    noise: float

    @classmethod
    def prior(cls, columns: int) -> Kernel:
        """The kernel before anything was seen."""
        return cls._from_logs(_prior(columns)[0])

    @classmethod
    def _from_logs(cls, logs: Vector) -> Kernel:
        values = np.exp(logs)
        return cls(values[:-3], *values[-3:].tolist())

    def covariance(self, first: Matrix, second: Matrix, owners: Owners) -> Matrix:
        """Covariance between features, of shape (len(first), len(second))."""
        scale = 1 / self.lengths[owners]
        squares = _squares(first * scale, second * scale)
        return _matern(squares, self.signal) + self.rugged * (squares < SAME)


def _prior(columns: int) -> tuple[Vector, Vector]:
    """Means and deviations of the logarithms of lengths, signal, rugged, noise."""
    length = LENGTH_PRIOR[0] + 0.5 * np.log(max(columns, 1) / 3)
    variances = np.array([SIGNAL_PRIOR, RUGGED_PRIOR, NOISE_PRIOR])
    means = np.r_[np.full(columns, length), variances[:, 0]]
    return means, np.r_[np.full(columns, LENGTH_PRIOR[1]), variances[:, 1]]


def _matern(squares: Matrix, signal: float) -> Matrix:
    """The kernel of squared distances."""
    distance = np.sqrt(squares)
    distance *= ROOT5
    decay = np.exp(-distance)
    decay *= signal
    distance += 1 + 5 / 3 * squares
    distance *= decay
    return distance


def _slope(squares: Matrix, signal: float) -> Matrix:
    """Minus twice the derivative of the kernel by the squared distance."""
    distance = ROOT5 * np.sqrt(squares)
    slope: Matrix = 5 / 3 * signal * (1 + distance) * np.exp(-distance)
    return slope


def _squares(first: Matrix, second: Matrix) -> Matrix:
    """Squared distances between rows."""
    norms = (first**2).sum(1)[:, None] + (second**2).sum(1)
    norms -= 2 * first @ second.T
    squares: Matrix = np.maximum(norms, 0.0, out=norms)
    return squares


def fit_kernel(features: Matrix, values: Vector, owners: Owners) -> Kernel:
    """The kernel that explains the values best, by maximum posterior density.

    Args:
        features: Configurations, of shape (n, f).
        values: Objectives of about zero mean and unit variance, of shape (n,).
        owners: Which hyperparameter each feature belongs to, of shape (f,).
    """
    from scipy.optimize import minimize

    columns = int(owners.max()) + 1
    means, deviations = _prior(columns)
    bounds = [LENGTH_BOUNDS] * columns + [*VARIANCE_BOUNDS]
    found = minimize(
        _loss,
        np.clip(means, [low for low, _ in bounds], [high for _, high in bounds]),
        args=(features, values, owners, (means, deviations)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 20},
    )
    return Kernel._from_logs(found.x)  # noqa: SLF001  (of this module)


def _factor(covariance: Matrix, noise: float) -> Matrix:
    """The lower Cholesky factor of a covariance with noise.

    Rows that nearly repeat each other can make it singular in floating-point numbers; then as
    much is added to its diagonal as it takes.
    """
    identity = np.eye(len(covariance))
    for jitter in JITTERS:
        try:
            return _cholesky(covariance + (noise + jitter) * identity)
        except np.linalg.LinAlgError:
            continue
    raise np.linalg.LinAlgError("the covariance of the trials has no Cholesky factor")


def _cholesky(matrix: Matrix) -> Matrix:
    factor: Any = np.linalg.cholesky(matrix)
    return np.asarray(factor, float)


def _loss(
    logs: Vector, features: Matrix, values: Vector, owners: Owners, prior: tuple[Vector, Vector]
) -> tuple[float, Vector]:
    """Minus the logarithm of the posterior density of a kernel, and its gradient."""
    from scipy.linalg import lapack

    kernel = Kernel._from_logs(logs)  # noqa: SLF001  (of this module)
    scaled = features / kernel.lengths[owners]
    squares = _squares(scaled, scaled)
    smooth, slope = _matern(squares, kernel.signal), _slope(squares, kernel.signal)
    rugged = kernel.rugged * (squares < SAME)
    factor = _factor(smooth + rugged, kernel.noise)
    inverse = lapack.dpotri(factor, lower=1)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    sums = inverse.sum(0)
    centred = values - (sums @ values) / sums.sum()
    weights = inverse @ centred
    spread = inverse - np.outer(weights, weights)
    by_length = np.bincount(owners, _by_feature(scaled, spread * slope), len(kernel.lengths))
    by_variance = [(spread * smooth).sum(), (spread * rugged).sum()]
    gradient = 0.5 * np.r_[by_length, by_variance, np.trace(spread) * kernel.noise]
    means, deviations = prior
    away = (logs - means) / deviations
    loss = 0.5 * centred @ weights + np.log(np.diag(factor)).sum() + 0.5 * away @ away
    return float(loss), gradient + away / deviations


def _by_feature(scaled: Matrix, weights: Matrix) -> Vector:
    """The sums of squared differences over all pairs of rows, weighted, for each feature.

    With symmetric weights W and a feature x, the sum of W_ij (x_i - x_j)² over i and j is twice
    the sum of W_ij x_i² less twice x'Wx.
    """
    sums: Vector = 2 * (weights.sum(1) @ scaled**2) - 2 * (scaled * (weights @ scaled)).sum(0)
    return sums


class GaussianProcess:
    """What the values at some configurations say about all others.

    Args:
        features: The configurations, of shape (n, f).
        values: Objectives, of shape (n,).
        owners: Which hyperparameter each feature belongs to, of shape (f,).
        kernel: Its parameters, as from `fit_kernel`.
    """

    def __init__(self, features: Matrix, values: Vector, owners: Owners, kernel: Kernel) -> None:
        from scipy.linalg import cho_solve

        self.features, self.owners, self.kernel = features, owners, kernel
        self._factor = _factor(kernel.covariance(features, features, owners), kernel.noise)
        ones = cho_solve((self._factor, True), np.ones(len(features)))
        self.constant = float(ones @ values / ones.sum())
        self._weights = cho_solve((self._factor, True), values - self.constant)

    def _cross(self, features: Matrix) -> Matrix:
        return self.kernel.covariance(features, self.features, self.owners)

    def mean(self, features: Matrix) -> Vector:
        """The mean of `predict` alone, quicker."""
        mean: Vector = self.constant + self._cross(features) @ self._weights
        return mean

    def predict(self, features: Matrix) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the objective without noise."""
        cross = self._cross(features)
        prior = self.kernel.signal + self.kernel.rugged
        variance = np.maximum(prior - (self._known(cross) ** 2).sum(0), 1e-10)
        return self.constant + cross @ self._weights, np.sqrt(variance)

    def _known(self, cross: Matrix) -> Matrix:
        from scipy.linalg import solve_triangular

        known: Matrix = solve_triangular(self._factor, cross.T, lower=True, check_finite=False)
        return known

    def sample(self, features: Matrix, count: int, generator: np.random.Generator) -> Matrix:
        """Functions drawn from the posterior, of shape (count, len(features))."""
        cross = self._cross(features)
        known = self._known(cross)
        own = self.kernel.covariance(features, features, self.owners)
        values, vectors = np.linalg.eigh(own - known.T @ known)
        root = vectors * np.sqrt(np.maximum(values, 0))
        draws = generator.standard_normal((count, len(features)))
        samples: Matrix = self.constant + cross @ self._weights + draws @ root.T
        return samples
