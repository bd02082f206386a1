"""The pretrained networks that a model can be built on: their blocks, their input, their weights.

`BACKBONES` is the one table: adding a network of keras.applications is adding a line.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hpsearch.errors import Infeasible, InputError
from hpsearch.models.cuts import cuts, last_cut_before
from hpsearch.models.pretrained_weights import PublishedWeights, weights_file

BEFORE = "before "


@dataclass(frozen=True)
class Backbone:
    """A network of keras.applications without its top.

    Args:
        application: Its name in keras.applications.
        scaling: What it was trained on: `caffe` (blue, green, red less their means in ImageNet),
            `tf` (-1 to 1) or `torch` (standardized by ImageNet's channels).
        block_ends: The layer that ends each block, in order; `before NAME` is what reaches the
            layer NAME, where that has no name of its own.
        smallest: Height and width of the smallest image it takes, in pixels.
        weights: The file of its ImageNet weights as Keras publishes it.
    """

    application: str
    scaling: str
    block_ends: tuple[str, ...]
    smallest: int
    weights: PublishedWeights

    @property
    def num_blocks(self) -> int:
        """Number of blocks."""
        return len(self.block_ends)


def _vgg_blocks() -> tuple[str, ...]:
    return tuple(f"block{number}_pool" for number in range(1, 6))


_NOTOP = "weights_tf_dim_ordering_tf_kernels_notop.h5"
BACKBONES: Mapping[str, Backbone] = MappingProxyType(
    {
        "vgg16": Backbone(
            "VGG16",
            "caffe",
            _vgg_blocks(),
            32,
            PublishedWeights(f"vgg16/vgg16_{_NOTOP}", "6d6bbae143d832006294945121d1f1fc"),
        ),
        "vgg19": Backbone(
            "VGG19",
            "caffe",
            _vgg_blocks(),
            32,
            PublishedWeights(f"vgg19/vgg19_{_NOTOP}", "253f8cb515780f3b799900260a226db6"),
        ),
        "resnet50": Backbone(
            "ResNet50",
            "caffe",
            (
                "pool1_pool",
                "conv2_block3_out",
                "conv3_block4_out",
                "conv4_block6_out",
                "conv5_block3_out",
            ),
            32,
            PublishedWeights(f"resnet/resnet50_{_NOTOP}", "4d473c1dd8becc155b73f8504c6f6626"),
        ),
        "mobilenet": Backbone(
            "MobileNet",
            "tf",
            tuple(f"conv_pw_{number}_relu" for number in (1, 3, 5, 11, 13)),
            32,
            PublishedWeights("mobilenet/mobilenet_1_0_224_tf_no_top.h5"),
        ),
        "xception": Backbone(
            "Xception",
            "tf",
            (
                "block1_conv2_act",
                f"{BEFORE}block5_sepconv1_act",
                f"{BEFORE}block9_sepconv1_act",
                f"{BEFORE}block13_sepconv1_act",
                "block14_sepconv2_act",
            ),
            71,
            PublishedWeights(f"xception/xception_{_NOTOP}", "b0042744bf5b25fce3cb969f33bebb97"),
        ),
        "inception_v3": Backbone(
            "InceptionV3",
            "tf",
            (f"{BEFORE}mixed0", "mixed2", "mixed5", "mixed7", "mixed10"),
            75,
            PublishedWeights(
                f"inception_v3/inception_v3_{_NOTOP}", "bcbd6486424b2319ff4ef7d526e38f63"
            ),
        ),
    }
)
"""Name → network. Simonyan & Zisserman 2015 (VGG), He et al. 2016 (ResNet), Howard et al. 2017
(MobileNet), Chollet 2017 (Xception), Szegedy et al. 2016 (Inception v3). VGG's blocks are its own;
those of the others end where their papers change the size of the maps or the kind of module."""


@dataclass(frozen=True, eq=False)
class Base:
    """A pretrained network, ready to be built on.

    Args:
        model: From (batch, height, width, 3) scaled as it wants them to the maps of its last
            block used.
        scaling: As of `Backbone`; `unit` where it takes images in 0..1.
        blocks: The names of the layers with weights of each block used, in order.
        ends: The tensor in `model` that ends each block.
        prefix: What the names of the layers are to begin with in the network built on it.
    """

    model: Any
    scaling: str
    blocks: tuple[tuple[str, ...], ...]
    ends: tuple[Any, ...]
    prefix: str = ""

    def last_layers(self, blocks: int) -> tuple[str, ...]:
        """The names, in the network built on it, of the layers of its last blocks."""
        chosen = self.blocks[len(self.blocks) - blocks :]
        return tuple(f"{self.prefix}{name}" for block in chosen for name in block)

    def every_end(self, tensor: Any) -> list[Any]:
        """What the end of each block gives for a tensor scaled as the network wants it."""
        import keras

        return list(keras.Model(self.model.inputs[0], list(self.ends))(tensor))


def make_base(name: str, image_size: tuple[int, int], weights: str | None, use_blocks: int) -> Base:
    """A new network with its weights, cut behind one of its blocks.

    Args:
        name: One of `BACKBONES`.
        image_size: (height, width) of its input.
        weights: `imagenet`, the path of a file, or None for new ones.
        use_blocks: Number of blocks to use, from the first.

    Raises:
        InputError: There is no such network, or no file of weights, or one of another network.
        Infeasible: The image is too small for it, or it has fewer blocks.
    """
    import keras

    backbone = find_backbone(name)
    _check(name, backbone, image_size, use_blocks)
    whole = getattr(keras.applications, backbone.application)(
        include_top=False, weights=None, input_shape=(*image_size, 3)
    )
    if weights is not None:
        _load(whole, name, backbone, weights)
    ends = [_end_of(whole, end) for end in backbone.block_ends[:use_blocks]]
    base = keras.Model(whole.inputs[0], ends[-1])
    return Base(base, backbone.scaling, _blocks(whole, ends), tuple(ends))


def find_backbone(name: str) -> Backbone:
    """The network of a name.

    Raises:
        InputError: There is none.
    """
    if name not in BACKBONES:
        raise InputError(
            f"No backbone '{name}'.",
            f"Give one of: {', '.join(BACKBONES)}; or the path of a .keras file.",
        )
    return BACKBONES[name]


def _check(name: str, backbone: Backbone, image_size: tuple[int, int], use_blocks: int) -> None:
    if min(image_size) < backbone.smallest:
        raise Infeasible(
            f"{name} takes images of {backbone.smallest} pixels or more; these have "
            f"{image_size[0]}×{image_size[1]}.",
            "Enlarge them by the preparation's image_size.",
        )
    if not 1 <= use_blocks <= backbone.num_blocks:
        raise Infeasible(f"use_blocks is {use_blocks}; {name} has 1 to {backbone.num_blocks}.")


def _end_of(whole: Any, end: str) -> Any:
    """The tensor that ends a block."""
    if end.startswith(BEFORE):
        return last_cut_before(whole, end.removeprefix(BEFORE)).tensor
    return whole.get_layer(end).output


def _blocks(whole: Any, ends: list[Any]) -> tuple[tuple[str, ...], ...]:
    """The names of the layers with weights up to each end, less those of the blocks before."""
    before = {id(cut.tensor): cut.operations for cut in cuts(whole)}
    before[id(whole.outputs[0])] = tuple(whole.layers)
    known: set[str] = set()
    blocks = []
    for end in ends:
        names = names_with_weights(before[id(end)])
        blocks.append(tuple(name for name in names if name not in known))
        known.update(names)
    return tuple(blocks)


def names_with_weights(operations: Sequence[Any]) -> tuple[str, ...]:
    """The names of those layers that have something to train."""
    return tuple(str(own.name) for own in operations if getattr(own, "weights", None))


def _load(whole: Any, name: str, backbone: Backbone, weights: str) -> None:
    """Put weights into a network; read from the file once in a process."""
    path = weights_file(name, backbone.weights, weights)
    stamp = path.stat()
    key = (name, str(path), stamp.st_mtime_ns, stamp.st_size)
    if _KEPT.get("key") != key:
        _read(whole, name, path)
        _KEPT.update(key=key, values=whole.get_weights())
    else:
        whole.set_weights(_KEPT["values"])


_KEPT: dict[str, Any] = {}
"""The weights last read, of one network: a search builds on it again and again."""


def _read(whole: Any, name: str, path: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Keras only warns of weights that it does not find
            whole.load_weights(path)
    except (ValueError, OSError, KeyError, UserWarning) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{path} does not hold the weights of {name} without its top: {reason}",
            "Give the file that Keras publishes with 'notop' in its name, or one that was "
            "written by save_weights of that network.",
        ) from None
