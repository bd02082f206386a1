"""Decision regions: what is computed for a study of points in the plane, and how it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.errors import InputError, StudyError
from hpsearch.execution.regions_process import plane
from hpsearch.report import build_report
from hpsearch.report.figures.canvas import render
from hpsearch.report.figures.points import MOST_POINTS, PointsInfo
from hpsearch.report.figures.regions import draw_regions, regions_info
from hpsearch.stages.regions import find_regions
from hpsearch.storage.atomic import write_json
from hpsearch.storage.study_view import load

FOUND = {
    "low": [0.0, 0.0],
    "high": [1.0, 2.0],
    "points": [[0.1, 0.2], [0.9, 1.8]],
    "labels": [0, 1],
    "class_names": ["left", "right"],
    "objective": "val_accuracy",
    "pictures": [
        {"title": "trial 3", "value": 0.75, "classes": [[0, 1], [0, 1]]},
        {"title": "l2 = 1", "value": None, "classes": []},
    ],
}


def test_the_plane_reaches_a_little_beyond_the_points() -> None:
    """A twentieth of the extent on each side; rows from below, each from the left."""
    places = plane(np.array([[0.0, 10.0], [2.0, 30.0]], np.float32), 3)
    expected_x, expected_y = [-0.1, 1.0, 2.1], [9.0, 20.0, 31.0]
    np.testing.assert_allclose(places[:3, 0], expected_x, rtol=1e-6)
    np.testing.assert_allclose(places[::3, 1], expected_y, rtol=1e-6)
    assert len(places) == 9


def test_what_was_found_is_drawn_and_told_in_words(make_study: Any) -> None:
    directory = make_study()
    view = load(directory)
    assert regions_info(view).missing
    write_json(view.directory.regions_file, FOUND)
    info = regions_info(view)
    assert not info.missing
    assert "trial 3: 0.75; l2 = 1: failed" in info.caption
    assert render(draw_regions, info, "").png.startswith(b"\x89PNG")


def test_a_page_speaks_of_regions_only_where_somebody_asked_for_them(make_study: Any) -> None:
    directory = make_study()
    assert "decision-regions" not in build_report(directory).read_text(encoding="utf-8")
    write_json(directory / "regions.json", FOUND)
    page = build_report(directory)
    assert "decision-regions" in page.read_text(encoding="utf-8")
    assert (page.parent / "decision-regions.svg").is_file()


def test_a_damaged_file_is_told(make_study: Any) -> None:
    view = load(make_study())
    write_json(view.directory.regions_file, {**FOUND, "points": [[1.0, 2.0, 3.0]]})
    with pytest.raises(StudyError, match=r"regions\.json"):
        regions_info(view)


def test_only_some_of_many_points_are_marked() -> None:
    points = PointsInfo(np.zeros((1000, 2)), np.zeros(1000, int), ("a",)).some
    assert 200 <= len(points.points) == len(points.labels) <= MOST_POINTS


def test_only_a_hyperparameter_of_a_study_with_a_best_trial_can_be_varied(
    make_study: Any, trial: Any
) -> None:
    """Both are told before anything is trained."""
    view = load(make_study([trial(0.5, {"learning_rate": 0.1})]))
    with pytest.raises(InputError, match="--over depth=2 names no hyperparameter"):
        find_regions(view, "depth=2")
    with pytest.raises(InputError, match="has no completed trial"):
        find_regions(load(make_study(name="empty")), "l2=1")
