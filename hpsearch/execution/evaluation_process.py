"""The process behind the evaluation: reads a request on standard input, answers in one line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.errors import HpsearchError
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import load_space
from hpsearch.training.predicted_classes import predict, predicted_classes
from hpsearch.training.process import clear, prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData


class UnsafeModel(HpsearchError):
    """A saved model that is damaged, or that only running its code could restore."""


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    plan = StudyPlan.from_json(request["plan"])
    try:
        answer = _answer(plan, request["models"], request["alone"])
    except UnsafeModel as refusal:
        answer = {"refused": [refusal.message, refusal.hint]}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _answer(plan: StudyPlan, models: list[str], alone: list[str]) -> dict[str, Any]:
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    data = plan.data.load(load_space(plan.reference).space)
    if data is None or data.test is None or not models + alone or not _has_classes(data):
        return {"single": [], "together": None}
    labels = np.asarray(data.test.labels)
    answer: dict[str, Any] = {"single": [], "together": None}
    total: Any = 0.0
    for path in (*models, *alone):
        model = _load(path)
        output = predict(model, data.test.images, data.preprocessing)
        answer["single"].append(_confusion(model, output, labels, data.num_classes))
        if path in models:
            total = total + output
        if [path] == models[-1:]:
            average = total / len(models)
            answer["together"] = _confusion(model, average, labels, data.num_classes)
        clear()
    return answer


def _has_classes(data: LoadedData) -> bool:
    """Whether a confusion matrix says all there is to say."""
    return data.problem in ONE_CLASS


def _load(path: str) -> Any:
    """A saved model, read without running code that the file may hold."""
    import keras

    import hpsearch.models.keras_objects  # noqa: F401  (makes them known to Keras)

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # a damaged file fails in many ways
        reason = str(error).partition("\n")[0]
        raise UnsafeModel(
            f"{path} cannot be loaded: {reason}",
            "A damaged file: train again with --overwrite. A Lambda layer holds code, which is "
            "not run from a file: write a layer class with "
            "@keras.saving.register_keras_serializable() in the space file.",
        ) from error


def _confusion(model: Any, output: Any, labels: Any, num_classes: int) -> list[list[int]]:
    """Counts of images by true and predicted class."""
    predicted = np.asarray(predicted_classes(model, output))
    size = max(num_classes, int(predicted.max()) + 1, int(labels.max()) + 1)
    counts: list[list[int]] = (
        np.bincount(labels * size + predicted, minlength=size * size).reshape(size, size).tolist()
    )
    return counts


if __name__ == "__main__":
    main()
