"""Which of several configurations is better, told from trials with fresh seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

FALSE_DROPS = 0.05  # most often that any candidate is dropped though it is as good as the best
LOOKS = (3, 4, 6, 8, 10, 12, 16, 20, 30, 50)  # numbers of seeds after which candidates are compared
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A mean with its confidence interval; the ends are None where nothing can be said."""

    mean: float
    low: float | None
    high: float | None


def mean_interval(values: Sequence[float]) -> Interval:
    """The mean with its 95 % interval by Student's t; no interval for a single value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return Interval(mean, None, None)
    from scipy import stats

    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Interval(mean, mean - reach, mean + reach)


def wilson_interval(successes: int, total: int) -> Interval:
    """A share with its 95 % interval (Wilson, JASA 22, 1927), good for shares near 0 and 1."""
    if total < 1:
        raise ValueError("the share of nothing")
    from scipy import stats

    share, z = successes / total, float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    spread = math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    reach = z * spread / (1 + z**2 / total)
    return Interval(share, max(0.0, centre - reach), min(1.0, centre + reach))


def probability_of_chance(better: Sequence[float], worse: Sequence[float]) -> float:
    """One-sided p-value of Welch's t-test that the first mean is not larger than the second.

    Two samples without any scatter are different for sure if their means are.
    """
    if min(len(better), len(worse)) < 2:
        return 1.0
    spread = float(np.var(better) + np.var(worse))
    if spread == 0.0:
        return 0.0 if np.mean(better) > np.mean(worse) else 1.0
    from scipy import stats

    test = stats.ttest_ind(better, worse, equal_var=False, alternative="greater")
    return float(test.pvalue)


@dataclass(frozen=True)
class Race:
    """Decides which candidates are clearly worse, round by round.

    After 3, 4, 6, 8 … seeds each candidate still in the race is compared with the one of the
    best mean. The error of 5 % is spent evenly over all looks and all ordered pairs
    (Bonferroni), so that the probability of ever dropping one that is as good as the best is at
    most 5 %, however the looks depend on each other.

    Args:
        num_candidates: How many configurations started.
        num_seeds: Most seeds each.
        maximize: Whether a larger value is better.
    """

    num_candidates: int
    num_seeds: int
    maximize: bool = True

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of seeds after which there is a comparison, the last one included."""
        before = [look for look in LOOKS if look < self.num_seeds]
        return (*before, self.num_seeds)

    @property
    def threshold(self) -> float:
        """The p-value below which a candidate is dropped."""
        pairs = self.num_candidates * (self.num_candidates - 1)
        return FALSE_DROPS / (len(self.looks) * max(pairs, 1))

    def dropped(self, values: Sequence[Sequence[float]]) -> dict[int, int]:
        """The candidates that are out, replayed from the first look on.

        Args:
            values: For each candidate its objective with each seed, in order; fewer where it
                was dropped or is still running.

        Returns:
            Candidate → number of seeds at the look that dropped it.
        """
        sign = 1.0 if self.maximize else -1.0
        scores = [[sign * value for value in own] for own in values]
        out: dict[int, int] = {}
        for look in self.looks:
            alive = [c for c in range(len(scores)) if c not in out]
            if len(alive) < 2 or any(len(scores[c]) < look for c in alive):
                break
            best = max(alive, key=lambda c: float(np.mean(scores[c][:look])))
            for candidate in alive:
                if candidate != best and self._is_worse(scores, best, candidate, look):
                    out[candidate] = look
        return out

    def _is_worse(
        self, scores: Sequence[Sequence[float]], best: int, candidate: int, look: int
    ) -> bool:
        chance = probability_of_chance(scores[best][:look], scores[candidate][:look])
        return chance < self.threshold
