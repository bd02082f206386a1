"""The numbers of a compiled model that may change without tracing its graph anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from hpsearch.models.known_code import is_known_code
from hpsearch.training.assignable import AssignableNumber

_CLIPPING = ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
_MOMENTS = ("beta_1", "beta_2", *_CLIPPING)
NUMBERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "L1": ("l1",),
        "L2": ("l2",),
        "L1L2": ("l1", "l2"),
        "OrthogonalRegularizer": ("factor",),
        "Dropout": ("rate",),
        "SpatialDropout1D": ("rate",),
        "SpatialDropout2D": ("rate",),
        "SpatialDropout3D": ("rate",),
        "AlphaDropout": ("rate",),
        "GaussianDropout": ("rate",),
        "GaussianNoise": ("stddev",),
        "FeatureMaxDrop": ("rate",),
        "ChannelMaxDrop": ("rate",),
        "StochasticDropout": ("rate", "spread"),
        "ClassLoss": ("label_smoothing",),
        "CategoricalCrossentropy": ("label_smoothing",),
        "BinaryCrossentropy": ("label_smoothing",),
        "CategoricalFocalCrossentropy": ("label_smoothing",),
        "SGD": ("momentum", *_CLIPPING),
        "RMSprop": ("rho", "momentum", "epsilon", *_CLIPPING),
        "Adam": ("epsilon", *_MOMENTS),
        "AdamW": ("epsilon", *_MOMENTS),
        "Nadam": ("epsilon", *_MOMENTS),
        "Adamax": ("epsilon", *_MOMENTS),
        "Lion": _MOMENTS,
    }
)
"""Class, of Keras or ours → its attributes that its code takes for nothing but numbers."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a number of a model is kept.

    Args:
        holder: The attributes of an object, or keyword arguments that it hands on.
        name: Of the number among them.
    """

    holder: dict[str, Any]
    name: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.holder[self.name])


@dataclass(eq=False)
class LiveNumbers:
    """The numbers of a model, which `in_place` makes assignable for the graphs traced within.

    Those that are 0 stay as they are: Keras leaves out what they belong to.

    Args:
        places: Where the numbers are, in an order that depends on the model's structure only.
        calls: What stands for the `call` of layers that take their number for something else
            than arithmetic: the layer's attributes, and the function.
    """

    places: Sequence[Place]
    calls: Sequence[tuple[dict[str, Any], Callable[..., Any]]] = ()
    _variables: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, model: Any) -> LiveNumbers:
        """Those of a compiled model."""
        layers = list(model._flatten_layers(include_self=False))  # noqa: SLF001
        objects = [*layers, *_regularizers(layers), *_optimizers(model), *_losses(model)]
        found = [place for own in objects for place in _places(own)]
        return cls([place for place in found if place.value], _calls(layers))

    @property
    def values(self) -> list[float]:
        """The numbers of the model itself."""
        return [place.value for place in self.places]

    def assign(self, values: Sequence[float]) -> None:
        """Use these from now on, in graphs that are there already; the model keeps its own."""
        for variable, value in zip(self._made_variables(), values, strict=True):
            variable.assign(value)

    def _made_variables(self) -> list[Any]:
        import tensorflow as tf

        if not self._variables:
            self._variables = [
                tf.Variable(value, dtype=tf.float64, trainable=False) for value in self.values
            ]
        return self._variables

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Graphs that are traced within read the assigned numbers in every step."""
        variables = self._made_variables()
        numbers = [
            AssignableNumber(place.value, partial(_read, variable))
            for place, variable in zip(self.places, variables, strict=True)
        ]
        with self._replaced(numbers):
            for holder, call in self.calls:
                holder["call"] = call
            try:
                yield
            finally:
                for holder, _ in self.calls:
                    holder.pop("call", None)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """The model within is that of all values: each number is 1."""
        with self._replaced([1.0] * len(self.places)):
            yield

    @contextmanager
    def _replaced(self, values: Sequence[Any]) -> Iterator[None]:
        kept = [place.holder[place.name] for place in self.places]
        for place, value in zip(self.places, values, strict=True):
            place.holder[place.name] = value
        try:
            yield
        finally:
            for place, value in zip(self.places, kept, strict=True):
                place.holder[place.name] = value


def _read(variable: Any) -> Any:
    return variable.read_value()


def _places(own: Any) -> list[Place]:
    """The numbers of an object of exactly one of the known kinds."""
    names = NUMBERS.get(_known_name(own), ())
    holders = [vars(own)]
    handed_on = vars(own).get("_fn_kwargs")
    if isinstance(handed_on, dict):
        holders.append(handed_on)
    return [
        Place(holder, name) for holder in holders for name in names if _is_number(holder.get(name))
    ]


def _is_number(value: Any) -> bool:
    """Whether it is a number; Keras's L1 holds its own as a tensor."""
    return isinstance(value, int | float) or getattr(value, "shape", None) == ()


def _known_name(own: Any) -> str:
    """Name of the class of an object of Keras or ours; empty for another one."""
    return type(own).__name__ if is_known_code(type(own)) else ""


def _regularizers(layers: Sequence[Any]) -> list[Any]:
    """The regularizers of layers, each once."""
    import keras

    found = {
        id(value): value
        for layer in layers
        for value in vars(layer).values()
        if isinstance(value, keras.Regularizer)
    }
    return list(found.values())


def _optimizers(model: Any) -> list[Any]:
    """The optimizer, and the one inside it."""
    inner = getattr(model.optimizer, "inner_optimizer", None)
    return [model.optimizer] if inner is None else [model.optimizer, inner]


def _losses(model: Any) -> list[Any]:
    import keras

    return [own for own in keras.tree.flatten(model.loss) if isinstance(own, keras.losses.Loss)]


def _calls(layers: Sequence[Any]) -> list[tuple[dict[str, Any], Callable[..., Any]]]:
    """What stands for the calls of Keras's dropout layers, whose TensorFlow takes floats only."""
    kinds = {
        "Dropout": _dropped,
        "SpatialDropout1D": _dropped,
        "SpatialDropout2D": _dropped,
        "SpatialDropout3D": _dropped,
        "GaussianDropout": _noised,
    }
    chosen = [(layer, kinds.get(_known_name(layer))) for layer in layers]
    return [
        (vars(layer), partial(function, layer))
        for layer, function in chosen
        if function is not None
    ]


def _dropped(layer: Any, inputs: Any, training: bool = False) -> Any:
    """Keras's own dropout, with the same draws and the same results."""
    import tensorflow as tf

    if not training or not layer.rate:
        return inputs
    shape = _noise_shape(layer, inputs)
    draws = tf.random.stateless_uniform(shape, _seed(layer), dtype=inputs.dtype)
    scaled = inputs * (1 / (1 - layer.rate))
    keeps = draws >= tf.cast(layer.rate.read(), inputs.dtype)
    return tf.where(keeps, scaled, tf.zeros([], inputs.dtype))


def _noise_shape(layer: Any, inputs: Any) -> Any:
    import tensorflow as tf

    whole = tf.shape(inputs)
    own = getattr(layer, "_get_noise_shape", None)
    chosen = own(inputs) if own is not None else layer.noise_shape
    if chosen is None:
        return whole
    return [whole[axis] if size is None else size for axis, size in enumerate(chosen)]


def _noised(layer: Any, inputs: Any, training: bool = False) -> Any:
    """Keras's own Gaussian dropout: × N(1, rate / (1 − rate))."""
    import tensorflow as tf

    if not training or not layer.rate:
        return inputs
    variance = layer.rate / (1 - layer.rate)
    deviation = tf.cast(tf.sqrt(variance.read()), inputs.dtype)
    return inputs * tf.random.stateless_normal(
        tf.shape(inputs), _seed(layer), mean=1.0, stddev=deviation, dtype=inputs.dtype
    )


def _seed(layer: Any) -> Any:
    """The next draw of a layer, as Keras hands it to TensorFlow."""
    import tensorflow as tf

    drawn = layer.seed_generator.next()
    if drawn.dtype == tf.int32:
        return drawn
    return tf.cast(tf.math.floormod(drawn, tf.int32.max - 1), tf.int32)
