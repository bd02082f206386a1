"""The evidence for narrowing each hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from hpsearch.analysis.axes import INACTIVE, Axis, Codes, Numbers, is_in_use, without_inactive
from hpsearch.analysis.fitted import Fitted
from hpsearch.analysis.good_region import (
    Flags,
    Landscape,
    fall_off,
    fixable,
    prices,
    shrink,
    survey,
)
from hpsearch.analysis.importance import Importance, importance_from
from hpsearch.spaces import Value
from hpsearch.stages.narrow_settings import NarrowSettings

FEWEST_TO_SHRINK = 15
FEWEST_TO_DROP = 50
FEWEST_TO_FIX = 100  # with sixty, what matters among good trials only is not seen yet
POOR_FIT = 0.3  # a surface that predicts less than this gets no say against the best fifth
EDGE = 0.1  # part of an axis that counts as its edge
MOST_AT_EDGE = 0.5

Decision = Literal["keep", "shrink", "widen", "drop", "fix"]
Side = Literal["lower", "upper"]


@dataclass(frozen=True)
class Evidence:
    """What the decision about one hyperparameter rests on.

    Args:
        axis: The hyperparameter as an axis.
        num_trials: Trials in which it was in use.
        importance: How much it matters.
        best: Its value in the best trial that used it.
        good: Its values in the best fifth of all trials, best first.
        left: Which values of the axis' grid hold the good region.
        fixed: Whether it may be fixed at the best trial's value, together with all others fixed.
        price: What fixing it there costs at most in 95 % of cases, in units of the objective.
        beyond: How much lower the best is outside of `left`: lower end, mean, upper end of the
            95 % interval; NaN where nothing lies outside.
        optimum: The 5 %, 50 % and 95 % points of where the optimum may be; empty for choices
            without order.
        edge: The side at which the estimated best presses against the range.
        noise: Standard deviation of the noise, in units of the objective.
        risk: Largest estimated probability that all cuts together cost something.
        limits: How far it may be widened.
    """

    axis: Axis
    num_trials: int
    importance: Importance
    best: Value | None
    good: tuple[Value, ...]
    left: Flags
    fixed: bool
    price: float
    beyond: tuple[float, float, float]
    optimum: tuple[Value, ...]
    edge: Side | None
    noise: float
    risk: float
    limits: tuple[float, float] | None

    @property
    def may_shrink(self) -> bool:
        """Whether there are enough trials to cut a range."""
        return self.num_trials >= FEWEST_TO_SHRINK

    @property
    def may_fix(self) -> bool:
        """Whether there are enough trials to fix."""
        return self.num_trials >= FEWEST_TO_FIX

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON."""
        names = ("low", "mean", "high")
        beyond = None if np.isnan(self.beyond[1]) else dict(zip(names, self.beyond, strict=True))
        return {
            "num_trials": self.num_trials,
            "best": self.best,
            "good": list(self.good),
            "optimum_5_50_95": list(self.optimum),
            "lower_outside": beyond,
            "price_of_fixing": self.price,
            "noise": self.noise,
        }


def gather(
    fitted: Fitted,
    settings: NarrowSettings,
    whole: frozenset[str],
    limits: Mapping[str, tuple[float, float]],
) -> dict[str, Evidence]:
    """What the trials say about every hyperparameter, by key.

    Args:
        fitted: The response surface of the study.
        settings: What the user says.
        whole: Keys of hyperparameters of which nothing may be cut.
        limits: Name → how far a range may be widened.
    """
    given = _given(fitted, settings)
    landscape = survey(fitted, given)
    found = importance_from(fitted)
    free = [n for n, axis in enumerate(fitted.axes) if axis.key not in whole and n not in given]
    shown = {n for n in free if found[fitted.axes[n].key].exceeds_chance}
    at = fixable(landscape, _best_codes(fitted, [n for n in free if n not in shown]), settings.risk)
    movable = [n for n in sorted(shown) if _may_cut(fitted, n)]
    left = shrink(landscape, settings.risk, movable, _staying(fitted), at)
    return {
        axis.key: _evidence(landscape, left, n, n in at, found[axis.key], settings.risk, limits)
        for n, axis in enumerate(fitted.axes)
    }


def _given(fitted: Fitted, settings: NarrowSettings) -> dict[int, int]:
    """Axis number → code of what the user fixes."""
    given = {}
    for number, axis in enumerate(fitted.axes):
        parameter = settings.fix.apply_to(axis.parameter)
        if parameter is not axis.parameter:
            given[number] = axis.code(parameter.default_value)
    return given


def _may_cut(fitted: Fitted, number: int) -> bool:
    """Enough trials; for choices more, for one that goes is gone altogether."""
    needed = FEWEST_TO_DROP if fitted.axes[number].is_listed else FEWEST_TO_SHRINK
    return fitted.num_active(number) >= needed


def _staying(fitted: Fitted) -> Codes:
    """Codes of trials that must stay inside, (trials, axes); INACTIVE where one need not.

    The best trial; where the surface is no good, the best fifth. A choice of the best fifth stays
    in any case: whether choices go together well, few trials tell, and there is no other near it.
    """
    codes = fitted.leading_codes
    if fitted.quality >= POOR_FIT:
        ranges = [n for n, axis in enumerate(fitted.axes) if not axis.is_listed]
        codes[1:, ranges] = INACTIVE
    return codes


def _best_codes(fitted: Fitted, numbers: Sequence[int]) -> dict[int, int]:
    """Axis number → code in the best trial that used it, where there are enough trials to fix."""
    codes = fitted.leading_codes
    enough = [n for n in numbers if fitted.num_active(n) >= FEWEST_TO_FIX]
    used = {n: codes[codes[:, n] >= 0, n] for n in enough}
    return {n: int(own[0]) for n, own in used.items() if len(own)}


def _evidence(
    landscape: Landscape,
    left: Sequence[Flags],
    number: int,
    fixed: bool,
    importance: Importance,
    risk: float,
    limits: Mapping[str, tuple[float, float]],
) -> Evidence:
    fitted = landscape.fitted
    axis = fitted.axes[number]
    name = axis.parameter.name
    good = tuple(own[name] for own in fitted.leaders if is_in_use(axis.parameter, own))
    price = prices(landscape, {number: axis.code(good[0])}) if good else np.array([np.nan])
    low, mean, high = fall_off(landscape, left, number)
    return Evidence(
        axis=axis,
        num_trials=fitted.num_active(number),
        importance=importance,
        best=good[0] if good else None,
        good=good,
        left=left[number],
        fixed=fixed,
        price=float(np.quantile(price, 0.95)) * fitted.scale,
        beyond=(float(low), float(mean), float(high)),
        optimum=_optimum(landscape, number),
        edge=_edge(landscape, number),
        noise=fitted.noise,
        risk=risk,
        limits=limits.get(name),
    )


def _tops(landscape: Landscape, number: int) -> Numbers:
    """Where on one axis the surfaces that use it have their best."""
    axis = landscape.fitted.axes[number]
    codes = without_inactive(landscape.fitted.axes, landscape.tops)[:, number]
    return np.asarray(axis.places[codes[codes >= 0]])


def _optimum(landscape: Landscape, number: int) -> tuple[Value, ...]:
    axis, places = landscape.fitted.axes[number], _tops(landscape, number)
    if not axis.is_ordered or not len(places):
        return ()
    codes = [int(np.abs(axis.places - p).argmin()) for p in np.quantile(places, [0.05, 0.5, 0.95])]
    return tuple(axis.grid[code] for code in codes)


def _edge(landscape: Landscape, number: int) -> Side | None:
    axis, places = landscape.fitted.axes[number], _tops(landscape, number)
    if not axis.is_ordered or not len(places):
        return None
    if np.mean(places <= EDGE) > MOST_AT_EDGE:
        return "lower"
    return "upper" if np.mean(places >= 1 - EDGE) > MOST_AT_EDGE else None
