"""The numbers behind the figures of the search, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from hpsearch.analysis.importance import Importance
from hpsearch.report.figures import plots_of
from hpsearch.report.figures.capacity import capacity_info, draw_capacity, medians, short_count
from hpsearch.report.figures.interactions import (
    draw_interactions,
    interactions_info,
    strongest_pairs,
)
from hpsearch.report.figures.over_time import over_time
from hpsearch.report.figures.parallel import MOST_LINES, UNUSED, draw_parallel, parallel_info
from hpsearch.report.figures.ranges import draw_ranges, ranges_info
from hpsearch.report.figures.slices import slices_info
from hpsearch.report.lineage import lineage
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Parameter, Space
from hpsearch.storage import load
from hpsearch.storage.atomic import write_json

Make = Callable[..., Any]

SGD = (Condition("optimizer", ("sgd",)),)
WIDE: list[Parameter] = [
    Float("rate", 1e-4, 1e-1, sampling="log"),
    Choice("optimizer", ("adam", "sgd", "rmsprop", "lion")),
    Float("momentum", 0, 1, conditions=SGD),
    Int("layers", 2, 4),
    Boolean("norm"),
]
NARROW: list[Parameter] = [
    Float("rate", 1e-3, 1e-2, sampling="log"),
    Choice("optimizer", ("adam", "rmsprop")),
    Float("momentum", 0, 1, conditions=SGD),
    Fixed("layers", 3),
    Fixed("norm", True),
]


def narrowed(directory: Path, space: list[Parameter]) -> None:
    write_json(directory / "narrowed_space.json", Space(tuple(space)).to_json())


def configuration(rate: float, optimizer: str = "adam", **more: Any) -> dict[str, Any]:
    return {"rate": rate, "optimizer": optimizer, "layers": 3, "norm": True, **more}


def test_the_best_over_time_follows_the_ends_of_trials(make_study: Make, trial: Make) -> None:
    """All are created at once here, so they end after as many seconds as they took."""
    trials = [trial(0.6, seconds=30.0), trial(0.3, seconds=10.0), trial(0.5, seconds=20.0)]
    found = over_time(load(make_study(trials)))
    assert found.seconds == pytest.approx((10, 20, 30), abs=2)
    assert found.values == (0.3, 0.5, 0.6)
    assert found.best == (0.3, 0.5, 0.6)


def test_slices_shade_what_narrowing_left(make_study: Make, trial: Make) -> None:
    trials = [
        trial(0.1, configuration(1e-4, "adam")),
        trial(0.2, configuration(1e-1, "sgd", momentum=0.5)),
        trial(0.3, configuration(1e-2, "rmsprop") | {"layers": 2, "norm": False}),
        trial(0.3, configuration(1e-2, "sgd", momentum=0.1)),
    ]
    directory = make_study(trials, space=WIDE)
    assert not any(one.left for one in slices_info(load(directory)).slices)
    narrowed(directory, NARROW)
    info = slices_info(load(directory))
    left = {one.name: one.left for one in info.slices}
    assert left == {
        "rate": ((1e-3, 1e-2),),
        "optimizer": ((-0.5, 0.5), (1.5, 2.5)),  # adam and rmsprop of adam, sgd, rmsprop
        "momentum": (),
        "layers": ((3, 3),),
        "norm": ((0.5, 1.5),),  # no, yes
    }
    assert "Shaded: what narrowing left" in info.caption


def test_ranges_go_from_stage_to_stage(make_study: Make, trial: Make) -> None:
    coarse = make_study([], space=WIDE)
    narrowed(coarse, NARROW)
    best = trial(0.5, configuration(1e-2))
    fine = make_study([best], "fine", "fine", space=NARROW, **{"from": str(coarse)})
    assert [stage.name for stage in lineage(load(coarse))] == ["coarse", "next"]
    info = ranges_info(load(fine))
    assert info.stages == ("coarse", "fine")
    rows = {row.name: row for row in info.rows}
    (whole,), (third,) = rows["rate"].bars
    assert whole == pytest.approx((0, 1))
    assert third == pytest.approx((1 / 3, 2 / 3))
    assert rows["rate"].best == pytest.approx(2 / 3)
    assert rows["optimizer"].bars == (((0, 1),), ((0, 0.25), (0.5, 0.75)))
    assert rows["layers"].bars == (((0, 1),), ((0.5, 0.5),))
    assert rows["norm"].bars == (((0, 1),), ((0.5, 1),))
    assert "momentum (optimizer=sgd)" not in rows, "what stayed is told, not drawn"
    assert info.num_kept == 1
    figure = Figure(figsize=info.size, layout="constrained")
    draw_ranges(figure, info)
    figure.draw_without_rendering()


def test_a_widened_range_sets_the_scale(make_study: Make) -> None:
    coarse = make_study([], space=[Float("rate", 1e-4, 1e-2, sampling="log")])
    narrowed(coarse, [Float("rate", 1e-3, 1e-1, sampling="log")])
    (row,) = ranges_info(load(coarse)).rows
    assert [bar[0] for bar in row.bars] == [pytest.approx((0, 2 / 3)), pytest.approx((1 / 3, 1))]
    assert [text for _, text in row.ticks] == ["0.0001", "0.0032", "0.1"]


def test_a_lost_source_and_a_damaged_narrowing_are_left_out(make_study: Make) -> None:
    fine = make_study([], "fine", "fine", space=NARROW, **{"from": "/nowhere/coarse"})
    (fine / "narrowed_space.json").write_text("{")
    assert [stage.name for stage in lineage(load(fine))] == ["fine"]
    assert ranges_info(load(fine)).missing


def found(name: str, share: float, interacts: dict[str, float] | None = None) -> Importance:
    return Importance(name, share, share / 2, 2 * share, 0.01, 0.01, interacts or {}, 60, None)


def test_the_strongest_pairs_come_first_and_once() -> None:
    importances = [
        found("a", 0.1, {"b": 0.2, "c": 0.3}),
        found("b", 0.4, {"a": 0.2}),
        found("c", 0.2, {"a": 0.3}),
    ]
    own = {one.name: one for one in importances}
    assert strongest_pairs(own) == [("a", "c", 0.3), ("a", "b", 0.2)]


def test_without_interactions_the_most_important_are_paired() -> None:
    own = {
        name: found(name, share) for name, share in zip("abcd", (0.1, 0.4, 0.2, 0.3), strict=True)
    }
    assert strongest_pairs(own) == [("b", "d", None), ("b", "c", None), ("d", "c", None)]


def test_a_product_is_shown_as_a_pair(make_study: Make, trial: Make) -> None:
    generator = np.random.default_rng(0)
    trials = []
    for _ in range(80):
        a, b, c = (float(value) for value in generator.uniform(size=3))
        trials.append(trial((a - 0.5) * (b - 0.5) + 0.01 * c, {"a": a, "b": b, "c": c}))
    view = load(make_study(trials, space=[Float(name, 0, 1) for name in "abc"]))
    info = interactions_info(view)
    assert [(pair.across.name, pair.up.name) for pair in info.pairs] == [("a", "b")]
    (pair,) = info.pairs
    assert pair.share is not None
    assert pair.share > 0.5
    assert pair.expected[0, 0] > pair.expected[0, -1]
    best = view.best
    assert best is not None
    assert pair.best == pytest.approx((best.params["a"], best.params["b"]))
    dots = [(own.params["a"], own.params["b"]) for own in view.trials]
    assert pair.trials == pytest.approx(np.array(dots)), "where they are, not on a grid"
    figure = Figure(figsize=info.size, layout="constrained")
    draw_interactions(figure, info)
    figure.draw_without_rendering()


def test_lines_go_through_places_and_below_what_is_not_in_use(
    make_study: Make, trial: Make
) -> None:
    trials = [
        trial(0.3, configuration(1e-1, "sgd", momentum=0.25)),
        trial(0.1, configuration(1e-4, "adam")),
        trial(0.2, configuration(1e-4, "sgd", momentum=0.75)),
    ]
    info = parallel_info(load(make_study(trials, space=WIDE)))
    assert [column.name for column in info.columns] == ["rate", "optimizer", "momentum"]
    assert info.values.tolist() == [0.1, 0.2, 0.3], "the best line is drawn last"
    expected = [[0, 1 / 8, UNUSED], [0, 3 / 8, 0.75], [1, 3 / 8, 0.25]]
    assert info.places == pytest.approx(np.array(expected))
    assert info.winner == 0
    figure = Figure(figsize=info.size, layout="constrained")
    draw_parallel(figure, info)
    figure.draw_without_rendering()


def test_of_very_many_lines_the_best_stay(make_study: Make, monkeypatch: Any, trial: Make) -> None:
    monkeypatch.setattr("hpsearch.report.figures.parallel.MOST_LINES", 20)
    assert MOST_LINES > 20
    info = parallel_info(
        load(make_study([trial(n / 100, {"rate": 1e-3 * (n + 1)}) for n in range(60)]))
    )
    assert (info.num_trials, len(info.values)) == (60, 20)
    assert info.values[-5:].tolist() == [0.55, 0.56, 0.57, 0.58, 0.59]
    assert "each of 20 of 60" in info.caption


def test_medians_of_few_sizes_are_those_of_each() -> None:
    sizes = np.array([10.0, 10.0, 10.0, 50.0, 50.0])
    errors = np.array([0.1, 0.2, 0.6, 0.4, np.nan])
    at, middle = medians(sizes, errors)
    assert (at.tolist(), middle.tolist()) == ([10.0, 50.0], [0.2, 0.4])


def test_numbers_of_parameters_are_short() -> None:
    assert [short_count(value) for value in (300, 20_000, 1_500_000)] == ["300", "20k", "1.5M"]


def test_one_size_makes_no_figure_of_sizes(make_study: Make, trial: Make, history: Make) -> None:
    one = {"history": history([0.5], [0.4]), "best_epoch": 1}
    same = [trial(0.4, num_parameters=100, **one) for _ in range(3)]
    assert "same number of parameters" in capacity_info(load(make_study(same))).missing
    other = trial(0.4, num_parameters=1000, **one)
    info = capacity_info(load(make_study([*same, other], "other")))
    assert not info.missing
    figure = Figure(figsize=info.size, layout="constrained")
    draw_capacity(figure, info)
    figure.draw_without_rendering()


def test_stages_that_search_nothing_have_no_figures_of_a_search() -> None:
    """A confirmation shows its winner, curves their curve; a search shows everything it can."""
    shown = {
        stage: {plot.name for plot in plots_of(stage)} for stage in ("coarse", "confirm", "curves")
    }
    assert shown["curves"] == {"curve", "bias-and-variance"}
    assert "learning-curves" in shown["confirm"]
    assert not {"importance", "slices", "ranges"} & shown["confirm"]
    assert {"importance", "slices", "learning-curves"} < shown["coarse"]
