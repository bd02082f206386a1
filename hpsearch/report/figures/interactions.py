"""The expected objective over pairs of hyperparameters, as contours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import INK, ORANGE, PALE, WIDTH, shorten
from hpsearch.report.figures.scales import LONGEST_LABEL, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Plane
    from matplotlib.figure import Figure

    from hpsearch.analysis.axes import Axis, Numbers
    from hpsearch.analysis.fitted import Fitted
    from hpsearch.analysis.importance import Importance
    from hpsearch.spaces import Value
    from hpsearch.storage.study_view import StudyView

MOST_PAIRS = 6
PER_ROW = 3
MOST_DOTS = 300
MOST_TICKS = 5
LEVELS = 12


class Side(NamedTuple):
    """One hyperparameter of a pair.

    Args:
        name: The hyperparameter.
        places: Where the values of the grid lie, in [0, 1] or 0, 1, … for choices.
        labels: The values as text.
        is_listed: Whether these are choices, next to each other without anything between.
    """

    name: str
    places: tuple[float, ...]
    labels: tuple[str, ...]
    is_listed: bool

    @property
    def ticks(self) -> tuple[tuple[float, ...], tuple[str, ...]]:
        """At most five places with their labels; all choices up to eight."""
        count = len(self.places)
        most = 8 if self.is_listed else MOST_TICKS
        chosen = sorted({round(at) for at in np.linspace(0, count - 1, min(most, count))})
        return tuple(self.places[at] for at in chosen), tuple(self.labels[at] for at in chosen)


class Pair(NamedTuple):
    """The surface over two hyperparameters.

    Args:
        across: The one along the horizontal axis.
        up: The one along the vertical axis.
        expected: (grid up, grid across), the expected objective; NaN where one is not in use.
        share: Share of the variation that is explained by the pair only; None if not shown.
        trials: (n, 2) places of trials.
        best: Place of the best trial; None if it does not use both.
    """

    across: Side
    up: Side
    expected: Numbers
    share: float | None
    trials: Numbers
    best: tuple[float, float] | None


class InteractionsInfo(NamedTuple):
    """The pairs that interact, or else those of the most important hyperparameters.

    Args:
        objective: The metric that is compared.
        direction: `maximize` or `minimize`.
        pairs: The strongest first.
        num_left_out: Pairs shown to interact that are not drawn.
        num_complete: Number of completed trials.
    """

    objective: str
    direction: str
    pairs: tuple[Pair, ...]
    num_left_out: int
    num_complete: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if self.pairs:
            return ""
        return (
            "There is no pair to show: fewer than two hyperparameters are shown to matter by "
            f"{count_of(self.num_complete, 'completed trial')}."
        )

    @property
    def caption(self) -> str:
        """What the figure shows."""
        shown = [
            f"{pair.across.name} with {pair.up.name} ({pair.share:.0%} of the variation)"
            for pair in self.pairs
            if pair.share is not None
        ]
        found = (
            f"Shown to interact: {', '.join(shown)}."
            if shown
            else "No pair is shown to interact; these are the hyperparameters that matter most."
        )
        more = f" {self.num_left_out} further pairs interact." if self.num_left_out else ""
        return (
            f"Expected {self.objective} over pairs of hyperparameters, averaged over all others, "
            "by the response surface that was fitted to the trials (dots; star: the winner). "
            f"Yellow is better. {found}{more}"
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 0.3 + 3.0 * self.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return max(math.ceil(len(self.pairs) / PER_ROW), 1), min(max(len(self.pairs), 1), PER_ROW)


def interactions_info(view: StudyView) -> InteractionsInfo:
    """The surfaces over the strongest pairs of a study's hyperparameters."""
    from hpsearch.analysis.fitted import fitted_of
    from hpsearch.analysis.importance import importance_of

    fitted, complete = fitted_of(view), view.count()["completed"]
    if fitted is None:
        return InteractionsInfo(view.objective, view.direction, (), 0, complete)
    chosen = strongest_pairs(importance_of(view))
    numbers = {axis.key: number for number, axis in enumerate(fitted.axes)}
    params = [trial.params for trial in view.trials if trial.state == "complete"]
    pairs = [
        _pair(fitted, numbers[first], numbers[second], share, params)
        for first, second, share in chosen[:MOST_PAIRS]
    ]
    left_out = max(0, len(chosen) - MOST_PAIRS)
    return InteractionsInfo(view.objective, view.direction, tuple(pairs), left_out, complete)


def strongest_pairs(
    importances: Mapping[str, Importance],
) -> list[tuple[str, str, float | None]]:
    """The pairs shown to interact, strongest first, with their share.

    Where there is none, the pairs among the three most important hyperparameters that are shown
    to matter, without a share.
    """
    shares = {
        tuple(sorted((own.name, other))): share
        for own in importances.values()
        for other, share in own.interacts.items()
    }
    if shares:
        ordered = sorted(shares, key=lambda pair: -shares[pair])
        return [(pair[0], pair[1], shares[pair]) for pair in ordered]
    leading = sorted((own for own in importances.values() if own.is_shown), key=lambda o: -o.share)
    return [(one.name, other.name, None) for one, other in itertools.combinations(leading[:3], 2)]


def _pair(
    fitted: Fitted,
    first: int,
    second: int,
    share: float | None,
    trials: Sequence[Mapping[str, Value]],
) -> Pair:
    from hpsearch.analysis.expected import expected_over

    axes = fitted.axes[first], fitted.axes[second]
    dots = [place for params in trials if (place := _place(axes, params)) is not None]
    return Pair(
        _side(axes[0]),
        _side(axes[1]),
        expected_over(fitted, first, second).T,
        share,
        np.array(dots[:: max(1, -(-len(dots) // MOST_DOTS))]).reshape(-1, 2),
        _place(axes, fitted.leaders[0]),
    )


def _place(axes: Sequence[Axis], params: Mapping[str, Value]) -> tuple[float, float] | None:
    """Where a configuration lies; None if it does not use both."""
    from hpsearch.analysis.axes import is_in_use

    if not all(is_in_use(axis.parameter, params) for axis in axes):
        return None
    values = [params[axis.parameter.name] for axis in axes]
    across, up = (
        float(axis.code(value)) if axis.is_listed else axis.place(value)
        for axis, value in zip(axes, values, strict=True)
    )
    return across, up


def _side(axis: Axis) -> Side:
    count = len(axis.grid)
    places = range(count) if axis.is_listed else axis.places
    values = axis.grid if axis.is_listed else map(_rounded, axis.grid)
    labels = tuple(map(label, values))
    return Side(shorten(axis.key), tuple(map(float, places)), labels, axis.is_listed)


def _rounded(value: Any) -> Any:
    """A value of a range that is short enough for a tick."""
    return float(f"{value:.2g}") if isinstance(value, float) else value


def draw_interactions(figure: Figure, info: InteractionsInfo) -> None:
    """A small map for each pair, with trials on it and one scale of colours for all."""
    grid = figure.subplots(*info.shape, squeeze=False)
    every = np.concatenate([pair.expected.ravel() for pair in info.pairs])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    levels = np.linspace(low, high if high > low else low + 1e-9, LEVELS + 1)
    colors = "viridis" if info.direction == "maximize" else "viridis_r"
    drawn = [
        _draw_pair(plane, pair, levels, colors)
        for plane, pair in zip(grid.flat, info.pairs, strict=False)
    ]
    for plane in grid.flat[len(info.pairs) :]:
        plane.set_visible(False)
    bar = figure.colorbar(drawn[0], ax=grid, shrink=0.9, aspect=30, pad=0.02)
    bar.set_label(f"expected {info.objective}")
    bar.outline.set_visible(False)


def _draw_pair(plane: Plane, pair: Pair, levels: Numbers, colors: str) -> Any:
    plane.set_facecolor(PALE)
    where = pair.across.places, pair.up.places
    if pair.across.is_listed or pair.up.is_listed:
        edges = [_edges(side) for side in (pair.across, pair.up)]
        drawn: Any = plane.pcolormesh(
            *edges, pair.expected, cmap=colors, vmin=levels[0], vmax=levels[-1]
        )
    else:
        drawn = plane.contourf(*where, pair.expected, levels, cmap=colors)
        plane.contour(*where, pair.expected, levels[1:-1], colors="white", linewidths=0.4)
    spread = pair.trials + _jitter(pair, len(pair.trials))
    plane.scatter(spread[:, 0], spread[:, 1], s=7, color="white", edgecolor=INK, lw=0.4, alpha=0.8)
    if pair.best is not None:
        plane.scatter(
            pair.best[0],
            pair.best[1],
            s=150,
            color=ORANGE,
            marker="*",
            edgecolor=INK,
            lw=0.7,
            zorder=3,
        )
    plane.set(xlabel=pair.across.name, ylabel=pair.up.name)
    _set_ticks(plane, pair)
    plane.grid(visible=False)
    if pair.share is not None:
        plane.set_title(f"together {pair.share:.0%}", loc="left", fontsize=9)
    return drawn


def _edges(side: Side) -> Numbers:
    """Where the cells of a grid meet."""
    at = np.array(side.places)
    middles = (at[1:] + at[:-1]) / 2
    half = (at[-1] - at[0]) / max(len(at) - 1, 1) / 2 if not side.is_listed else 0.5
    return np.concatenate([[at[0] - half], middles, [at[-1] + half]])


def _jitter(pair: Pair, count: int) -> Numbers:
    """Offsets that keep dots of the same choice apart; the same every time."""
    golden = np.arange(count) * np.array([[0.618034], [0.754878]]) % 1 - 0.5
    reach = [0.6 if side.is_listed else 0.0 for side in (pair.across, pair.up)]
    return np.asarray((golden * np.array(reach)[:, None]).T)


def _set_ticks(plane: Plane, pair: Pair) -> None:
    places, labels = pair.across.ticks
    tilted = sum(map(len, labels)) > 2 * LONGEST_LABEL
    plane.set_xticks(
        places, labels, rotation=35 if tilted else 0, ha="right" if tilted else "center"
    )
    plane.set_yticks(*pair.up.ticks)
    plane.tick_params(labelsize=8)
