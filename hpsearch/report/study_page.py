"""The page of one study and its figures."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from hpsearch.errors import StudyError
from hpsearch.report.figures import GROUPS, plots_of
from hpsearch.report.page import Picture, render_page
from hpsearch.report.pictures import draw_picture, write_picture
from hpsearch.report.provenance import chief_facts, every_fact
from hpsearch.report.summary import summary_of
from hpsearch.report.tables import failures, narrowing_rows, trial_table
from hpsearch.report.trial_data import trial_data
from hpsearch.report.wording import figure_note
from hpsearch.stages.confirmation_words import (
    CONFIRMATION_TITLE,
    confirmation_lines,
    confirmation_table,
)
from hpsearch.stages.curve_words import told_by
from hpsearch.storage.atomic import write_text
from hpsearch.storage.file_shapes import NARROWING
from hpsearch.storage.study_view import StudyView

logger = logging.getLogger(__name__)

PAGE = "index.html"


def write_study_page(view: StudyView, folder: Path) -> Path:
    """Write the page of a study and its figures as PNG and SVG files.

    Returns:
        The path of the page.
    """
    pictures = list(draw_pictures(view))
    for picture in pictures:
        write_picture(folder, picture)
    write_text(folder / PAGE, render_page("study.html.j2", _content(view, pictures)))
    return folder / PAGE


def draw_pictures(view: StudyView) -> Iterator[Picture]:
    """Every figure of a study, drawn where there is something to draw."""
    note = figure_note(view)
    for plot in plots_of(view.stage):
        info = plot.compute(view)
        if not (plot.is_asked_for and info.missing):
            picture = draw_picture(plot.name, plot.title, plot.draw, info, note)
            yield picture._replace(group=plot.group)


def _content(view: StudyView, pictures: list[Picture]) -> dict[str, Any]:
    narrowing = _narrowing(view)
    return {
        "summary": summary_of(view),
        "groups": _groups(pictures, {"narrowing"} if narrowing else set()),
        "confirmation": _confirmation(view) or _curve(view),
        "narrowing": narrowing,
        "narrowing_rows": narrowing_rows(narrowing),
        "trials": trial_table(view),
        "trial_data": trial_data(view),
        "failures": failures(view),
        "nothing_completed": not view.ranked,
        "chief_facts": chief_facts(view),
        "every_fact": every_fact(view),
    }


def _groups(
    pictures: Sequence[Picture], wanted: Collection[str]
) -> list[tuple[str, str, list[Picture]]]:
    """Name, heading and figures of each group that has figures or is wanted all the same."""
    found = [
        (name, heading, [picture for picture in pictures if picture.group == name])
        for name, heading in GROUPS.items()
    ]
    return [group for group in found if group[2] or group[0] in wanted]


def _narrowing(view: StudyView) -> dict[str, Any]:
    """What narrowing decided; nothing where its file is missing or damaged."""
    file = view.directory.narrowing_file
    if not file.is_file():
        return {}
    try:
        return view.directory.read_json(file, NARROWING)
    except StudyError as error:
        logger.warning("The report leaves out the narrowing: %s", error.message)
        return {}


def _curve(view: StudyView) -> dict[str, Any] | None:
    """The places of a curve as a table; None for other studies."""
    told = told_by(view) if view.stage == "curves" else None
    if told is None or not told.rows:
        return None
    return {
        "section": "Curve",
        "title": told.title,
        "lines": {},
        "headings": told.headings,
        "rows": told.rows,
    }


def _confirmation(view: StudyView) -> dict[str, Any] | None:
    """What a finished confirmation found; None for other studies."""
    facts = view.confirmation
    if facts is None:
        return None
    headings, rows = confirmation_table(facts)
    return {
        "section": "Confirmation",
        "title": CONFIRMATION_TITLE,
        "lines": confirmation_lines(facts),
        "headings": headings,
        "rows": rows,
    }
