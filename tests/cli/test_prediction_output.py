"""What is printed and written of predictions."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli import prediction_output
from hpsearch.cli.entry import run
from hpsearch.data import DataCard, Preprocessing
from hpsearch.data.decoding import Form
from hpsearch.execution.prediction import Predictions
from hpsearch.execution.usable_model import UsableModel
from hpsearch.models.model_card import SEED_TRAINED, ModelCard, Training

CARD = DataCard(
    name="folder", source="folder from pets (9 images)", synthetic=False, problem="one_label",
    class_names=("cat", "dog", "=owl"), image_shape=(8, 8, 3), is_bytes=True, form=Form(8),
    is_assumed=False, preprocessing=Preprocessing("unit"), mirror_safe=True,
)  # fmt: skip
TRAINING = Training("pets", "fine", 4, "val_accuracy", 0.875, SEED_TRAINED, {"rate": 0.1})
ROWS = [["a.png", [0.2, 0.7, 0.1]], ["b.png", [0.1, 0.3, 0.6]]]


@pytest.fixture
def predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Runs the command on predictions that are there already."""
    monkeypatch.setattr(
        prediction_output, "find_model", lambda path: UsableModel(path, "the best model")
    )
    monkeypatch.chdir(tmp_path)

    def call(*flags: str, rows: Any = ROWS, skipped: tuple[str, ...] = (), **changes: Any) -> str:
        file = tmp_path / "rows.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        card = ModelCard(replace(CARD, **changes), TRAINING)

        @contextmanager
        def predicted(*arguments: Any, **settings: Any) -> Any:
            yield Predictions(card, len(rows), skipped, 1, from_files=True, file=file)

        monkeypatch.setattr(prediction_output, "predict_images", predicted)
        assert run(["predict", "m.keras", "a.png", *flags]) == 0
        return str(capsys.readouterr().out)

    return call


def test_the_table_names_the_class_and_the_next_best(predict: Any) -> None:
    lines = predict("--top", "2").splitlines()
    assert lines[3].split() == ["a.png", "dog", "0.7000", "cat", "0.2000"]
    assert lines[4].split() == ["b.png", "=owl", "0.6000", "dog", "0.3000"]


def test_json_holds_every_probability_and_where_the_model_came_from(predict: Any) -> None:
    answer = json.loads(predict("--json", "--top", "1", skipped=("c.png is empty",)))
    assert answer["images"][0] == {
        "image": "a.png", "class": "dog", "probability": 0.7,
        "top": [{"class": "dog", "probability": 0.7}], "probabilities": [0.2, 0.7, 0.1],
    }  # fmt: skip
    assert answer["model"]["class_names"] == ["cat", "dog", "=owl"]
    assert (answer["model"]["trial"], answer["model"]["value"]) == (4, 0.875)
    assert answer["skipped"] == ["c.png is empty"]
    assert answer["notes"] == ["left out: c.png is empty"]


def test_labels_and_values_are_told_in_their_own_way(predict: Any) -> None:
    table = predict(problem="many_labels", rows=[["a.png", [0.6, 0.9, 0.1]]])
    assert "dog 0.9000, cat 0.6000" in table
    values = {"problem": "regression", "class_names": (), "rows": [["a.png", [12.3456789]]]}
    assert predict(**values).splitlines()[3].split() == ["a.png", "12.3457"]
    assert json.loads(predict("--json", **values))["images"] == [
        {"image": "a.png", "values": [12.3456789]}
    ]


def test_a_csv_file_has_a_column_for_each_class(predict: Any, tmp_path: Path) -> None:
    """A class whose name a spreadsheet would compute begins with an apostrophe."""
    assert predict("--output", "said.csv") == "2 images predicted: said.csv\n"
    with (tmp_path / "said.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["image", "class", "cat", "dog", "'=owl"]
    assert rows[2] == ["b.png", "'=owl", "0.1", "0.3", "0.6"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl", "said.csv"]


def test_of_equal_classes_all_forms_name_the_first(predict: Any, tmp_path: Path) -> None:
    """Which is the one that scores count, too."""
    rows = [["a.png", [0.4, 0.4, 0.2]]]
    assert predict(rows=rows).splitlines()[3].split()[1] == "cat"
    predict("--output", "said.csv", rows=rows)
    assert "a.png,cat,0.4" in (tmp_path / "said.csv").read_text()


def test_what_is_to_be_known_before_relying_on_it_is_said(predict: Any) -> None:
    """Arrays of unknown making, regions that new photos do not have, drawn images."""
    form = Form(8, "grey", crop=True)
    answer = predict("--json", is_assumed=True, form=form, synthetic=True, source="drawn signs")
    notes = json.loads(answer)["notes"]
    assert notes[0] == "the model was trained on drawn signs"
    assert "stretched to 8x8 pixels, grey" in notes[1]
    assert "cut them first" in notes[2]


def test_wrong_paths_end_with_status_2(tmp_path: Path, capsys: Any) -> None:
    """Before anything is loaded."""
    assert run(["predict", str(tmp_path / "none.keras"), "a.png"]) == 2
    assert "There is no model" in capsys.readouterr().err
    assert run(["predict", "m.keras", "a.png", "--output", "a.txt"]) == 2
    assert "expected a .csv file" in capsys.readouterr().err
