"""What `hpsearch data` prints: the data sets, what one is like, where a download went."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hpsearch.cli.plans import shares_note
from hpsearch.cli.printing import print_json, print_lines, print_table
from hpsearch.cli.transfer_advice import print_transfer, transfer_json
from hpsearch.counting import count_of
from hpsearch.errors import InputError

if TYPE_CHECKING:
    from hpsearch.data.advice import Advice
    from hpsearch.data.description import Description
    from hpsearch.execution.likeness import Likeness

MOST_CLASSES = 50
OTHERS = {
    "FOLDER": "Class folders of images, or such in train/, val/ and test/; also as a .zip file.",
    "FILE.csv": "A table with the columns path and label (group, split) beside the images.",
    "FILE.npz": "Arrays x and y, or x_train, y_train, x_val …",
    "FILE.py:FUNCTION": "A function that returns arrays or tf.data for train, validation, test.",
}


def list_command(*, as_json: bool) -> None:
    """Print every data set that has a name."""
    from hpsearch.data import NAMED
    from hpsearch.data.catalogue import about

    found = {name: about(kind) for name, kind in NAMED.items()}
    if as_json:
        print_json({"data": [{"name": name, "about": text} for name, text in found.items()]})
        return
    print_table(("--data", "what it is"), [*found.items(), *OTHERS.items()])


class Asked(NamedTuple):
    """What shall be described.

    Args:
        what: A name of a data set, a path, or ``file.py:function``.
        source: Where the images of a named one lie; None where they are found.
        skip_bad: Leave out images that cannot be read.
    """

    what: str
    source: Path | None
    skip_bad: bool


def describe_command(asked: Asked, out: Path | None, weights: str | None, *, as_json: bool) -> None:
    """Print what a data set is like and save its figures.

    Args:
        asked: The data set.
        out: Folder of the figures; None for one below results/data.
        weights: Of a pretrained network, to look at the likeness to ImageNet; None not to.
        as_json: Print one object.
    """
    from hpsearch.data.advice import advice_on
    from hpsearch.data.catalogue import NAMED, dataset_for, image_files, path_of, source_of
    from hpsearch.data.description import describe, to_json
    from hpsearch.report.data_pictures import write_data_pictures

    what, source, skip_bad = asked
    dataset: Any = dataset_for(None, what)
    path = path_of(what)
    if source is not None:
        if source_of(what) not in NAMED:
            raise InputError("--data goes with the name of a data set.", "Give the path alone.")
        dataset, path = dataset_for(dataset, source), path_of(source)
    data = dataset.load(path, skip_bad=skip_bad, progress=None if as_json else _show_images)
    name = source_of(what) if path is None or source is not None else path.stem
    name = Path(name.rpartition(":")[0]).stem if ":" in name else name
    description = describe(name, data, image_files(dataset, path))
    advice = advice_on(description)
    likeness = None if weights is None else _likeness(asked, weights)
    folder = out or Path("results/data") / name
    figures = write_data_pictures(folder, description, data)
    if as_json:
        told = [one._asdict() for one in advice]
        paths = [str(figure) for figure in figures]
        more = {} if likeness is None else {"transfer": transfer_json(likeness)}
        print_json({**to_json(description), "advice": told, **more, "figures": paths})
        return
    _print(description, advice)
    if likeness is not None:
        print_transfer(likeness)
    sys.stdout.write(f"Figures: {', '.join(str(figure) for figure in figures)} (and .svg)\n")


def _likeness(asked: Asked, weights: str) -> Likeness:
    from hpsearch.execution.likeness import measure_likeness

    source = None if asked.source is None else str(asked.source)
    return measure_likeness(asked.what, source, weights=weights, skip_bad=asked.skip_bad)


def _show_images(done: int, total: int) -> None:
    if not sys.stderr.isatty():
        return
    end = "\n" if done == total else ""
    sys.stderr.write(f"\rReading {done:,} of {total:,} images{end}")


def _print(d: Description, advice: list[Advice]) -> None:
    print_lines(_facts(d), d.name, stderr=False)
    if d.counts:
        _print_classes(d)
    rows = [(one.topic, one.advice, one.reason) for one in advice]
    print_table(("advice on", "", "because"), rows)


def _facts(d: Description) -> dict[str, str]:
    height, width, channels = d.image_shape
    parts = ", ".join(f"{number:,} {part}" for part, number in d.num_images.items())
    bad = f"; {count_of(d.skipped, 'bad image')} left out" if d.skipped else ""
    facts = {
        "source": d.source + bad,
        "problem": d.problem,
        "stored": f"{width}×{height} pixels, {count_of(channels, 'channel')}",
        "images": parts,
        "split": shares_note(d.split) or str(d.split.get("method", "")),
        "brightness": _spread(d.light.brightness),
        "contrast": _spread(d.light.contrast),
        "duplicates": _duplicates(d),
    }
    if d.sizes is not None:
        facts["file sizes"] = (
            f"width {_range(d.sizes.widths)}, height {_range(d.sizes.heights)} pixels, "
            f"width/height {_range(d.sizes.aspects)} (5 %, median, 95 %)"
        )
    if d.num_groups:
        facts["groups"] = ", ".join(f"{number:,} {part}" for part, number in d.num_groups.items())
    if d.counts:
        facts["imbalance"] = f"{d.imbalance:.3g} (largest class to smallest, training part)"
    return facts


def _spread(values: Any) -> str:
    return (
        f"{values.mean():.3f} ± {values.std():.3f} (0 to 1); {_range(values)} (5 %, median, 95 %)"
    )


def _range(values: Any) -> str:
    import numpy as np

    return " · ".join(f"{value:.3g}" for value in np.percentile(values, [5, 50, 95]))


def _duplicates(d: Description) -> str:
    found = d.duplicates
    texts = [f"{number:,} within {part}" for part, number in found.within.items() if number]
    texts += [f"{number:,} of {pair}" for pair, number in found.across.items() if number]
    texts += [f"{number:,} look-alikes of {pair}" for pair, number in found.near.items() if number]
    if found.contradictions:
        texts.append(f"{found.contradictions:,} again with another label")
    return ", ".join(texts) or "none, neither exact ones nor look-alikes across parts"


def _print_classes(d: Description) -> None:
    parts = list(d.counts)
    order = sorted(range(len(d.class_names)), key=lambda label: -int(d.counts["train"][label]))
    shown = order if len(order) <= MOST_CLASSES else [*order[:10], *order[-10:]]
    rows = [
        (d.class_names[label], *(f"{int(d.counts[part][label]):,}" for part in parts))
        for label in shown
    ]
    title = "" if len(shown) == len(order) else f"Largest and smallest of {len(order)} classes"
    print_table(("class", *parts), rows, title)


def fetch_command(name: str, target: Path | None, *, as_json: bool) -> None:
    """Download a data set and print where it is."""
    from hpsearch.data import NAMED, fetch_gtsrb
    from hpsearch.data.fetching import PUBLISHED, fetch_published

    if name not in ("gtsrb", *PUBLISHED):
        where = getattr(NAMED.get(name), "where_to_get", "")
        known = f"Give one of gtsrb, {', '.join(PUBLISHED)}."
        raise InputError(f"No data set '{name}' to fetch.", where or known)

    def progress(done: int, total: int) -> None:
        share = f"{100 * done / total:.0f} %" if total else "?"
        sys.stderr.write(f"\r{name}: {done / 2**20:.0f} of {total / 2**20:.0f} MiB ({share})")

    sys.stderr.write(f"Fetching {name} …\n")
    if name == "gtsrb":
        folder = fetch_gtsrb(target, progress)
    else:
        folder = fetch_published(name, target, progress)
    sys.stderr.write("\n")
    if as_json:
        print_json({"name": name, "directory": str(folder)})
    else:
        sys.stdout.write(f"{name} is in {folder}; use it with --data {folder}\n")
