"""The numbers that figures show, worked out by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure

from hpsearch.analysis.importance import Importance
from hpsearch.report.figures.canvas import short_number, shorten
from hpsearch.report.figures.importance import summed_up
from hpsearch.report.figures.learning_curves import draw_learning_curves, learning_curves_info
from hpsearch.report.figures.search_progress import search_progress_info, value_limits
from hpsearch.report.figures.slices import draw_slices, slices_info
from hpsearch.report.figures.stages import stages_info
from hpsearch.report.winners import winners
from hpsearch.spaces import Boolean, Choice, Condition, Float
from hpsearch.storage import load

Make = Callable[..., Any]


def test_progress_separates_the_outcomes(make_study: Make, trial: Make) -> None:
    trials = [
        trial(0.3),
        trial(None, None, "failed", failure="oom"),
        trial(None, None, "pruned", rungs={1: 0.1, 2: 0.4}),
        trial(0.2),
        trial(0.6),
    ]
    info = search_progress_info(load(make_study(trials)))
    assert info.complete == ((0, 3, 4), (0.3, 0.2, 0.6))
    assert info.pruned == ((2,), (0.4,))
    assert info.failed == (1,)
    assert info.best == ((0, 3, 4), (0.3, 0.3, 0.6))
    assert info.caption.endswith("it reached 0.6 with trial 4.")


def test_limits_leave_far_outliers_out() -> None:
    low, high = value_limits((1.0, 2.0, 3.0, 4.0, 1000.0)) or (0, 0)
    assert low < 1.0
    assert 4.0 < high < 100.0
    assert value_limits(()) is None


def test_limits_of_one_value_have_a_height() -> None:
    low, high = value_limits((0.0,)) or (0, 0)
    assert low < 0 < high


def test_winners_are_different_configurations(make_study: Make, trial: Make) -> None:
    trials = [
        trial(0.5, {"filters": 6}),
        trial(0.9, {"filters": 12}),
        trial(0.8, {"filters": 12}),
        trial(0.7, {"filters": 24}),
        trial(0.6, {"filters": 48}),
    ]
    assert [record.number for record in winners(load(make_study(trials)))] == [1, 3, 4]


def test_learning_curves_give_the_gap_at_the_best_epoch(
    make_study: Make, trial: Make, history: Make
) -> None:
    measured = history([0.5, 0.9, 0.95], [0.4, 0.8, 0.7])
    view = load(make_study([trial(0.8, {}, history=measured, best_epoch=2)]))
    (winner,) = learning_curves_info(view).winners
    assert winner.gap == pytest.approx(0.1)
    assert [panel.label for panel in winner.panels] == ["loss", "accuracy"]
    assert winner.panels[1].validation == pytest.approx([0.4, 0.8, 0.7])


def test_other_seeds_are_a_band_and_pruned_trials_lie_behind(
    make_study: Make, trial: Make, history: Make
) -> None:
    """From the lowest to the highest seed after each epoch; the axes are those of the winner."""
    seeds = ([0.4, 0.8], [0.3, 0.7], [0.5, 0.75])
    trials = [
        trial(own[1], {"filters": 6}, history=history([0.9, 0.9], own), best_epoch=2)
        for own in seeds
    ]
    trials.append(trial(0.1, {"filters": 12}, state="pruned", history=history([0.1], [0.01])))
    info = learning_curves_info(load(make_study(trials)))
    panel = info.winners[0].panels[1]
    assert sorted(list(own[1]) for own in panel.seeds) == [[0.3, 0.7], [0.5, 0.75]]
    assert [list(own) for own in panel.pruned] == [[0.01]]
    assert "best of 3 seeds" in info.caption
    assert "1 pruned trial" in info.caption
    figure = Figure()
    draw_learning_curves(figure, info)
    accuracy = figure.axes[1]
    corners = [own.get_datalim(accuracy.transData) for own in accuracy.collections]
    assert (0.3, 0.8) in [(round(own.y0, 6), round(own.y1, 6)) for own in corners]
    assert accuracy.get_ylim()[0] > 0.01


def test_the_seam_of_two_phases_is_shown(make_study: Make, trial: Make, history: Make) -> None:
    measured = history([0.5, 0.9, 0.95], [0.4, 0.8, 0.7])
    view = load(make_study([trial(0.8, {}, history=measured, best_epoch=2, seam=1)]))
    info = learning_curves_info(view)
    assert [panel.seam for panel in info.winners[0].panels] == [1, 1]
    assert "unfrozen" in info.caption
    figure = Figure()
    draw_learning_curves(figure, info)
    assert "blocks unfrozen" in [text.get_text() for text in figure.legends[0].get_texts()]
    lines = [line.get_xdata() for line in figure.axes[0].lines]
    assert [1.5, 1.5] in [list(line) for line in lines]


def test_small_importances_are_summed_up() -> None:
    info = summed_up([found(f"p{i:02d}", 1 / 30) for i in range(30)], 60)
    assert info.names[-1] == "10 others together"
    assert info.shares[-1] == pytest.approx(1 / 3)
    assert sum(info.shares) == pytest.approx(1)


def test_what_is_not_shown_to_matter_is_not_named_as_if_it_did() -> None:
    info = summed_up([found("a", 0.5), found("b", 0.1, more_trials=40)], 50)
    assert info.shown == (True, False)
    assert "Shown to matter: a 50%." in info.caption


def found(name: str, share: float, more_trials: int | None = None) -> Importance:
    """An importance with this share."""
    return Importance(name, share, share / 2, 2 * share, 0.01, 0.01, {}, 60, more_trials)


def test_slices_show_what_varied_on_its_own_scale(make_study: Make, trial: Make) -> None:
    space = [
        Float("learning_rate", 1e-5, 1e-1, sampling="log"),
        Choice("optimizer", ("sgd", "adam", "rmsprop")),
        Boolean("batch_norm"),
        Choice("filters", (6, 12, 24)),
        Float("momentum", 0, 0.9, conditions=(Condition("optimizer", ("sgd",)),)),
    ]
    common = {"batch_norm": True}
    trials = [
        trial(
            0.1, common | {"learning_rate": 0.1, "optimizer": "sgd", "filters": 24, "momentum": 0.5}
        ),
        trial(0.2, common | {"learning_rate": 0.01, "optimizer": "adam", "filters": 6}),
        trial(
            0.3,
            common | {"learning_rate": 0.001, "optimizer": "sgd", "filters": 6, "momentum": 0.9},
        ),
        trial(None, common | {"learning_rate": 0.5}, "failed"),
    ]
    info = slices_info(load(make_study(trials, space=space)))
    rate, optimizer, filters, momentum = info.slices
    assert rate.is_log
    assert rate.places == (0.1, 0.01, 0.001)
    assert rate.best == 2
    assert (optimizer.labels, optimizer.places) == (("sgd", "adam"), (0.0, 1.0, 0.0))
    assert (filters.labels, filters.places) == (("6", "24"), (1.0, 0.0, 0.0))
    assert (momentum.places, momentum.values) == ((0.5, 0.9), (0.1, 0.3))


def test_rows_of_slices_are_evenly_filled(make_study: Make, trial: Make) -> None:
    trials = [trial(0.1 * n, {f"p{i}": n / 10 for i in range(5)}) for n in range(3)]
    info = slices_info(load(make_study(trials, space=[])))
    assert info.shape == (2, 3)


def test_stages_compare_only_the_same_objective(make_study: Make, trial: Make) -> None:
    loss = {"objective": "val_loss", "direction": "minimize", "epochs": 5}
    views = [
        load(make_study([trial(0.5), trial(0.7)], "coarse")),
        load(make_study([trial(0.9)], "fine", "fine")),
        load(make_study([trial(0.1)], "other", identity=loss)),
        load(make_study([], "empty")),
    ]
    info = stages_info(views)
    assert (info.names, info.best, info.num_left_out) == (("coarse", "fine"), (0.7, 0.9), 2)


def test_a_long_name_keeps_both_ends() -> None:
    assert shorten("abcdefghijklmnopqrstuvwxyz_07", 12) == "abcdefg…z_07"
    assert shorten("a\nb") == "a b"


def test_ticks_of_a_logarithmic_axis_are_short() -> None:
    assert [short_number(v) for v in (1e-5, 2e-4, 0.001, 0.01, 0.5, 1, 200, 20_000)] == (
        ["1e-5", "2e-4", "1e-3", "0.01", "0.5", "1", "200", "2e4"]
    )
    assert short_number(-0.5) == "-0.5"


@pytest.mark.parametrize(
    "ends", [(1e-6, 1e-2), (1e-5, 1e-1), (1e-4, 5e-3), (3e-5, 2e-4), (0.9e-4, 1.1e-2)]
)
def test_ticks_of_neighbouring_decades_do_not_touch(
    make_study: Make, trial: Make, ends: tuple[float, float]
) -> None:
    """Four plots in a row leave each the width of some 25 letters."""
    names = [f"l{i}" for i in range(4)]
    space = [Float(name, *ends, sampling="log") for name in names]
    trials = [trial(0.5 + end, dict.fromkeys(names, end)) for end in ends]
    info = slices_info(load(make_study(trials, space=space)))
    figure = Figure(figsize=info.size, layout="constrained")
    draw_slices(figure, info)
    figure.draw_without_rendering()
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        boxes = [label.get_window_extent() for at, label in ticks if low <= at <= high]
        assert len(boxes) >= 2
        gaps = [right.x0 - left.x1 for left, right in itertools.pairwise(boxes)]
        assert min(gaps) > 3
