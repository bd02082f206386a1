"""Which of several configurations is better, told from trials with fresh seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hpsearch.analysis.spending import look_thresholds

# Nominal error of all comparisons together. Over the looks at samples of 3 to 6 seeds whose scatter
# differs fivefold Welch's test errs up to 1.35 times as often as it says, so that 5 % is kept
# (docs/confirm-quality.md).
NOMINAL_ERROR = 0.035
LOOKS = (3, 4, 6, 8, 10, 12, 16, 20, 30, 50)  # numbers of seeds after which candidates are compared


def probability_of_chance(better: Sequence[float], worse: Sequence[float]) -> float:
    """One-sided p-value of Welch's t-test that the first mean is not larger than the second.

    Two samples without any scatter are different for sure if their means are.
    """
    if min(len(better), len(worse)) < 2:
        return 1.0
    from scipy.special import stdtr

    gap = float(np.mean(better) - np.mean(worse))
    errors = [float(np.var(own, ddof=1)) / len(own) for own in (better, worse)]
    if sum(errors) <= (1e-9 * gap) ** 2:
        return 0.0 if gap > 0 else 1.0
    sizes = (len(better), len(worse))
    freedom = sum(errors) ** 2 / sum(e**2 / (n - 1) for e, n in zip(errors, sizes, strict=True))
    return float(stdtr(freedom, -gap / math.sqrt(sum(errors))))


def is_only_unsteady(best: Sequence[float], other: Sequence[float], threshold: float) -> bool:
    """Whether nothing but its own scatter keeps a worse mean from being shown to be worse.

    If it scattered no more than the best does, the same gap would be shown.

    Args:
        best: Values of the candidate with the best mean, larger is better; 2 or more.
        other: Values of one that is not shown to be worse.
        threshold: The p-value below which a difference counts as shown.
    """
    from scipy.special import stdtr

    gap = float(np.mean(best) - np.mean(other))
    error = float(np.std(best, ddof=1)) * math.sqrt(1 / len(best) + 1 / len(other))
    if error <= 1e-9 * gap:
        return gap > 0
    return float(stdtr(len(best) - 1, -gap / error)) < threshold


class Drop(NamedTuple):
    """How a candidate was shown to be worse.

    Args:
        after: Number of seeds at the look that showed it.
        by: The candidate that is better; None where it failed with each of these seeds.
    """

    after: int
    by: int | None


@dataclass(frozen=True)
class Race:
    """Decides which candidates are clearly worse, round by round.

    After 3, 4, 6, 8 … seeds each candidate still in the race is compared with the one of the
    best mean by Welch's t-test. The probability of ever dropping one that is as good as the best
    is at most 5 %: the error is divided evenly among all ordered pairs of the candidates still in
    the race (those that are out need none of it any more), and within a pair spent over the looks
    as `look_thresholds` says.

    Args:
        num_candidates: How many configurations started.
        num_seeds: Most seeds each.
        maximize: Whether a larger value is better.
        early: Whether there are looks before everybody has all seeds.
    """

    num_candidates: int
    num_seeds: int
    maximize: bool = True
    early: bool = True

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of seeds after which there is a comparison, the last one included."""
        before = [look for look in LOOKS if look < self.num_seeds] if self.early else []
        return (*before, self.num_seeds)

    def threshold(self, look: int, in_race: int) -> float:
        """The p-value below which a candidate is dropped.

        Args:
            look: Number of seeds, one of `looks`.
            in_race: Number of candidates that are compared there, 2 or more.
        """
        error = NOMINAL_ERROR / (in_race * (in_race - 1))
        return look_thresholds(self.looks, error)[self.looks.index(look)]

    def drops(self, values: Sequence[Sequence[float | None]]) -> dict[int, Drop]:
        """The candidates that are out, replayed from the first look on.

        Args:
            values: For each candidate its objective with each seed, in order, None where the
                trial failed; fewer where it was dropped or is still running.

        Returns:
            Candidate → how it was shown to be worse.
        """
        sign = 1.0 if self.maximize else -1.0
        out: dict[int, Drop] = {}
        for look in self.looks:
            alive = [c for c in range(len(values)) if c not in out]
            if len(alive) < 2 or any(len(values[c]) < look for c in alive):
                break
            scores = {c: [sign * v for v in values[c][:look] if v is not None] for c in alive}
            out |= self._drops_at(look, scores)
        return out

    def _drops_at(self, look: int, scores: Mapping[int, Sequence[float]]) -> dict[int, Drop]:
        """Who is dropped at one look; nobody if every candidate failed every time."""
        running = [candidate for candidate, own in scores.items() if own]
        if not running:
            return {}
        out = {c: Drop(look, None) for c in scores if c not in running}
        best = max(running, key=lambda c: float(np.mean(scores[c])))
        if len(running) < 2:
            return out
        threshold = self.threshold(look, len(running))
        worse = [
            c
            for c in running
            if c != best and probability_of_chance(scores[best], scores[c]) < threshold
        ]
        return out | {c: Drop(look, best) for c in worse}
