"""The trials of several studies side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.report.figures.canvas import BLUE, INK, ORANGE, WIDTH, number, shorten
from hpsearch.report.figures.search_progress import value_limits
from hpsearch.report.wording import study_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

MOST_STUDIES = 12
"""More strips than this have no room for their names."""


class StagesInfo(NamedTuple):
    """Objectives of the completed trials of each study.

    Args:
        objective: The metric, the one most studies compare.
        names: The studies.
        values: For each study the objectives of its completed trials.
        best: For each study its best objective; of a confirmation the mean of its winner.
        num_left_out: Studies with another objective, without completed trials, or too many.
    """

    objective: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    best: tuple[float, ...]
    num_left_out: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        return "" if self.names else "No trial has completed yet."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        best = ", ".join(f"{n} {b:.4g}" for n, b in zip(self.names, self.best, strict=True))
        text = (
            f"{self.objective} of every completed trial; star: the best, of a confirmation the "
            f"mean of its winner ({best})."
        )
        if self.num_left_out:
            text += f" Not shown: {self.num_left_out} (other objective or no completed trial)."
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 1.3 + 0.55 * len(self.names)


def stages_info(views: Sequence[StudyView]) -> StagesInfo:
    """The completed trials of studies that compare the same metric."""
    done = [view for view in views if view.best is not None]
    metrics = Counter((view.objective, view.direction) for view in done)
    common = metrics.most_common(1)[0][0] if metrics else ("", "")
    shown = [view for view in done if (view.objective, view.direction) == common][:MOST_STUDIES]
    values = [tuple(r.value for r in view.ranked if r.value is not None) for view in shown]
    return StagesInfo(
        common[0],
        tuple(shorten(study_name(view)) for view in shown),
        tuple(values),
        tuple(_best(view) for view in shown),
        len(views) - len(shown),
    )


def _best(view: StudyView) -> float:
    """The best value of a search; the mean of the winner of a confirmation."""
    facts = view.confirmation
    if facts is None:
        return float(view.ranked[0].value or 0.0)
    return float(facts["candidates"][facts["winner"]]["mean"])


def draw_stages(figure: Figure, info: StagesInfo) -> None:
    """One strip of dots a study, the first on top."""
    axes = figure.subplots()
    limits = value_limits(tuple(v for values in info.values for v in values)) or (0.0, 1.0)
    for place, (values, best) in enumerate(zip(info.values, info.best, strict=True)):
        others = np.clip([value for value in values if value != best], *limits)
        height = place + (np.arange(len(others)) * 0.618 % 1 - 0.5) * 0.4
        axes.scatter(others, height, s=20, color=BLUE, alpha=0.6, lw=0)
        axes.scatter(best, place, s=170, color=ORANGE, marker="*", edgecolor=INK, lw=0.7)
    axes.set_yticks(range(len(info.names)), info.names)
    axes.set_ylim(len(info.names) - 0.4, -0.6)
    axes.set_xlim(*limits)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(info.objective)
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(info.best)), [number(value) for value in info.best])
    right.spines[:].set_visible(False)
    right.tick_params(length=0)
