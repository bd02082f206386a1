"""The page over several studies: stages side by side, coarse before fine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from hpsearch.counting import count_of
from hpsearch.report.certainty_words import certainty_of_verdict
from hpsearch.report.figures.ranges import draw_ranges, ranges_info
from hpsearch.report.figures.stages import draw_stages, stages_info
from hpsearch.report.page import Picture, render_page
from hpsearch.report.pictures import draw_picture, write_picture
from hpsearch.report.summary import verdict_on
from hpsearch.report.wording import (
    duration_text,
    figure_note,
    is_synthetic,
    params_text,
    short_data_label,
    space_name,
    study_name,
    value_text,
)
from hpsearch.stages.confirmation_words import confirmed_score, quoted_test_score
from hpsearch.stages.curve_words import told_by
from hpsearch.stages.narrowing_summary import narrowing_in_words
from hpsearch.storage.atomic import write_text
from hpsearch.storage.sources import Sources
from hpsearch.storage.study_view import StudyView

STAGES = ("coarse", "fine", "confirm", "curves")
MOST_LINES = 4
"""Of stages whose narrowing is drawn."""


class Entry(NamedTuple):
    """One study among others, as text.

    Args:
        name: The study.
        directory: Where it lies.
        link: Address of its page, relative to the overview.
        stage: `coarse`, `fine`, `confirm` or `curves`.
        source: The study it goes on from; empty if none.
        space: Name of the space.
        data: What the images are.
        synthetic: Whether they were drawn by our own code.
        trials: Number of completed, pruned and failed ones.
        epochs: Epochs a trial may train.
        objective: Name of the compared metric.
        best: Its best value.
        winner: The best trial and its hyperparameters.
        seconds: Training time in all.
        seconds_key: The same as a number, to sort by.
        verdict: What the winner's learning curves say.
        narrowed: What narrowing did to the space for the stage after it; may be empty.
    """

    name: str
    directory: str
    link: str
    stage: str
    source: str
    space: str
    data: str
    synthetic: bool
    trials: str
    epochs: str
    objective: str
    best: str
    winner: str
    seconds: str
    seconds_key: float
    verdict: str
    narrowed: str


def write_overview(
    views: Sequence[tuple[StudyView, Path]],
    page: Path,
    title: str,
    unreadable: Mapping[str, str],
) -> Path:
    """Write the page over several studies.

    Args:
        views: Every study with the path of its own page.
        page: The page to write.
        title: Its heading, such as the directory the studies share.
        unreadable: Directory → what is wrong with the study there.

    Returns:
        The path of the page.
    """
    ordered = in_order([view for view, _ in views])
    pages = {id(view): own for view, own in views}
    picture, narrowed = stages_picture(ordered), narrowing_pictures(ordered)
    for each in (picture, *narrowed):
        write_picture(page.parent, each)
    content = {
        "entries": [entry_of(view, pages[id(view)], page.parent) for view in ordered],
        "comparisons": comparisons(ordered),
        "picture": picture,
        "narrowed": narrowed,
        "unreadable": unreadable,
        "title": title,
    }
    write_text(page, render_page("overview.html.j2", content))
    return page


def stages_picture(views: Sequence[StudyView]) -> Picture:
    """The figure with the trials of all studies side by side."""
    info = stages_info(views)
    data = dict.fromkeys(short_data_label(view.facts) for view in views)
    return draw_picture("stages", "Stages side by side", draw_stages, info, " · ".join(data))


def narrowing_pictures(views: Sequence[StudyView]) -> list[Picture]:
    """What narrowing did, a figure for each line of stages, to its last search."""
    searches = [view for view in views if view.searches]
    sources = Sources(searches)
    continued = [sources.of(view) for view in searches]
    pictures: list[Picture] = []
    for view in [view for view in searches if view not in continued][:MOST_LINES]:
        info = ranges_info(view)
        if not info.missing:
            name = f"ranges-{len(pictures) + 1}"
            title = f"Ranges up to {study_name(view)}"
            pictures.append(draw_picture(name, title, draw_ranges, info, figure_note(view)))
    return pictures


def in_order(views: Sequence[StudyView]) -> list[StudyView]:
    """Studies with what each goes on from before it, otherwise by stage and path."""
    ranked = sorted(views, key=lambda v: (_stage_rank(v), str(v.directory)))
    sources = Sources(ranked)
    ordered: list[StudyView] = []

    def add(view: StudyView, waiting: tuple[StudyView, ...]) -> None:
        if view in ordered or view in waiting:
            return
        ordered.append(view)
        for child in ranked:
            if sources.of(child) is view:
                add(child, (*waiting, view))

    for view in ranked:
        if sources.of(view) is None:
            add(view, ())
    for view in ranked:
        add(view, ())
    return ordered


def _stage_rank(view: StudyView) -> int:
    return STAGES.index(view.stage) if view.stage in STAGES else len(STAGES)


def comparisons(views: Sequence[StudyView]) -> list[str]:
    """How each stage compares with the one it goes on from, in words."""
    sources = Sources(views)
    sentences = []
    for view in views:
        source = sources.of(view)
        if source is not None:
            sentences.append(_comparison(source, view))
    return [sentence for sentence in sentences if sentence]


def _comparison(before: StudyView, after: StudyView) -> str:
    if after.stage == "curves":
        return f"{study_name(after)}: {told_by(after).sentences[0]}"
    if after.confirmation is not None:
        return _confirmation(before, after, after.confirmation)
    old, new = before.best, after.best
    if old is None or new is None or old.value is None or new.value is None:
        return ""
    if before.objective != after.objective:
        return ""
    sign = 1 if after.direction == "maximize" else -1
    change = new.value - old.value
    word = "better" if change * sign > 0 else "worse" if change * sign < 0 else "no better or worse"
    return (
        f"{study_name(after)}'s winner is {word} than {study_name(before)}'s: "
        f"{after.objective} {value_text(new.value)} against {value_text(old.value)} "
        f"({change:+.4f}), after {count_of(new.best_epoch or 0, 'epoch')} against {old.best_epoch}."
    )


def _confirmation(before: StudyView, after: StudyView, facts: Mapping[str, Any]) -> str:
    score = before.best.value if before.best else None
    quoted = quoted_test_score(facts)
    tested = f" {quoted}." if quoted else ""
    return (
        f"{study_name(after)}: {confirmed_score(facts)}, where the best search score of "
        f"{study_name(before)} was {value_text(score)}.{tested}"
    )


def entry_of(view: StudyView, own_page: Path, folder: Path) -> Entry:
    """One row of the overview."""
    count = view.count()
    seconds = sum(r.seconds or 0.0 for r in view.trials)
    return Entry(
        name=study_name(view),
        directory=str(view.directory),
        link=quote(os.path.relpath(own_page, folder)),
        stage=view.stage,
        source=str(view.facts.get("from") or ""),
        space=space_name(view),
        data=short_data_label(view.facts),
        synthetic=is_synthetic(view.facts),
        trials=f"{count['completed']} complete, {count['pruned']} pruned, {count['failed']} failed",
        epochs=_epochs(view.facts),
        objective=view.objective,
        best=_best(view),
        winner=_winner(view),
        seconds=duration_text(seconds),
        seconds_key=seconds,
        verdict=_verdict(view),
        narrowed=narrowing_in_words(view.directory),
    )


def _winner(view: StudyView) -> str:
    """The best trial and its hyperparameters; a curve has none."""
    if view.stage == "curves":
        return "a curve of another study's winner"
    best = view.best
    return f"trial {best.number}: {params_text(best.params)}" if best else "none"


def _best(view: StudyView) -> str:
    """The best value, or the confirmed mean of the winner; nothing for a curve."""
    if view.confirmation is not None:
        return value_text(view.confirmation["candidates"][view.confirmation["winner"]]["mean"])
    return value_text(view.best.value if view.best else None)


def _verdict(view: StudyView) -> str:
    if view.stage == "curves":
        return told_by(view).sentences[0]
    if view.best is None:
        return "No trial completed."
    verdict = verdict_on(view, view.best)
    return f"{verdict.sentence} {certainty_of_verdict(verdict, view.best.epochs)}".rstrip()


def _epochs(facts: Mapping[str, Any]) -> str:
    return value_text(facts["identity"].get("epochs"))
