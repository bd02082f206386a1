"""Training a configuration once more on training and validation images together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.execution.devices import ANYWHERE, Slot
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.template import kept_launcher
from hpsearch.search import derive_seed
from hpsearch.spaces import Space


@dataclass(frozen=True)
class Retrained:
    """What became of it.

    Args:
        loss: Training loss of the last epoch; None if it failed.
        failure: What went wrong; empty if nothing.
    """

    loss: float | None
    failure: str


def retrain(
    plan: StudyPlan,
    space: Space,
    params: Mapping[str, Any],
    epochs: int,
    target: Path,
    slot: Slot = ANYWHERE,
) -> Retrained:
    """Train a configuration on both parts, for a fixed number of epochs, and save the model.

    There is nothing left to judge an epoch by, so the last one counts. Preprocessing keeps the
    statistics of the training part, so that all models of the study take the same input.

    Args:
        plan: The study.
        space: Its space.
        params: The configuration.
        epochs: How long to train.
        target: Where to save the model.
        slot: Where to train.

    Raises:
        HpsearchError: The process died.
    """
    request = {
        "plan": plan.to_json(),
        "space": space.to_json(),
        "params": dict(params),
        "epochs": epochs,
        "seed": derive_seed(plan.seed, "retrain"),
        "target": str(target),
    }
    answer = ask(
        "hpsearch.execution.retraining_process",
        request,
        "Retraining the winner",
        environment=slot.environment,
        launcher=kept_launcher(),
    )
    return Retrained(answer["loss"], answer["failure"])
