"""Importing this module makes the project's own layers and losses known to Keras.

`keras.saving.load_model` then loads every model that `hpsearch` has saved::

    import keras
    import hpsearch.models.keras_objects

    model = keras.saving.load_model("results/confirm/models/winner.keras", compile=False)
"""

from hpsearch.models import class_loss, dropout_layers, pretrained_layers
from hpsearch.preparation import color_layers, normalization_layers, region_layers

__all__ = [
    "class_loss",
    "color_layers",
    "dropout_layers",
    "normalization_layers",
    "pretrained_layers",
    "region_layers",
]
