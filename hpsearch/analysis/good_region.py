"""The good region: the part of a space that likely holds a configuration as good as the best.

Each possible surface has its own best point. A part of the space is judged by the share of the
surfaces that reach, inside it, what they reach anywhere; that share is kept above one minus the
risk. Taking surfaces as wholes takes hyperparameters jointly, interactions included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.analysis.axes import Axis, Codes, Numbers, without_inactive
from hpsearch.analysis.fitted import Fitted
from hpsearch.analysis.surfaces import Surfaces, draw_surfaces

Flags = NDArray[np.bool_]

AS_GOOD = 0.25  # standard deviations of the noise: what so little worse is counts as good
AS_CHEAP = 0.5  # standard deviations of the noise: what fixing may cost
AS_GOOD_AT_LEAST = 0.02  # standard deviations of the objective, where there is hardly any noise
TINY = 1e-4  # of risk, so that of cuts that cost nothing the largest goes first
NUM_POINTS = 256
NUM_CLIMBS = 3


@dataclass(frozen=True)
class Landscape:
    """Possible surfaces, and what each makes of the same points.

    Args:
        fitted: The surface's fit.
        surfaces: The possible surfaces.
        points: (points, axes), every axis with a code, in use or not.
        tops: (surfaces, axes), the best point of each surface.
        regret: (surfaces, points), how much worse each point is than the surface's best.
        best: (surfaces,), the best value of each surface.
    """

    fitted: Fitted
    surfaces: Surfaces
    points: Codes
    tops: Codes
    regret: Numbers
    best: Numbers

    def tolerance(self, deviations: float) -> Numbers:
        """(surfaces,), the regret that does not count: so many standard deviations of noise."""
        return np.maximum(deviations * self.surfaces.noise, AS_GOOD_AT_LEAST)

    def regret_at(self, points: Codes) -> Numbers:
        """(surfaces, points), how much worse other points are than each surface's best."""
        values = self.surfaces.at(without_inactive(self.surfaces.axes, points))
        return np.asarray(self.best[:, None] - values)


def survey(fitted: Fitted, given: Mapping[int, int] | None = None, *, seed: int = 0) -> Landscape:
    """Draw surfaces and find where each is best.

    Args:
        fitted: The fit.
        given: Axis number → code at which a user has fixed the axis.
        seed: Seed of the draws.
    """
    generator = np.random.default_rng(seed)
    given = given or {}
    surfaces = draw_surfaces(fitted.response, fitted.settings, generator)
    spread = np.stack([generator.integers(len(a.grid), size=NUM_POINTS) for a in fitted.axes], 1)
    leading = fitted.leading_codes[:NUM_POINTS]
    tried = np.where(leading < 0, spread[: len(leading)], leading)
    starts = np.concatenate([spread, tried])
    for number, code in given.items():
        starts[:, number] = code
    tops = _climb(surfaces, starts, given)
    points = np.unique(np.concatenate([tops, starts]), axis=0)
    values = surfaces.at(without_inactive(fitted.axes, points))
    best = values.max(axis=1)
    return Landscape(fitted, surfaces, points, tops, best[:, None] - values, best)


def _climb(surfaces: Surfaces, starts: Codes, given: Mapping[int, int]) -> Codes:
    """The best point of every surface, (surfaces, axes), by moves along one axis at a time."""
    values = surfaces.at(without_inactive(surfaces.axes, starts))
    at = starts[np.argsort(-values, axis=1)[:, :NUM_CLIMBS]]
    for _ in range(3):
        for number, axis in enumerate(surfaces.axes):
            if number not in given:
                at[..., number] = _along(surfaces, at, number, len(axis.grid)).argmax(axis=2)
    final = surfaces.at_own(without_inactive(surfaces.axes, at))
    return np.asarray(at[np.arange(len(surfaces)), final.argmax(axis=1)])


def _along(surfaces: Surfaces, at: Codes, number: int, size: int) -> Numbers:
    """Every surface along one axis through its own points, (surfaces, points, grid)."""
    moved = np.repeat(at[:, :, None, :], size, axis=2)
    moved[..., number] = np.arange(size)
    flat = without_inactive(surfaces.axes, moved.reshape(len(at), -1, at.shape[2]))
    return surfaces.at_own(flat).reshape(len(at), -1, size)


def fixable(landscape: Landscape, at: Mapping[int, int], risk: float) -> dict[int, int]:
    """The axes that can all be fixed within the risk, found cheapest first.

    Args:
        landscape: The surfaces.
        at: Axis number → code at which it would be fixed.
        risk: Largest share of the surfaces that may lose more by it than half a standard
            deviation of the noise.
    """
    bound = landscape.tolerance(AS_CHEAP)
    costs = {number: float(prices(landscape, {number: at[number]}).mean()) for number in at}
    chosen: dict[int, int] = {}
    for number in sorted(at, key=costs.__getitem__):
        more = {**chosen, number: at[number]}
        if float((prices(landscape, more) > bound).mean()) <= risk:
            chosen = more
    return chosen


def prices(landscape: Landscape, at: Mapping[int, int]) -> Numbers:
    """(surfaces,), what each surface's best loses if some axes are fixed."""
    return np.asarray(landscape.regret_at(_fixed_points(landscape, at)).min(axis=1))


def _fixed_points(landscape: Landscape, at: Mapping[int, int]) -> Codes:
    points = landscape.points.copy()
    for number, code in at.items():
        points[:, number] = code
    return np.unique(points, axis=0)


def shrink(
    landscape: Landscape, risk: float, movable: Collection[int], kept: Codes, at: Mapping[int, int]
) -> list[Flags]:
    """The codes of every axis that are left when all is cut off that the risk allows.

    Always the cheapest cut is made next: the least added risk for the volume it takes off.

    Args:
        landscape: The surfaces.
        risk: Largest share of the surfaces that may lose more by the cuts than a quarter of the
            noise's standard deviation.
        movable: Axes that may be cut.
        kept: (trials, axes), codes of trials that must stay inside.
        at: Axis number → code of what is fixed.
    """
    axes = landscape.surfaces.axes
    left = [np.ones(len(axis.grid), bool) for axis in axes]
    points = _fixed_points(landscape, at)
    regret = landscape.regret_at(points)
    regret -= regret.min(axis=1, keepdims=True)
    good = regret <= landscape.tolerance(AS_GOOD)[:, None]
    codes = without_inactive(axes, points)
    inside = np.ones(len(codes), bool)
    lost = 0.0
    while True:
        cuts = []
        for number in movable:
            for code in _ends(axes[number], left[number], kept[:, number]):
                then = inside & (codes[:, number] != code)
                risk_then = 1 - float(good[:, then].any(axis=1).mean())
                gain = -np.log(1 - 1 / left[number].sum())
                cuts.append(((risk_then - lost + TINY) / gain, risk_then, number, code, then))
        cuts = [cut for cut in cuts if cut[1] <= risk]
        if not cuts:
            return left
        _, lost, number, code, inside = min(cuts, key=lambda cut: cut[0])
        left[number][code] = False


def _ends(axis: Axis, left: Flags, kept: Codes) -> Iterator[int]:
    """The codes that may go next: an end of what is left of a range, any choice."""
    codes = [int(code) for code in np.flatnonzero(left)]
    if len(codes) > 1:
        candidates = {codes[0], codes[-1]} if axis.is_ordered else set(codes)
        yield from sorted(candidates - set(kept.tolist()))


def fall_off(landscape: Landscape, left: Sequence[Flags], number: int) -> Numbers:
    """How much lower the best is outside what is left of one axis: lower end, mean, upper end.

    In units of the objective; the ends of the 95 % interval. NaN if nothing lies outside.
    """
    codes = without_inactive(landscape.surfaces.axes, landscape.points)[:, number]
    outside = (codes >= 0) & ~left[number][codes]
    if not outside.any() or outside.all():
        return np.full(3, np.nan)
    lost = landscape.regret[:, outside].min(axis=1) - landscape.regret[:, ~outside].min(axis=1)
    low, high = np.quantile(lost, [0.025, 0.975])
    return np.array([low, lost.mean(), high]) * landscape.fitted.scale
