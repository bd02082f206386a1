"""Evaluating saved models on the test split, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.errors import HpsearchError
from hpsearch.execution.devices import ANYWHERE, Slot
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ScoresOnTest:
    """How saved models do on the test split.

    Args:
        single: For each model its confusion matrix: (classes, classes) counts, a row for each
            true class.
        together: That of the mean prediction of the models; None if there is none.
    """

    single: tuple[NDArray[np.int64], ...]
    together: NDArray[np.int64] | None

    @property
    def num_images(self) -> int:
        """Images of the test split."""
        return int(self.single[0].sum())


def evaluate_on_test(
    plan: StudyPlan, models: Sequence[Path], alone: Sequence[Path] = (), slot: Slot = ANYWHERE
) -> ScoresOnTest | None:
    """Classify the test split with each model and with several of them together.

    Args:
        plan: The study, which names the data.
        models: Files of Keras models, whose predictions are averaged, too.
        alone: Further models, which do not take part in the average.
        slot: Where to do it.

    Returns:
        The scores, of `models` before `alone`; None if the data have no test split.

    Raises:
        HpsearchError: The process died, or a model cannot be loaded without running its code.
    """
    request = {
        "plan": plan.to_json(),
        "models": [str(path) for path in models],
        "alone": [str(path) for path in alone],
    }
    answer = ask(
        "hpsearch.execution.evaluation_process",
        request,
        "Evaluating on the test split",
        environment=slot.environment,
    )
    if "refused" in answer:
        raise HpsearchError(*answer["refused"])
    if not answer["single"]:
        return None
    together = answer["together"]
    return ScoresOnTest(
        tuple(np.array(counts) for counts in answer["single"]),
        None if together is None else np.array(together),
    )
