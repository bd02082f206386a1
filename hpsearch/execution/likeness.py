"""How like ImageNet a data set is, measured by what a linear classifier makes of each block."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.execution.side_process import ask


@dataclass(frozen=True)
class BlockProbe:
    """A linear classifier on the mean features of one block.

    Args:
        block: Number of the block, from 1.
        accuracy: Mean accuracy over the folds of a cross-validation, 0 to 1.
        error: Standard error of that mean.
    """

    block: int
    accuracy: float
    error: float


@dataclass(frozen=True)
class Likeness:
    """What the blocks of a pretrained network tell of a data set.

    Args:
        backbone: The network.
        num_probed: Images that were looked at.
        num_train: Images of the training part.
        image_size: Side at which they were looked at, in pixels.
        blocks: One a block, in order.
    """

    backbone: str
    num_probed: int
    num_train: int
    image_size: int
    blocks: tuple[BlockProbe, ...]


def measure_likeness(
    what: str,
    source: str | None = None,
    *,
    backbone: str = "vgg16",
    weights: str = "imagenet",
    skip_bad: bool = False,
) -> Likeness:
    """Run images of the training part through a pretrained network and classify each block.

    Nothing but training images is looked at, a thousand at most, as many of each class as there
    are in the data.

    Args:
        what: A name of a data set, a path, or ``file.py:function``.
        source: Where the images of a named one lie, if they are not found.
        backbone: One of `BACKBONES`.
        weights: `imagenet` or the path of a file.
        skip_bad: Leave out images that cannot be read.

    Raises:
        InputError: The data or the weights cannot be used, or the labels are no classes.
        HpsearchError: The process died.
    """
    request = {
        "named": what if source else None,
        "data": {"source": source or what, "skip_bad": skip_bad},
        "backbone": backbone,
        "weights": weights,
    }
    answer = ask(
        "hpsearch.execution.likeness_process", request, "Looking at the likeness to ImageNet"
    )
    blocks = tuple(BlockProbe(**own) for own in answer.pop("blocks"))
    return Likeness(**answer, blocks=blocks)
