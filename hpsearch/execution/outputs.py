"""What saved models give for the validation part, computed in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.execution.devices import ANYWHERE, Slot
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.template import kept_launcher


class Outputs(NamedTuple):
    """What models give for the images of the validation part.

    Args:
        values: (models, images, k) probabilities of the classes or labels, or the values of a
            regression.
        labels: (images,) classes, or (images, k) labels or values.
        class_names: One a column; none for a regression.
        problem: What the models are asked for.
    """

    values: NDArray[np.float64]
    labels: NDArray[np.float64]
    class_names: tuple[str, ...]
    problem: str


def outputs_on_validation(
    plan: StudyPlan, models: Sequence[Path], slot: Slot = ANYWHERE
) -> Outputs:
    """What each model gives for the validation part, or for an even choice of its images.

    Args:
        plan: The study, which names the data; with folds the first one's validation part is used.
        models: Files of Keras models, one or more.
        slot: Where to do it.

    Raises:
        InputError: The data cannot be used, or a model cannot be loaded without running its code.
        HpsearchError: The process died.
    """
    with tempfile.TemporaryDirectory(prefix="hpsearch-") as folder:
        target = Path(folder) / "outputs.npz"
        answer = ask(
            "hpsearch.execution.outputs_process",
            {
                "plan": plan.to_json(),
                "models": [str(path) for path in models],
                "target": str(target),
            },
            "Predicting the validation part",
            environment=slot.environment,
            launcher=kept_launcher(),
        )
        with np.load(target, allow_pickle=False) as found:
            values, labels = found["values"], found["labels"]
    return Outputs(values, labels, tuple(answer["class_names"]), answer["problem"])
