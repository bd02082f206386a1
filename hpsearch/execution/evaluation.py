"""Evaluating saved models on the test split, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan


@dataclass(frozen=True)
class ScoresOnTest:
    """How saved models do on the test split.

    Args:
        num_images: Images of the test split.
        correct: For each model the number of images it classifies rightly.
        correct_together: The same for the mean of all models' predictions.
    """

    num_images: int
    correct: tuple[int, ...]
    correct_together: int


def evaluate_on_test(plan: StudyPlan, models: Sequence[Path]) -> ScoresOnTest | None:
    """Classify the test split with each model and with all of them together.

    Args:
        plan: The study, which names the data.
        models: Files of Keras models.

    Returns:
        The scores; None if the data have no test split.

    Raises:
        HpsearchError: The process died.
    """
    request = {"plan": plan.to_json(), "models": [str(path) for path in models]}
    answer = ask("hpsearch.execution.evaluation_process", request, "Evaluating on the test split")
    if not answer["num_images"]:
        return None
    return ScoresOnTest(answer["num_images"], tuple(answer["correct"]), answer["correct_together"])
