"""The result of a confirmation in words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from hpsearch.cli.printing import print_lines, print_table
from hpsearch.spaces.describing import format_params


def print_confirmation(facts: Mapping[str, Any]) -> None:
    """Print the candidates with their intervals, the verdict and the test score."""
    rows = [_row(number, entry, facts) for number, entry in enumerate(facts["candidates"])]
    headings = ("configuration", facts["objective"], "seeds", "hyperparameters")
    print_table(headings, rows, "Means over fresh seeds with 95 % intervals")
    lines = {"verdict": facts["verdict"]}
    gain = facts["gain_over_defaults"]
    if gain is not None:
        lines["tuning"] = f"gained {format_interval(gain)} over the defaults of the space"
    if facts["optimism"] is not None:
        lines["optimism"] = f"the search score of configuration 0 was {facts['optimism']:+.4f} off"
    lines["test"] = _test(facts["test"])
    print_lines(lines, "Confirmation", stderr=False)
    sys.stdout.flush()


def _row(number: int, entry: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[str, ...]:
    marks = ["winner"] if number == facts["winner"] else []
    marks += ["defaults"] if entry["is_default"] else []
    name = f"{number} ({', '.join(marks)})" if marks else str(number)
    most = max(other["seeds"] for other in facts["candidates"])
    early = entry["seeds"] < most and entry["given_up_after"]
    seeds = f"{entry['seeds']}" + (", given up" if early else "")
    mean = "none" if entry["mean"] is None else format_interval(entry)
    return name, mean, seeds, format_params(entry["params"])


def format_interval(interval: Mapping[str, Any]) -> str:
    """`0.9321 (0.9287 to 0.9355)`."""
    if interval["low"] is None:
        return f"{interval['mean']:.4f}"
    return f"{interval['mean']:.4f} ({interval['low']:.4f} to {interval['high']:.4f})"


def _test(test: Mapping[str, Any] | None) -> str:
    if test is None:
        return "the data have no test split"
    times = test["looks_so_far"]
    look = "the first look at it" if times == 1 else f"look number {times} at it, which weakens it"
    return (
        f"accuracy {format_interval(test['winner_model'])} of the kept model, "
        f"{test['single_models']['mean']:.4f} on average over {test['single_models']['count']} "
        f"models, {format_interval(test['averaged_prediction'])} of their averaged prediction, "
        f"on {test['num_images']:,} images; {look}"
    )
