"""Keeping what is to be seen of a study's winner up to date with its model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Literal

from hpsearch.analysis.winner_view import WinnerView, read_winner_view, write_winner_view
from hpsearch.data.catalogue import is_code
from hpsearch.errors import HpsearchError, StudyError
from hpsearch.execution.devices import place_workers
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.template import (
    is_template_kept,
    launcher_of,
    release_template,
    start_template,
)
from hpsearch.execution.usable_model import UsableModel, model_of
from hpsearch.execution.winner_view import ViewRequest, view_winner
from hpsearch.models.model_card import JOINTLY_TRAINED, fingerprint_of
from hpsearch.spaces.finding import is_shipped
from hpsearch.stages.result import StageResult
from hpsearch.storage import StudyView

Models = Literal["all", "shipped", "none"]
"""Whose winners are looked at, as that runs their space file: those of every study, of studies on
a space that hpsearch brings along, or of none."""

SEEN_ALREADY = (
    "The winner was retrained on the validation images, too, and the test images are looked at "
    "only once."
)
logger = logging.getLogger(__name__)


def look_at_winner(
    view: StudyView, models: Models = "all", tell: Callable[[str], None] = lambda sentence: None
) -> None:
    """Look at the model of a study's winner, where that has not been done for this very model.

    What comes of it is `winner_view.npz` in the run directory, from which the report draws; if
    nothing does, it holds the reason, unless it shows an earlier winner. Curves have no winner.

    Args:
        view: The study.
        models: Whether it may be done, as it runs the study's space file.
        tell: Told what is being done, if something is.
    """
    model = model_of(view) if view.stage != "curves" else None
    if model is None or models == "none" or (models == "shipped" and not _is_shipped(view)):
        return
    known = _known(view)
    try:
        fingerprint = fingerprint_of(model.file)
        if known is not None and _is_current(known, fingerprint):
            return
        tell(f"Looking at the winner's model of {view.directory} …")
        _look(view, model)
    except (HpsearchError, OSError) as error:
        logger.warning("%s: no pictures of the winner's model: %s", view.directory, error)
        if known is None or known.failure:
            failed = WinnerView("", model.trial, str(error).partition("\n")[0])
            write_winner_view(view.directory.winner_view_file, failed)


def look_after(result: StageResult) -> None:
    """Look at the winner's model of a stage that is done, where a process for it is at hand.

    That costs a second or two; else the report does it.
    """
    if result.status == "done" and is_template_kept():
        look_at_winner(result.view)


@contextmanager
def looking_after(result: StageResult) -> Iterator[None]:
    """The same while something else is done inside, on another core."""
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(copy_context().run, look_after, result)
        yield
        looking.result()


def _is_shipped(view: StudyView) -> bool:
    """Whether nothing that the study names as code is anybody's but hpsearch's."""
    source = view.facts["plan"]["data"]["source"]
    is_own_data = source is not None and is_code(source)
    return is_shipped(view.facts["space"]["reference"]) and not is_own_data


def _known(view: StudyView) -> WinnerView | None:
    try:
        return read_winner_view(view.directory)
    except StudyError as error:
        logger.warning("%s", error.message)
        return None


def _is_current(known: WinnerView, fingerprint: str) -> bool:
    """Whether there is nothing to be done; what a look at the test split gave is for good."""
    is_of_test = known.predictions is not None and known.predictions["part"] == "test"
    return not known.failure and (is_of_test or known.model == fingerprint)


def _look(view: StudyView, model: UsableModel) -> None:
    """Ask a process to do it.

    Raises:
        HpsearchError: It could not.
    """
    placement = place_workers(None)
    template = start_template() if placement.can_fork else None
    confirmed = (view.confirmation or {}).get("model") or {}
    is_joint = confirmed.get("trained_on") == JOINTLY_TRAINED
    target = view.directory.winner_view_file
    request = ViewRequest(model.file, model.trial, target, SEEN_ALREADY if is_joint else "")
    try:
        view_winner(
            StudyPlan.read(view.directory),
            str(view.facts["identity"].get("data", "")),
            request,
            placement.side_slot,
            launcher_of(template),
        )
    finally:
        release_template(template)
