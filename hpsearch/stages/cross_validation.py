"""By how many folds a stage compares its trials."""

from __future__ import annotations

from dataclasses import replace

from hpsearch.errors import InputError
from hpsearch.execution import ProbeResult
from hpsearch.spaces import MOST_FOLDS, LoadedSpace
from hpsearch.stages.request import StageRequest, check_one_division
from hpsearch.storage import StudyView


def settled_folds(request: StageRequest, loaded: LoadedSpace) -> int:
    """What was asked for, else what the space has; 1 for a single training and validation part.

    Raises:
        InputError: The number is impossible, or the space or the request cannot be divided so.
    """
    own = getattr(loaded.space, "folds", None)
    folds = request.folds if request.folds is not None else own
    if folds is None:
        return 1
    if type(folds) is not int or not 1 <= folds <= MOST_FOLDS:
        raise InputError(
            f"The space {loaded.name} has folds = {folds!r}.",
            f"Use a whole number from 1 to {MOST_FOLDS}.",
        )
    check_one_division(folds, request.validation_share)
    if folds > 1 and getattr(loaded.space, "fit", None) is not None:
        raise InputError(
            f"{loaded.name} trains by a fit(hp, model, …) of its own, which takes one validation "
            "part and not folds.",
            "Leave --folds out, or let hpsearch train: take the fit out.",
        )
    return folds


def folds_of(source: StudyView) -> int | None:
    """The number of folds of a study; None where it was created before there were any."""
    folds: int | None = source.facts["plan"]["data"].get("folds")
    return folds


def timing_with(timing: ProbeResult, folds: int | None, source: StudyView) -> ProbeResult:
    """What a study's trials say of the time that trials of another number of folds take.

    Args:
        timing: Of the trials of the source.
        folds: Of the trials to come; None for the same.
        source: The study that was timed.
    """
    before = folds_of(source) or 1
    ratio = (folds or before) / before
    return replace(timing, seconds_per_epoch=timing.seconds_per_epoch * ratio)
