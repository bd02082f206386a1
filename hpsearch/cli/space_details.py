"""`hpsearch spaces NAME` and `hpsearch lint`: one space as tables, and advice on it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hpsearch.cli.printing import print_json, print_lines, print_table
from hpsearch.counting import count_of
from hpsearch.execution.inspection import Inspection, LayerFacts, inspect_space
from hpsearch.spaces import LoadedSpace, Parameter, load_space
from hpsearch.spaces.describing import describe_range, format_value
from hpsearch.spaces.parameter_json import parameter_to_json
from hpsearch.stages.lint import lint

STAGES = ("coarse", "fine", "confirm")


def show_space(name: str, data: Path | None, *, as_json: bool) -> None:
    """Print what a space searches, its budgets, and its default model layer by layer.

    Raises:
        SpaceError: There is no such space, or its file cannot be used.
    """
    loaded = load_space(name)
    found = inspect_space(loaded.reference, data)
    if as_json:
        print_json(_json(loaded, found))
        return
    print_lines(_summary(loaded, found), loaded.name, stderr=False)
    rows = [_row(parameter) for parameter in found.space]
    print_table(("hyperparameter", "kind", "range", "default", "only where"), rows)
    if found.layers:
        table = [_layer_row(layer) for layer in found.layers]
        print_table(("layer", "kind", "output", "weights"), table, "The model with the defaults")


def lint_space(name: str, data: Path | None, *, as_json: bool, strict: bool) -> int:
    """Print advice on a space; the exit status: 1 where `strict` and there is some.

    Raises:
        SpaceError: There is no such space, or its file cannot be used.
    """
    loaded = load_space(name)
    found = inspect_space(loaded.reference, data)
    advice = lint(found)
    if as_json:
        facts = [own._asdict() for own in advice]
        print_json({"space": loaded.name, "failure": found.failure, "warnings": facts})
    else:
        for own in advice:
            sys.stdout.write(f"{own.where}: {own.what}; {own.fix}. [{own.rule}]\n")
        if found.failure:
            sys.stdout.write(f"The model cannot be built with the defaults: {found.failure}\n")
        elif not advice:
            sys.stdout.write(f"{loaded.name}: nothing to warn of.\n")
    return 1 if found.failure or (strict and advice) else 0


def _summary(loaded: LoadedSpace, found: Inspection) -> dict[str, str]:
    size = found.space.size()
    count = count_of(size, "configuration") if size is not None else "a continuum"
    lines = {
        "file": loaded.reference,
        "data set": found.dataset or "none; give it with --data",
        "size": f"{count_of(len(found.space.searched()), 'hyperparameter')}, {count}",
    }
    for stage in STAGES:
        budget = getattr(loaded.space, stage)
        trials = (
            f"the best {budget.top} × {count_of(budget.seeds, 'seed')}"
            if stage == "confirm"
            else count_of(budget.trials, "trial")
        )
        patience = f", patience {budget.patience}" if budget.patience else ""
        lines[stage] = f"{trials} × at most {count_of(budget.epochs, 'epoch')}{patience}"
    if found.folds > 1:
        lines["folds"] = f"{found.folds}: trials are compared by the mean over them"
    if found.num_parameters is not None:
        lines["model"] = f"{found.num_parameters:,} weights with the defaults"
    if found.failure:
        lines["problem"] = f"the model cannot be built with the defaults: {found.failure}"
    return lines


def _row(parameter: Parameter) -> tuple[str, str, str, str, str]:
    only = ", ".join(str(condition) for condition in parameter.conditions)
    default = format_value(parameter.default_value)
    return parameter.name, parameter.kind, describe_range(parameter), default, only


def _layer_row(layer: LayerFacts) -> tuple[str, str, str, str]:
    shape = "×".join("?" if size is None else str(size) for size in layer.shape)
    frozen = "" if layer.trainable or not layer.parameters else " (not trained)"
    return layer.name, layer.kind, shape, f"{layer.parameters:,}{frozen}"


def _json(loaded: LoadedSpace, found: Inspection) -> dict[str, Any]:
    return {
        "name": loaded.name,
        "reference": loaded.reference,
        "dataset": found.dataset,
        "size": found.space.size(),
        "hyperparameters": [
            {**parameter_to_json(p), "default": p.default_value} for p in found.space
        ],
        "budgets": {stage: vars(getattr(loaded.space, stage)) for stage in STAGES},
        "folds": found.folds,
        "num_parameters": found.num_parameters,
        "layers": [vars(layer) for layer in found.layers],
        "failure": found.failure,
    }
