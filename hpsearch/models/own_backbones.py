"""Any saved Keras model as a base: its convolutional part, divided into blocks by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.errors import Infeasible, InputError
from hpsearch.models.backbones import Base, names_with_weights
from hpsearch.models.cuts import Cut, copied, cuts, flattened
from hpsearch.models.input_range import takes_bytes
from hpsearch.models.model_card import has_card, read_card

MAP_RANK = 4
PREFIX = "base_"


def is_model_file(backbone: str) -> bool:
    """Whether a backbone is given as a file."""
    return backbone.endswith(".keras")


def make_own_base(path: str, image_shape: tuple[int, int, int], use_blocks: int | None) -> Base:
    """The convolutional part of a saved model.

    Its layers behind the last map (flattening, dense layers) are left away. A block ends where
    the maps become smaller: at a pool or a convolution with strides or without padding. What has
    no weights of its own, as a pool behind such a convolution, belongs to the block before.
    Images are brought to the range it was trained on: by its card, if hpsearch saved it, else by
    its first layers.

    Args:
        path: A `.keras` file; read without running code that it may hold.
        image_shape: (height, width, channels) of the images it gets, in 0..1.
        use_blocks: Number of blocks to use, from the first; None for all.

    Raises:
        InputError: There is no such file, it cannot be read, or it has no maps.
        Infeasible: It has fewer blocks, or takes images of another shape.
    """
    import keras

    model = flattened(_load(path))
    _check_shape(path, model, image_shape)
    model = _of_size(model, image_shape)
    ends = _ends([cut for cut in cuts(model) if len(cut.tensor.shape) == MAP_RANK])
    if not ends:
        raise InputError(
            f"{path} has no convolutional part to build on.", "Give a model of images."
        )
    chosen = len(ends) if use_blocks is None else use_blocks
    if not 1 <= chosen <= len(ends):
        raise Infeasible(f"use_blocks is {chosen}; {path} has 1 to {len(ends)}.")
    blocks, known = [], 0
    for end in ends[:chosen]:
        blocks.append(names_with_weights(end.operations[known:]))
        known = len(end.operations)
    used = [end.tensor for end in ends[:chosen]]
    whole = keras.Model(model.inputs[0], used)
    image = keras.Input(batch_shape=model.inputs[0].shape)
    outputs = copied(whole, _as_trained(Path(path).expanduser(), model)(image))
    outputs = outputs if isinstance(outputs, list) else [outputs]
    base = keras.Model(image, outputs[-1])
    return Base(base, "unit", tuple(blocks), tuple(outputs), PREFIX)


def _as_trained(path: Path, model: Any) -> Any:
    """The layer that turns images in 0..1 into what the model was trained on.

    Raises:
        InputError: Its card cannot be read.
    """
    from keras import layers

    from hpsearch.preparation.normalization_layers import ImageStandardization

    card = read_card(path) if has_card(path) else None
    preprocessing = card.data.preprocessing if card is not None else Preprocessing("unit")
    name = "as_trained"
    if preprocessing.kind == "per_image":
        return ImageStandardization(name=name)
    if preprocessing.offset:
        scale = [1 / divisor for divisor in preprocessing.divisor]
        offset = [-own * by for own, by in zip(preprocessing.offset, scale, strict=True)]
        return layers.Rescaling(scale, offset, name=name)
    wants_bytes = preprocessing.kind == "none" or takes_bytes(model)
    return layers.Rescaling(255.0 if wants_bytes else 1.0, name=name)


def _ends(maps: list[Cut]) -> list[Cut]:
    """The cuts where the maps have become smaller, and the last one; each behind new weights."""
    sides = [cut.tensor.shape[1] for cut in maps]
    shrunk = [
        cut for cut, before, own in zip(maps[1:], sides, sides[1:], strict=False) if own < before
    ]
    ends: list[Cut] = []
    for cut in [*shrunk, *maps[-1:]]:
        known = len(ends[-1].operations) if ends else 0
        if names_with_weights(cut.operations[known:]):
            ends.append(cut)
        elif ends:
            ends[-1] = cut
    return ends


def _of_size(model: Any, image_shape: tuple[int, int, int]) -> Any:
    """The model for images of this shape, where it takes any: the sizes of its maps are known."""
    import keras

    if None not in model.inputs[0].shape[1:]:
        return model
    image = keras.Input(shape=image_shape)
    return keras.Model(image, copied(model, image))


def _load(path: str) -> Any:
    import keras

    import hpsearch.models.keras_objects  # noqa: F401  (makes our layers known to Keras)

    if not Path(path).expanduser().is_file():
        raise InputError(f"There is no file {path}.", "Give the path of a .keras file.")
    try:
        model = keras.saving.load_model(Path(path).expanduser(), compile=False, safe_mode=True)
    except Exception as error:  # noqa: BLE001  (a damaged file fails in many ways)
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{path} cannot be loaded: {reason}", "Give a whole Keras model."
        ) from None
    if len(getattr(model, "inputs", None) or ()) != 1:
        raise InputError(f"{path} is no functional or sequential model of one input.")
    return model


def _check_shape(path: str, model: Any, image_shape: tuple[int, int, int]) -> None:
    wanted = tuple(model.inputs[0].shape[1:])
    pairs = zip(wanted, image_shape, strict=False)
    if len(wanted) != len(image_shape) or any(own not in (None, given) for own, given in pairs):
        raise Infeasible(
            f"{path} takes images of {wanted}, but the data have {image_shape}.",
            "Give the preparation the image_size that it takes.",
        )
