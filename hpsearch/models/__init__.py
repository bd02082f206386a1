"""Model families: functions from hyperparameter values to compiled Keras models."""

from hpsearch.models.backbones import BACKBONES
from hpsearch.models.blocks import Block
from hpsearch.models.cnn import cnn
from hpsearch.models.convnet import convnet
from hpsearch.models.dropout import DROPOUT_KINDS
from hpsearch.models.initializers import INITIALIZERS
from hpsearch.models.inputs import ImageData
from hpsearch.models.lenet import lenet, lenet_bn
from hpsearch.models.losses import LOSSES
from hpsearch.models.mlp import mlp
from hpsearch.models.optimizers import OPTIMIZERS, Training
from hpsearch.models.options import Options
from hpsearch.models.schedules import SCHEDULES, Schedule
from hpsearch.models.style import ACTIVATIONS, Style
from hpsearch.models.transfer import transfer

__all__ = [
    "ACTIVATIONS",
    "BACKBONES",
    "DROPOUT_KINDS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Block",
    "ImageData",
    "Options",
    "Schedule",
    "Style",
    "Training",
    "cnn",
    "convnet",
    "lenet",
    "lenet_bn",
    "mlp",
    "transfer",
]
