"""The probe: a process that tells what a space declares and how long its trials take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.execution.devices import Placement, available_cores
from hpsearch.execution.launching import Launcher, launch_plainly
from hpsearch.execution.side_process import ask
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Space
from hpsearch.training.costs import FeaturesCost
from hpsearch.training.precision import Arithmetic


@dataclass(frozen=True)
class ProbeResult:
    """What the probe found.

    Args:
        space: The declared space, before the user's changes.
        num_parameters: Weights of the model with the defaults; None if it builds none.
        seconds_per_epoch: Mean over the probed configurations, on one worker.
        seconds_per_trial: Further seconds a trial takes whatever its epochs: build and trace.
        failure: What the builder raised with the defaults; empty if nothing.
        threads: Threads the probe used.
        arithmetic: How models should compute; None where that was not asked.
        features: Those of the frozen parts of the probed configurations, one a phase; none
            where nothing is frozen.
        uncut_by: The layer because of which a model that is mostly frozen has none; else empty.
    """

    space: Space
    num_parameters: int | None = None
    seconds_per_epoch: float = 0.0
    seconds_per_trial: float = 0.0
    failure: str = ""
    threads: int = 1
    arithmetic: Arithmetic | None = None
    features: tuple[FeaturesCost, ...] = ()
    uncut_by: str = ""


def probe(
    plan: StudyPlan,
    placement: Placement,
    *,
    timed: bool = True,
    trials: float = 0.0,
    epochs_to_train: float | None = None,
    launcher: Launcher = launch_plainly,
) -> ProbeResult:
    """Run the probe in a process of its own, so that this one need not load TensorFlow.

    Args:
        plan: The study to be.
        placement: Where the workers will train; the probe has what one of them has.
        timed: Whether to train for a moment and take the time.
        trials: That one worker will train, by which is decided how much probing pays.
        epochs_to_train: Epochs that one worker will train at most, to choose how models compute;
            None where that is settled.
        launcher: Starts the process.

    Raises:
        InputError: The space or the data cannot be used.
        HpsearchError: The process died.
    """
    threads = placement.threads
    request = {
        "plan": plan.to_json(),
        "threads": threads,
        "timed": timed,
        "trials": trials,
        "epochs_to_train": epochs_to_train,
        "beside": epochs_to_train is not None and _has_room_beside(placement),
    }
    answer = ask(
        "hpsearch.execution.probe_process",
        request,
        "The probe of the space",
        environment=placement.side_slot.environment,
        launcher=launcher,
    )
    return _result(answer, threads)


def _has_room_beside(placement: Placement) -> bool:
    """Whether the probe can have another process get ready on cores that it does not use."""
    return placement.can_fork and available_cores() >= 2 * placement.threads


def _result(answer: Mapping[str, Any], threads: int) -> ProbeResult:
    return ProbeResult(
        space=Space.from_json(answer["space"]),
        num_parameters=answer["num_parameters"],
        seconds_per_epoch=answer["seconds_per_epoch"],
        seconds_per_trial=answer["seconds_per_trial"],
        failure=answer["failure"],
        threads=threads,
        arithmetic=answer["arithmetic"] and Arithmetic(**answer["arithmetic"]),
        features=tuple(FeaturesCost(**own) for own in answer["features"]),
        uncut_by=answer["uncut_by"],
    )
