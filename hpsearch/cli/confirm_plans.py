"""The parts of a plan that only a confirmation or a curve has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.counting import amount_of_bytes, count_of
from hpsearch.execution.replicates import Replicates
from hpsearch.spaces.describing import format_params, format_value
from hpsearch.stages import Prepared

BYTES_A_WEIGHT = 4


def confirm_plan_lines(prepared: Prepared) -> dict[str, str]:
    """The candidates, the seeds and the disk space, by subject; empty for other stages."""
    replicates = prepared.plan.replicates
    if replicates is None:
        return {}
    if replicates.axis:
        return _curve_lines(prepared, replicates)
    lines = {
        f"candidate {number}": _candidate(number, replicates)
        for number in range(len(replicates.candidates))
    }
    lines["seeds"] = _seeds(replicates)
    lines["disk"] = _disk(prepared, replicates)
    if prepared.request.retrain:
        lines["then"] = "the winner is trained once more, on training and validation images"
    if prepared.request.multi_crop:
        lines["multi-crop"] = "the test split is scored over crops at five scales, too"
    return lines


def _curve_lines(prepared: Prepared, replicates: Replicates) -> dict[str, str]:
    """What is trained for a curve: the configuration, its places and the trainings of each."""
    places = [format_value(place) for place in dict.fromkeys(replicates.places)]
    each = prepared.budget.trials // len(places)
    lines = {
        "winner": format_params(dict(replicates.candidates[-1])),
        "curve": f"over {replicates.axis}: {', '.join(places)}",
        "trainings": f"{each} of each place",
    }
    if prepared.plan.models_kept:
        del lines["trainings"]
        lines["curve"] = f"bias and variance from {len(places)} bootstrap samples"
        lines["disk"] = _disk(prepared, replicates).replace("; afterwards the winner's", "")
    return lines


def _candidate(number: int, replicates: Replicates) -> str:
    added = " (the defaults of the space)" if number == replicates.added_defaults else ""
    return format_params(dict(replicates.candidates[number])) + added


def _seeds(replicates: Replicates) -> str:
    looks = replicates.rules("maximize").looks
    if len(replicates.candidates) < 2 or len(looks) < 2:
        return f"{replicates.num_seeds} each"
    before = ", ".join(str(look) for look in looks[:-1])
    return f"up to {replicates.num_seeds} each; what is clearly worse after {before} is given up"


def _disk(prepared: Prepared, replicates: Replicates) -> str:
    """What the models take at most while it runs; empty where their size is not known."""
    probed = prepared.probed
    if probed is None or not probed.num_parameters:
        return ""
    count = len(replicates.candidates) * replicates.num_seeds
    size = BYTES_A_WEIGHT * probed.num_parameters
    return (
        f"at most {count_of(count, 'model')} of about {amount_of_bytes(size)} while it runs "
        f"({amount_of_bytes(count * size)}); afterwards the winner's"
    )


def confirm_plan_json(prepared: Prepared) -> dict[str, Any]:
    """The candidates and seeds as JSON; empty for other stages."""
    replicates = prepared.plan.replicates
    if replicates is None:
        return {}
    candidates: list[Mapping[str, Any]] = [dict(params) for params in replicates.candidates]
    return {
        "candidates": candidates,
        "added_defaults": replicates.added_defaults,
        "seeds": replicates.num_seeds,
    }
