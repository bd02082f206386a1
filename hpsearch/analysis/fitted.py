"""The response surface fitted to the trials of a study, on which importance and narrowing rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hpsearch.analysis.axes import Axis, Codes, Numbers, axes_of, encode_params
from hpsearch.analysis.comparable import comparable
from hpsearch.analysis.response import Response, Settings, draw_settings, typical
from hpsearch.search.observation import TO_AVOID
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space, Value
from hpsearch.storage import StudyView, TrialRecord, best_record

FEWEST_TRIALS = 10
FEWEST_LEADERS = 5
MOST_TRIALS = 500
MOST_FOR_SETTINGS = 150
FLOOR = 4.0
"""Trials this many upper spreads (median to best tenth) below the median count as if there."""


@dataclass(frozen=True)
class Fitted:
    """A response surface and the trials behind it.

    Args:
        num_trials: Trials that are compared.
        response: The trials as the surface sees them, at most 500 of them drawn by lot.
        settings: Draws of what shapes the surface, from their posterior.
        sign: 1 if the objective is maximized, -1 if it is minimized.
        centre: Mean of the objective times `sign`, which was subtracted.
        scale: The objective's standard deviation, by which values were then divided.
        leaders: Configuration of the best trial, then of the best fifth of those compared.
        quality: Share of the variation between trials that the surface predicts for trials left
            out, one at a time; 1 is perfect, 0 no better than the mean.
    """

    num_trials: int
    response: Response
    settings: tuple[Settings, ...]
    sign: int
    centre: float
    scale: float
    leaders: tuple[Mapping[str, Value], ...]
    quality: float

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes."""
        return self.response.axes

    @property
    def leading_codes(self) -> Codes:
        """The codes of the leaders, (leaders, axes)."""
        return np.array([encode_params(self.axes, params) for params in self.leaders])

    @property
    def typical(self) -> Settings:
        """The middle of the settings."""
        return typical(self.settings)

    @property
    def noise(self) -> float:
        """Standard deviation of the noise, in units of the objective."""
        return float(np.median([np.sqrt(own.noise) for own in self.settings])) * self.scale

    def in_objective(self, values: Numbers) -> Numbers:
        """Values of the surface in units of the objective."""
        return self.sign * (self.centre + self.scale * values)

    def num_active(self, number: int) -> int:
        """In how many of the trials an axis is in use."""
        return int((self.response.codes[:, number] >= 0).sum())


@lru_cache(maxsize=1)
def fitted_of(view: StudyView) -> Fitted | None:
    """The fit to the trials of a study; the latest is kept, for all who ask about one study."""
    with one_thread():
        return fit(Space.from_json(view.space), view.trials, view.direction)


def fit(space: Space, records: Sequence[TrialRecord], direction: str) -> Fitted | None:
    """Fit the response surface to the trials, compared as `comparable` does.

    Trials that diverged, ran out of memory or were infeasible count like the worst completed one:
    the good region is not where they are.

    Args:
        space: The space of the study.
        records: Its trials.
        direction: `maximize` or `minimize`.

    Returns:
        The fit; None where nothing can be said: fewer than 10 trials to compare, all of them with
        the same objective, or nothing that is searched.
    """
    sign = 1 if direction == "maximize" else -1
    axes = axes_of(space)
    params, raw, num_compared = _judged(records, sign)
    if num_compared < FEWEST_TRIALS or not axes or np.ptp(raw) == 0:
        return None
    values = _without_low_tail(raw)
    centre, scale = float(values.mean()), float(values.std())
    codes = np.array([encode_params(axes, own) for own in params])
    order = np.argsort(-raw, kind="stable")
    best = best_record(records, direction)
    leaders = [dict(best.params)] if best is not None else []  # of all, not only of those compared
    leaders += [params[at] for at in order[: max(FEWEST_LEADERS, num_compared // 5)]]
    generator = np.random.default_rng(0)
    chosen = np.sort(generator.permutation(len(values))[:MOST_TRIALS])
    standard = (values - centre) / scale
    few = chosen[:: -(-len(chosen) // MOST_FOR_SETTINGS)]
    settings = draw_settings(Response(axes, codes[few], standard[few]), generator)
    response = Response(axes, codes[chosen], standard[chosen])
    quality = response.quality(typical(settings))
    return Fitted(
        num_compared, response, tuple(settings), sign, centre, scale, tuple(leaders), quality
    )


def _judged(
    records: Sequence[TrialRecord], sign: int
) -> tuple[list[dict[str, Value]], Numbers, int]:
    """Configurations, their values (larger is better) and how many of them are compared."""
    compared = [own for own in comparable(records).observations if own.value is not None]
    values = [sign * float(own.value or 0.0) for own in compared]
    avoided = [r for r in records if r.state == "failed" and r.failure in TO_AVOID]
    worst = [min(values)] * len(avoided) if values else []
    params = [dict(own.params) for own in compared] + [dict(r.params) for r in avoided]
    return params, np.array(values + worst), len(compared)


def _without_low_tail(values: Numbers) -> Numbers:
    """Values with what lies far below the median raised, so that failures do not decide all."""
    middle, upper = np.quantile(values, [0.5, 0.9])
    if upper <= middle:
        return values
    return np.asarray(np.maximum(values, middle - FLOOR * (upper - middle)))
