"""The LeNet space of the speed benchmarks, in plain Keras: any Keras Tuner takes it as it is.

    hpsearch coarse --space benchmarks/lenet_fashion.py:build --data fashion_subset.npz
    keras_tuner.RandomSearch(build, objective="val_accuracy", max_trials=60)

`build` has the whole ranges; `build_recorded` only the 360 configurations whose training is
recorded in `results/curves.csv`.
"""

from __future__ import annotations

from typing import Any

INITIALIZERS = ["he_normal", "glorot_uniform"]
RECORDED: dict[str, list[Any]] = {
    "num_conv_layers": [2, 3],
    "filters": [6, 12, 24],
    "dropout": [0.0, 0.25, 0.5],
    "l2": [1e-5, 1e-3],
    "learning_rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    "initializer": INITIALIZERS,
}


def build(hp: Any) -> Any:
    return lenet(
        num_conv_layers=hp.Int("num_conv_layers", 2, 3),
        filters=hp.Choice("filters", [6, 12, 24]),
        dropout=hp.Float("dropout", 0.0, 0.6),
        l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
        learning_rate=hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3),
        initializer=hp.Choice("initializer", INITIALIZERS),
    )


def build_recorded(hp: Any) -> Any:
    return lenet(**{name: hp.Choice(name, values) for name, values in RECORDED.items()})


def lenet(
    num_conv_layers: int,
    filters: int,
    dropout: float,
    l2: float,
    learning_rate: float,
    initializer: str,
) -> Any:
    """LeNet with two or three convolutions for 28×28 grey images in [0, 1] and ten classes."""
    import keras

    layers = keras.layers
    options = {"kernel_initializer": initializer, "kernel_regularizer": keras.regularizers.L2(l2)}
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for number in range(num_conv_layers):
        width = filters * 2**number
        model.add(layers.Conv2D(width, 3, padding="same", activation="relu", **options))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(64, activation="relu", **options))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax", **options))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
