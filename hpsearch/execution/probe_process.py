"""The process behind the probe: reads a request on standard input, answers in one JSON line."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import draw_value
from hpsearch.spaces import Space, load_space
from hpsearch.training.process import clear, prepare_process

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
    prepare_process(threads)
    from hpsearch.training.hyperparameters import declare

    search_space = load_space(plan.reference).space
    space, failure = declare(search_space)
    answer: dict[str, Any] = {
        "space": space.to_json(),
        "num_parameters": None,
        "seconds_per_epoch": 0.0,
        "seconds_per_trial": 0.0,
        "failure": "" if failure is None else f"{type(failure).__name__}: {failure}",
    }
    if failure is None:
        answer["num_parameters"] = _count_parameters(search_space)
    if timed and answer["num_parameters"] is not None:
        answer |= _time(plan, search_space, plan.overrides.apply(space))
    return answer


def _count_parameters(search_space: Any) -> int | None:
    """Weights of the model with the defaults; None if the builder makes no model."""
    from hpsearch.training.hyperparameters import LiveHyperParameters

    model = search_space(LiveHyperParameters(Space(), {}))
    if not hasattr(model, "count_params"):
        return None
    return int(model.count_params()) if model.built else None


def _time(plan: StudyPlan, search_space: Any, space: Space) -> dict[str, float]:
    """Seconds an epoch and seconds a trial besides, for the defaults and two random points."""
    from hpsearch.training.arrays import make_arrays

    data = plan.data.load(search_space)
    if data is None:
        return {}
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
        seconds = (time.monotonic() - traced) / trained
        total = arrays.num_train + 0.4 * int(arrays.x_validation.shape[0])
        return seconds * total, traced - started
    except Exception:  # noqa: BLE001  (the study will record how such a configuration fails; here it has no time)
        return None
    finally:
        clear()


if __name__ == "__main__":
    main()
