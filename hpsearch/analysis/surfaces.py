"""Surfaces: possible courses of the objective over the space, drawn given the trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.analysis.axes import Axis, Codes, Numbers
from hpsearch.analysis.response import Response, Settings

MOST_PAIRS = 40


@dataclass(frozen=True)
class Surfaces:
    """Possible surfaces as tables; the last row of each table is 0, for INACTIVE.

    Args:
        axes: The axes.
        mains: For each axis (surfaces, grid + 1): its own part.
        pairs: For some pairs of axes (surfaces, grid + 1, grid + 1): their common part.
        noise: (surfaces,), standard deviation of the noise.
    """

    axes: tuple[Axis, ...]
    mains: tuple[Numbers, ...]
    pairs: dict[tuple[int, int], Numbers]
    noise: Numbers

    def __len__(self) -> int:
        return len(self.noise)

    def at(self, codes: Codes) -> Numbers:
        """Every surface at the same points: codes (points, axes) → (surfaces, points)."""
        total = np.zeros((len(self), len(codes)))
        for number, main in enumerate(self.mains):
            total += main[:, codes[:, number]]
        for (first, second), table in self.pairs.items():
            total += table[:, codes[:, first], codes[:, second]]
        return total

    def at_own(self, codes: Codes) -> Numbers:
        """Every surface at its own points: codes (surfaces, points, axes) → (surfaces, points)."""
        own = np.arange(len(self))[:, None]
        total = np.zeros(codes.shape[:2])
        for number, main in enumerate(self.mains):
            total += main[own, codes[:, :, number]]
        for (first, second), table in self.pairs.items():
            total += table[own, codes[:, :, first], codes[:, :, second]]
        return total


def draw_surfaces(
    response: Response,
    settings: Sequence[Settings],
    generator: np.random.Generator,
    *,
    each: int = 6,
) -> Surfaces:
    """Surfaces from their posterior, `each` for every draw of the settings.

    A surface is drawn before the trials are known and then corrected by what the trials say
    against it (Wilson et al., Efficiently Sampling Functions from Gaussian Process Posteriors,
    ICML 2020).
    """
    chosen = _pairs(settings, len(response.axes))
    drawn = [_draw(response, own, chosen, generator, each) for own in settings]
    mains = tuple(np.concatenate(parts) for parts in zip(*(d[0] for d in drawn), strict=True))
    pairs = {pair: np.concatenate([d[1][pair] for d in drawn]) for pair in chosen}
    noise = np.repeat([np.sqrt(own.noise) for own in settings], each)
    return Surfaces(response.axes, mains, pairs, noise)


def _pairs(settings: Sequence[Settings], number: int) -> list[tuple[int, int]]:
    """The pairs that may matter most."""
    weight = np.mean([own.pairs * np.outer(own.variances, own.variances) for own in settings], 0)
    every = [(i, j) for i in range(number) for j in range(i + 1, number)]
    return sorted(every, key=lambda pair: -weight[pair])[:MOST_PAIRS]


def _draw(
    response: Response,
    own: Settings,
    chosen: Sequence[tuple[int, int]],
    generator: np.random.Generator,
    each: int,
) -> tuple[list[Numbers], dict[tuple[int, int], Numbers]]:
    from scipy.linalg import cho_factor, cho_solve

    roots = [_root(a.kernels[i]) for a, i in zip(response.axes, own.lengths, strict=True)]
    scales = np.sqrt(own.variances)
    mains = [
        _bordered(scale * generator.normal(size=(each, len(root))) @ root.T)
        for scale, root in zip(scales, roots, strict=True)
    ]
    pairs = {}
    for i, j in chosen:
        plain = generator.normal(size=(each, len(roots[i]), len(roots[j])))
        scale = np.sqrt(own.pairs) * scales[i] * scales[j]
        pairs[i, j] = _bordered(scale * (roots[i] @ plain @ roots[j].T))
    prior = Surfaces(response.axes, tuple(mains), pairs, np.zeros(each)).at(response.codes)
    prior += generator.normal(size=(each, 1))
    prior += np.sqrt(own.noise) * generator.normal(size=prior.shape)
    factor = cho_factor(response.covariance(own), lower=True, check_finite=False)
    weights = cho_solve(factor, (response.values - prior).T, check_finite=False).T
    seen = [
        variance * seen[length]
        for variance, seen, length in zip(own.variances, response.seen, own.lengths, strict=True)
    ]
    for main, part in zip(mains, seen, strict=True):
        main[:, :-1] += weights @ part.T
    for (i, j), table in pairs.items():
        correction = (seen[i][None] * weights[:, None, :]) @ seen[j].T
        table[:, :-1, :-1] += own.pairs * correction
    return mains, pairs


def _root(kernel: Numbers) -> Numbers:
    values, vectors = np.linalg.eigh(kernel)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _bordered(tables: Numbers) -> Numbers:
    """With zeros behind the last row (and column) of every table."""
    return np.pad(tables, [(0, 0)] + [(0, 1)] * (tables.ndim - 1))
