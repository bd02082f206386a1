"""The line of studies that led to one, with the space that each searched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hpsearch.errors import HpsearchError
from hpsearch.report.wording import study_name
from hpsearch.spaces import Space
from hpsearch.stages.narrowing_files import read_narrowed
from hpsearch.storage.run_directory import RunDirectory
from hpsearch.storage.study_view import StudyView

NEXT = "next"
logger = logging.getLogger(__name__)


class Searched(NamedTuple):
    """A space on the way of a search.

    Args:
        name: The study that searched it, or `next` for the one that is to follow.
        space: The space.
    """

    name: str
    space: Space


def lineage(view: StudyView) -> tuple[Searched, ...]:
    """The spaces from the first stage to this one, then what it left for the next.

    Empty for a confirm stage and for curves, which search no space. What cannot be read is left
    out.
    """
    if not view.searches:
        return ()
    own = Searched(study_name(view), Space.from_json(view.space))
    after = next_space(view)
    following = () if after is None else (Searched(NEXT, after),)
    return (*reversed(list(_before(view))), own, *following)


def next_space(view: StudyView) -> Space | None:
    """What narrowing left for the stage after this one, edits included; None if there is none."""
    if not view.directory.narrowed_space_file.is_file():
        return None
    try:
        return read_narrowed(view.directory)
    except HpsearchError as error:
        logger.warning("The report leaves out the narrowed space: %s", error.message)
        return None


def _before(view: StudyView) -> Iterator[Searched]:
    """The spaces of the studies before this one, the latest first."""
    seen = {view.directory.path.resolve()}
    directory, facts = view.directory, view.facts
    while facts.get("from"):
        directory = _source(directory, str(facts["from"]))
        if not directory.has_study or directory.path.resolve() in seen:
            return
        seen.add(directory.path.resolve())
        try:
            facts = directory.read_study()
            space = Space.from_json(directory.read_json(directory.space_file))
        except HpsearchError as error:
            logger.warning("The report leaves out %s: %s", directory, error.message)
            return
        yield Searched(str(facts.get("name") or directory.path.name), space)


def _source(directory: RunDirectory, named: str) -> RunDirectory:
    """The study another one goes on from: where it was then, else beside it."""
    there = RunDirectory(Path(named))
    return there if there.has_study else RunDirectory(directory.path.parent / Path(named).name)
