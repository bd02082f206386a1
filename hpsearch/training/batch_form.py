"""What a model wants to be fed with: which range of values, and which form of labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hpsearch.data import Preprocessing
from hpsearch.models.input_range import takes_bytes
from hpsearch.training.arrays import TrainingArrays


@dataclass(frozen=True)
class BatchForm:
    """How batches of stored images and labels become what a model takes.

    Args:
        preprocessing: Applied to the images inside the graph; None where they are prepared.
        wants_bytes: The model rescales by itself: values in 0..255 whatever the images are.
        one_hot: Columns of one-hot labels; 0 to leave labels as they are.
        statistics: Variables with offset and factor of each channel, for a graph that serves
            several folds; None where those of the preprocessing are meant for good.
    """

    preprocessing: Preprocessing | None = None
    wants_bytes: bool = False
    one_hot: int = 0
    statistics: tuple[Any, Any] | None = None

    def use(self, preprocessing: Preprocessing) -> None:
        """Prepare images by the statistics of another fold from now on, in every graph."""
        if self.statistics is not None:
            for variable, values in zip(self.statistics, _constants(preprocessing), strict=True):
                variable.assign(values)

    def images(self, batch: Any) -> Any:
        """float32 tensor of a batch of stored images, with the results of `Preprocessing.apply`."""
        import tensorflow as tf

        values = tf.cast(batch, tf.float32)
        if self.wants_bytes:
            return values if batch.dtype == tf.uint8 else values * 255  # floats are in 0..1
        if self.preprocessing is None or self.preprocessing.kind == "none":
            return values
        if batch.dtype == tf.uint8:
            values *= tf.constant(1 / 255, tf.float32)
        return _scaled(self.preprocessing, values, self.statistics)

    def labels(self, batch: Any) -> Any:
        """Labels as the model's loss takes them."""
        import tensorflow as tf

        return tf.one_hot(batch, self.one_hot) if self.one_hot else batch


def form_for(model: Any, arrays: TrainingArrays) -> BatchForm:
    """What a model wants, by its first layers and its loss.

    Images that are only brought to 0..1 stay in 0..255 where the model begins with a rescaling
    layer of its own. Classes become one-hot rows where the model has several outputs and a loss
    of Keras that compares rows, such as categorical_crossentropy or mean_squared_error.

    Args:
        model: A compiled, built model.
        arrays: The data.
    """
    labels = arrays.y_train
    is_classes = len(labels.shape) == 1 and labels.dtype.is_integer
    columns = 0
    if is_classes and _compares_rows(model):
        columns = num_outputs(model, tuple(arrays.x_train.shape[1:]))
    form = form_of_images(model, arrays.preprocessing)
    pending = None if arrays.is_prepared else arrays.preprocessing
    statistics = _variables(pending) if arrays.folds and pending is not None else None
    one_hot = columns if columns > 1 else 0
    return replace(form, preprocessing=pending, one_hot=one_hot, statistics=statistics)


def built(model: Any, arrays: TrainingArrays) -> Any:
    """The model with its weights, whose layers and output tell what it takes."""
    import numpy as np

    if not model.built:
        model(np.zeros((1, *arrays.x_train.shape[1:]), np.float32), training=False)
    return model


def form_of_images(model: Any, preprocessing: Preprocessing | None) -> BatchForm:
    """What a model wants of images alone, as for predictions; see `form_for`."""
    is_unit = preprocessing is not None and preprocessing.kind == "unit"
    return BatchForm(preprocessing, wants_bytes=is_unit and takes_bytes(model))


def num_outputs(model: Any, image_shape: tuple[int, ...]) -> int:
    """Columns of the model's output for images of this shape; 0 where it has several outputs."""
    import keras

    output = model.compute_output_spec(keras.KerasTensor((None, *image_shape), "float32"))
    shape: tuple[Any, ...] = tuple(getattr(output, "shape", ()))
    return int(shape[1]) if len(shape) == 2 else 0


def _compares_rows(model: Any) -> bool:
    """Whether the loss is one of Keras's that compares a row of labels with a row of outputs."""
    import keras

    loss = getattr(model, "loss", None)
    if isinstance(loss, list | tuple | dict):
        loss = next(iter(loss.values() if isinstance(loss, dict) else loss), None)
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    kind = type(loss) if isinstance(loss, keras.losses.Loss) else loss
    name = getattr(kind, "__name__", "").lower()
    return getattr(kind, "__module__", "").startswith("keras.") and "sparse" not in name


def _scaled(preprocessing: Preprocessing, values: Any, statistics: tuple[Any, Any] | None) -> Any:
    import tensorflow as tf

    if preprocessing.kind == "per_image":
        values -= tf.reduce_mean(values, axis=[1, 2, 3], keepdims=True)
        deviation = tf.math.reduce_std(values, axis=[1, 2, 3], keepdims=True)
        pixels = tf.cast(tf.size(values[0]), tf.float32)
        return values / tf.maximum(deviation, tf.math.rsqrt(pixels) / 255)
    if preprocessing.offset:
        offset, factor = statistics or _constants(preprocessing)
        values = (values - offset) * factor
    return values


def _constants(preprocessing: Preprocessing) -> tuple[Any, Any]:
    """What is taken off and what is multiplied by, float32 of each channel."""
    import numpy as np

    offset = np.asarray(preprocessing.offset, dtype=np.float32)
    return offset, (1 / np.asarray(preprocessing.divisor)).astype(np.float32)


def _variables(preprocessing: Preprocessing) -> tuple[Any, Any] | None:
    """The same as variables; None where the preprocessing has no statistics."""
    import tensorflow as tf

    if not preprocessing.offset:
        return None
    offset, factor = _constants(preprocessing)
    return tf.Variable(offset, trainable=False), tf.Variable(factor, trainable=False)
