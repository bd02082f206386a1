"""Decision regions: what the best configuration decides in the plane, over a hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.errors import InputError
from hpsearch.execution.side_process import ask
from hpsearch.spaces import Space
from hpsearch.spaces.describing import format_value
from hpsearch.spaces.overrides import parse_value
from hpsearch.storage.atomic import dumps, write_text
from hpsearch.storage.study_view import StudyView

SIDE = 100
"""Places of the grid in each direction."""
L2_VALUES = "l2=0.001,0.01,0.1,1"


def find_regions(view: StudyView, over: str | None = None) -> dict[str, Any]:
    """Train the best configuration again, as it is and with other values of a hyperparameter.

    With the seed of its trial it becomes the same model again. What is found is written to
    `regions.json` in the run directory, from which the report draws.

    Args:
        view: A study on points in the plane (images of one pixel with two channels).
        over: ``NAME=VALUE,VALUE,…``, values that need not be in the range; None for the course's
            L2 factors where the space has a hyperparameter ``l2``.

    Returns:
        The contents of `regions.json`.

    Raises:
        InputError: No trial has been completed, the data are no points, or `over` is no list of
            values of a hyperparameter.
        HpsearchError: The process that trains died.
    """
    best = view.best
    if best is None:
        raise InputError(
            f"{view.directory} has no completed trial; expected one to draw.", "Let it go on."
        )
    space = Space.from_json(view.space)
    values = _values(space, over or (L2_VALUES if "l2" in space.names else ""))
    configurations = [dict(best.params), *(dict(best.params) | value for value in values)]
    request = {
        "plan": view.facts["plan"],
        "space": view.space,
        "configurations": configurations,
        "seed": best.seed,
        "side": SIDE,
    }
    answer = ask("hpsearch.execution.regions_process", request, "Drawing decision regions")
    titles = [f"trial {best.number}", *(_title(value) for value in values)]
    for picture, title in zip(answer["pictures"], titles, strict=True):
        picture["title"] = title
    answer["objective"] = view.objective
    write_text(view.directory.regions_file, dumps(answer) + "\n")
    return answer


def _values(space: Space, over: str) -> list[dict[str, Any]]:
    """The changes of the best configuration that a text asks for.

    Raises:
        InputError: There is no hyperparameter of that name, or the text has another form.
    """
    if not over:
        return []
    name, equals, texts = over.partition("=")
    if not equals or name not in space.names:
        raise InputError(
            f"--over {over} names no hyperparameter with values.",
            f"Write --over NAME=VALUE,VALUE with one of {', '.join(space.names)}.",
        )
    parameter = space.named(name)[0]
    return [{name: parse_value(parameter, text.strip())} for text in texts.split(",")]


def _title(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {format_value(own)}" for name, own in value.items())
