"""The plan of a stage, printed before it starts."""

from __future__ import annotations

from typing import Any

from hpsearch.cli.durations import format_duration
from hpsearch.spaces.describing import describe_range
from hpsearch.stages import Prepared, is_edited
from hpsearch.storage import RunDirectory

DECISIONS = {
    "shrink": "shrunk",
    "widen": "widened",
    "drop": "choices dropped of",
    "fix": "fixed",
    "keep": "kept",
}


def plan_lines(prepared: Prepared) -> dict[str, str]:
    """The plan in words, one line for each part of it."""
    lines = {
        "data": _data(prepared),
        "space": _space(prepared),
        "narrowed": _narrowed(prepared),
        "search": _search(prepared),
        "model": _model(prepared),
        "workers": f"{prepared.workers} on this machine",
        "time": _time(prepared),
        "output": str(prepared.directory),
    }
    if prepared.finished:
        lines["so far"] = f"{prepared.finished} trials finished earlier; the study is continued"
    if prepared.probed is not None and prepared.probed.failure:
        lines["warning"] = f"the model cannot be built with the defaults: {prepared.probed.failure}"
    return {name: text for name, text in lines.items() if text}


def _data(prepared: Prepared) -> str:
    facts = prepared.data.facts
    if "train" not in facts:
        return str(facts["source"])
    sizes = ", ".join(
        f"{facts[part]:,} {name}"
        for part, name in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if facts[part]
    )
    skipped = f"; {facts['skipped']} bad images left out" if facts["skipped"] else ""
    return f"{facts['source']}; split into {sizes}{skipped}"


def _space(prepared: Prepared) -> str:
    space = prepared.space
    searched = space.searched()
    fixed = len(space) - len(searched)
    size = space.size()
    count = "a continuum of" if size is None else f"{size:,}"
    also = f" ({fixed} fixed)" if fixed else ""
    return f"{prepared.loaded.name}: {len(searched)} hyperparameters{also}, {count} configurations"


def _narrowed(prepared: Prepared) -> str:
    """What narrowing kept, shrank, widened, dropped and fixed, for a fine stage."""
    if prepared.request.stage != "fine" or prepared.request.source is None:
        return ""
    source = RunDirectory(prepared.request.source)
    if is_edited(source):
        return f"{source.narrowed_space_file}, as edited"
    decided: dict[str, list[str]] = {}
    for entry in source.read_json(source.narrowing_file)["hyperparameters"]:
        fixed = f" {entry['after']}" if entry["decision"] == "fix" else ""
        decided.setdefault(entry["decision"], []).append(entry["name"] + fixed)
    return "; ".join(
        f"{done} {', '.join(decided[decision])}"
        for decision, done in DECISIONS.items()
        if decision in decided
    )


def _search(prepared: Prepared) -> str:
    budget, plan = prepared.budget, prepared.plan
    parts = [f"{plan.algorithm}, {budget.trials} trials × at most {budget.epochs} epochs"]
    if budget.patience is not None:
        parts.append(f"ending after {budget.patience} epochs without improvement")
    grid = prepared.grid
    if grid is not None:
        parts.append(f"grid of {len(grid):,} points ({grid.describe()}; the last varies fastest)")
    if plan.tries:
        parts.append(f"{len(plan.tries)} given points first")
    objective = f"{plan.training.direction} {plan.training.objective}"
    text = ", ".join([*parts, objective, f"seed {prepared.request.seed or 0}"])
    return f"{text} ({plan.algorithm}: {plan.reason})" if plan.reason else text


def _model(prepared: Prepared) -> str:
    probed = prepared.probed
    if probed is None or probed.num_parameters is None:
        return ""
    return f"{probed.num_parameters:,} parameters with the defaults"


def _time(prepared: Prepared) -> str:
    seconds = prepared.estimated_seconds
    if seconds is None:
        return ""
    hours = f" ({seconds / 3600:.2f} hours)" if seconds >= 90 else ""
    return f"about {format_duration(seconds)}{hours} on this machine if no trial ends early"


def plan_json(prepared: Prepared) -> dict[str, Any]:
    """The plan as JSON."""
    seconds = prepared.estimated_seconds
    return {
        "space": prepared.loaded.name,
        "stage": prepared.request.stage,
        "status": "planned",
        "directory": str(prepared.directory),
        "data": dict(prepared.data.facts),
        "hyperparameters": [
            {"name": p.label, "kind": p.kind, "range": describe_range(p)} for p in prepared.space
        ],
        "size": prepared.space.size(),
        "algorithm": prepared.plan.algorithm,
        "algorithm_reason": prepared.plan.reason,
        "trials": prepared.budget.trials,
        "finished": prepared.finished,
        "epochs": prepared.budget.epochs,
        "workers": prepared.workers,
        "num_parameters": prepared.probed.num_parameters if prepared.probed else None,
        "estimated_seconds": seconds,
        "estimated_hours": None if seconds is None else seconds / 3600,
    }
