"""Sizes of maps are worked out, and what does not fit is refused, before a layer is made."""

from __future__ import annotations

import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.models import Block
from hpsearch.models.blocks import check_blocks, widened


def test_the_sizes_are_those_of_the_courses_networks():
    lenet = [("a", Block(6, 5, padding="valid")), ("b", Block(16, 5, padding="valid"))]
    assert check_blocks((32, 32), lenet) == (5, 5)
    four = [(str(n), Block(32, padding="valid")) for n in range(4)]
    assert check_blocks((150, 150), four) == (7, 7)


def test_four_pools_of_28_pixels_fit_and_five_do_not():
    blocks = [(f"block{n}", Block(8)) for n in range(1, 6)]
    assert check_blocks((28, 28), blocks[:4]) == (1, 1)
    with pytest.raises(Infeasible, match="block5: pooling by 2×2 does not fit a 1×1 map"):
        check_blocks((28, 28), blocks)


def test_a_second_convolution_of_a_block_may_be_the_one_that_does_not_fit():
    block = Block(8, 5, convolutions=2, padding="valid", pooling="none")
    assert check_blocks((9, 12), [("x", block)]) == (1, 4)
    with pytest.raises(Infeasible, match="x: a 5×5 kernel does not fit a 4×8 map"):
        check_blocks((8, 12), [("x", block)])


def test_same_padding_takes_any_kernel():
    assert check_blocks((3, 3), [("x", Block(8, 7, pooling="none"))]) == (3, 3)


@pytest.mark.parametrize("wrong", [{"pooling": "mean"}, {"padding": "full"}])
def test_a_name_that_does_not_exist_is_refused(wrong):
    with pytest.raises(InputError, match="Give"):
        Block(8, **wrong)


@pytest.mark.parametrize("name", ["kernel_size", "convolutions", "pool_size"])
def test_a_block_of_nothing_is_infeasible(name):
    with pytest.raises(Infeasible, match=f"{name} of a block is 0"):
        Block(8, **{name: 0})


def test_a_width_is_rounded_and_leaves_at_least_one():
    assert [widened(6, width) for width in (2, 0.5, 0.25, 0.01)] == [12, 3, 2, 1]
