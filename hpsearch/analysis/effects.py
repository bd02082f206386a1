"""Effects: the share of the objective's variation that something explains, and what chance would.

The part along one axis (or a pair) is estimated by generalised least squares: all other parts
are taken for correlated noise, whose covariance the response surface knows. The same is done with
the hyperparameter's values shuffled among the trials, which leaves nothing to be found; what is
found then is chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hpsearch.analysis.axes import Axis, Codes, Numbers
from hpsearch.analysis.response import Response, Settings

LENGTH = 1  # position in LENGTHS of the length over which an effect is looked for
NUM_WAVES = 6
SHUFFLES = 199
LEVEL = 0.01  # half the 5 % aimed at goes to the fit having seen the values, the rest to pairs
FEWEST_ACTIVE = 10
DRAWS = 400
SMALLEST_SHARE = 0.01  # what explains less is not worth more trials


@dataclass(frozen=True)
class Effect:
    """What a hyperparameter, or a pair of them, explains of the objective's variation.

    Args:
        share: The estimate less what chance gives on average; at least 0.
        low: Lower end of the 95 % interval.
        high: Its upper end.
        chance: What chance alone gives at most in all but 1 % of cases.
        p_value: How often chance alone gives as much.
    """

    share: float
    low: float
    high: float
    chance: float
    p_value: float

    @property
    def exceeds_chance(self) -> bool:
        """Whether the estimate is more than chance gives in all but 1 % of cases."""
        return self.share > self.chance

    @property
    def is_shown(self) -> bool:
        """Whether its whole interval is more than that."""
        return self.low > self.chance

    def of(self, whole: float) -> Effect:
        """The same as a share of another whole.

        The variance of the objective over the trials at hand is not that over the space: sixty
        draws scatter. Estimated parts are therefore compared with the sum of all parts.
        """
        low, high = min(self.low / whole, 1.0), min(self.high / whole, 1.0)
        share = min(self.share / whole, 1.0)
        return Effect(share, low, high, min(self.chance / whole, 1.0), self.p_value)

    def more_trials(self, num_trials: int) -> int:
        """About how many more trials would put its whole interval beyond chance.

        What chance gives falls as 1 / trials, the interval as 1 / √trials. An effect below 1 %
        of the variation is looked for as if it had 1 %; 0 if chance gives less than that already.
        """
        if self.chance <= SMALLEST_SHARE:
            return 0
        share = max(self.share, SMALLEST_SHARE)
        reach = share - self.low
        # With N trials and s = √(trials / N): share - reach s > chance s², solved for s.
        ratio = (math.sqrt(reach**2 + 4 * self.chance * share) - reach) / (2 * self.chance)
        return max(10, 10 * math.ceil((num_trials / ratio**2 - num_trials) / 10))


UNKNOWN = Effect(0.0, 0.0, 1.0, 1.0, 1.0)
"""What too few trials say."""


def waves(axis: Axis, most: int) -> Numbers:
    """The smoothest functions on the grid of average 0, (grid, functions), by their variance."""
    values, vectors = np.linalg.eigh(axis.kernels[LENGTH])
    order = np.argsort(-values)[:most]
    order = order[values[order] > 1e-6 * values[order[0]]]
    return np.asarray(vectors[:, order] * np.sqrt(values[order]))


def main_effects(
    response: Response, settings: Settings, generator: np.random.Generator
) -> list[Effect]:
    """The effect of every axis, in their order.

    Args:
        response: The trials.
        settings: What shapes the surface.
        generator: Source of the shuffles.
    """
    return [
        _main_effect(response, settings, number, generator) for number in range(len(response.axes))
    ]


def _main_effect(
    response: Response, settings: Settings, number: int, generator: np.random.Generator
) -> Effect:
    codes = response.codes[:, number]
    active = np.flatnonzero(codes >= 0)
    if len(active) < FEWEST_ACTIVE:
        return UNKNOWN
    shapes = waves(response.axes[number], NUM_WAVES)
    variances = settings.variances.copy()
    variances[number] = 0.0
    precision = inverse(response.covariance(replace(settings, variances=variances)))
    columns = shuffled(shapes[codes], active, shuffles_of(active, generator))
    spread = len(active) / len(codes) * (shapes.T @ shapes) / len(shapes)
    estimate = estimate_shares(columns, precision, response.values, spread)
    return judge(estimate, LEVEL, estimate.shares[1:], generator)


def inverse(covariance: Numbers) -> Numbers:
    """The inverse of a covariance."""
    return np.asarray(np.linalg.inv(covariance), dtype=float)


def shuffles_of(active: Codes, generator: np.random.Generator) -> Codes:
    """The trials in their order and in shuffled ones, (1 + shuffles, trials)."""
    return np.stack([active, *(generator.permutation(active) for _ in range(SHUFFLES))])


def shuffled(columns: Numbers, active: Codes, orders: Codes) -> Numbers:
    """Columns of the active trials in every order, (orders, trials, columns); else 0."""
    result = np.zeros((len(orders), *columns.shape))
    result[:, active] = columns[orders]
    return result


@dataclass(frozen=True)
class Shares:
    """Shares of the variation with the true order of trials first, and how sure the first is.

    Args:
        shares: (orders,).
        centre: (functions,), weights of the functions for the true order.
        covariance: (functions, functions), of these weights given the trials.
        spread: (functions, functions), average products of the functions over the space.
    """

    shares: Numbers
    centre: Numbers
    covariance: Numbers
    spread: Numbers


def estimate_shares(
    columns: Numbers, precision: Numbers, values: Numbers, spread: Numbers
) -> Shares:
    """Generalised ridge regression of the values on each set of columns.

    Args:
        columns: (orders, trials, functions), each function with prior variance 1.
        precision: (trials, trials), inverse covariance of everything else.
        values: (trials,), of variance 1.
        spread: (functions, functions), their average products over the space.
    """
    weighted = precision @ columns
    normal = columns.transpose(0, 2, 1) @ weighted + np.eye(columns.shape[2])
    spread_out = np.linalg.inv(normal)
    weights = (spread_out @ (weighted.transpose(0, 2, 1) @ values)[:, :, None])[:, :, 0]
    shares = ((weights @ spread) * weights).sum(axis=1)
    return Shares(shares, weights[0], spread_out[0], spread)


def judge(
    found: Shares,
    level: float,
    by_chance: Sequence[float] | Numbers,
    generator: np.random.Generator,
) -> Effect:
    """An effect against what chance gave.

    Args:
        found: The estimate.
        level: How often chance may exceed the limit.
        by_chance: Shares that chance gave.
        generator: Source of the draws for the interval.
    """
    average = float(np.mean(found.shares[1:]))
    limit = float(np.quantile(by_chance, 1 - level))
    share = max(0.0, float(found.shares[0]) - average)
    drawn = generator.multivariate_normal(found.centre, found.covariance, size=DRAWS)
    drawn = ((drawn @ found.spread) * drawn).sum(axis=1)
    drawn -= float(np.trace(found.spread @ found.covariance))  # what uncertainty itself adds
    low, high = np.quantile(drawn, [0.025, 0.975])
    count = int((np.asarray(by_chance) >= found.shares[0]).sum())
    p_value = (1 + count) / (1 + len(by_chance))
    return Effect(
        share=share,
        low=float(np.clip(low, 0.0, share)),
        high=float(np.clip(high, share, 1.0)),
        chance=max(0.0, limit - average),
        p_value=p_value,
    )
