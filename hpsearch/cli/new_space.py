"""`hpsearch new-space`: a commented space file that runs as it is."""

from __future__ import annotations

import keyword
import sys
from pathlib import Path

from hpsearch.cli.printing import print_json
from hpsearch.errors import InputError

DATASETS = {
    "gtsrb": ("Gtsrb", "Gtsrb(image_size=32)"),
    "arrays": ("ArrayDataset", "ArrayDataset()  # the file comes with --data images.npz"),
}
"""Name → class of `hpsearch.data`, and how a space names it."""

TEMPLATE = '''"""{title}: what may vary, and the model that is built from it.

Run it:    hpsearch coarse --space {name}
Look:      hpsearch spaces {name}      and advice: hpsearch lint {name}
"""

from hpsearch import Budget, SearchSpace
from hpsearch.data import {dataset_class}
from hpsearch.models import lenet


class {class_name}(SearchSpace):
    """{title}."""

    dataset = {dataset}

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
        return lenet(
            self.dataset,
            num_conv_layers=hp.Int("num_conv_layers", 2, 4),
            filters=hp.Choice("filters", [6, 12, 24]),
            dense_units=hp.Choice("dense_units", [60, 120, 240], default=120),
            dropout=hp.Float("dropout", 0.0, 0.6),
            # What works by factors is searched on a logarithmic scale.
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
            optimizer=optimizer,
            momentum=momentum,
        )
'''


def write_new_space(name: str, dataset: str, folder: Path, *, as_json: bool) -> None:
    """Write the file and say where it is.

    Raises:
        InputError: The name is no name, there is such a file, or no data set of that name.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(
            f"'{name}' is no name for a space.",
            "Use letters, digits and underscores, as in my_signs.",
        )
    if dataset not in DATASETS:
        raise InputError(f"No data set '{dataset}'.", f"Give one of: {', '.join(DATASETS)}.")
    path = folder / f"{name}.py"
    if path.exists():
        raise InputError(f"{path} is there already.", "Give another name, or delete it.")
    dataset_class, expression = DATASETS[dataset]
    folder.mkdir(parents=True, exist_ok=True)
    words = name.replace("_", " ").strip() or name
    text = TEMPLATE.format(
        name=name,
        title=words[0].upper() + words[1:],
        class_name="".join(part.capitalize() for part in name.split("_")) or "Space",
        dataset_class=dataset_class,
        dataset=expression,
    )
    path.write_text(text, encoding="utf-8")
    if as_json:
        print_json({"path": str(path)})
    else:
        sys.stdout.write(f"{path}\nNext: hpsearch spaces {name}; hpsearch coarse --space {name}\n")
