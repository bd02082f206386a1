"""What a curve says, in sentences: whether images are missing, where a value is best and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean

import numpy as np

from hpsearch.analysis.curve_points import IMAGES_AXIS, Curve, Point
from hpsearch.analysis.intervals import difference_interval
from hpsearch.spaces.describing import format_value

FEWEST_FOR_RATE = 3
STILL_HELPS = "More training images would still help"
HALF = 0.5
"""Share of the loss in validation that must come from the training error to call it bias."""


def read_sizes(curve: Curve) -> list[str]:
    """What a curve over training-set sizes says.

    Args:
        curve: Its points, the smallest set first.

    Returns:
        Sentences, the most important first; empty without two points.
    """
    if len(curve.points) < 2:
        return []
    before, last = curve.points[-2:]
    helps = _whether_more_help(curve, before, last)
    rate = _rate(curve) if helps.startswith(STILL_HELPS) else []
    return [helps, *rate, _gap(curve, last)]


def _whether_more_help(curve: Curve, before: Point, last: Point) -> str:
    change = difference_interval(last.validation, before.validation)
    told = (
        f"from {format_value(before.place)} to {format_value(last.place)} training images the "
        f"validation {curve.label} went from {mean(before.validation):.4f} to "
        f"{mean(last.validation):.4f}"
    )
    if change.low is None or change.high is None:
        return f"{told.capitalize()}; with one training each, luck cannot be told from a trend."
    ends = sorted(curve.sign * end for end in (change.low, change.high))
    span = f"(95 % interval of the change {change.low:+.4f} to {change.high:+.4f})"
    if ends[1] < 0:
        return f"{STILL_HELPS}: {told} {span}."
    if ends[0] > 0:
        return f"More training images made it worse: {told} {span}; look at what was added."
    return f"Whether more training images would help cannot be told: {told} {span}."


def _rate(curve: Curve) -> list[str]:
    """The factor a doubling of the images has, from the last points in double logarithms.

    Errors fall as a power of the number of images over a wide range (Hestness et al., *Deep
    Learning Scaling is Predictable, Empirically*, 2017).
    """
    points = [p for p in curve.points[-4:] if p.validation and mean(p.validation) > 0]
    if len(points) < FEWEST_FOR_RATE or curve.sign < 0:
        return []
    doublings = np.log2([float(point.place) for point in points])
    errors = np.log2([mean(point.validation) for point in points])
    factor = 2 ** float(np.polyfit(doublings, errors, 1)[0])
    last = mean(points[-1].validation)
    if factor >= 1:
        return []
    told = f"Over the last {len(points)} sizes a doubling multiplied it by {factor:.2f}"
    guess = f"twice the images would give about {last * factor:.4f}"
    return [f"{told}; if that went on, {guess} (a guess, not a promise)."]


def _gap(curve: Curve, last: Point) -> str:
    if not last.train:
        return "The training error was not measured."
    train, validation = mean(last.train), mean(last.validation)
    gap = curve.sign * (validation - train)
    told = (
        f"with all images the training {curve.label} is {train:.4f} and the gap to validation "
        f"{gap:+.4f}"
    )
    level = train if curve.sign > 0 else math.inf
    if gap > max(level, 0.0):
        return (
            f"Variance is the larger part: {told}. More images, augmentation and regularization "
            "act on it."
        )
    return (
        f"Bias is the larger part: {told}. More images act little on it; a larger network, longer "
        "training or less regularization does."
    )


def read_varied(curve: Curve) -> list[str]:
    """What a curve over the values of one hyperparameter says: the best one, and both sides.

    Args:
        curve: Its points in order of the values.
    """
    points = [point for point in curve.points if point.validation]
    if len(points) < 2:
        return []
    best = min(range(len(points)), key=lambda at: curve.sign * mean(points[at].validation))
    alike = [at for at in range(len(points)) if at == best or _is_alike(points[at], points[best])]
    sentences = [_best_sentence(curve, points, best, alike)]
    if curve.is_numeric:
        sides = (("Below", range(alike[0])), ("Above", range(alike[-1] + 1, len(points))))
        for side, places in sides:
            worse = [points[at] for at in places]
            sentences += [_side_sentence(curve, side, worse, points[best])] if worse else []
        if best in (0, len(points) - 1):
            end = "lowest" if best == 0 else "highest"
            sentences.append(f"The best is the {end} value tried: try values beyond it.")
    return sentences


def _is_alike(point: Point, best: Point) -> bool:
    """Whether the difference to the best is within what seeds scatter."""
    low, high = difference_interval(point.validation, best.validation)[1:]
    return low is None or high is None or low <= 0 <= high


def _best_sentence(curve: Curve, points: Sequence[Point], best: int, alike: list[int]) -> str:
    told = (
        f"Best at {curve.axis} = {format_value(points[best].place)}: validation {curve.label} "
        f"{mean(points[best].validation):.4f}"
    )
    if min(len(point.validation) for point in points) < 2:
        return f"{told}; with one training each, luck cannot be told from a difference."
    others = [format_value(points[at].place) for at in alike if at != best]
    if not others:
        return f"{told}, clearly better than every other value."
    return f"{told}; not told apart from it: {', '.join(others)}."


def _side_sentence(curve: Curve, side: str, worse: Sequence[Point], best: Point) -> str:
    """Why it gets worse on one side: the training error rises, or the gap does."""
    edge = worse[0] if side == "Below" else worse[-1]
    validation = curve.sign * (mean(edge.validation) - mean(best.validation))
    places = f"{side} it, at {curve.axis} = {format_value(edge.place)}"
    if not edge.train or not best.train or validation <= 0:
        return f"{places}, validation is worse by {validation:.4f}."
    train = curve.sign * (mean(edge.train) - mean(best.train))
    cause = (
        "the network underfits: the training images are learnt less well"
        if train > HALF * validation
        else "the network overfits: the gap to validation grows"
    )
    return (
        f"{places}, {cause} (training {curve.label} {mean(edge.train):.4f}, validation "
        f"{mean(edge.validation):.4f})."
    )


def reading_of(curve: Curve) -> list[str]:
    """The sentences that suit a curve."""
    missing = []
    if curve.num_missing:
        missing = [f"{curve.num_missing} of its places have no completed training."]
    is_sizes = curve.axis == IMAGES_AXIS
    return [*(read_sizes(curve) if is_sizes else read_varied(curve)), *missing]
