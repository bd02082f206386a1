"""The page that shows our figures beside the course's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from course_comparisons import Cell
from course_topics import BEST_OF_GROUP, HEAD, TOPICS, Entry, Topic
from course_verdicts import CHANCE, Verdict, against_baseline, against_chance


class Row(NamedTuple):
    """One line of a table."""

    setting: str
    course: str
    ours: str
    verdict: Verdict


class Figures(NamedTuple):
    """What there is to show of a comparison, by setting.

    Args:
        course: The course's figures; None where it has none.
        ours: One value for each seed that has been trained.
        baseline: What each is compared with; empty for chance.
    """

    course: Mapping[str, float | None]
    ours: Mapping[str, Sequence[float]]
    baseline: Mapping[str, str]


def page(cells: Sequence[Cell], results: Mapping[str, Entry], seeds: int) -> str:
    """The whole page, with what has been trained so far."""
    tables = []
    for name, topic in TOPICS.items():
        own = [cell for cell in cells if cell.comparison == (topic.cells or name)]
        tables.append((topic, list(rows(topic, figures(topic, own, results, seeds), seeds))))
    entries = list(results.values())
    dates = sorted({entry["date"] for entry in entries}) or ["not yet"]
    head = HEAD.format(
        seeds=seeds,
        machine=entries[0]["machine"] if entries else "",
        cpus=os.cpu_count(),
        dates=" to ".join(dict.fromkeys([dates[0], dates[-1]])),
    )
    return "\n".join([head, summary(tables), *(section(*table) for table in tables)])


def figures(topic: Topic, own: Sequence[Cell], results: Mapping[str, Entry], seeds: int) -> Figures:
    """Everything a table is made of."""
    if topic.baseline == BEST_OF_GROUP:
        own = [cell for cell in own if cell.course is not None and cell.course > CHANCE]
    course = {cell.setting: cell.course for cell in own}
    ours = {cell.setting: _values(cell, topic, results, seeds) for cell in own}
    return Figures(course, ours, {setting: _baseline(topic, setting, course) for setting in course})


def _values(cell: Cell, topic: Topic, results: Mapping[str, Entry], seeds: int) -> list[float]:
    entries = [results.get(cell.key(seed), {}) for seed in range(seeds)]
    return [topic.value(entry) for entry in entries if entry.get("recipe") == cell.recipe]


def _baseline(topic: Topic, setting: str, course: Mapping[str, float | None]) -> str:
    if topic.baseline != BEST_OF_GROUP:
        return topic.baseline
    group = setting.rpartition(",")[0]
    return max(
        (other for other in course if other.rpartition(",")[0] == group),
        key=lambda other: course[other] or 0.0,
    )


def rows(topic: Topic, found: Figures, seeds: int) -> Iterator[Row]:
    """The table of a comparison."""
    for setting, ours in found.ours.items():
        course, base = found.course[setting], found.baseline[setting]
        figure = "—" if course is None else topic.course(course)
        if len(ours) < seeds or len(found.ours.get(base, ours)) < seeds:
            yield Row(setting, figure, f"{len(ours)} of {seeds} seeds", Verdict("", "not yet"))
            continue
        deviation = float(np.std(ours, ddof=1))
        spread = f"{topic.shown(float(np.mean(ours))):.3f} ± {deviation:.3f}"
        yield Row(setting, figure, spread, _verdict(topic, found, setting))


def _verdict(topic: Topic, found: Figures, setting: str) -> Verdict:
    ours, course, base = found.ours[setting], found.course[setting], found.baseline[setting]
    if not base:
        return against_chance(ours, course)
    expected = found.course[base]
    if setting == base or course is None or expected is None:
        return Verdict("", "compared with this" if setting == base else "")
    return against_baseline(ours, found.ours[base], course - expected, topic.unit)


def section(topic: Topic, found: Sequence[Row]) -> str:
    """The heading, the text and the table of a comparison."""
    lines = [f"## {topic.title}", "", " ".join(topic.text.split()), ""]
    lines += ["| | course | ours | agrees? | difference |", "|---|---|---|---|---|"]
    for row in found:
        word = f"**{row.verdict.word}**" if row.verdict.word in ("yes", "no") else row.verdict.word
        lines.append(f"| {' | '.join([*row[:3], word, row.verdict.reason])} |")
    return "\n".join([*lines, ""])


def summary(tables: Sequence[tuple[Topic, Sequence[Row]]]) -> str:
    """How many of the course's statements ours bear out, and which ones they do not."""
    told: dict[str, list[str]] = {"yes": [], "no": [], "not told apart": []}
    for topic, found in tables:
        for row in found:
            if row.verdict.word:
                line = f"- {topic.title}: {row.setting} ({row.verdict.reason})"
                told[row.verdict.word].append(line)
    counts = {word: len(lines) for word, lines in told.items()}
    total = (
        f"Of {sum(counts.values())} statements {counts['yes']} are borne out, {counts['no']} "
        f"contradicted and {counts['not told apart']} not told apart."
    )
    lines = [total]
    for word, heading in (("no", "Contradicted"), ("not told apart", "Not told apart")):
        if told[word]:
            lines += ["", f"{heading}:", "", *told[word]]
    return "\n".join([*lines, ""])
