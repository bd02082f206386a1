"""Pictures of what the winner's model says, with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.winner_view import WinnerView, write_winner_view
from hpsearch.report import build_report
from hpsearch.report.figures import plots_of, render
from hpsearch.report.figures.calibration import calibration_info
from hpsearch.report.figures.class_accuracy import class_accuracy_info
from hpsearch.report.figures.confusion import SOME_CLASSES, confusion_info
from hpsearch.report.figures.image_losses import (
    draw_image_losses,
    image_losses_info,
    loss_against_accuracy,
)
from hpsearch.report.figures.layers import (
    as_picture,
    feature_maps_info,
    filters_info,
    mosaic,
)
from hpsearch.report.figures.said_values import said_values_info
from hpsearch.report.figures.winner_images import sample_images_info, worst_images_info
from hpsearch.storage import RunDirectory, TrialRecord, load
from hpsearch.storage.study_view import StudyView
from tests.report.winners import keep_view, loaded, sure

Make = Callable[..., Any]
CLASSES = ("cat", "dog", "owl")
WINNER = ("sample-predictions", "confusion", "said-values", "class-accuracy", "worst-images")
WINNER += ("image-losses", "calibration", "filters", "feature-maps")


@pytest.fixture
def study(make_study: Make, trial: Make) -> Path:
    """A study of one trial."""
    directory: Path = make_study([trial(0.5, {})])
    return directory


@pytest.fixture
def three_classes(study: Path) -> StudyView:
    """Ten images: of four cats three are taken for owls, and one of six dogs for a cat."""
    truth = [0] * 4 + [1] * 6
    said = [0, 2, 2, 2, 0, 1, 1, 1, 1, 1]
    data = loaded("one_label", [0, 0, 1, 1, 1, 2], truth, CLASSES)
    keep_view(study, data, sure(said, 3, 0.95))
    return load(study)


def test_confusions_are_counted_and_told(three_classes: StudyView) -> None:
    info = confusion_info(three_classes)
    assert info.counts.tolist() == [[1, 0, 3], [1, 5, 0], [0, 0, 0]]
    assert (info.right, info.total) == (6, 10)
    assert "By trial 0, on 10 validation images. 6 of 10 are right." in info.caption
    assert "Confused most: 'cat' is taken for 'owl' in 3 of 4; 'dog'" in info.caption
    assert "1 class has no image here." in info.caption


def test_each_class_has_its_share_and_its_size(three_classes: StudyView) -> None:
    info = class_accuracy_info(three_classes)
    assert [(own.name, own.training, own.right, own.total) for own in info.classes] == [
        ("cat", 2, 1, 4),
        ("dog", 3, 5, 6),
    ]
    assert "Worst: 'cat' 1 of 4; 'dog' 5 of 6." in info.caption


@pytest.mark.parametrize(("rising", "words"), [(1, "fewer"), (-1, "more")])
def test_a_relation_to_the_size_of_the_class_is_told(study: Path, rising: int, words: str) -> None:
    """Eight classes of eight images, the n-th with n of them recognized."""
    truth = np.repeat(np.arange(8), 8)
    said = np.where(np.tile(np.arange(8), 8) <= truth, truth, (truth + 1) % 8)
    sizes = (np.arange(8) if rising > 0 else np.arange(8)[::-1]) + 1
    data = loaded("one_label", np.repeat(np.arange(8), sizes), truth, tuple("abcdefgh"))
    keep_view(study, data, sure(said, 8))
    info = class_accuracy_info(load(study))
    assert info.correlation is not None
    assert info.correlation[0] == pytest.approx(rising)
    assert f"Classes with {words} training images are recognized worse" in info.caption


def test_what_is_certain_and_wrong_is_told(three_classes: StudyView) -> None:
    """All is said at .95, six of ten are so: an error of .35, too sure, four certainly wrong."""
    info = calibration_info(three_classes)
    assert info.error == pytest.approx(0.35)
    assert "expected calibration error is 35.0%" in info.caption
    assert "too sure of itself: on average its probability is 35.0 points above" in info.caption
    assert "4 images are wrong although the model says otherwise with more than 90%" in info.caption


def test_right_probabilities_are_not_blamed(study: Path) -> None:
    """Nine of ten are right at .9."""
    truth = np.zeros(100, int)
    said = np.where(np.arange(100) % 10 == 0, 1, 0)
    keep_view(study, loaded("binary", truth, truth, ("no", "yes")), sure(said, 2, 0.9))
    info = calibration_info(load(study))
    assert info.error == pytest.approx(0.0, abs=1e-9)
    assert "nothing speaks against these probabilities" in info.caption


def test_losses_too_small_to_be_told_apart_are_counted_at_the_left_edge(study: Path) -> None:
    """All four images are in the picture."""
    from matplotlib.figure import Figure

    data = loaded("binary", [0, 1], [0, 1, 0, 1], ("no", "yes"))
    keep_view(study, data, sure([0, 1, 0, 1], 2, 1 - 1e-9))
    figure = Figure()
    draw_image_losses(figure, image_losses_info(load(study)))
    heights = [xy[1] for patch in figure.axes[0].patches for xy in patch.get_xy()]
    assert max(heights) == 4


def test_why_accuracy_and_loss_part_ways_is_told(three_classes: StudyView) -> None:
    """Six images at -log .95, four at -log .025; one of these makes 3.689 of 15.06."""
    info = image_losses_info(three_classes)
    assert info.scores["mean_loss"] == pytest.approx((6 * 0.0513 + 4 * 3.689) / 10, rel=1e-3)
    assert "the largest alone makes 24% of the sum" in info.caption
    assert "accuracy may improve while the mean loss does not" in info.caption
    assert info.right.sum() == 6


def test_a_trial_whose_loss_rose_with_its_accuracy_is_told() -> None:
    history = {"val_loss": [0.5, 0.4, 0.6], "val_accuracy": [0.7, 0.8, 0.85]}
    record = TrialRecord(0, "complete", history=history, best_epoch=3)
    words = loss_against_accuracy(record)
    assert "from epoch 2 to 3" in words
    assert "validation accuracy rose from 0.800 to 0.850 while validation loss" in words
    assert "rose from 0.4 to 0.6." in words
    assert loss_against_accuracy(replace(record, best_epoch=2)) == ""
    falling = {**history, "val_loss": [0.5, 0.4, 0.3]}
    assert loss_against_accuracy(replace(record, history=falling)) == ""
    assert loss_against_accuracy(replace(record, history={})) == ""


def test_the_worst_images_come_first(study: Path) -> None:
    """Its loss is the only large one, so the fifth image begins."""
    values = sure([0, 1, 2, 0, 1], 3, 0.8)
    data = loaded("one_label", [0, 1, 2], [0, 1, 2, 0, 0], CLASSES)
    keep_view(study, data, values)
    info = worst_images_info(load(study))
    first = info.images[0]
    assert (first.truth, first.said[0], first.is_right) == ("cat", "dog 80%", False)
    np.testing.assert_array_equal(first.pixels, data.validation.images[4])
    assert "In all 1 images are wrong" not in info.caption
    assert "In all 1 image is wrong" in info.caption


def test_samples_say_how_many_are_right(three_classes: StudyView) -> None:
    info = sample_images_info(three_classes)
    assert "6 of these 10 are right" in info.caption


def test_several_labels_are_named_together(study: Path) -> None:
    labels = np.array([[1, 0, 1], [0, 0, 0]], np.uint8)
    data = loaded("many_labels", labels, labels, CLASSES)
    keep_view(study, data, [[0.9, 0.2, 0.7], [0.6, 0.1, 0.1]])
    view = load(study)
    first, second = sample_images_info(view).images
    assert (first.truth, first.said, first.is_right) == ("cat, owl", ["cat, owl"], True)
    assert (second.truth, second.said, second.is_right) == ("none", ["cat"], False)
    assert confusion_info(view).missing
    assert "an image may have several labels" in sample_images_info(view).caption
    cat = next(own for own in class_accuracy_info(view).classes if own.name == "cat")
    assert (cat.training, cat.right, cat.total) == (1, 1, 1)


def test_numbers_are_compared_with_what_is_true(study: Path) -> None:
    truth = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    data = loaded("regression", truth, truth)
    keep_view(study, data, (truth + np.array([0.5, -0.5, 0.5, -0.5]))[:, None])
    view = load(study)
    assert "Mean absolute error 0.5." in said_values_info(view).caption
    assert sample_images_info(view).images[0].said == ("1.5",)
    assert calibration_info(view).missing
    assert "no confusion matrix, no calibration" in sample_images_info(view).caption


def test_of_very_many_classes_the_most_confused_are_shown(study: Path) -> None:
    """A thousand classes with an image each, of which 7 and 700 are taken for 800."""
    truth = np.arange(1000)
    said = np.where(np.isin(truth, [7, 700]), 800, truth)
    data = loaded("one_label", truth, truth, tuple(f"kind {n}" for n in range(1000)))
    keep_view(study, data, sure(said, 1000))
    info = confusion_info(load(study))
    assert len(info.names) == SOME_CLASSES
    assert {"kind 7", "kind 700", "kind 800"} <= set(info.names)
    assert "Of 1,000 classes the 25 most confused are shown" in info.caption
    assert RunDirectory(study).winner_view_file.stat().st_size < 1 << 20


def test_some_of_the_images_are_said_to_be_some(three_classes: StudyView) -> None:
    file = three_classes.directory.winner_view_file
    from hpsearch.analysis.winner_view import read_winner_view

    seen = read_winner_view(three_classes.directory)
    assert seen is not None
    assert seen.predictions is not None
    write_winner_view(file, replace(seen, predictions={**seen.predictions, "num_images": 5000}))
    caption = confusion_info(three_classes).caption
    assert "on 10 validation images, drawn at random from 5,000" in caption


def test_a_model_of_another_trial_than_the_winner_is_told(study: Path, three_classes: Any) -> None:
    seen = loaded("one_label", [0, 1], [0, 1], ("a", "b"))
    keep_view(study, seen, sure([0, 1], 2), trial=4)
    assert "By trial 4 (of trial 0, the winner, no model has been looked at)" in (
        confusion_info(load(study)).caption
    )


def test_filters_are_seen_around_grey() -> None:
    kernel = np.array([[[0.0], [0.5], [-1.0]]], np.float32)
    assert as_picture(kernel).ravel().tolist() == [128, 191, 0]


def test_maps_lie_in_rows_of_six() -> None:
    whole = mosaic(np.zeros((7, 2, 2, 1), np.uint8), 6)
    assert whole.shape == (2 * 2 + 1, 6 * 2 + 5, 1)
    assert (whole == 0).sum() == 7 * 4


def test_filters_and_maps_are_told(study: Path) -> None:
    network = {"filters": {"layer": "conv1", "count": 80, "is_rgb": True}, "maps": ["c: 1 map"]}
    arrays = {
        "filters": np.ones((64, 3, 3, 3), np.float16),
        "map_image": np.zeros((8, 8, 3), np.uint8),
        "maps_0": np.zeros((12, 8, 8), np.uint8),
    }
    view = WinnerView("m", 0, network=network, without={"images": "It saw them."}, arrays=arrays)
    write_winner_view(RunDirectory(study).winner_view_file, view)
    shown = load(study)
    assert "The 64 of 80 filters of 3×3 of conv1" in filters_info(shown).caption
    assert "trial 0 makes of the training image on the left: c: 1 map." in (
        feature_maps_info(shown).caption
    )
    assert sample_images_info(shown).missing == "It saw them."


AWKWARD: dict[str, Callable[[], Any]] = {
    "two": lambda: (loaded("binary", [0, 1], [0, 1], ("no", "yes")), sure([0, 0], 2)),
    "all right": lambda: (loaded("one_label", [0, 1], [0, 1], ("a", "b")), sure([0, 1], 2, 1.0)),
    "one image": lambda: (loaded("one_label", [0, 1, 2], [2], CLASSES), sure([2], 3)),
    "unnamed": lambda: (loaded("one_label", [0, 1], [0, 1, 3]), sure([0, 1, 3], 4)),
    "fewer outputs": lambda: (loaded("one_label", [0, 5], [0, 5], CLASSES), sure([0, 1], 2)),
    "grey": lambda: (
        loaded("one_label", [0, 1], [0, 1], ("a", "b"), (9, 5, 1)),
        sure([0, 1], 2),
    ),
    "points": lambda: (
        loaded("one_label", [0, 1], [0, 1], ("a", "b"), (1, 1, 2)),
        sure([0, 1], 2),
    ),
    "long names": lambda: (
        loaded("one_label", range(50), range(50), tuple(f"$x${n} 名前 é" * 9 for n in range(50))),
        sure(np.arange(50)[::-1], 50),
    ),
    "one label": lambda: (
        loaded("many_labels", [[0], [0]], [[0], [1]], ("a",)),
        [[0.2], [0.3]],
    ),
    "constant": lambda: (loaded("regression", [1.0, 1.0], [1.0, 1.0]), [[1.0], [1.0]]),
    "five numbers": lambda: (
        loaded("regression_0_1", np.zeros((3, 5)), np.zeros((3, 5))),
        np.ones((3, 5)),
    ),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_every_picture_can_be_drawn_of_awkward_data(study: Path, name: str) -> None:
    """Or says why not; captions hold no nan."""
    data, values = AWKWARD[name]()
    keep_view(study, data, values)
    view = load(study)
    drawn = 0
    for plot in plots_of("coarse"):
        info = plot.compute(view)
        if plot.name in WINNER and not info.missing:
            assert "nan" not in info.caption.split()
            assert render(plot.draw, info, "").png.startswith(b"\x89PNG")
            drawn += 1
    assert drawn >= 3


def test_the_page_says_why_there_are_no_pictures_once(study: Path) -> None:
    """A study without models, a failure, and a damaged file; none of them breaks the page."""
    text = build_report(study).read_text(encoding="utf-8")
    assert text.count("No model of this study is kept") == 1
    file = RunDirectory(study).winner_view_file
    write_winner_view(file, WinnerView("", failure="The data were not found."))
    assert build_report(study).read_text(encoding="utf-8").count("The data were not found.") == 1
    file.write_bytes(b"noise")
    assert build_report(study).read_text(encoding="utf-8").count("is damaged") == 1


def test_the_page_shows_the_pictures(three_classes: StudyView) -> None:
    page = build_report(three_classes.directory.path)
    text = page.read_text(encoding="utf-8")
    for name in ("sample-predictions", "confusion", "calibration", "worst-images", "image-losses"):
        assert f'id="{name}"' in text
        assert (page.parent / f"{name}.svg").is_file()
    assert 'id="said-values"' not in text
