"""Points that a user wants tried first."""

import json
from pathlib import Path

import pytest

from hpsearch.errors import SpaceError
from hpsearch.spaces import Boolean, Choice, Condition, Float, Int, Space
from hpsearch.spaces.tries import parse_tries, points_in

SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0, 0.99, default=0.9, conditions=(Condition("optimizer", ("sgd",)),)),
        Float("rate", 1e-5, 1e-1, sampling="log", default=1e-3),
        Int("layers", 1, 4),
        Boolean("norm"),
    )
)


def test_a_point_is_completed_by_defaults() -> None:
    points = points_in(SPACE, parse_tries(["rate=0.01, layers=3", "optimizer=sgd,norm=true"]))
    assert points == (
        {"optimizer": "adam", "rate": 0.01, "layers": 3, "norm": False},
        {"optimizer": "sgd", "momentum": 0.9, "rate": 0.001, "layers": 1, "norm": True},
    )


def test_a_file_holds_one_point_or_a_list(tmp_path: Path) -> None:
    one, several = tmp_path / "one.json", tmp_path / "several.json"
    one.write_text(json.dumps({"rate": 0.01, "norm": True}))
    several.write_text(json.dumps([{"layers": 2}, {"layers": 4}]))
    points = points_in(SPACE, parse_tries([str(one), str(several)]))
    assert [point["layers"] for point in points] == [1, 2, 4]
    assert points[0]["norm"] is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rate", "--try rate is not understood"),
        ("rate=", "not understood"),
        ("depth=3", "No hyperparameter 'depth'"),
        ("rate=5", "searched in"),
        ("layers=2.5", "whole number"),
        ("optimizer=adamw", "cannot be 'adamw'"),
        ("momentum=0.5", r"'momentum', which is not active.*optimizer=sgd"),
        ("missing.json", "cannot be read"),
    ],
)
def test_what_cannot_be_tried_is_refused(text: str, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        points_in(SPACE, parse_tries([text]))


@pytest.mark.parametrize("content", ["{", "[]x", "[1]", "3", "{}"])
def test_a_file_of_something_else_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "points.json"
    path.write_text(content)
    with pytest.raises(SpaceError, match=r"not JSON|holds no points"):
        parse_tries([str(path)])
