"""The result of a confirmation in words, from what `winner.json` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.counting import count_of
from hpsearch.spaces.describing import format_params

CONFIRMATION_TITLE = "Means over fresh seeds with 95 % intervals"


def confirmation_table(facts: Mapping[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings, and a row for each configuration with its mean, interval and seeds."""
    most = max(entry["seeds"] for entry in facts["candidates"])
    rows: list[tuple[str, ...]] = []
    for number, entry in enumerate(facts["candidates"]):
        marks = ["winner"] if number == facts["winner"] else []
        marks += ["defaults"] if entry["is_default"] else []
        name = f"{number} ({', '.join(marks)})" if marks else str(number)
        early = entry["seeds"] < most and entry["given_up_after"]
        seeds = f"{entry['seeds']}" + (f", {entry['failed']} failed" if entry["failed"] else "")
        seeds += ", given up" if early else ""
        mean = format_interval(entry)
        rows.append((name, mean, seeds, format_params(entry["params"])))
    return ("configuration", facts["objective"], "seeds", "hyperparameters"), rows


def confirmation_lines(facts: Mapping[str, Any]) -> dict[str, str]:
    """What was found, by subject: verdict, tuning, optimism, test."""
    lines = {"verdict": facts["verdict"]}
    gain = facts["gain_over_defaults"]
    if gain is not None:
        lines["tuning"] = f"gained {format_interval(gain)} over the defaults of the space"
    elif facts["candidates"][facts["winner"]]["is_default"]:
        lines["tuning"] = "gained nothing that is shown: the winner is the defaults of the space"
    if facts["optimism"] is not None:
        word = "better" if facts["optimism"] >= 0 else "worse"
        lines["optimism"] = (
            f"the search score of configuration 0 was {abs(facts['optimism']):.4f} {word} than its "
            "mean over fresh seeds"
        )
    lines["test"] = _test(facts["test"], facts.get("problem", "one_label"))
    if facts["test"] is not None:
        lines["test by class"] = _by_class(facts["test"])
    if facts["model"] is not None:
        lines["model"] = _model(facts["model"], facts["retrained"])
    return lines


def confirmed_score(facts: Mapping[str, Any]) -> str:
    """The winner's mean over fresh seeds, as `val_accuracy 0.93 (0.92 to 0.94) over 12 seeds`."""
    winner = facts["candidates"][facts["winner"]]
    seeds = count_of(winner["seeds"], "fresh seed")
    return f"{facts['objective']} {format_interval(winner)} over {seeds}"


def format_interval(interval: Mapping[str, Any]) -> str:
    """`0.9321 (0.9287 to 0.9355)`; `none` where there is no mean."""
    if interval["mean"] is None:
        return "none"
    if interval["low"] is None:
        return f"{interval['mean']:.4f}"
    return f"{interval['mean']:.4f} ({interval['low']:.4f} to {interval['high']:.4f})"


def _by_class(test: Mapping[str, Any]) -> str:
    """Macro-F1 and balanced accuracy of the kept model."""
    model = test["winner_model"]
    return (
        f"macro-F1 {format_interval(model['macro_f1'])}, balanced accuracy "
        f"{format_interval(model['balanced_accuracy'])} of the kept model"
    )


def _model(model: Mapping[str, Any], retrained: Mapping[str, Any] | None) -> str:
    """Which model is kept, and what came of retraining."""
    kept = f"{model['file']}, trained on the {model['trained_on']}"
    if retrained is None:
        return f"{kept} (trial {model['trial']})"
    if retrained["used"]:
        return f"{kept} for {count_of(retrained['epochs'], 'epoch')}"
    return f"{kept} (trial {model['trial']}); not retrained: {retrained['reason']}"


def _test(test: Mapping[str, Any] | None, problem: str) -> str:
    if problem not in ("binary", "one_label"):
        return f"not looked at: it is scored by class only, and the problem is '{problem}'"
    if test is None:
        return "the data have no test split"
    times = test["looks_so_far"]
    look = "the first look at it" if times == 1 else f"look number {times} at it, which weakens it"
    return (
        f"accuracy {format_interval(test['winner_model'])} of the kept model, "
        f"{test['single_models']['mean']:.4f} on average over "
        f"{count_of(test['single_models']['count'], 'model')}, "
        f"{format_interval(test['averaged_prediction'])} of their averaged prediction, "
        f"on {test['num_images']:,} images; {look}"
    )
