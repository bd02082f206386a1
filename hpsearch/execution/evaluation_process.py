"""The process behind the evaluation: reads a request on standard input, answers in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.analysis.image_scores import (
    Scores,
    class_scores,
    label_scores,
    scores_json,
    value_scores,
)
from hpsearch.analysis.winner_view import WinnerView, write_winner_view
from hpsearch.execution.answering import answer
from hpsearch.execution.saved_model import load_saved
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.view_making import PredictedPart, color_space_of, make_view
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import load_space
from hpsearch.training.failures import describe
from hpsearch.training.multi_crop import multi_crop_predict, num_crops
from hpsearch.training.predicted_classes import predict, predicted_classes, probabilities
from hpsearch.training.process import clear, prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    plan = StudyPlan.from_json(request["plan"])
    space = load_space(plan.reference).space
    plan.data.bind(space)
    data = plan.data.load(space)
    if data is None or data.test is None:
        return {"num_images": 0}
    dataset = plan.data.dataset(space)
    mirror, color_space = bool(getattr(dataset, "mirror_safe", True)), color_space_of(dataset)
    ways: dict[str, Callable[..., Any]] = {"whole": predict}
    if request["multi_crop"]:
        ways["crops"] = partial(multi_crop_predict, mirror=mirror)
    tables = {name: _Table(data) for name in ways}
    for path in (*request["models"], *request["alone"]):
        model = load_saved(path)
        for name, way in ways.items():
            output = way(model, data.test.images, data.preprocessing)
            tables[name].enter(model, output, averaged=path in request["models"])
            if [path] == request["models"][-1:]:
                tables[name].close_mean(model)
            if name == "whole" and request["shown"] and path == request["shown"]["model"]:
                _show(model, output, data, request["shown"], color_space)
        clear()
    scored = {name: table.to_json() for name, table in tables.items()}
    metric = next(iter(tables["whole"].together))
    facts = {"num_images": len(data.test), "num_crops": num_crops(mirror), "metric": metric}
    return facts | scored


def _show(
    model: Any, output: Any, data: LoadedData, shown: Mapping[str, Any], color_space: str
) -> None:
    """Keep what this look shows of the model; whatever fails in that, the look counts."""
    assert data.test is not None
    order = np.random.default_rng(0).permutation(len(data.test))
    values = probabilities(model, output, data.problem)[order]
    predicted = PredictedPart("test", data.test, order, values)
    fingerprint, trial = shown["model_fingerprint"], shown["trial"]
    try:
        view = make_view(model, fingerprint, trial, data, predicted, color_space)
    except Exception as error:  # noqa: BLE001  (models may be of any kind)
        view = WinnerView("", trial, describe(error).partition("\n")[0])
    write_winner_view(Path(shown["target"]), view)


class _Table:
    """The scores of models, and of the mean of their outputs.

    Args:
        data: The data, with a test part.
    """

    def __init__(self, data: LoadedData) -> None:
        self.data = data
        self.single: list[Scores] = []
        self.together: Scores = {}
        self._total: Any = 0.0
        self._count = 0

    def enter(self, model: Any, output: Any, *, averaged: bool) -> None:
        """Score a model's output, which may take part in the mean."""
        self.single.append(_scores(model, output, self.data))
        if averaged:
            self._total = self._total + output
            self._count += 1

    def close_mean(self, model: Any) -> None:
        """Score the mean of the outputs so far, which are all alike those of this model."""
        self.together = _scores(model, self._total / self._count, self.data)

    def to_json(self) -> dict[str, Any]:
        """The scores as plain JSON."""
        return {
            "single": [scores_json(scores) for scores in self.single],
            "together": scores_json(self.together),
        }


def _scores(model: Any, output: Any, data: LoadedData) -> Scores:
    assert data.test is not None
    labels = np.asarray(data.test.labels)
    if data.problem in ONE_CLASS:
        return class_scores(_confusion(model, output, labels, data.num_classes))
    values = probabilities(model, output, data.problem)
    if data.problem == "many_labels":
        return label_scores(labels, values)
    return value_scores(labels, values)


def _confusion(model: Any, output: Any, labels: Any, num_classes: int) -> Any:
    """Counts of images by true and predicted class."""
    predicted = np.asarray(predicted_classes(model, output))
    size = max(num_classes, int(predicted.max()) + 1, int(labels.max()) + 1)
    counts = np.bincount(labels * size + predicted, minlength=size * size)
    return counts.reshape(size, size)


if __name__ == "__main__":
    answer(_answer)
