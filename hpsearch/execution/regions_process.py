"""The process behind decision regions: trains on points in the plane, answers in one JSON line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.spirals import POINT_SHAPE
from hpsearch.errors import InputError
from hpsearch.execution.answering import answer
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.problems import ONE_CLASS
from hpsearch.spaces import Space, load_space
from hpsearch.training.predicted_classes import predict, predicted_classes
from hpsearch.training.process import clear, prepare_process

MARGIN = 0.05
"""Of the plane around the points, as a share of their extent."""


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    plan = StudyPlan.from_json(request["plan"])
    prepare_process(1, deterministic=plan.training.deterministic)
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.trial import run_trial

    search_space = load_space(plan.reference).space
    plan.data.bind(search_space)
    data = plan.data.load(search_space)
    is_plane = data is not None and tuple(data.train.images.shape[1:]) == POINT_SHAPE
    if data is None or not is_plane or data.problem not in ONE_CLASS:
        raise InputError(
            "Regions of the plane need data of two numbers each, which have classes.",
            "See them with: hpsearch coarse --space initialization",
        )
    points = np.asarray(data.train.images, np.float32).reshape(-1, 2)
    arrays, grid, pictures = make_arrays(data), plane(points, request["side"]), []
    for params in request["configurations"]:
        clear()
        hp = LiveHyperParameters(Space.from_json(request["space"]), params)
        outcome = run_trial(search_space, hp, arrays, plan.training.settings(), request["seed"])
        pictures.append(_picture(outcome, grid, data.preprocessing, request["side"]))
    return {
        "low": grid.min(axis=0).tolist(),
        "high": grid.max(axis=0).tolist(),
        "points": np.round(points, 4).tolist(),
        "labels": np.asarray(data.train.labels).tolist(),
        "class_names": list(data.class_names),
        "pictures": pictures,
    }


def plane(points: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Places of a grid over the points and a little around them, row after row from below.

    Args:
        points: (n, 2) x and y.
        side: Places in each direction.

    Returns:
        (side², 2) x and y.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * (high - low)
    columns = [np.linspace(low[i] - margin[i], high[i] + margin[i], side) for i in (0, 1)]
    return np.stack(np.meshgrid(*columns), axis=-1).reshape(-1, 2).astype(np.float32)


def _picture(outcome: Any, grid: NDArray[Any], preprocessing: Any, side: int) -> dict[str, Any]:
    """The class of every place, by the weights of the best epoch; none where training failed."""
    if outcome.state != "complete":
        return {"value": None, "classes": []}
    model = outcome.progress.model
    model.set_weights(outcome.progress.best_weights)
    output = predict(model, grid.reshape(-1, *POINT_SHAPE), preprocessing)
    classes = np.asarray(predicted_classes(model, output)).reshape(side, side)
    return {"value": outcome.value, "classes": classes.tolist()}


if __name__ == "__main__":
    answer(_answer)
