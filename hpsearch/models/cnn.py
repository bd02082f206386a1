"""A convolutional network with a choice for each block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from hpsearch.models.blocks import Block, widened
from hpsearch.models.heads import compiled
from hpsearch.models.inputs import ImageData, Preparation, image_input
from hpsearch.models.layers import convolutional_part, dense_part, vector
from hpsearch.models.losses import target_of
from hpsearch.models.options import Options, read_options


def cnn(
    dataset: ImageData,
    blocks: Sequence[Block | int],
    *,
    dense_units: Sequence[int] = (),
    head: str = "flatten",
    width: float = 1.0,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """A compiled convolutional network with a choice for each block.

    The blocks, then one vector an image, then hidden dense layers, each followed by dropout, and
    the output. In a space::

        blocks = [
            Block(hp.Choice(f"filters_{n}", [8, 16, 32]), dropout_kind=hp.Choice(…))
            for n in range(hp.Int("num_blocks", 1, 4))
        ]

    `cnn(digits, [8, 16, Block(32, pooling="none")])` is the network of the course's quiz (3×3×8,
    pool, 3×3×16, pool, 3×3×32, dense 10) with same padding: 21,578 parameters on 28×28×1 images.

    Args:
        dataset: What the model is for; its `image_shape`, `num_classes` and `problem`.
        blocks: Blocks from the image on; a number stands for a `Block` with so many filters.
        dense_units: Units of the hidden dense layers; none by default.
        head: How the last map becomes a vector: `flatten`, or the `average` or `max` of each
            channel (Lin et al. 2014), which has far fewer weights behind it.
        width: Multiplies filters and dense units, rounded, at least 1 each.
        preparation: Layers right behind the input; None for none.
        **options: See `Options`.

    Returns:
        A compiled `keras.Model` from (batch, height, width, channels) float images, already
        preprocessed, to (batch, num_classes) probabilities, or what else the problem asks for.

    Raises:
        Infeasible: A kernel or a pool is larger than its map (five poolings of a 28-pixel image),
            or two options exclude each other.
        InputError: A name does not exist, or the loss contradicts the problem.
    """
    style, training = read_options(options, preparation=preparation)
    target = target_of(dataset, training.loss, training.label_smoothing)
    image, tensor = image_input(dataset, preparation, training.recipe)
    made = [Block(block) if isinstance(block, int) else block for block in blocks]
    wide = [replace(block, filters=widened(block.filters, width)) for block in made]
    tensor = vector(convolutional_part(tensor, style, wide, prefix="block"), head)
    tensor = dense_part(tensor, style, [widened(units, width) for units in dense_units])
    return compiled(image, tensor, style, training, target, "cnn")
