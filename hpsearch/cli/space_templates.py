"""The text of new space files: what each kind of data starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Start(NamedTuple):
    """What a new space begins with.

    Args:
        dataset: Expression that makes the data set.
        model: Which of `MODELS` is built.
        data: What to give besides the name of the space, as in ``--data FOLDER``; empty if nothing.
        comment: What to know of the data, one line; empty if nothing.
        flip: The flips to begin with, where the model is augmented.
    """

    dataset: str
    model: str
    data: str = ""
    comment: str = ""
    flip: str = "none"


class Model(NamedTuple):
    """A builder in a space file.

    Args:
        name: Of the builder in `hpsearch.models`.
        arguments: Its own arguments, as lines of a space file.
        imports: Further lines of imports, in their order.
    """

    name: str
    arguments: str
    imports: str = ""


PREPARATION = "from hpsearch.preparation import Augmentation, Preparation\n"
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "lenet": Model(
            "lenet",
            """\
            num_conv_layers=hp.Int("num_conv_layers", 2, 4),
            filters=hp.Choice("filters", [6, 12, 24]),
            dense_units=hp.Choice("dense_units", [60, 120, 240], default=120),
""",
        ),
        "small_lenet": Model(
            "lenet",
            """\
            num_conv_layers=hp.Int("num_conv_layers", 1, 2),
            # Kernels of 5 pixels do not fit images of 8.
            kernel_size=3,
            filters=hp.Choice("filters", [6, 12, 24]),
            dense_units=hp.Choice("dense_units", [30, 60, 120], default=60),
""",
        ),
        "convnet": Model(
            "convnet",
            """\
            # Four blocks need images of 46 pixels or more.
            width=hp.Choice("width", [0.25, 0.5, 1.0], default=0.5),
            conv_initializer="he_normal",
            # Photos are changed at random in training, each time anew; a strength of 0 is never.
            preparation=Preparation(
                self.dataset,
                normalization="none",
                augmentation=Augmentation(
                    {flip}rotation=20,
                    shift=0.1,
                    zoom=0.2,
                    strength=hp.Float("augmentation_strength", 0.0, 2.0, default=1.0),
                ),
            ),
""",
            PREPARATION,
        ),
        "mlp": Model(
            "mlp",
            """\
            hidden_units=[hp.Choice("units", [8, 16, 32, 64], default=16)]
            * hp.Int("num_layers", 1, 4),
""",
        ),
    }
)

STARTS: Mapping[str, Start] = MappingProxyType(
    {
        "cifar10": Start('Cifar10(scaling="standardize")', "lenet"),
        "digits": Start('Digits(scaling="standardize")', "small_lenet"),
        "dogs_vs_cats": Start(
            "DogsVsCats(image_size=96)",
            "convnet",
            "--data FOLDER",
            "2,000 photos to train, 1,000 to validate, 1,000 to test, drawn from Kaggle's 25,000.",
            "horizontal",
        ),
        "fashion_mnist": Start('FashionMnist(scaling="standardize")', "lenet"),
        "flowers": Start(
            "Flowers(image_size=64)",
            "convnet",
            "--data FOLDER",
            "80 photos of each of four kinds; classes=('rose', 'tulip', …) chooses them.",
            "horizontal",
        ),
        "gtsrb": Start(
            "Gtsrb(image_size=32)",
            "lenet",
            comment="The real photos where they have been fetched, else built-in drawn signs.",
        ),
        "mnist": Start('Mnist(scaling="standardize")', "lenet"),
        "spirals": Start("Spirals()", "mlp", comment="Four classes of points in the plane."),
        "folder": Start(
            "FolderDataset({path}image_size=64)",
            "convnet",
            "--data FOLDER",
            "Class folders, as FOLDER/CLASS/image.jpg. Decoded once, at this size.",
        ),
        "csv": Start(
            "FolderDataset({path}image_size=64)",
            "convnet",
            "--data FILE.csv",
            "A table with the columns path and label beside the images.",
        ),
        "npz": Start(
            'ArrayDataset({path}scaling="standardize")',
            "lenet",
            "--data images.npz",
            "numpy.savez('images.npz', x=images, y=labels): see docs/data.md.",
        ),
    }
)
"""What to begin with, by the name of a data set or the form that one's own images have."""

TEMPLATE = '''"""{title}: what may vary, and the model that is built from it.

Run it:    hpsearch coarse --space {name}{data}
Look:      hpsearch spaces {name}{data}
Advice:    hpsearch lint {name}{data}
"""

from hpsearch import Budget, SearchSpace
from hpsearch.data import {dataset_class}
from hpsearch.models import {builder}
{imports}

class {class_name}(SearchSpace):
    """{title}."""

{comment}    dataset = {dataset}

    # Many short trials show which hyperparameters matter; fewer long ones find good values;
    # the best are trained again from fresh seeds.
    coarse = Budget(trials=60, epochs=5)
    fine = Budget(trials=30, epochs=40, patience=6)
    confirm = Budget(top=3, seeds=12, epochs=60, patience=10)

    # How far narrowing may widen a range whose best values lie at an end.
    limits = {{"learning_rate": (1e-6, 1.0), "dropout": (0.0, 0.9)}}

    def build(self, hp):
        """A compiled Keras model; any will do. `hp` is Keras Tuner's."""
        # A hyperparameter under a condition is only searched where the condition holds.
        optimizer = hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            momentum = hp.Float("momentum", 0.0, 0.98, default=0.9)
        # This name is special: it sets the number of images a step.
        hp.Choice("batch_size", [32, 64, 128])
        return {builder}(
            self.dataset,
{arguments}            dropout=hp.Float("dropout", 0.0, 0.6),
            # What works by factors is searched on a logarithmic scale.
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
            optimizer=optimizer,
            momentum=momentum,
        )
'''


def space_text(name: str, start: Start, path: str = "") -> str:
    """A space file.

    Args:
        name: Of the space, an identifier.
        start: What it begins with.
        path: Where the images are, written into the file; empty to have them given with --data.
    """
    model = MODELS[start.model]
    words = name.replace("_", " ").strip() or name
    written = json.dumps(path, ensure_ascii=False)  # in double quotes, which Python reads, too
    dataset = start.dataset.format(path=f"{written}, " if path else "")
    return TEMPLATE.format(
        name=name,
        title=words[0].upper() + words[1:],
        class_name="".join(part.capitalize() for part in name.split("_")) or "Space",
        dataset=dataset,
        dataset_class=dataset.partition("(")[0],
        data=f" {start.data}" if start.data and not path else "",
        comment=f"    # {start.comment}\n" if start.comment else "",
        builder=model.name,
        imports=model.imports,
        arguments=model.arguments.format(
            flip="" if start.flip == "none" else f'flip="{start.flip}",\n                    '
        ),
    )
