"""The trials of a study as one hyperparameter sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hpsearch.report.figures.canvas import shorten
from hpsearch.report.figures.scales import label, listed
from hpsearch.spaces import Choice, Float, Int, Parameter, Space
from hpsearch.spaces.describing import describe_range


class Slice(NamedTuple):
    """The trials as one hyperparameter sees them.

    Args:
        name: The hyperparameter.
        is_log: Whether its axis is logarithmic.
        labels: The choices it took; empty for a number from a range.
        places: Place on the axis of each trial: the number, or the position of the choice.
        values: Objective of each trial.
        complete: Whether each trial completed (else it was pruned).
        best: Index of the winner among these trials; None if it lacks the hyperparameter.
        left: Parts of the axis that narrowing left; empty if it left all, or has not been done.
    """

    name: str
    is_log: bool
    labels: tuple[str, ...]
    places: tuple[float, ...]
    values: tuple[float, ...]
    complete: tuple[bool, ...]
    best: int | None
    left: tuple[tuple[float, float], ...]


class Judged(NamedTuple):
    """A trial with its objective, or what it had reached when it was stopped."""

    number: int
    params: Mapping[str, Any]
    value: float
    is_complete: bool


def slice_of(
    space: Space, name: str, judged: list[Judged], winner: int | None, left: Space
) -> Slice | None:
    """The trials as one hyperparameter sees them; None if all have the same value."""
    having = [trial for trial in judged if name in trial.params]
    if len({repr(trial.params[name]) for trial in having}) < 2:
        return None
    declared = [p for p in space if p.name == name]
    labels, places = _places([trial.params[name] for trial in having], declared)
    is_log = any(getattr(p, "sampling", "linear") == "log" for p in declared)
    return Slice(
        shorten(name),
        is_log and not labels and min(places) > 0,
        labels,
        places,
        tuple(trial.value for trial in having),
        tuple(trial.is_complete for trial in having),
        next((i for i, trial in enumerate(having) if trial.number == winner), None),
        _left(declared, left, labels),
    )


def _left(
    declared: list[Parameter], left: Space, labels: tuple[str, ...]
) -> tuple[tuple[float, float], ...]:
    """The parts of the axis in what is left of a space, where that is not everything."""
    known = [(own, now) for own in declared if (now := left.find(own)) is not None]
    if all(describe_range(own) == describe_range(now) for own, now in known):
        return ()
    spans: list[tuple[float, float]] = []
    for _, now in known:
        if isinstance(now, Int | Float):
            spans.append((now.low, now.high))
        elif labels:
            places = [labels.index(text) for v in listed(now) if (text := label(v)) in labels]
            spans += [(place - 0.5, place + 0.5) for place in places]
        else:
            spans += [(v, v) for v in listed(now) if isinstance(v, int | float)]
    return tuple(spans)


def _places(
    values: list[Any], declared: list[Parameter]
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Numbers of a range as they are; choices as their position, in the declared order."""
    numeric = all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    )
    if numeric and not any(isinstance(parameter, Choice) for parameter in declared):
        return (), tuple(float(value) for value in values)
    present = {label(value) for value in values}
    choices = [label(v) for p in declared if isinstance(p, Choice) for v in p.values]
    labels = tuple(text for text in dict.fromkeys((*choices, *sorted(present))) if text in present)
    return labels, tuple(float(labels.index(label(value))) for value in values)
