"""`build_report`: pages and figures for one study or several."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from hpsearch.errors import StudyError
from hpsearch.report.csv_files import write_csv_files
from hpsearch.report.overview import write_overview
from hpsearch.report.study_page import PAGE, write_study_page
from hpsearch.storage.run_directory import RunDirectory, find_run_directories
from hpsearch.storage.study_view import StudyView, load

logger = logging.getLogger(__name__)


def build_report(
    directories: Sequence[Path | str] | Path | str, *, out: Path | str | None = None
) -> Path:
    """Write the report of one study or several.

    One study gets `report/index.html` and its figures as PNG files in its own directory.
    Several get a page each, and one over all of them in `report/` of the directory they share.

    Args:
        directories: Run directories, or directories that contain some, such as `results`.
        out: Folder for the page that is returned, instead of the usual one.

    Returns:
        The path of the page: the study's own, or the one over all.

    Raises:
        StudyError: A directory contains no study, or one that was named cannot be read.
    """
    given = [directories] if isinstance(directories, Path | str) else list(directories)
    runs = find_runs([Path(directory) for directory in given])
    if len(runs) == 1:
        view = load(runs[0].path)
        write_csv_files(view)
        return write_study_page(view, Path(out) if out else runs[0].report)
    named = {str(RunDirectory(directory)) for directory in given}
    views, unreadable = _load_all(runs, named)
    pages = [(view, write_study_page(view, view.directory.report)) for view in views]
    for view in views:
        write_csv_files(view)
    shared = _shared_directory(runs)
    return write_overview(pages, _overview_page(shared, out), str(shared), unreadable)


def find_runs(directories: Sequence[Path]) -> list[RunDirectory]:
    """The studies in directories, each once.

    Raises:
        StudyError: A directory contains none.
    """
    found: dict[str, RunDirectory] = {}
    for directory in directories:
        own = RunDirectory(directory)
        runs = [own] if own.has_study else list(find_run_directories(directory))
        if not runs:
            raise StudyError(
                f"No study in {directory}: neither it nor any directory below holds a "
                f"{own.study_file.name}.",
                "Give a directory that hpsearch wrote, such as results/coarse.",
            )
        for run in runs:
            found.setdefault(os.path.realpath(run.path), run)
    if not found:
        raise StudyError("No directory given.", "Give one that hpsearch wrote, or results.")
    return list(found.values())


def _load_all(
    runs: Sequence[RunDirectory], named: set[str]
) -> tuple[list[StudyView], dict[str, str]]:
    """Every study; one that was only come across may be unreadable and is told so instead."""
    views: list[StudyView] = []
    unreadable: dict[str, str] = {}
    for run in runs:
        try:
            views.append(load(run.path))
        except StudyError as error:
            if str(run) in named:
                raise
            logger.warning("%s is left out of the report: %s", run, error)
            unreadable[str(run)] = str(error)
    return views, unreadable


def _overview_page(directory: Path, out: Path | str | None) -> Path:
    """In the directory the studies share; under another name where that is a study itself."""
    if out is not None:
        return Path(out) / PAGE
    shared = RunDirectory(directory)
    return shared.report / ("overview.html" if shared.has_study else PAGE)


def _shared_directory(runs: Sequence[RunDirectory]) -> Path:
    if any(run.path.is_absolute() for run in runs):
        return Path(os.path.commonpath([run.path.absolute() for run in runs]))
    return Path(os.path.commonpath([os.path.normpath(run.path) for run in runs]) or ".")
