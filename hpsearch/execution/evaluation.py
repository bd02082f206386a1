"""Evaluating saved models on the test split, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hpsearch.execution.devices import ANYWHERE, Slot
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.template import kept_launcher
from hpsearch.execution.winner_view import ViewRequest


@dataclass(frozen=True)
class Scored:
    """Scores of several models, as `hpsearch.analysis.image_scores.scores_json` has them.

    Args:
        single: For each model.
        together: Of the mean prediction of those that take part in it.
    """

    single: tuple[Mapping[str, Any], ...]
    together: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From the answer of the process."""
        return cls(tuple(data["single"]), data["together"])


@dataclass(frozen=True)
class ScoresOnTest:
    """How saved models do on the test split.

    Args:
        metric: Name of the score that is quoted.
        num_images: Images of the test split.
        whole: Each image seen once.
        crops: Each image seen as the mean over crops at several scales; None if not asked for.
        num_crops: How many crops.
    """

    metric: str
    num_images: int
    whole: Scored
    crops: Scored | None
    num_crops: int


def evaluate_on_test(
    plan: StudyPlan,
    models: Sequence[Path],
    alone: Sequence[Path] = (),
    slot: Slot = ANYWHERE,
    *,
    multi_crop: bool = False,
    shown: ViewRequest | None = None,
) -> ScoresOnTest | None:
    """Predict the test split with each model and with several of them together.

    Args:
        plan: The study, which names the data.
        models: Files of Keras models, one or more, whose predictions are averaged, too.
        alone: Further models, which do not take part in the average.
        slot: Where to do it.
        multi_crop: Whether to score predictions over crops, too; see `multi_crop_predict`.
        shown: Which of the models is to be shown by what it says in this very look.

    Returns:
        The scores, of `models` before `alone`; None if the data have no test split.

    Raises:
        InputError: The data cannot be used, or a model cannot be loaded without running its code.
        HpsearchError: The process died.
    """
    request = {
        "plan": plan.to_json(),
        "models": [str(path) for path in models],
        "alone": [str(path) for path in alone],
        "multi_crop": multi_crop,
        "shown": shown.to_json() if shown else None,
    }
    answer = ask(
        "hpsearch.execution.evaluation_process",
        request,
        "Evaluating on the test split",
        environment=slot.environment,
        launcher=kept_launcher(),
    )
    if not answer["num_images"]:
        return None
    return ScoresOnTest(
        answer["metric"],
        answer["num_images"],
        Scored.from_json(answer["whole"]),
        Scored.from_json(answer["crops"]) if multi_crop else None,
        answer["num_crops"],
    )
