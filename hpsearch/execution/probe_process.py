"""The process behind the probe: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from hpsearch.errors import DataError, HpsearchError, InputError
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import draw_value
from hpsearch.spaces import Space, load_space
from hpsearch.training.process import clear, prepare_process

if TYPE_CHECKING:
    from hpsearch.data import LoadedData

PROBED_CONFIGURATIONS = 3
PROBED_IMAGES = 1024


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    try:
        answer = _answer(StudyPlan.from_json(request["plan"]), request["threads"], request["timed"])
    except HpsearchError as error:
        answer = {"error": {"message": error.message, "hint": error.hint}}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _answer(plan: StudyPlan, threads: int, timed: bool) -> dict[str, Any]:
    prepare_process(threads, deterministic=plan.training.deterministic)
    from hpsearch.training.hyperparameters import LiveHyperParameters, declare

    search_space = load_space(plan.reference).space
    space, failure = declare(search_space)
    answer: dict[str, Any] = {
        "space": space.to_json(),
        "num_parameters": None,
        "seconds_per_epoch": 0.0,
        "seconds_per_trial": 0.0,
        "failure": "" if failure is None else f"{type(failure).__name__}: {failure}",
    }
    model = search_space(LiveHyperParameters(Space(), {})) if failure is None else None
    if model is not None and hasattr(model, "count_params"):
        data = plan.data.load(search_space)
        check_input(model, data)
        answer["num_parameters"] = int(model.count_params()) if model.built else None
        if timed and data is not None:
            answer |= _time(plan, search_space, plan.overrides.apply(space), data)
    return answer


def check_input(model: Any, data: LoadedData | None) -> None:
    """Refuse a model that cannot take the images.

    Raises:
        DataError: There are no data, or the shapes do not fit; the message names both.
    """
    if data is None:
        raise DataError("The space names no data set.", "Give the data with --data.")
    wanted = getattr(model, "input_shape", None)
    given = tuple(data.train.images.shape[1:])
    if not isinstance(wanted, tuple) or isinstance(wanted[0], tuple | list):
        return
    sizes = tuple(wanted[1:])
    fits = len(sizes) == len(given) and all(
        size in (None, own) for size, own in zip(sizes, given, strict=True)
    )
    if not fits:
        raise DataError(
            f"The model takes inputs of shape {sizes}, but the images are {given}.",
            "Give other data, or change the input shape in build(hp).",
        )


def _time(plan: StudyPlan, search_space: Any, space: Space, data: LoadedData) -> dict[str, float]:
    """Seconds an epoch and seconds a trial besides, for the defaults and two random points.

    Raises:
        InputError: The model with the defaults does not report the objective.
    """
    from hpsearch.training.arrays import make_arrays

    arrays = make_arrays(data)
    configurations = [space.defaults()] + [
        space.choose(lambda p, i=index: draw_value(p, space.key(p), plan.seed, -i))
        for index in range(1, PROBED_CONFIGURATIONS)
    ]
    timings = [_time_one(search_space, space, values, arrays, plan) for values in configurations]
    known = [timing for timing in timings if timing is not None]
    if not known:
        return {}
    return {
        "seconds_per_epoch": sum(epoch for epoch, _ in known) / len(known),
        "seconds_per_trial": sum(extra for _, extra in known) / len(known),
    }


def check_objective(objective: str, names: Collection[str]) -> None:
    """Refuse an objective that is not reported after an epoch.

    Args:
        objective: What was asked for.
        names: What is reported.

    Raises:
        InputError: It is not among them; the message lists them.
    """
    if objective not in names:
        raise InputError(
            f"The model reports no '{objective}', only {', '.join(names)}.",
            "Give one of these with --objective, or compile the model with that metric.",
        )


def _time_one(
    search_space: Any, space: Space, values: dict[str, Any], arrays: Any, plan: StudyPlan
) -> tuple[float, float] | None:
    """(seconds an epoch, other seconds) of one configuration; None if it cannot be trained."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.loop import EpochLoop

    try:
        started = time.monotonic()
        hp = LiveHyperParameters(space, values)
        batch_size = int(hp.values.get("batch_size", plan.training.batch_size))
        loop = EpochLoop(search_space(hp), arrays, batch_size)
        loop.train_images(batch_size)
        traced = time.monotonic()
        images = max(PROBED_IMAGES, 2 * batch_size)
        trained = loop.train_images(images)
        check_objective(plan.training.objective, loop.metric_names)
        seconds = (time.monotonic() - traced) / trained
        total = arrays.num_train + 0.4 * int(arrays.x_validation.shape[0])
        return seconds * total, traced - started
    except InputError:
        raise
    except Exception:  # noqa: BLE001  (how such a configuration fails is for the study to record)
        return None
    finally:
        clear()


if __name__ == "__main__":
    main()
