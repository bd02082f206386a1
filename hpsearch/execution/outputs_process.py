"""The process behind `outputs`: reads a request on standard input, answers in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hpsearch.errors import DataError
from hpsearch.execution.answering import answer
from hpsearch.execution.saved_model import load_saved
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import load_space
from hpsearch.training.predicted_classes import predict, probabilities
from hpsearch.training.process import clear, prepare_process

MOST_VALUES = 20_000_000
"""Numbers that all models give together; of more images an even choice is taken."""


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    plan = StudyPlan.from_json(request["plan"])
    space = load_space(plan.reference).space
    plan.data.bind(space)
    data = plan.data.load(space)
    if data is None:
        raise DataError("The space names no dataset.", "Give one with --data.")
    width = max(1, data.num_classes or 1)
    step = -(-len(request["models"]) * len(data.validation) * width // MOST_VALUES)
    chosen = np.arange(0, len(data.validation), step)
    images, labels = data.validation.images[chosen], np.asarray(data.validation.labels)[chosen]
    values = []
    for path in request["models"]:
        model = load_saved(path)
        output = predict(model, images, data.preprocessing)
        values.append(probabilities(model, output, data.problem).astype(np.float32))
        clear()
    np.savez(request["target"], values=np.stack(values), labels=labels)
    return {"class_names": list(data.class_names), "problem": data.problem}


if __name__ == "__main__":
    answer(_answer)
