"""`markdown_summary`: studies in Markdown, for a pull request or a lab book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.analysis.importance import share_words
from hpsearch.report.building import find_runs
from hpsearch.report.markdown_text import code, escaped, table
from hpsearch.report.summary import summary_of
from hpsearch.report.wording import SYNTHETIC, is_synthetic, value_text
from hpsearch.spaces.describing import format_params
from hpsearch.stages.confirmation_words import confirmation_lines, confirmation_table
from hpsearch.stages.curve_words import told_by
from hpsearch.stages.narrowing_files import has_reasons
from hpsearch.storage.file_shapes import NARROWING
from hpsearch.storage.study_view import StudyView, load

VERSIONS = ("python", "tensorflow", "keras", "optuna", "numpy")


def markdown_summary(directory: Path, top: int = 10) -> str:
    """A study in Markdown, or every study below a folder in the order in which they began.

    Winner and, from a confirm stage, the figure to quote with its interval and the verdict; the
    best trials; what narrowing did; and what it takes to cite or repeat the study.

    Args:
        directory: A run directory, or a folder with some.
        top: How many of the best trials to list.

    Raises:
        StudyError: There is none, or one cannot be read.
    """
    views = [load(run.path) for run in find_runs([directory], {})]
    views.sort(key=lambda view: str(view.facts["provenance"]["created"]))
    sections = ["\n".join(_section(view, top)) for view in views]
    title = [] if len(views) == 1 else [f"# {escaped(directory.resolve().name)}"]
    return "\n\n".join([*title, *sections]) + "\n"


def _section(view: StudyView, top: int) -> Iterator[str]:
    summary = summary_of(view)
    name = "" if summary.name == view.stage else f"{escaped(summary.name)}: "
    yield f"## {name}{view.stage} of {escaped(view.facts['space']['name'])}"
    yield ""
    if is_synthetic(view.facts):
        yield f"**Images: {SYNTHETIC}**, drawn by hpsearch."
        yield ""
    yield f"{escaped(summary.setting)}\n\n{escaped(summary.outcome)}\n"
    if view.stage != "curves":  # which are told below, with their table
        yield f"**{escaped(summary.winner)}**" + _sentence(summary.gap)
    if view.best is not None and summary.params:
        yield f"\n{escaped(format_params(dict(view.best.params)))}"
    if summary.verdict is not None:
        yield f"\nIts learning curves: {escaped(summary.verdict.sentence)}" + _sentence(
            summary.verdict.evidence
        )
    if summary.caution:
        yield f"\n> {escaped(summary.caution)} {code(summary.confirm_command)}"
    if view.stage == "curves":
        yield from _curves(view)
    elif view.confirmation is not None:
        yield from _confirmation(view.confirmation)
    else:
        yield from _trials(view, top)
    yield from _narrowing(view)
    yield from _provenance(view)


def _sentence(text: str) -> str:
    return f" {escaped(text)}" if text else ""


def _curves(view: StudyView) -> Iterator[str]:
    told = told_by(view)
    if told.rows:
        yield f"\n### {escaped(told.title)}\n"
        yield from table(told.headings, told.rows)
    yield ""
    for sentence in told.sentences:
        yield f"- {escaped(sentence)}"


def _confirmation(facts: Mapping[str, Any]) -> Iterator[str]:
    yield "\n### Means over fresh seeds, with 95 % intervals\n"
    headings, rows = confirmation_table(facts)
    yield from table(headings, rows)
    yield ""
    for subject, words in confirmation_lines(facts).items():
        yield f"- **{escaped(subject)}**: {escaped(words)}"


def _trials(view: StudyView, top: int) -> Iterator[str]:
    if view.stage == "confirm":
        yield "\nNot decided as yet: the confirmation has not ended."
    best = view.ranked[:top]
    if not best:
        yield "\nNo trial is completed."
        return
    yield f"\n### The best of {len(view.ranked):,} completed trials\n"
    headings = ("trial", view.objective, "best epoch", "seconds", "hyperparameters")
    rows = [
        (
            record.number,
            f"{record.value:.4f}",
            f"{value_text(record.best_epoch)} of {record.epochs}",
            "–" if record.seconds is None else f"{record.seconds:.1f}",
            format_params(dict(record.params)),
        )
        for record in best
    ]
    yield from table(headings, rows)


def _narrowing(view: StudyView) -> Iterator[str]:
    """What narrowing changed, with the reason, and what it kept."""
    if not has_reasons(view.directory):
        return
    facts = view.directory.read_json(view.directory.narrowing_file, NARROWING)
    entries: Sequence[Mapping[str, Any]] = facts["hyperparameters"]
    changed = [entry for entry in entries if entry["before"] != entry["after"]]
    yield "\n### What narrowing did\n"
    if facts["note"]:
        yield f"{escaped(facts['note'])}\n"
    if changed:
        headings = ("hyperparameter", "importance", "before", "after", "reason")
        yield from table(headings, (_change(entry) for entry in changed))
        yield ""
    kept = [escaped(entry["name"]) for entry in entries if entry not in changed]
    if kept:
        yield f"Kept as it was: {', '.join(kept)}."


def _change(entry: Mapping[str, Any]) -> tuple[str, ...]:
    importance = share_words(entry["importance"])
    return (entry["name"], importance, entry["before"], entry["after"], entry["reason"])


def _provenance(view: StudyView) -> Iterator[str]:
    facts, identity, space = view.facts, view.facts["identity"], view.facts["space"]
    record = facts["provenance"]
    versions = record.get("versions", {})
    known = [f"{name} {versions[name]}" for name in VERSIONS if name in versions]
    hardware = record.get("hardware", {})
    rows = {
        "begun": f"{record['created']} with hpsearch {facts.get('hpsearch', 'unknown')}",
        "command": record.get("command"),
        "space": f"{space['name']}, {_hashes(space, ('hash', 'code_hash'))}",
        "data": f"{facts['data']['source']}, {_hashes(identity, ('data', 'split'))}",
        "seed": identity["seed"],
        "versions": ", ".join(known),
        "hardware": ", ".join(f"{name} {value_text(v)}" for name, v in hardware.items()),
        "git commit": record.get("git_commit"),
    }
    yield "\n### Provenance\n"
    for name, value in rows.items():
        if value not in (None, ""):
            shown = code(str(value)) if name == "command" else escaped(value)
            yield f"- {name}: {shown}"


def _hashes(facts: Mapping[str, Any], names: Sequence[str]) -> str:
    """What identifies a part of the study, by name."""
    words = {"hash": "space", "code_hash": "code", "data": "images", "split": "split"}
    return ", ".join(f"{words[name]} {facts[name]}" for name in names if facts.get(name))
