"""Transfer learning: a pretrained base, some of its blocks unfrozen, and a head of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from hpsearch.errors import Infeasible, InputError
from hpsearch.models.backbones import Base, find_backbone, make_base
from hpsearch.models.cuts import copied
from hpsearch.models.fine_tuning import FineTuning
from hpsearch.models.heads import compiled
from hpsearch.models.inputs import ImageData, Preparation, image_input
from hpsearch.models.layers import dense_part, vector
from hpsearch.models.losses import target_of
from hpsearch.models.optimizers import Training
from hpsearch.models.options import Options, read_options
from hpsearch.models.own_backbones import is_model_file, make_own_base
from hpsearch.preparation import Recipe

FINE_TUNING_RATE = 1e-5
DEFAULTS: Options = {"optimizer": "rmsprop", "learning_rate": 1e-4, "dropout": 0.5}


def transfer(
    dataset: ImageData,
    *,
    backbone: str = "vgg16",
    weights: str | None = "imagenet",
    unfreeze_blocks: int | None = 0,
    use_blocks: int | None = None,
    pooling: str = "flatten",
    dense_units: int | Sequence[int] = 256,
    head_epochs: int | None = None,
    fine_tuning_rate: float | None = None,
    fine_tuning_optimizer: str | None = None,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """A compiled network on a pretrained base, trained as the course does (section 4).

    First the head alone, on the frozen base; then, where `unfreeze_blocks` is above 0, the last
    blocks of the base together with the head at a small learning rate. The defaults on 150×150×3
    images of two kinds are the course's network: 14,714,688 parameters of VGG16, then 8,192
    values → dense 256 → dropout 0.5 → one sigmoid, 2,097,665 parameters.

    Args:
        dataset: What the model is for; its `image_shape`, `num_classes` and `problem`. It hands
            its images over in 0..1 or, with `scaling="none"`, in 0..255.
        backbone: One of `BACKBONES`, or the path of a `.keras` file, whose layers behind its last
            map are left away; a winner of hpsearch is one.
        weights: `imagenet`; the path of a file; None or `none` for new ones, with which the whole
            network is trained from the first epoch. Nothing for a `.keras` file, which has its
            own.
        unfreeze_blocks: Blocks trained in the second phase, from the last one used: for VGG16 0
            (none) to 5 (all), 1 being block5; None, as of a hyperparameter that is not active,
            for none.
        use_blocks: Blocks used, from the first; None for all. Data unlike ImageNet may do better
            on the general features of the first blocks.
        pooling: What becomes of the last maps: `flatten`, `average` or `max`.
        dense_units: Units of the hidden dense layer, or of several; () for a linear classifier.
        head_epochs: Epochs that the head is trained alone; None is 5. Never more than half of a
            trial.
        fine_tuning_rate: Learning rate of the second phase; None is 1e-5.
        fine_tuning_optimizer: That of the second phase; None is RMSprop.
        preparation: Layers right behind the input, without a normalization of their own: size,
            colours, augmentation. None for none.
        **options: See `Options`; `learning_rate` and `optimizer` are those of the head.

    Returns:
        A compiled `keras.Model` from stored images to probabilities, or what else the problem
        asks for, with its second phase attached as `fine_tuning` (None where there is none).

    Raises:
        Infeasible: The image is too small for the network, it has fewer blocks, or options
            exclude each other.
        InputError: There is no network or file of weights of that name.
    """
    style, training = read_options(options, DEFAULTS, preparation)
    target = target_of(dataset, training.loss, training.label_smoothing)
    image, tensor = _input(dataset, preparation, training.recipe)
    base = _base(backbone, tensor, weights, use_blocks)
    unfrozen = unfreeze_blocks or 0
    if not 0 <= unfrozen <= len(base.blocks):
        raise Infeasible(
            f"unfreeze_blocks is {unfrozen}, but {len(base.blocks)} blocks are used.",
            "Unfreeze as many as are used, or fewer.",
        )
    is_new = weights in (None, "none") and not is_model_file(backbone)
    base.model.trainable = is_new
    tensor = copied(base.model, _scaled(tensor, base.scaling), base.prefix)
    units = [dense_units] if isinstance(dense_units, int) else list(dense_units)
    tensor = dense_part(vector(tensor, pooling), style, units)
    model = compiled(image, tensor, style, training, target, "transfer")
    second = Training(
        optimizer=fine_tuning_optimizer or "rmsprop",
        learning_rate=FINE_TUNING_RATE if fine_tuning_rate is None else fine_tuning_rate,
    )
    layers = base.last_layers(unfrozen)
    model.fine_tuning = None
    if layers and not is_new:
        model.fine_tuning = FineTuning(layers, 5 if head_epochs is None else head_epochs, second)
    return model


def _input(dataset: ImageData, preparation: Preparation | None, recipe: Recipe) -> tuple[Any, Any]:
    """The input, and images in 0..1 behind it."""
    from keras import layers

    scaling = getattr(dataset, "scaling", "unit")
    if scaling not in ("none", "unit"):
        raise InputError(
            f"The data set scales its images already ('{scaling}'), but a pretrained base wants "
            "them as its own training had them.",
            "Give the data set scaling='unit'.",
        )
    if getattr(preparation, "normalization", "none") != "none":
        raise InputError(
            "The preparation normalizes the images, but a pretrained base wants them as its own "
            "training had them.",
            "Give the Preparation normalization='none'; the base brings its own.",
        )
    image, tensor = image_input(dataset, preparation, recipe)
    if preparation is None and scaling == "none":
        tensor = layers.Rescaling(1 / 255, name="to_unit")(tensor)
    return image, tensor


def _scaled(tensor: Any, scaling: str) -> Any:
    from hpsearch.models.pretrained_layers import PretrainedScaling

    if scaling == "unit":
        return tensor
    return PretrainedScaling(scaling, name="pretrained_scaling")(tensor)


def _base(backbone: str, tensor: Any, weights: str | None, use_blocks: int | None) -> Base:
    size = tuple(tensor.shape[1:3])
    if is_model_file(backbone):
        return make_own_base(backbone, (*size, tensor.shape[-1]), use_blocks)
    chosen = find_backbone(backbone).num_blocks if use_blocks is None else use_blocks
    return make_base(backbone, size, None if weights == "none" else weights, chosen)
