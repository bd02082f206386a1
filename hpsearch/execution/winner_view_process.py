"""The process behind the winner's view: reads a request on standard input, answers in a line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.analysis.winner_view import write_winner_view
from hpsearch.errors import DataError, InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.saved_model import load_saved
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.view_making import PredictedPart, color_space_of, make_view
from hpsearch.spaces import load_space
from hpsearch.training.predicted_classes import BATCH, predict, probabilities
from hpsearch.training.process import prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData

MOST_SECONDS = 60.0
"""Of predicting; then as many images count as were drawn until then."""
MOST_NUMBERS = 50_000_000
"""Of probabilities held at once."""


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    from hpsearch.execution.devices import available_cores

    prepare_process(available_cores())
    plan = StudyPlan.from_json(request["plan"])
    space = load_space(plan.reference).space
    plan.data.bind(space)
    dataset, data = plan.data.dataset(space), plan.data.load(space)
    if dataset is None or data is None:
        raise InputError("The space has no data.")
    check_same(data, request["fingerprint"])
    model = load_saved(request["model"])
    predicted = request["no_predictions"] or predict_some(model, data)
    fingerprint, color_space = request["model_fingerprint"], color_space_of(dataset)
    view = make_view(model, fingerprint, request["trial"], data, predicted, color_space)
    write_winner_view(Path(request["target"]), view)
    return {"written": True}


def check_same(data: LoadedData, fingerprint: str) -> None:
    """Refuse other images than those of the study, as built-in ones where the real ones are not."""
    if data.fingerprint != fingerprint:
        raise DataError(
            f"The data found here are not those of the study: they are {data.source}.",
            "Run hpsearch report where the data are, or give $HPSEARCH_DATA.",
        )


def predict_some(model: Any, data: LoadedData, most_seconds: float = MOST_SECONDS) -> PredictedPart:
    """What a model says of the validation images, in random order, as many as there is time for.

    Args:
        model: A loaded model.
        data: Its data.
        most_seconds: After which no more are taken.
    """
    part = data.validation
    order = np.random.default_rng(0).permutation(len(part))
    outputs: list[Any] = []
    began = time.monotonic()
    for start in range(0, len(order), BATCH):
        images = part.images[order[start : start + BATCH]]
        output = predict(model, images, data.preprocessing)
        outputs.append(probabilities(model, output, data.problem))
        numbers = sum(own.size for own in outputs)
        if time.monotonic() - began > most_seconds or numbers > MOST_NUMBERS:
            break
    values = np.concatenate(outputs)
    return PredictedPart("validation", part, order[: len(values)], values)


if __name__ == "__main__":
    answer(_answer)
