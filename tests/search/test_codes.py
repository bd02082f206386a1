"""Configurations as rows of numbers, and as points between which distances mean something."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.search.codes import Codes
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Space

SGD = (Condition("optimizer", ("sgd",)),)
SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd", "rmsprop")),
        Float("momentum", 0, 0.99, conditions=SGD),
        Choice("schedule", ("step", "cosine"), conditions=SGD),
        Float("rate", 1e-4, 1.0, sampling="log"),
        Int("layers", 1, 5),
        Choice("filters", (6, 12, 24)),
        Boolean("norm"),
        Fixed("epochs", 3),
    )
)
CODES = Codes(SPACE)


@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_rows_and_configurations_are_two_forms_of_the_same(seed: int) -> None:
    """Drawn rows lie in the space, and decoding and encoding them changes nothing."""
    for row in CODES.random(4, np.random.default_rng(seed)):
        params = CODES.decode(row)
        assert SPACE.contains(params)
        assert np.allclose(CODES.encode(params), row, equal_nan=True, atol=1e-12)


@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_variations_stay_in_the_space(seed: int) -> None:
    """Mutations change something searched; neighbours differ in one thing and its children."""
    generator = np.random.default_rng(seed)
    rows = CODES.random(3, generator)
    for row, other in zip(rows, CODES.mutated(rows, generator), strict=True):
        assert SPACE.contains(CODES.decode(other))
        assert other[-1] == row[-1] == 0  # the fixed one
    start = CODES.decode(rows[0])
    for near in CODES.neighbours(rows[0], generator):
        params = CODES.decode(near)
        assert SPACE.contains(params)
        changed = {n for n in {*start, *params} if start.get(n) != params.get(n)}
        assert len(changed - {"momentum", "schedule"}) <= 1


def test_codes_are_places_and_positions() -> None:
    """10^-2 is the middle of 10^-4 … 1; the third of three choices has position 2."""
    params = {"optimizer": "rmsprop", "rate": 0.01, "layers": 2, "filters": 24, "norm": True}
    row = CODES.encode(params | {"epochs": 3})
    assert row == pytest.approx([2, math.nan, math.nan, 0.5, 1, 2, 1, 0], nan_ok=True)


def test_what_was_tried_before_a_range_was_narrowed_lies_outside_of_it() -> None:
    """On the log scale of 10^-3 … 10^-2, 10^-1 is one range above and 10^-4 one below."""
    narrow = Codes(Space((Float("rate", 1e-3, 1e-2, sampling="log"), Choice("filters", (12, 24)))))
    above = narrow.encode({"rate": 0.1, "filters": 48})
    below = narrow.encode({"rate": 1e-4, "filters": 6})
    assert above == pytest.approx([2.0, 2.0])
    assert below == pytest.approx([-1.0, -1.0])
    inside = narrow.inside(np.stack([above, below]), np.random.default_rng(0))
    assert inside == pytest.approx(np.array([[1.0, 1.0], [0.0, 0.0]]))


def test_a_choice_that_was_dropped_is_like_no_other() -> None:
    codes = Codes(Space((Choice("activation", ("relu", "elu", "tanh")),)))
    rows = np.stack([codes.encode({"activation": a}) for a in ("relu", "elu", "sigmoid")])
    features = codes.features(rows)
    distances = [np.linalg.norm(features[i] - features[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert distances == pytest.approx([0.5, 0.5, 0.5])


def test_distances_between_features() -> None:
    """Ordered ones by their scale, choices 0.5 apart, inactive ones alike."""
    first = {"optimizer": "adam", "rate": 1e-4, "layers": 1, "filters": 6, "norm": False}
    other = first | {"layers": 5}
    choice = first | {"optimizer": "rmsprop"}
    child = first | {"optimizer": "sgd", "momentum": 0.495, "schedule": "step"}
    rows = np.stack(
        [CODES.encode(params | {"epochs": 3}) for params in (first, other, choice, child)]
    )
    features = CODES.features(rows)
    assert features.shape == (4, len(CODES.owners))
    distances = ((features - features[0]) ** 2).sum(1)
    assert distances[:3] == pytest.approx([0, 1, 0.25])
    assert distances[3] == pytest.approx(0.25 + 0.125 + 0.25)  # optimizer, momentum, schedule
    assert len(set(CODES.owners)) == 7
