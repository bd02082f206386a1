"""What is known of a winner's model for the report, and of which images, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpsearch.analysis.winner_view import WinnerView, read_winner_view
from hpsearch.counting import count_of
from hpsearch.errors import StudyError
from hpsearch.execution.usable_model import model_of

if TYPE_CHECKING:
    from hpsearch.storage.study_view import StudyView

NO_WINNER = "Curves train one configuration in many ways; none of these models is a winner."
NO_MODEL = "No model of this study is kept, so there is nothing to look at."
NOT_LOOKED_AT = (
    "Nobody has looked at the winner's model yet: hpsearch report --models does, and runs the "
    "study's space file for that."
)


def seen_of(view: StudyView) -> WinnerView:
    """What was seen of the winner's model; a view with the reason where nothing was."""
    if view.stage == "curves":
        return WinnerView("", failure=NO_WINNER)
    try:
        found = read_winner_view(view.directory)
    except StudyError as error:
        return WinnerView("", failure=str(error))
    if found is not None:
        return found
    return WinnerView("", failure=NO_MODEL if model_of(view) is None else NOT_LOOKED_AT)


def whose(seen: WinnerView, view: StudyView) -> str:
    """Whose model it is: `trial 3`, with what is to be known of that."""
    if seen.trial is None:
        return "the retrained winner"
    best = view.best.number if view.best else seen.trial
    note = f" (of trial {best}, the winner, no model has been looked at)"
    return f"trial {seen.trial}{note * (best != seen.trial)}"


def which_images(facts: Any) -> str:
    """On how many images of which part, as `1,998 validation images`.

    Args:
        facts: `WinnerView.predictions`.
    """
    taken, total = facts["num_predicted"], facts["num_images"]
    images = count_of(taken, f"{facts['part']} image")
    if taken < total:
        return f"{images}, drawn at random from {total:,}"
    return f"{images}, in the one look at them" if facts["part"] == "test" else images


def origin_of(seen: WinnerView, view: StudyView) -> str:
    """A sentence for captions: whose model, on which images; empty without predictions."""
    if seen.predictions is None:
        return ""
    return f"By {whose(seen, view)}, on {which_images(seen.predictions)}."


def class_name(names: list[str], label: int) -> str:
    """The name of a class; its number where it has none."""
    return names[label] if label < len(names) else str(label)
