"""`GaussianProcess`: a model of the objective over a space, with its uncertainty and its noise.

Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006. Matérn 5/2 kernel with one
length scale for each hyperparameter; categories are equal or different. The kernel's parameters
maximize the posterior density under priors whose length scales grow with the number of
hyperparameters (Hvarfner et al., Vanilla Bayesian Optimization Performs Great in High
Dimensions, ICML 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

ROOT5 = np.sqrt(5.0)
JITTERS = (1e-6, 1e-4, 1e-2, 1.0)
HALF_ACTIVE = 0.25  # squared distance where a hyperparameter is active on one side only
LENGTH_PRIOR = (np.log(0.5), 0.8)  # mean for three hyperparameters and deviation, of logarithms
SIGNAL_PRIOR = (0.0, 0.7)
NOISE_PRIOR = (np.log(0.05), 1.5)
BOUNDS = ((np.log(0.02), np.log(50.0)), (-3.0, 3.0), (np.log(1e-5), np.log(2.0)))


@dataclass(frozen=True)
class Kernel:
    """Parameters of the kernel, for an objective of about unit variance.

    Args:
        lengths: Length scale of each column.
        signal: Variance of the function.
        noise: Variance between repetitions of one configuration.
    """

    lengths: Vector
    signal: float
    noise: float

    @classmethod
    def prior(cls, columns: int) -> Kernel:
        """The kernel before anything was seen."""
        return cls._from_logs(_prior(columns)[0])

    @classmethod
    def _from_logs(cls, logs: Vector) -> Kernel:
        values = np.exp(logs)
        return cls(values[:-2], float(values[-2]), float(values[-1]))

    def covariance(self, squares: Matrix) -> Matrix:
        """Covariance for squared distances by column, of shape (columns, n, m)."""
        return _matern(np.tensordot(self.lengths**-2, squares, 1), self.signal)[0]


def _prior(columns: int) -> tuple[Vector, Vector]:
    """Means and deviations of the logarithms of lengths, signal, noise."""
    length = LENGTH_PRIOR[0] + 0.5 * np.log(max(columns, 1) / 3)
    means = np.r_[np.full(columns, length), SIGNAL_PRIOR[0], NOISE_PRIOR[0]]
    return means, np.r_[np.full(columns, LENGTH_PRIOR[1]), SIGNAL_PRIOR[1], NOISE_PRIOR[1]]


def _matern(squares: Matrix, signal: float) -> tuple[Matrix, Matrix]:
    """The kernel of squared distances, and its slope: -2 times the derivative by the square."""
    distance = np.sqrt(squares)
    decay = np.exp(-ROOT5 * distance) * signal
    linear = 1 + ROOT5 * distance
    return (linear + 5 / 3 * squares) * decay, 5 / 3 * linear * decay


def square_distances(first: Matrix, second: Matrix, category: NDArray[np.bool_]) -> Matrix:
    """Squared differences by column, of shape (columns, len(first), len(second)).

    Categories differ by 0 or 1; NaN, a hyperparameter that is not active, differs from NaN by
    0 and from any value by a quarter.
    """
    a, b = first.T[:, :, None], second.T[:, None, :]
    squares: Matrix = (a - b) ** 2
    if category.any():
        squares[category] = a[category] != b[category]
    one, other = np.isnan(a), np.isnan(b)
    if one.any() or other.any():
        squares = np.where(one & other, 0.0, np.where(one | other, HALF_ACTIVE, squares))
    return squares


def fit_kernel(
    rows: Matrix, values: Vector, category: NDArray[np.bool_], start: Kernel | None = None
) -> Kernel:
    """The kernel that explains the values best, by maximum posterior density.

    Args:
        rows: Configurations, of shape (n, columns).
        values: Objectives of about zero mean and unit variance, of shape (n,).
        category: Which columns are categories.
        start: Where the search begins; default the prior.
    """
    from scipy.optimize import minimize

    columns = rows.shape[1]
    squares = square_distances(rows, rows, category)
    first = Kernel.prior(columns) if start is None else start
    logs = np.log(np.r_[first.lengths, first.signal, first.noise])
    bounds = [BOUNDS[0]] * columns + [BOUNDS[1], BOUNDS[2]]
    found = minimize(
        _loss,
        np.clip(logs, [low for low, _ in bounds], [high for _, high in bounds]),
        args=(squares, values, _prior(columns)),
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
    logs: Vector, squares: Matrix, values: Vector, prior: tuple[Vector, Vector]
) -> tuple[float, Vector]:
    """Minus the logarithm of the posterior density of a kernel, and its gradient."""
    from scipy.linalg import lapack

    kernel = Kernel._from_logs(logs)  # noqa: SLF001  (of this module)
    inverse_squares = kernel.lengths**-2
    covariance, slope = _matern(np.tensordot(inverse_squares, squares, 1), kernel.signal)
    factor = _factor(covariance, kernel.noise)
    inverse = lapack.dpotri(factor, lower=1)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    sums = inverse.sum(0)
    centred = values - (sums @ values) / sums.sum()
    weights = inverse @ centred
    spread = inverse - np.outer(weights, weights)
    by_length = np.tensordot(squares, spread * slope, ((1, 2), (0, 1))) * inverse_squares
    gradient = 0.5 * np.r_[by_length, (spread * covariance).sum(), np.trace(spread) * kernel.noise]
    means, deviations = prior
    away = (logs - means) / deviations
    loss = 0.5 * centred @ weights + np.log(np.diag(factor)).sum() + 0.5 * away @ away
    return float(loss), gradient + away / deviations


class GaussianProcess:
    """What the values at some rows say about all others.

    Args:
        rows: Configurations, of shape (n, columns); NaN where a hyperparameter is not active.
        values: Objectives, of shape (n,).
        category: Which columns are categories.
        kernel: Its parameters, as from `fit_kernel`.
        trend: What is known of the objective beforehand at the rows, of shape (n,): the model
            is of what the values add to it. Without one, a constant is estimated.
    """

    def __init__(
        self,
        rows: Matrix,
        values: Vector,
        category: NDArray[np.bool_],
        kernel: Kernel,
        trend: Vector | None = None,
    ) -> None:
        from scipy.linalg import cho_solve

        self.rows, self.category, self.kernel = rows, category, kernel
        covariance = kernel.covariance(square_distances(rows, rows, category))
        self._factor = _factor(covariance, kernel.noise)
        ones = cho_solve((self._factor, True), np.ones(len(rows)))
        self.constant = float(ones @ values / ones.sum()) if trend is None else 0.0
        self._weights = cho_solve(
            (self._factor, True), values - (self.constant if trend is None else trend)
        )

    def predict(self, rows: Matrix) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the objective without noise (less the trend)."""
        from scipy.linalg import solve_triangular

        cross = self.kernel.covariance(square_distances(rows, self.rows, self.category))
        known = solve_triangular(self._factor, cross.T, lower=True, check_finite=False)
        variance = np.maximum(self.kernel.signal - (known**2).sum(0), 1e-10)
        return self.constant + cross @ self._weights, np.sqrt(variance)

    def mean(self, rows: Matrix) -> Vector:
        """The mean of `predict` alone, quicker."""
        cross = self.kernel.covariance(square_distances(rows, self.rows, self.category))
        mean: Vector = self.constant + cross @ self._weights
        return mean

    def sample(self, rows: Matrix, count: int, generator: np.random.Generator) -> Matrix:
        """Functions drawn from the posterior, of shape (count, len(rows))."""
        from scipy.linalg import solve_triangular

        cross = self.kernel.covariance(square_distances(rows, self.rows, self.category))
        known = solve_triangular(self._factor, cross.T, lower=True, check_finite=False)
        own = self.kernel.covariance(square_distances(rows, rows, self.category))
        covariance = own - known.T @ known + JITTERS[0] * self.kernel.signal * np.eye(len(rows))
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))
        draws = generator.standard_normal((count, len(rows)))
        samples: Matrix = self.constant + cross @ self._weights + draws @ root.T
        return samples

    @cached_property
    def left_out(self) -> tuple[Vector, Vector]:
        """Mean and deviation (noise included) that the other rows predict for each row's value.

        Leave-one-out in closed form (Rasmussen & Williams, equation 5.12), relative to the
        trend; the kernel itself has seen all rows.
        """
        from scipy.linalg import cho_solve

        inverse = np.diag(cho_solve((self._factor, True), np.eye(len(self.rows))))
        covariance = self._factor @ self._factor.T
        values = covariance @ self._weights + self.constant
        return values - self._weights / inverse, np.sqrt(1 / inverse)
