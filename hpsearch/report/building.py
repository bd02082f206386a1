"""`build_report`: pages and figures for one study or several."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from hpsearch.counting import count_of
from hpsearch.errors import HpsearchError, StudyError
from hpsearch.report.csv_files import write_csv_files
from hpsearch.report.overview import write_overview
from hpsearch.report.study_page import PAGE, write_study_page
from hpsearch.stages.winner_view import Models, look_at_winner
from hpsearch.storage.run_directory import RunDirectory, find_run_directories
from hpsearch.storage.study_view import StudyView, load

GIVE_ANOTHER = "Give a directory that hpsearch wrote, such as results/coarse."
logger = logging.getLogger(__name__)

Look = Callable[[StudyView], None]
"""Sees to it that the winner's model of a study has been looked at."""


def build_report(
    directories: Sequence[Path | str] | Path | str,
    *,
    out: Path | str | None = None,
    models: Models = "shipped",
    tell: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Write the report of one study or several.

    One study gets `report/index.html` and its figures as PNG and SVG files in its own
    directory.
    Several get a page each, and one over all of them in `report/` of the directory they share.

    Args:
        directories: Run directories, or directories that contain some, such as `results`.
        out: Folder for the page that is returned, instead of the usual one.
        models: Whose winners' models are looked at first, if nobody has; see `look_at_winner`.
        tell: Told what takes some seconds, before it does.

    Returns:
        The path of the page: the study's own, or the one over all.

    Raises:
        StudyError: A directory contains no study, or one that was named cannot be read.
    """
    given = [directories] if isinstance(directories, Path | str) else list(directories)
    unreadable: dict[str, str] = {}
    runs = find_runs([Path(directory) for directory in given], unreadable)
    look = partial(look_at_winner, models=models, tell=tell)
    if len(runs) == 1 and not unreadable:
        return _write_pages(runs[0], Path(out) if out else runs[0].report, look)[1]
    named = {str(RunDirectory(directory)) for directory in given}
    pages = _write_all(runs, named, unreadable, look)
    shared = _shared_directory(runs)
    return write_overview(pages, _overview_page(shared, out), str(shared), unreadable)


def find_runs(directories: Sequence[Path], unreadable: dict[str, str]) -> list[RunDirectory]:
    """The studies in directories, each once.

    Args:
        directories: Where to look.
        unreadable: Gets the directories that cannot be listed, with the reason.

    Raises:
        StudyError: A directory contains none.
    """

    def note(error: OSError) -> None:
        unreadable[str(error.filename)] = error.strerror or str(error)

    found: dict[str, RunDirectory] = {}
    for directory in directories:
        own = RunDirectory(directory)
        if not directory.exists():
            raise StudyError(f"No study in {directory}: there is no such directory.", GIVE_ANOTHER)
        runs = [own] if own.has_study else list(find_run_directories(directory, note))
        if not runs:
            raise StudyError(
                f"No study in {directory}: neither it nor any directory below holds a "
                f"{own.study_file.name}{_that_can_be_read(unreadable)}.",
                GIVE_ANOTHER,
            )
        for run in runs:
            found.setdefault(os.path.realpath(run.path), run)
    if not found:
        raise StudyError("No directory given.", "Give one that hpsearch wrote, or results.")
    return list(found.values())


def _that_can_be_read(unreadable: Mapping[str, str]) -> str:
    refused = "; ".join(f"{path}: {reason}" for path, reason in unreadable.items())
    return f" that can be read ({refused})" if refused else ""


def _write_all(
    runs: Sequence[RunDirectory], named: set[str], unreadable: dict[str, str], look: Look
) -> list[tuple[StudyView, Path]]:
    """The page of every study; one that was only come across may be unreadable and is told so.

    Raises:
        StudyError: A study that was named, or every one, is unreadable.
    """
    pages = []
    for run in runs:
        try:
            pages.append(_write_pages(run, run.report, look))
        except (HpsearchError, OSError) as error:
            if str(run) in named:
                raise
            logger.warning("%s is left out of the report: %s", run, error)
            unreadable[str(run)] = str(error)
    if not pages:
        raise StudyError(
            f"No study can be read of {count_of(len(runs), 'study', 'studies')}; {runs[0]}: "
            f"{unreadable[str(runs[0])]}"
        )
    return pages


def _write_pages(run: RunDirectory, folder: Path, look: Look) -> tuple[StudyView, Path]:
    """Write the page and the CSV files of one study."""
    view = load(run.path)
    look(view)
    write_csv_files(view)
    return view, write_study_page(view, folder)


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
