"""The plan of a stage, printed before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hpsearch.cli.confirm_plans import confirm_plan_json, confirm_plan_lines
from hpsearch.cli.durations import format_duration
from hpsearch.cli.folds import folds_line
from hpsearch.counting import amount_of_bytes, count_of
from hpsearch.execution.ray_connection import resolve_address
from hpsearch.spaces import Space
from hpsearch.spaces.describing import describe_range
from hpsearch.stages import Prepared
from hpsearch.stages.narrowing_summary import narrowing_in_words
from hpsearch.stages.unequal_classes import class_advice
from hpsearch.storage import RunDirectory

SHARE_TOLERANCE = 0.02
CONTINUUM = "a continuum of configurations"


def plan_lines(prepared: Prepared) -> dict[str, str]:
    """The plan in words, one line for each part of it."""
    lines = {
        "data": _data(prepared),
        "folds": folds_line(prepared),
        "classes": _classes(prepared),
        "space": _space(prepared),
        **confirm_plan_lines(prepared),
        "narrowed": _narrowed(prepared),
        "search": _search(prepared),
        "batches": _batches(prepared),
        "pruner": _pruner(prepared),
        "model": _model(prepared),
        "training": _training(prepared),
        "features": _features(prepared),
        "limits": _limits(prepared),
        "precision": prepared.plan.training.arithmetic.describe(),
        "workers": _workers(prepared),
        "time": _time(prepared),
        "output": str(prepared.directory),
        "storage": _storage(prepared),
    }
    if prepared.finished:
        earlier = count_of(prepared.finished, "trial")
        lines["so far"] = f"{earlier} finished earlier; the study is continued"
    if prepared.probed is not None and prepared.probed.failure:
        lines["warning"] = f"the model cannot be built with the defaults: {prepared.probed.failure}"
    return {name: text for name, text in lines.items() if text}


def _workers(prepared: Prepared) -> str:
    if not prepared.workers:
        return "none here: the study is only created, or closed if its trials are done"
    if prepared.request.executor == "ray":
        count = prepared.workers if prepared.request.workers else "as many as fit"
        return f"{count} on Ray, {resolve_address(prepared.request.ray_address)}"
    shared = "" if prepared.parallelism is None else prepared.parallelism.describe()
    return "; ".join(filter(None, [prepared.placement.describe(), shared]))


def _data(prepared: Prepared) -> str:
    facts = prepared.data.facts
    if "train" not in facts:
        return str(facts["source"])
    sizes = ", ".join(
        f"{facts[part]:,} {name}"
        for part, name in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if facts[part]
    )
    first = " in the first fold" if prepared.plan.data.folds > 1 else ""
    notes = [f"{facts['source']}; split into {sizes} images{first}"]
    notes.append(shares_note(prepared.data.split or {}))
    notes.append(split_note(prepared.data.split or {}))
    if facts["skipped"]:
        notes.append(f"{count_of(facts['skipped'], 'bad image')} left out")
    if facts["classes_without_images"]:
        count = count_of(facts["classes_without_images"], "class", "classes")
        notes.append(f"{count} of {facts['num_classes']} without a training image")
    return "; ".join(note for note in notes if note)


def shares_note(split: Mapping[str, Any]) -> str:
    """What was held out, and whether anybody asked for it."""
    if "share" not in split:
        return "the validation part is the data's own" if split.get("method") == "given" else ""
    test = f", before that {split['test_share']:.3g} to test on" if "test_share" in split else ""
    return f"{split['method']}, {split['share']:.3g} of the images to validate on{test}"


def split_note(split: Mapping[str, Any]) -> str:
    """The validation share that came out where that is not nearly the one asked for."""
    if "share" not in split:
        return ""
    asked, part = split["share"], split["validation_images"]
    came_out = part / (part + split["train_images"])
    if abs(came_out - asked) <= SHARE_TOLERANCE:
        return ""
    units = "whole tracks" if split["method"] == "by track" else "whole images"
    return (
        f"a validation share of {came_out:.3g} instead of {asked:.3g}, "
        f"as near as {units} of every class allow"
    )


def batch_note(space: Space, batch_size: int, num_images: int) -> str:
    """What becomes of batches larger than the training part; empty if there are none.

    Args:
        space: The space, which may have a hyperparameter `batch_size`.
        batch_size: Images a step where it has none.
        num_images: Number of training images.
    """
    ends = [end for p in space if p.name == "batch_size" for end in p.grid_values(2)]
    largest = max((end for end in ends if isinstance(end, int)), default=batch_size)
    if largest <= num_images:
        return ""
    return (
        f"{largest:,} images a step are asked for, but the data have "
        f"{count_of(num_images, 'training image')}: such a step takes all of them"
    )


def _batches(prepared: Prepared) -> str:
    images = prepared.data.facts.get("train")
    if images is None:
        return ""
    return batch_note(prepared.space, prepared.plan.training.batch_size, images)


def _training(prepared: Prepared) -> str:
    """Said where it is not hpsearch's own loop that trains."""
    if getattr(prepared.loaded.space, "fit", None) is None:
        return ""
    return "by the fit(hp, model, …) of the space's own: slower than hpsearch's compiled loop"


def _features(prepared: Prepared) -> str:
    """What is kept of the frozen parts of models."""
    if prepared.probed is None:
        return ""
    if prepared.probed.uncut_by:
        return (
            f"none are kept: what {prepared.probed.uncut_by} gives, before the frozen part, is not "
            "known to be the same in every epoch; if it augments, Recipe(stored_copies=N) keeps N "
            "augmented passes instead"
        )
    return "; ".join(
        f"the output of {own.cut}, the last frozen layer, is kept for all trials that freeze it: "
        f"{amount_of_bytes(own.size)} on disk, made "
        f"once in about {format_duration(own.seconds)}"
        for own in prepared.probed.features
    )


def _classes(prepared: Prepared) -> str:
    """Advice on the objective, in the stage that chooses it."""
    if prepared.request.stage != "coarse":
        return ""
    return class_advice(prepared.data.facts, prepared.plan.training.objective)


def _limits(prepared: Prepared) -> str:
    """What models may cost; one that costs more is not trained."""
    training = prepared.plan.training
    limits = []
    if training.max_params is not None:
        limits.append(f"more than {training.max_params:,} parameters")
    if training.max_latency is not None:
        limits.append(f"more than {training.max_latency:g} ms for one image")
    return f"models with {' or '.join(limits)} are infeasible and not trained" if limits else ""


def _space(prepared: Prepared) -> str:
    if prepared.plan.replicates is not None:
        return prepared.loaded.name
    space = prepared.space
    searched = space.searched()
    fixed = len(space) - len(searched)
    size = space.size()
    configurations = count_of(size, "configuration") if size is not None else CONTINUUM
    also = f" ({fixed} fixed)" if fixed else ""
    names = count_of(len(searched), "hyperparameter")
    return f"{prepared.loaded.name}: {names}{also}, {configurations}"


def _narrowed(prepared: Prepared) -> str:
    """What narrowing did to the space, for a fine stage."""
    if prepared.request.stage != "fine" or prepared.request.source is None:
        return ""
    return narrowing_in_words(RunDirectory(prepared.request.source))


def _search(prepared: Prepared) -> str:
    budget, plan = prepared.budget, prepared.plan
    trials, epochs = count_of(budget.trials, "trial"), count_of(budget.epochs, "epoch")
    parts = [f"{plan.algorithm}, {trials} × at most {epochs}"]
    if budget.patience is not None:
        parts.append(f"ending after {count_of(budget.patience, 'epoch')} without improvement")
    grid = prepared.grid
    if grid is not None:
        points = count_of(len(grid), "point")
        parts.append(f"grid of {points} ({grid.describe()}; the last varies fastest)")
    if plan.tries:
        parts.append(f"{count_of(len(plan.tries), 'given point')} first")
    objective = f"{plan.training.direction} {plan.training.objective}"
    seed = f"seed {prepared.request.seed or 0}"
    if plan.training.deterministic:
        seed += " (deterministic)"
    text = ", ".join([*parts, objective, seed])
    return f"{text} ({plan.algorithm}: {plan.reason})" if plan.reason else text


def _pruner(prepared: Prepared) -> str:
    pruning = prepared.plan.pruning
    rungs = f" at epochs {', '.join(map(str, pruning.rungs))}" if pruning.rungs else ""
    reason = f": {pruning.reason}" if pruning.reason else ""
    return f"{pruning.pruner}{rungs}{reason}"


def _model(prepared: Prepared) -> str:
    probed = prepared.probed
    if probed is None or probed.num_parameters is None:
        return ""
    return f"{count_of(probed.num_parameters, 'parameter')} with the defaults"


def _storage(prepared: Prepared) -> str:
    """The database that holds the trials, where the directory does not hold them itself."""
    address = prepared.storage or prepared.directory.storage
    return "" if address is None else f"the trials in {address}"


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
        **confirm_plan_json(prepared),
        "data": dict(prepared.data.facts),
        "hyperparameters": [
            {"name": p.label, "kind": p.kind, "range": describe_range(p)} for p in prepared.space
        ],
        "size": prepared.space.size(),
        "algorithm": prepared.plan.algorithm,
        "algorithm_reason": prepared.plan.reason,
        "pruner": asdict(prepared.plan.pruning),
        "trials": prepared.budget.trials,
        "finished": prepared.finished,
        "epochs": prepared.budget.epochs,
        "folds": prepared.plan.data.folds,
        "precision": asdict(prepared.plan.training.arithmetic),
        "workers": prepared.workers,
        "gpus": [gpu.name for gpu in prepared.placement.gpus],
        "threads": prepared.placement.threads,
        "parallelism": prepared.parallelism and prepared.parallelism.to_json(),
        "num_parameters": prepared.probed.num_parameters if prepared.probed else None,
        "estimated_seconds": seconds,
        "estimated_hours": None if seconds is None else seconds / 3600,
    }
