"""The configurations of a study by estimated mean, beside those of the best single values."""

from __future__ import annotations

from hpsearch.search import Estimate, estimated_best, observe
from hpsearch.spaces import Space
from hpsearch.storage import StudyView


def best_estimates(view: StudyView, count: int = 1) -> list[Estimate]:
    """The configurations of the best estimated means, best first, by number of a trial.

    The best single value of many trials is in part luck; the estimate draws it towards the
    values of similar configurations and of repetitions.
    """
    space = Space.from_json(view.space)
    observations = [observe(record) for record in view.trials]
    return estimated_best(space, observations, view.direction, count)


def estimate_line(view: StudyView) -> str:
    """What the estimates say where they prefer another configuration than the best value."""
    best = view.best
    estimates = best_estimates(view)
    if best is None or not estimates:
        return ""
    chosen = view.trials[estimates[0].number]
    if dict(chosen.params) == dict(best.params):
        return ""
    return (
        f"trial {chosen.number} is likely better than the luckiest trial: {view.objective} "
        f"{estimates[0].mean:.4f} by estimated mean; confirm begins with it"
    )
