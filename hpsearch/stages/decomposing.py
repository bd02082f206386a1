"""Bias and variance of a winner from its models of bootstrap samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hpsearch.analysis.bias_variance import Numbers, decomposed, squared_loss, zero_one_loss
from hpsearch.errors import NoTrialSucceeded
from hpsearch.execution.kept_models import forget_models
from hpsearch.execution.outputs import Outputs, outputs_on_validation
from hpsearch.problems import ONE_CLASS
from hpsearch.stages.prepared import Prepared
from hpsearch.storage import StudyView
from hpsearch.storage.atomic import write_json

FEWEST_MODELS = 2


def decompose(prepared: Prepared, view: StudyView) -> None:
    """Write `decomposition.json`, unless it is there, and delete the models it comes from.

    Args:
        prepared: A finished stage of curves over bootstrap samples.
        view: Its study.

    Raises:
        NoTrialSucceeded: Fewer than two models are left to compare.
    """
    directory = view.directory
    if not directory.decomposition_file.is_file():
        models = [directory.model_file(t.number) for t in view.ranked]
        models = [path for path in models if path.is_file()]
        if len(models) < FEWEST_MODELS:
            raise NoTrialSucceeded(
                f"{len(models)} of {len(view.trials)} bootstrap samples left a model; bias and "
                f"variance need {FEWEST_MODELS}.",
                f"See hpsearch show {directory} for what failed.",
            )
        outputs = outputs_on_validation(prepared.plan, models, prepared.placement.side_slot)
        write_json(directory.decomposition_file, decomposition_json(outputs))
    forget_models(directory, [trial.number for trial in view.trials])


def decomposition_json(outputs: Outputs) -> dict[str, Any]:
    """Bias and variance by each loss that suits the problem, as in `decomposition.json`."""
    count, images, _ = outputs.values.shape
    one_class = outputs.problem in ONE_CLASS
    targets = _targets(outputs)
    losses = {"squared": squared_loss(outputs.values.astype(np.float64), targets)}
    if one_class:
        predicted = outputs.values.argmax(axis=2)
        losses["zero_one"] = zero_one_loss(predicted, outputs.labels.astype(np.int64))
    names = outputs.class_names if one_class else ()
    return {
        "models": count,
        "images": images,
        "class_names": list(names),
        "losses": {name: _table(parts, outputs.labels, names) for name, parts in losses.items()},
    }


def _targets(outputs: Outputs) -> Numbers:
    """What the models should have given: 1 for what is true, or the value."""
    if outputs.problem not in ONE_CLASS:
        return outputs.labels.reshape(len(outputs.labels), -1).astype(np.float64)
    return np.eye(outputs.values.shape[2])[outputs.labels.astype(np.int64)]


def _table(parts: list[Numbers], labels: Any, names: tuple[str, ...]) -> Mapping[str, Any]:
    """The parts over all images, and over those of each class that has some."""
    classes = [labels == number for number in range(len(names))]
    return {
        "whole": decomposed(parts).to_json(),
        "classes": [decomposed(parts, own).to_json() if own.any() else None for own in classes],
    }
