"""Having the winner's model looked at by a process that loads TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hpsearch.execution.devices import Slot
from hpsearch.execution.launching import Launcher
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.models.model_card import fingerprint_of


class ViewRequest(NamedTuple):
    """Which model is to be looked at.

    Args:
        model: Its file.
        trial: Which trial it is of; None if it was retrained afterwards.
        target: The file to write.
        no_predictions: Why its predictions are not to be looked at; empty if they are.
    """

    model: Path
    trial: int | None
    target: Path
    no_predictions: str = ""

    def to_json(self) -> dict[str, object]:
        """For a process, with what identifies the file."""
        return {
            "model": str(self.model),
            "model_fingerprint": fingerprint_of(self.model),
            "trial": self.trial,
            "target": str(self.target),
            "no_predictions": self.no_predictions,
        }


def view_winner(
    plan: StudyPlan, fingerprint: str, request: ViewRequest, slot: Slot, launcher: Launcher
) -> None:
    """Predict validation images with a model, and write what is to be seen of it to a file.

    Args:
        plan: The study, which names space and data.
        fingerprint: Of its data.
        request: The model.
        slot: Where to do it.
        launcher: Starts the process.

    Raises:
        InputError: The data cannot be used or are others, or the model cannot be loaded.
        HpsearchError: The process died.
    """
    ask(
        "hpsearch.execution.winner_view_process",
        {"plan": plan.to_json(), "fingerprint": fingerprint, **request.to_json()},
        "Looking at the winner's model",
        environment=slot.environment,
        launcher=launcher,
    )
