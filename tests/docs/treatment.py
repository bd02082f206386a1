"""How each documented command is run here: made small, put in place, and beside what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.docs.documented import Command

WORDS: Mapping[str, str] = {
    # The same flags on a space whose trials take a tenth of the time.
    "gtsrb_lenet": "digits_mlp",
    "learning_rate=0.001,filters=12": "learning_rate=0.001,units=64",
    # Folders of the project that tests/docs/project.py makes.
    "~/photos": "photos",
    "~/new-photos": "new-photos",
    "results/run": "results",  # a folder with several stages, as that of a run is
    "10m": "8h",  # only planned here, and each plan takes the time of trainings
    "17": "1",  # there are few trials
    "23": "0",
    "DIR": "results/coarse",
    "DIR|URL": "results/coarse",
    "NAME=VALUE": "optimizer=adam",
    "gtsrb": "digits",
}
"""Words of the documentation → what stands for them."""

INSTEAD: Mapping[str, str] = {
    "hpsearch spaces NAME": "hpsearch spaces digits_mlp",
    "hpsearch narrow --from results/coarse --keep NAME --fix NAME=VALUE": (
        "hpsearch narrow --from results/coarse --keep dropout --fix optimizer=adam"
    ),
    # A synopsis: everything it offers.
    "hpsearch predict MODEL IMAGES… [--top 5] [--json] [--output FILE.csv] [--multi-crop] "
    "[--skip-bad]": (
        "hpsearch predict results/confirm three.npz --top 5 --json --output said.csv --skip-bad"
    ),
    "hpsearch export results/coarse --format csv|parquet|json [--out FOLDER|FILE]": (
        "hpsearch export results/coarse --format parquet --out exported"
    ),
    "hpsearch export DIR --format csv|parquet|json": (
        "hpsearch export results/coarse --format json --out exported.json"
    ),
    "hpsearch data fetch gtsrb|mnist|fashion_mnist|cifar10": "hpsearch data fetch gtsrb",
    # The project has a space of this name already.
    "hpsearch new-space my_signs --dataset gtsrb": "hpsearch new-space new_signs --dataset gtsrb",
    "hpsearch new-space my_signs --dataset ~/photos": (
        "hpsearch new-space new_signs --dataset photos"
    ),
}
"""Whole commands → what is run instead of them."""

SMALL: Mapping[str, Mapping[str, str]] = {
    "coarse": {"--trials": "2", "--epochs": "1", "--workers": "1", "--out": "results/new"},
    "fine": {"--trials": "2", "--epochs": "1", "--workers": "1", "--out": "results/new"},
    "confirm": {"--top": "1", "--seeds": "2", "--epochs": "1", "--out": "results/new"},
    "curves": {"--seeds": "2", "--epochs": "1", "--workers": "2", "--out": "results/new"},
    "run": {"--dry-run": ""},
    "watch": {"--once": ""},  # nobody works on the made-up study, nor says that it has ended
}
"""Subcommand → flags that are added, or whose values are replaced, so that it takes seconds."""

SMALLER: Mapping[str, str] = {
    "--folds": "2",
    "--sizes": "2",
    "--bootstraps": "2",
    "--vary": "dropout=0,0.3",
    "--patience": "2",
}
"""Flags that cost time, where they are given → smaller values."""

AS_IT_IS = (
    "spaces",
    "lint",
    "new-space",
    "show",
    "narrow",
    "report",
    "export",
    "predict",
    "slurm",
    "worker",
    "doctor",
    "data list",
    "data describe",
    "data fetch",
    "regions",
    "dashboard",
)
"""Subcommands that are run as they stand, on the small studies of the project."""

NEEDS: Mapping[tuple[str, ...], str] = {
    ("dashboard",): "a_browser",
    ("data", "fetch"): "a_server",
    ("regions",): "points_in_the_plane",
    ("--executor", "ray"): "a_ray_cluster",
    ("$HPSEARCH_STORAGE",): "a_database",
    ("--transfer",): "pretrained_weights",
    ("folder_transfer",): "pretrained_weights",
    ("mnist_lenet",): "mnist",
    ("mnist_dropout",): "mnist",
    ("flowers_lenet",): "flowers",
    ("dogs_vs_cats_convnet",): "cats_and_dogs",
    ("--data", "~/gtsrb"): "gtsrb",
}
"""Words that a command has → what it needs besides the files of a reader: see `needs.py`."""

OWN_DATA = ("flowers", "cats_and_dogs", "gtsrb", "a_server")
"""Needs that bring the data along which a command names: nothing stands for its words."""

NO_COMMANDS: Mapping[str, str] = {
    "hpsearch bayesian": "a searcher in the tables of docs/benchmarks.md",
    "hpsearch sobol": "a searcher in the tables of docs/benchmarks.md",
}
"""What looks like a command in a sentence and is none → what it is."""

CHEAP = (
    *("spaces", "show", "watch", "narrow", "export"),
    *("data list", "new-space", "slurm", "--help"),
)
"""Subcommands that take a second and need no model: run in `make test`, on a made-up study."""

OTHER_STATUSES: Mapping[str, tuple[int, ...]] = {
    "doctor": (0, 1),  # 1: the machine that runs the tests may lack something
}
"""Subcommand → exit statuses that are right; 0 where it is not here."""


class Treatment(NamedTuple):
    """What is done with a command.

    Args:
        words: What is run.
        needs: What must be there besides the files of a reader; empty if nothing.
        statuses: Exit statuses that are right.
    """

    words: tuple[str, ...]
    needs: str = ""
    statuses: tuple[int, ...] = (0,)


def subcommand_of(words: Sequence[str]) -> str:
    """`coarse` of `hpsearch coarse …`, `data describe` of `hpsearch data describe …`."""
    size = 3 if words[1] == "data" else 2
    return " ".join(words[1:size])


def is_cheap(words: Sequence[str]) -> bool:
    """Whether a command is run in `make test`: `spaces NAME` builds a model, and is not."""
    name = subcommand_of(words)
    return name in CHEAP and not (name == "spaces" and len(words) > 2)


def treatment_of(command: Command) -> Treatment | None:
    """What is done with a command of hpsearch; None if the tables here do not say."""
    given = Command(INSTEAD.get(command.text, command.text), True, ()).words
    needs = next((own for having, own in NEEDS.items() if set(having) <= set(given)), "")
    words = given if needs in OWN_DATA else [WORDS.get(word, word) for word in given]
    name = subcommand_of(words)
    if name not in SMALL and name not in AS_IT_IS and name != "--help":
        return None
    words = _made_small(words, SMALL.get(name, {}))
    return Treatment(tuple(words), needs, OTHER_STATUSES.get(name, (0,)))


def _made_small(words: list[str], flags: Mapping[str, str]) -> list[str]:
    """The command with small values; flags that say where or how many workers stay as given."""
    kept = {"--out", "--workers"}
    wanted = {flag: value for flag, value in flags.items() if not (flag in kept and flag in words)}
    wanted |= {flag: value for flag, value in SMALLER.items() if flag in words}
    result = list(words)
    for flag, value in wanted.items():
        if flag in result and value:
            result[result.index(flag) + 1] = value
        elif flag not in result:
            result += [flag, value] if value else [flag]
    return result
