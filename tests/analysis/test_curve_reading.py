"""What a curve says: whether images are missing, where a value is best, and why not elsewhere."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis.curve_points import IMAGES_AXIS, Curve, Point
from hpsearch.analysis.curve_reading import reading_of
from hpsearch.analysis.decomposition_reading import read_decomposition

SCATTER = (-0.001, 0.0, 0.001)


def point(place: float | str, train: float, validation: float, scatter: float = 1.0) -> Point:
    """Three trainings around two errors."""
    spread = [scatter * own for own in SCATTER]
    low, high = (tuple(level + own for own in spread) for level in (train, validation))
    return Point(place, low, high, (), ())


def curve(axis: str, *points: Point) -> Curve:
    """A curve of errors."""
    return Curve(axis, "error", 1, points, 0)


def test_a_falling_error_asks_for_more_images_and_gives_the_rate() -> None:
    """An error that falls as the square root of the images: a doubling multiplies it by 0.71."""
    sizes = (500, 1000, 2000, 4000)
    told = reading_of(curve(IMAGES_AXIS, *(point(n, 0.001, 0.2 * np.sqrt(500 / n)) for n in sizes)))
    assert told[0].startswith("More training images would still help: from 2000 to 4000")
    assert "multiplied it by 0.71" in told[1]
    assert "about 0.0500" in told[1]
    assert told[2].startswith("Variance is the larger part")


def test_a_flat_error_at_a_high_training_error_is_bias() -> None:
    """More images act little on what the network cannot learn."""
    told = reading_of(curve(IMAGES_AXIS, *(point(n, 0.2, 0.22, 9) for n in (500, 1000, 2000))))
    assert told[0].startswith("Whether more training images would help cannot be told")
    assert any(sentence.startswith("Bias is the larger part") for sentence in told)


def test_the_best_value_with_both_sides_explained() -> None:
    """Too little L2 overfits, too much underfits; a neighbour within the scatter is told."""
    told = reading_of(
        curve(
            "l2",
            point(1e-5, 0.01, 0.10),
            point(1e-3, 0.02, 0.061),
            point(1e-2, 0.03, 0.060),
            point(1.0, 0.40, 0.42),
        )
    )
    assert "Best at l2 = 0.01" in told[0]
    assert "not told apart from it: 0.001" in told[0]
    assert told[1].startswith("Below it, at l2 = 1e-05, the network overfits")
    assert told[2].startswith("Above it, at l2 = 1, the network underfits")


def test_a_best_value_at_the_end_asks_for_values_beyond() -> None:
    """The range may be too small."""
    told = reading_of(curve("dropout", point(0.0, 0.0, 0.2), point(0.3, 0.0, 0.1)))
    assert "The best is the highest value tried: try values beyond it." in told


def test_choices_have_no_sides() -> None:
    """Between two optimizers there is nothing."""
    told = reading_of(curve("optimizer", point("adam", 0.0, 0.1), point("sgd", 0.1, 0.2)))
    assert len(told) == 1
    assert "clearly better than every other value" in told[0]


def test_one_training_each_is_said_to_be_luck() -> None:
    """Without a second training nothing is told apart."""
    few = [Point(n, (0.0,), (0.1,), (), ()) for n in (1, 2)]
    assert "luck cannot be told" in reading_of(curve(IMAGES_AXIS, *few))[0]


def test_fewer_than_two_points_say_nothing() -> None:
    """Nothing is claimed of what has not been trained."""
    assert reading_of(curve("l2", point(1.0, 0.1, 0.2))) == []
    assert reading_of(curve("l2")) == []


def test_the_larger_part_of_a_decomposition_is_named() -> None:
    """Bias 0.08 against variance 0.02, and the other way round."""

    def facts(bias: float, variance: float) -> dict[str, object]:
        row = {"loss": 0.1, "bias": bias, "variance": variance, "num_images": 10}
        return {
            "models": 20,
            "class_names": ["a", "b", "c", "d"],
            "losses": {
                "squared": {"whole": row, "classes": []},
                "zero_one": {"whole": row, "classes": [row, row, {**row, "bias": 0.5}, None]},
            },
        }

    biased = read_decomposition(facts(0.08, 0.02))
    assert biased[0].startswith("Bias dominates: 20 models of bootstrap samples are wrong on 10.0%")
    assert read_decomposition(facts(0.02, 0.08))[0].startswith("Variance dominates")
    assert read_decomposition(facts(0.05, 0.05))[0].startswith("Bias and variance are of one size")
