"""Model families: functions from hyperparameter values to compiled Keras models."""

from hpsearch.models.initializers import INITIALIZERS
from hpsearch.models.inputs import ImageData
from hpsearch.models.lenet import lenet
from hpsearch.models.optimizers import OPTIMIZERS

__all__ = ["INITIALIZERS", "OPTIMIZERS", "ImageData", "lenet"]
