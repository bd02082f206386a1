"""The process behind a `Trainer`: gets configurations ready, and trains them when it is told to."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Space, load_space
from hpsearch.training.process import clear, prepare_process, seed_everything

if TYPE_CHECKING:
    from hpsearch.training.loop import EpochLoop

IMAGES_A_ROUND = 1024
"""Or fewer, so that there are two rounds in the time that it trains for."""


class _Training:
    """The data of a study, and the configuration that is trained at the moment.

    Args:
        plan: The study to be.
        threads: Of TensorFlow.
    """

    def __init__(self, plan: StudyPlan, threads: int) -> None:
        prepare_process(threads, deterministic=plan.training.deterministic)
        from hpsearch.training.arrays import make_arrays

        self._seed = plan.seed
        self._space = load_space(plan.reference).space
        plan.data.bind(self._space)
        data = plan.data.load(self._space)
        assert data is not None  # or nothing would be timed
        self._arrays = make_arrays(data)
        self._loop: EpochLoop | None = None
        self._batch_size = 0
        self._seconds_an_image = 0.0

    def obey(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Get a configuration ready, or train the one that is, on images or for seconds."""
        if "values" in order:
            return self._get_ready(order["values"], order["batch_size"], order["precision"])
        if "images" in order:
            return self._train(order["images"])
        return self._train_for(order["seconds"])

    def _get_ready(
        self, values: Mapping[str, Any], batch_size: int, precision: str
    ) -> dict[str, Any]:
        """Build it and trace it by a step."""
        from hpsearch.training.costs import probing_loop
        from hpsearch.training.exact_outputs import built_in, rounds_outputs
        from hpsearch.training.hyperparameters import LiveHyperParameters

        if self._loop is not None:
            self._loop = None
            clear()
        seed_everything(self._seed)
        hp = LiveHyperParameters(Space(), values)
        model = built_in(precision, partial(self._space, hp))
        loop = probing_loop(model, self._arrays, batch_size)
        loop.train_images(batch_size)
        self._loop, self._batch_size = loop, batch_size
        return {"rounds_outputs": rounds_outputs(model)}

    def _train(self, images: int) -> dict[str, Any]:
        assert self._loop is not None
        started = time.perf_counter()
        trained = self._loop.train_images(images)
        seconds = time.perf_counter() - started
        self._seconds_an_image = seconds / trained
        return {"images": trained, "seconds": seconds, "loss": self._loop.last_loss}

    def _train_for(self, wanted: float) -> dict[str, Any]:
        """Whole steps, at least two a round; how long a step takes has been seen."""
        assert self._loop is not None
        most = min(IMAGES_A_ROUND, wanted / 2 / self._seconds_an_image)
        images = max(2, int(most // self._batch_size)) * self._batch_size
        trained, started, seconds = 0, time.perf_counter(), 0.0
        while seconds < wanted:
            trained += self._loop.train_images(images)
            seconds = time.perf_counter() - started
        return {"images": trained, "seconds": seconds}


def main() -> None:
    """Read what is to be trained, then an order a line; answer each in a line."""
    request = json.loads(sys.stdin.readline())
    training = _Training(StudyPlan.from_json(request["plan"]), request["threads"])
    for line in sys.stdin:
        order = json.loads(line)
        try:
            told = training.obey(order)
        except Exception:  # noqa: BLE001  (how a configuration fails is for the study to record)
            told = {}
        facts = {"hpsearch": True, "number": order["number"], **told}
        sys.stdout.write("\n" + json.dumps(facts) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
