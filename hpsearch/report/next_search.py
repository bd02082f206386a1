"""How the search that goes on from a study is asked for, for the steps that a verdict advises."""

from __future__ import annotations

import logging
import shlex
from pathlib import Path

from hpsearch.analysis.verdicts import NextSearch
from hpsearch.errors import HpsearchError
from hpsearch.report.wording import confirm_command
from hpsearch.spaces import Space
from hpsearch.stages.fine import default_out, round_after
from hpsearch.stages.narrowing_files import read_narrowed
from hpsearch.storage import RunDirectory
from hpsearch.storage.study_facts import WITHOUT_SPACE
from hpsearch.storage.study_view import StudyView

logger = logging.getLogger(__name__)


def next_search(view: StudyView) -> NextSearch:
    """What goes on from a study: fine in what it left, or in what the study it came from left.

    Where that is gone nothing can go on from it, and there is no command.
    """
    nothing = NextSearch("", Space(()), Space(()), confirm_command(view), _curves(view))
    try:
        source = _source_of(view)
        if source is None:
            return nothing
        space = Space.from_json(source.read_json(source.space_file))
        narrowed = read_narrowed(source) if source.narrowed_space_file.is_file() else space
    except HpsearchError as error:
        logger.warning("The report leaves out commands: %s", error.message)
        return nothing
    return nothing._replace(command=_command(source.path), space=space, narrowed=narrowed)


def _source_of(view: StudyView) -> RunDirectory | None:
    """The run directory in whose space a search can go on; None if it is gone."""
    directory, facts = view.directory, view.facts
    while facts["stage"] in WITHOUT_SPACE:
        source = facts.get("from")
        if not source or not RunDirectory(source).has_study:
            return None
        directory = RunDirectory(source)
        facts = directory.read_study()
    return directory


def _curves(view: StudyView) -> str:
    if view.stage == "curves":
        return ""
    return f"hpsearch curves --from {shlex.quote(str(view.directory))}"


def _command(source: Path) -> str:
    """The command, with a place of its own where its default one is taken."""
    out = free = default_out(source)
    while RunDirectory(free).has_study:
        free = round_after(free)
    place = "" if free == out else f" --out {shlex.quote(str(free))}"
    return f"hpsearch fine --from {shlex.quote(str(source))}{place}"
