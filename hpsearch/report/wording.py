"""How numbers, values and durations read in a report."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from hpsearch.storage.study_view import StudyView

SYNTHETIC = "built-in synthetic signs"


def data_label(facts: Mapping[str, Any]) -> str:
    """What the images are, in a few words; synthetic ones are called so."""
    data = facts.get("data", {})
    source = str(data.get("source", "unknown data"))
    if data.get("synthetic") and SYNTHETIC not in source:
        return f"{SYNTHETIC} ({source})"
    return source


def short_data_label(facts: Mapping[str, Any]) -> str:
    """What the images are, without the details."""
    return SYNTHETIC if is_synthetic(facts) else data_label(facts)


def is_synthetic(facts: Mapping[str, Any]) -> bool:
    """Whether the images were drawn by our own code."""
    return bool(facts.get("data", {}).get("synthetic"))


def study_name(view: StudyView) -> str:
    """The study's name, by default that of its directory."""
    return str(view.facts.get("name") or view.directory.path.name)


def space_name(view: StudyView) -> str:
    """Name of the search space."""
    return str(view.facts.get("space", {}).get("name", "unknown"))


def figure_note(view: StudyView) -> str:
    """The small print below every figure of a study."""
    return f"{study_name(view)} · {space_name(view)} · {short_data_label(view.facts)}"


def confirm_command(view: StudyView) -> str:
    """The command that would confirm the winners; empty where they are confirmed already."""
    if not view.searches:
        return ""
    return f"hpsearch confirm --from {shlex.quote(str(view.directory))}"


def value_text(value: Any) -> str:
    """A hyperparameter, a setting or a measurement as text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def params_text(params: Mapping[str, Any]) -> str:
    """Hyperparameters in one line."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in params.items())


def duration_text(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
