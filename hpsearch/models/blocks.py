"""Blocks of convolutions, with the sizes of their maps worked out before any layer is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hpsearch.errors import Infeasible, InputError

POOLINGS = ("max", "average", "none")
PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class Block:
    """One or more convolutions with the same number of filters, then pooling.

    Convolution → (batch normalization) → activation, as often as `convolutions` says, then
    pooling, then dropout.

    Args:
        filters: Output channels of each convolution, 1 or more.
        kernel_size: Height and width of the kernels.
        convolutions: Number of convolutions, 1 or more.
        padding: `same` keeps the size of the map, `valid` makes it smaller by the kernel less one.
        pooling: `max`, `average` or `none`.
        pool_size: Height and width of a pool, and its stride.
        batch_norm: Whether to normalize before each activation; None is what the network does.
        dropout: Rate of the dropout behind the block; None is the network's `conv_dropout`.
        dropout_kind: One of `DROPOUT_KINDS`; None is the network's.
        is_pooled_first: Pool right after the last convolution, before normalization and
            activation, as the course's GTSRB networks do.

    Raises:
        InputError: A name does not exist.
        Infeasible: A number is below 1.
    """

    filters: int
    kernel_size: int = 3
    convolutions: int = 1
    padding: str = "same"
    pooling: str = "max"
    pool_size: int = 2
    batch_norm: bool | None = None
    dropout: float | None = None
    dropout_kind: str | None = None
    is_pooled_first: bool = False

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise InputError(
                f"No pooling '{self.pooling}'.", f"Give one of: {', '.join(POOLINGS)}."
            )
        if self.padding not in PADDINGS:
            raise InputError(f"No padding '{self.padding}'.", "Give same or valid.")
        for name in ("filters", "kernel_size", "convolutions", "pool_size"):
            if getattr(self, name) < 1:
                raise Infeasible(f"{name} of a block is {getattr(self, name)}; expected 1 or more.")


def widened(number: int, width: float) -> int:
    """A number of filters or units times a width, rounded, at least 1."""
    return max(1, round(number * width))


Size = tuple[int, int]
"""(height, width) of a map."""


def after_convolutions(size: Size, block: Block, name: str) -> Size:
    """The size of the map after the convolutions of a block.

    Raises:
        Infeasible: A kernel is larger than its map, and the padding is valid.
    """
    height, width = size
    for _ in range(block.convolutions if block.padding == "valid" else 0):
        if min(height, width) < block.kernel_size:
            raise Infeasible(
                f"{name}: a {block.kernel_size}×{block.kernel_size} kernel does not fit "
                f"a {height}×{width} map.",
                "Use larger images, a smaller kernel or fewer layers.",
            )
        height, width = height - block.kernel_size + 1, width - block.kernel_size + 1
    return height, width


def after_block(size: Size, block: Block, name: str) -> Size:
    """The size of the map after a block.

    Raises:
        Infeasible: A kernel or a pool is larger than its map.
    """
    height, width = after_convolutions(size, block, name)
    if block.pooling == "none":
        return height, width
    if min(height, width) < block.pool_size:
        raise Infeasible(
            f"{name}: pooling by {block.pool_size}×{block.pool_size} does not fit "
            f"a {height}×{width} map.",
            "Use larger images, fewer blocks, or pooling='none' in the last ones.",
        )
    return height // block.pool_size, width // block.pool_size


def check_blocks(size: Size, blocks: Iterable[tuple[str, Block]]) -> Size:
    """The size of the map after all blocks.

    Args:
        size: (height, width) of the image.
        blocks: Each block with its name.

    Raises:
        Infeasible: A kernel or a pool is larger than its map.
    """
    for name, block in blocks:
        size = after_block(size, block, name)
    return size
