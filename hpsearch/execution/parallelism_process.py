"""The process behind a measurement of parallelism: gets ready, and trains when it is told to."""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Space, load_space
from hpsearch.training.process import prepare_process

if TYPE_CHECKING:
    from hpsearch.training.loop import EpochLoop

TRAINED_SECONDS = 0.4
IMAGES_A_ROUND = 1024


def main() -> None:
    """Read the request, make the model, say so; once told, train for a moment and say how far."""
    request = json.loads(sys.stdin.readline())
    loop, images = _loop(request)
    _say()
    if not sys.stdin.readline():
        return
    trained, started, seconds = 0, time.perf_counter(), 0.0
    while seconds < TRAINED_SECONDS:
        trained += loop.train_images(images)
        seconds = time.perf_counter() - started
    _say(images=trained, seconds=seconds)


def _say(**facts: float) -> None:
    sys.stdout.write("\n" + json.dumps({"hpsearch": True, **facts}) + "\n")
    sys.stdout.flush()


def _loop(request: dict[str, Any]) -> tuple[EpochLoop, int]:
    """What trains the configuration, traced by a step, and the images of a round."""
    plan = StudyPlan.from_json(request["plan"])
    prepare_process(request["threads"], deterministic=plan.training.deterministic)
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.costs import probing_loop
    from hpsearch.training.exact_outputs import built_in
    from hpsearch.training.hyperparameters import LiveHyperParameters

    search_space = load_space(plan.reference).space
    plan.data.bind(search_space)
    data = plan.data.load(search_space)
    assert data is not None  # or nothing would have been timed
    hp = LiveHyperParameters(Space(), request["values"])
    batch_size = int(request["values"].get("batch_size", plan.training.batch_size))
    model = built_in(plan.training.precision, partial(search_space, hp))
    loop = probing_loop(model, make_arrays(data), batch_size)
    loop.train_images(2 * batch_size)
    return loop, _images_a_round(loop, batch_size)


def _images_a_round(loop: EpochLoop, batch_size: int) -> int:
    """Whole steps, at least two, and not much more than half of the time there is."""
    started = time.perf_counter()
    trained = loop.train_images(2 * batch_size)
    each = (time.perf_counter() - started) / trained
    wanted = min(IMAGES_A_ROUND, TRAINED_SECONDS / 2 / each)
    return max(2, int(wanted // batch_size)) * batch_size


if __name__ == "__main__":
    main()
