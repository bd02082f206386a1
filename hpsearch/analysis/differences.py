"""`difference_of`: whether two trials differ by more than noise, as far as their study can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, variance
from typing import Literal, NamedTuple

from hpsearch.analysis.intervals import CONFIDENCE, difference_interval, range_of
from hpsearch.counting import count_of
from hpsearch.search import identify
from hpsearch.storage import StudyView, TrialRecord

Basis = Literal["none", "same", "images", "study", "seeds"]
NORMAL_REACH = 1.96
"""Standard errors within which 95 % of a normal distribution lie."""
ADVICE = "hpsearch confirm trains both from fresh seeds, if they are among the best."


class Difference(NamedTuple):
    """How much better one trial's configuration is than another's.

    Args:
        gap: By how much the first is better, in units of the objective, negative if it is worse;
            of means where configurations have several seeds. None without two scores.
        low: Lower end of its 95 % interval; None where nothing is known of noise.
        high: Upper end.
        basis: What noise was measured on: `seeds` of these two configurations, those of any
            configurations of the `study`, or only what a finite number of validation `images`
            leaves open; `same` where both are one configuration; `none`.
        sentence: The same in words.
    """

    gap: float | None
    low: float | None
    high: float | None
    basis: Basis
    sentence: str


def difference_of(view: StudyView, first: TrialRecord, second: TrialRecord) -> Difference:
    """Whether two trials of a study differ by more than noise.

    Where both configurations were trained with several seeds their means are compared, by Welch's
    t interval; else with the scatter between seeds of all configurations that have several, pooled
    (as in a one-way analysis of variance); else only with the error that the number of validation
    images leaves, which is no more than a part of the noise.

    Args:
        view: The study.
        first: A trial of it.
        second: Another one.
    """
    for record in (first, second):
        if record.state != "complete" or record.value is None:
            return _nothing(f"Trial {record.number} has no final score ({_why(record)}).")
    groups = _values_by_configuration(view)
    one, other = _trained(first), _trained(second)
    if one == other:
        return _same(view, first, second)
    sides = groups[one], groups[other]
    if min(map(len, sides)) > 1:
        return _by_seeds(view, first, second, sides)
    if (scatter := _pooled_scatter(list(groups.values()))) is not None:
        return _by_study(first, second, sides, scatter)
    return _by_images(view, first, second)


def _values_by_configuration(view: StudyView) -> dict[tuple[str, int | None], list[float]]:
    """The objectives of the complete trials of each configuration; larger is better."""
    sign = _sign(view)
    groups: dict[tuple[str, int | None], list[float]] = {}
    for record in view.trials:
        if record.state == "complete" and record.value is not None:
            groups.setdefault(_trained(record), []).append(sign * record.value)
    return groups


def _trained(record: TrialRecord) -> tuple[str, int | None]:
    """The same for trials that differ by their seeds alone; in curves images differ, too."""
    return identify(record.params), record.candidate


def _sign(view: StudyView) -> int:
    return 1 if view.direction == "maximize" else -1


def _why(record: TrialRecord) -> str:
    if record.state == "failed":
        return f"failed: {record.failure or 'unknown'}"
    return "stopped early" if record.state == "pruned" else record.state


def _nothing(sentence: str) -> Difference:
    return Difference(None, None, None, "none", f"{sentence} So the two cannot be compared.")


def _gap(view: StudyView, first: TrialRecord, second: TrialRecord) -> float:
    return _sign(view) * ((first.value or 0.0) - (second.value or 0.0))


def _same(view: StudyView, first: TrialRecord, second: TrialRecord) -> Difference:
    gap = _gap(view, first, second)
    return Difference(
        gap, None, None, "same", f"Both are one configuration: the {abs(gap):.4f} between is noise."
    )


def _by_seeds(
    view: StudyView,
    first: TrialRecord,
    second: TrialRecord,
    sides: tuple[Sequence[float], Sequence[float]],
) -> Difference:
    within = range_of(view.objective, [abs(value) for side in sides for value in side])
    interval = difference_interval(*sides, within)
    assert interval.low is not None
    assert interval.high is not None
    numbers = f"{len(sides[0])} and {len(sides[1])} seeds"
    words = _in_words(first, second, interval.mean, interval.low, interval.high)
    return Difference(*interval, "seeds", f"By the means over {numbers}, {words}")


def _by_study(
    first: TrialRecord,
    second: TrialRecord,
    sides: tuple[Sequence[float], Sequence[float]],
    scatter: tuple[float, int],
) -> Difference:
    from scipy import stats

    deviation, freedom = scatter
    gap = mean(sides[0]) - mean(sides[1])
    error = deviation * math.sqrt(1 / len(sides[0]) + 1 / len(sides[1]))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    words = _in_words(first, second, gap, gap - reach, gap + reach)
    known = f"Seeds of one configuration scatter by {deviation:.4f} in this study"
    return Difference(gap, gap - reach, gap + reach, "study", f"{known}; by that, {words}")


def _pooled_scatter(groups: Sequence[Sequence[float]]) -> tuple[float, int] | None:
    """Standard deviation between seeds and its degrees of freedom; None without repetitions."""
    repeated = [group for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in repeated)
    if not freedom:
        return None
    squares = sum((len(group) - 1) * variance(group) for group in repeated)
    return math.sqrt(squares / freedom), freedom


def _in_words(first: TrialRecord, second: TrialRecord, gap: float, low: float, high: float) -> str:
    better, worse = (first, second) if gap >= 0 else (second, first)
    ends = (low, high) if gap >= 0 else (-high, -low)
    shown = "more than noise" if ends[0] > 0 else "not shown to be more than noise"
    return (
        f"the configuration of trial {better.number} is {abs(gap):.4f} better than that of trial "
        f"{worse.number} (95 % interval {ends[0]:.4f} to {ends[1]:.4f}): {shown}."
    )


def _by_images(view: StudyView, first: TrialRecord, second: TrialRecord) -> Difference:
    """What the number of validation images alone leaves open of two shares."""
    gap = _gap(view, first, second)
    better, worse = (first, second) if gap >= 0 else (second, first)
    said = f"Trial {better.number} is {abs(gap):.4f} better than trial {worse.number}"
    unknown = "no configuration was repeated with another seed, so what seeds change is not known"
    values = [first.value or 0.0, second.value or 0.0]
    images = view.facts["data"].get("validation")
    if not images or range_of(view.objective, values) != (0.0, 1.0):
        return Difference(gap, None, None, "none", f"{said}; {unknown}. {ADVICE}")
    reach = NORMAL_REACH * math.sqrt(sum(v * (1 - v) for v in values) / images)
    compared = "more" if abs(gap) > reach else "no more"
    many = count_of(images, "validation image")
    return Difference(
        gap,
        gap - reach,
        gap + reach,
        "images",
        f"{said}, {compared} than the ±{reach:.4f} that {many} alone leave open; {unknown}. "
        f"{ADVICE}",
    )
