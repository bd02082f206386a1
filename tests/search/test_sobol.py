"""The space-filling sequence of coarse."""

import numpy as np
import pytest

from hpsearch.search.sobol import SobolPoints


@pytest.mark.parametrize("seed", [0, 7])
def test_every_part_of_every_scale_gets_its_share(seed: int) -> None:
    """Of 2^k points one lies in each of 2^k equal parts of each dimension, from index 0 on."""
    points = SobolPoints([f"p{i}" for i in range(14)], seed)
    for power in (3, 4, 6):
        first = np.array([points[i] for i in range(2**power)])
        assert ((first >= 0) & (first < 1)).all()
        for column in first.T:
            assert sorted((column * 2**power).astype(int)) == list(range(2**power))


def test_pairs_of_scales_are_filled_evenly() -> None:
    """Of 64 points exactly one lies in each square of an 8 × 8 board, for the first two."""
    points = SobolPoints(["a", "b"], 3)
    board = {tuple((points[i] * 8).astype(int)) for i in range(64)}
    assert len(board) == 64


def test_a_hyperparameter_met_later_moves_nothing() -> None:
    few, more = SobolPoints(["a", "b"], 1), SobolPoints(["a", "b", "c"], 1)
    for index in (0, 5, 100):
        assert few[index] == pytest.approx(more[index][:2])


def test_seeds_give_other_points() -> None:
    assert not np.allclose(SobolPoints(["a", "b"], 1)[3], SobolPoints(["a", "b"], 2)[3])
