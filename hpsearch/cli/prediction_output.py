"""Predictions as a table, as JSON and as a CSV file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hpsearch.analysis.image_scores import THRESHOLD
from hpsearch.cli.printing import print_json, print_lines, print_table
from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.execution.prediction import Prediction, Predictions, predict_images
from hpsearch.execution.usable_model import UsableModel, find_model
from hpsearch.problems import ONE_CLASS
from hpsearch.report.csv_files import safe_cell


def predict_command(
    model: Path,
    images: Sequence[Path],
    *,
    top: int,
    multi_crop: bool,
    output: Path | None,
    space: str | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Predict images and print or write what came out."""
    if output is not None and output.suffix.lower() != ".csv":
        raise InputError(f"--output is {output}; expected a .csv file.", "Name it so.")
    chosen = find_model(model)
    with predict_images(
        chosen.file, images, multi_crop=multi_crop, skip_bad=skip_bad, space=space
    ) as found:
        if output is not None:
            _write_csv(output, found)
        if as_json:
            print_json(_as_json(chosen, found, top, output))
            return
        print_lines(_facts(chosen, found), f"hpsearch predict: {chosen.file}", stderr=True)
        if output is None:
            headings, row = _table(found, top)
            print_table(headings, map(row, found))
        else:
            sys.stdout.write(f"{count_of(found.count, 'image')} predicted: {output}\n")


def notes(found: Predictions) -> list[str]:
    """What is to be known before the predictions are relied on."""
    data = found.card.data
    form = data.form
    said = []
    if data.synthetic:
        said.append(f"the model was trained on {data.source}")
    if found.from_files and data.is_assumed and form is not None:
        said.append(
            f"the model was trained on arrays: files are stretched to {form.sides[0]}x"
            f"{form.sides[1]} pixels, {form.color_space}, as its arrays perhaps were not"
        )
    if found.from_files and form is not None and form.crop:
        said.append(
            "the training images were cut to the region that their table gave; files are taken "
            "as they are: cut them first"
        )
    said += [f"left out: {reason}" for reason in found.skipped]
    return said


def _facts(chosen: UsableModel, found: Predictions) -> dict[str, str]:
    training, data = found.card.training, found.card.data
    rows = {"model": chosen.chosen} if chosen.chosen else {}
    value = "" if training.value is None else f", {training.objective} {training.value:.4f}"
    rows["trained"] = f"{training.stage} of {training.space} on {data.source}{value}"
    if found.num_crops > 1:
        rows["crops"] = f"mean over {found.num_crops} of each image"
    return rows | {f"note {n}": text for n, text in enumerate(notes(found), 1)}


def _likeliest(found: Predictions, values: Sequence[float]) -> list[tuple[str, float]]:
    """Classes or labels with their probabilities, the likeliest first."""
    return sorted(zip(found.class_names, values, strict=True), key=lambda pair: -pair[1])


def _table(
    found: Predictions, top: int
) -> tuple[tuple[str, ...], Callable[[Prediction], tuple[str, ...]]]:
    """Headings, and what makes a row."""
    problem = found.card.data.problem
    if problem in ONE_CLASS:
        return ("image", "class", "probability", "next best"), lambda p: _class_row(found, p, top)
    if problem == "many_labels":
        return ("image", f"labels above {THRESHOLD}", "next best"), lambda p: _labels_row(
            found, p, top
        )
    return ("image", "value"), lambda p: (p.image, ", ".join(f"{v:.6g}" for v in p.values))


def _class_row(found: Predictions, prediction: Prediction, top: int) -> tuple[str, ...]:
    (name, probability), *others = _likeliest(found, prediction.values)[:top]
    return prediction.image, name, f"{probability:.4f}", _listed(others)


def _labels_row(found: Predictions, prediction: Prediction, top: int) -> tuple[str, ...]:
    ordered = _likeliest(found, prediction.values)
    there = [pair for pair in ordered if pair[1] > THRESHOLD]
    others = ordered[len(there) :][: max(0, top - len(there))]
    return prediction.image, _listed(there) or "none", _listed(others)


def _listed(pairs: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {probability:.4f}" for name, probability in pairs)


def _as_json(
    chosen: UsableModel, found: Predictions, top: int, output: Path | None
) -> dict[str, Any]:
    """Everything; without the images where they were written to a file."""
    training, data = found.card.training, found.card.data
    return {
        "model": {
            "file": str(chosen.file),
            "chosen": chosen.chosen,
            "problem": data.problem,
            "class_names": list(data.class_names),
            "data": {"name": data.name, "source": data.source, "synthetic": data.synthetic},
            "space": training.space,
            "stage": training.stage,
            "trial": training.trial,
            "params": dict(training.params),
            "objective": training.objective,
            "value": training.value,
            "trained_on": training.trained_on,
        },
        "crops": found.num_crops,
        "notes": notes(found),
        "skipped": list(found.skipped),
        "count": found.count,
        "output": output and str(output),
        "images": [] if output else [_image_json(found, each, top) for each in found],
    }


def _image_json(found: Predictions, prediction: Prediction, top: int) -> dict[str, Any]:
    problem, values = found.card.data.problem, list(prediction.values)
    if problem not in (*ONE_CLASS, "many_labels"):
        return {"image": prediction.image, "values": values}
    ordered = _likeliest(found, values)
    said: dict[str, Any] = {"labels": [name for name, value in ordered if value > THRESHOLD]}
    if problem in ONE_CLASS:
        said = {"class": ordered[0][0], "probability": ordered[0][1]}
    best = [{"class": name, "probability": value} for name, value in ordered[:top]]
    return {"image": prediction.image, **said, "top": best, "probabilities": values}


def _write_csv(path: Path, found: Predictions) -> None:
    """One row an image, a column for each class; written beside its place first."""
    problem, names = found.card.data.problem, found.class_names
    has_class = problem in ONE_CLASS
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            columns = names or _columns(found)
            writer.writerow(map(safe_cell, ["image", *["class"] * has_class, *columns]))
            for image, values in found:
                best = [_likeliest(found, values)[0][0]] if has_class else []
                writer.writerow(map(safe_cell, [image, *best, *values]))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _columns(found: Predictions) -> list[str]:
    """Headings of the values of a regression."""
    count = len(next(iter(found)).values)
    return ["value"] if count == 1 else [f"value {n}" for n in range(count)]
