"""The result of a confirmation in words, from what `winner.json` holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.analysis.image_scores import SCORE_NAMES
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
    lines |= _test_lines(facts["test"])
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
    if interval["low"] is None:
        return _number(interval["mean"])
    low, high = _number(interval["low"]), _number(interval["high"])
    return f"{_number(interval['mean'])} ({low} to {high})"


def _number(value: float | None) -> str:
    """Four places after the point; six digits where these would say nothing, or too much."""
    if value is None:
        return "none"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.6g}"


def quoted_test_score(facts: Mapping[str, Any]) -> str:
    """`Test accuracy 0.93 (0.92 to 0.94)` of the kept model; empty if there was no look."""
    test = facts["test"]
    if test is None:
        return ""
    return f"Test {_name(test)} {format_interval(test['winner_model'])}"


def _test_lines(test: Mapping[str, Any] | None) -> dict[str, str]:
    """What the look at the test split showed, by subject."""
    if test is None:
        return {"test": "the data have no test split"}
    lines = {"test": f"{_scores(test, test)}, on {test['num_images']:,} images; {_look(test)}"}
    others = _others(test["winner_model"])
    if others:
        subject = "test by class" if _metric(test) == "accuracy" else "test, other scores"
        lines[subject] = f"{others} of the kept model"
    crops = test.get("multi_crop")
    if crops is not None:
        mean = f"over {crops['crops']} crops of each image"
        lines["test, multi-crop"] = f"{_scores(test, crops)}, mean {mean}, in the same look"
    return lines


def _scores(test: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """The score that is quoted: of the kept model, of all seeds' models, and of their mean."""
    models = of["single_models"]
    return (
        f"{_name(test)} {format_interval(of['winner_model'])} of the kept model, "
        f"{_number(models['mean'])} on average over {count_of(models['count'], 'model')}, "
        f"{format_interval(of['averaged_prediction'])} of their averaged prediction"
    )


def _look(test: Mapping[str, Any]) -> str:
    times = test["looks_so_far"]
    if times == 1:
        return "the first look at it"
    return f"look number {times} at it, which weakens it"


def _metric(test: Mapping[str, Any]) -> str:
    return str(test.get("metric", "accuracy"))


def _name(test: Mapping[str, Any]) -> str:
    return SCORE_NAMES.get(_metric(test), _metric(test))


def _others(model: Mapping[str, Any]) -> str:
    """The scores beside the quoted one."""
    known = [name for name in SCORE_NAMES if name in model]
    return ", ".join(f"{SCORE_NAMES[name]} {format_interval(model[name])}" for name in known)


def _model(model: Mapping[str, Any], retrained: Mapping[str, Any] | None) -> str:
    """Which model is kept, and what came of retraining."""
    kept = f"{model['file']}, trained on the {model['trained_on']}"
    if retrained is None:
        return f"{kept} (trial {model['trial']})"
    if retrained["used"]:
        return f"{kept} for {count_of(retrained['epochs'], 'epoch')}"
    return f"{kept} (trial {model['trial']}); not retrained: {retrained['reason']}"
