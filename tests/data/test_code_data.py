"""What a user's function returns is understood, or the error says what came back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data import dataset_for
from hpsearch.data.code_data import parts_of
from hpsearch.data.labels import infer_problem, labels_for
from hpsearch.errors import DataError

X, Y = np.arange(6 * 4 * 4).reshape(6, 4, 4, 1).astype(np.uint8), np.array([0, 1] * 3)
PAIR = (X, Y)


@pytest.mark.parametrize(
    ("found", "parts"),
    [
        (PAIR, ["train"]),
        ([X, Y], ["train"]),
        ((PAIR, PAIR), ["train", "val"]),
        ((PAIR, PAIR, PAIR), ["train", "val", "test"]),
        ({"train": PAIR, "test": PAIR}, ["train", "test"]),
        ({"train": PAIR, "validation": PAIR, "test": None}, ["train", "val"]),
        ({"x": X, "y": Y}, ["train"]),
        ({"x_train": X, "y_train": Y, "x_val": X, "y_val": Y}, ["train", "val"]),
        ((X.tolist(), Y.tolist()), ["train"]),
    ],
)
def test_forms_of_arrays(found: Any, parts: list[str]) -> None:
    read = parts_of(found, "data.py:load")
    assert list(read) == parts
    for images, labels in read.values():
        np.testing.assert_array_equal(images, X)
        np.testing.assert_array_equal(labels, Y)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, "load returned NoneType; expected"),
        (X, r"load returned ndarray of shape \(6, 4, 4, 1\); expected"),
        ({"images": X}, "a dictionary with images; expected"),
        ((PAIR, PAIR, PAIR, PAIR), r"a tuple of 4 \(a tuple of 2"),
        ({"train": X}, "train part .* is ndarray"),
        ((X, Y[:3]), "6 images but 3 labels"),
        ((X, np.eye(2)[Y]), "one-hot rows"),
        ((PAIR, (X[:, :2], Y)), r"shapes \(2, 4, 1\) and \(4, 4, 1\)"),
    ],
)
def test_other_things_are_named(found: Any, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        parts_of(found, "data.py:load")


class FakeSpec:
    def __init__(self, *shape: int) -> None:
        self.shape = type("Shape", (), {"rank": len(shape)})()


class FakeDataset:
    """The three things of tf.data.Dataset that are used; the real one is slow to import."""

    def __init__(self, batched: bool) -> None:
        rank = (6, 4, 4, 1) if batched else (4, 4, 1)
        self.element_spec = (FakeSpec(*rank), FakeSpec(*rank[:-3]))
        self.batched = batched

    def as_numpy_iterator(self) -> Any:
        if self.batched:
            return iter([(X[:4], Y[:4]), (X[4:], Y[4:])])
        return iter(zip(X, Y, strict=True))


@pytest.mark.parametrize("batched", [True, False])
def test_tf_data_is_read_to_its_end(batched: bool) -> None:
    for found in (FakeDataset(batched), {"train": FakeDataset(batched)}):
        images, labels = parts_of(found, "data.py:load")["train"]
        np.testing.assert_array_equal(images, X)
        np.testing.assert_array_equal(labels, Y)


def write(folder: Path, body: str) -> str:
    (folder / "own.py").write_text("import numpy as np\n\ndef load():\n" + body)
    return f"{folder / 'own.py'}:load"


def test_a_function_is_given_as_data(tmp_path: Path) -> None:
    body = "    x = np.zeros((40, 5, 5)); return x, np.arange(40) % 4\n"
    dataset = dataset_for(None, write(tmp_path, body))
    assert dataset is not None
    assert (dataset.image_shape, dataset.num_classes) == ((5, 5, 1), 4)
    data = dataset.load()
    assert (len(data.train), len(data.validation), data.test) == (32, 8, None)
    assert "own.py:load" in data.source


@pytest.mark.parametrize(
    ("target", "reason"),
    [("load", r"own\.py, line 5: ValueError: oh no"), ("lode", "no function 'lode'.* load")],
)
def test_a_function_that_fails_is_named_with_the_line(
    tmp_path: Path, target: str, reason: str
) -> None:
    given = write(tmp_path, "    x = 1\n    raise ValueError('oh no')\n")
    dataset = dataset_for(None, given.replace(":load", f":{target}"))
    assert dataset is not None
    with pytest.raises(DataError, match=reason):
        dataset.load()


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([0, 1, 1], "one_label"),
        ([0, 1, 2], "one_label"),
        ([0.5, 1.5], "regression"),
        ([[0, 1, 1], [1, 0, 1]], "many_labels"),
        ([[0.2, 1], [1, 3]], "regression"),
    ],
)
def test_what_labels_say(labels: list[Any], problem: str) -> None:
    assert infer_problem(np.array(labels)) == problem


@pytest.mark.parametrize(
    ("labels", "given", "kind"),
    [
        ([0, 1, 1], "binary", np.int64),
        ([0, 1, 3], "regression", np.float32),
        ([0.0, 0.5, 1.0], "regression_0_1", np.float32),
        ([[0, 1], [1, 0]], "many_labels", np.uint8),
    ],
)
def test_the_user_may_say_otherwise(labels: list[Any], given: Any, kind: type) -> None:
    found, problem = labels_for(np.array(labels), given)
    assert (problem, found.dtype) == (given, kind)


@pytest.mark.parametrize(
    ("labels", "given", "reason"),
    [
        ([0, 1, 2], "binary", "labels from 0 to 2"),
        ([0.5, 1.5], "one_label", "not one whole number an image.*look like regression"),
        ([0.5, 1.5], "regression_0_1", "from 0.5 to 1.5, not in 0..1"),
        ([0, 1, 2], "many_labels", "no .* matrix of 0 and 1"),
        ([0.5, float("nan")], None, "NaN"),
    ],
)
def test_a_contradiction_is_an_error(labels: list[Any], given: Any, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        labels_for(np.array(labels), given)
