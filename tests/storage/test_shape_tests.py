"""Quick tests of shapes say what the slow check says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.storage.file_shapes import TRIAL
from hpsearch.storage.shape_tests import make_test
from hpsearch.storage.shapes import ShapeError, check_shape

SHAPE: dict[str, Any] = {
    "name": str,
    "kind": {"a", "b"},
    "numbers?": [float],
    "pair?": [int, (str, None)],
    "inside?": ({"x": bool, ...: (bool, int)}, None),
    "objects?": [{"y?": int}],
}
GOOD = {"name": "n", "kind": "a", "numbers": [1, 2.5], "pair": [1, None], "inside": {"x": True}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "b", "n"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*"xyz", "name", "kind", "result", "seed"]), inner)
    ),
    max_leaves=6,
)


def is_right(data: Any, shape: Any) -> bool:
    """What the slow check says."""
    try:
        check_shape(data, shape)
    except ShapeError:
        return False
    return True


@given(JSON)
def test_any_json_is_judged_alike(data: Any) -> None:
    for shape in (SHAPE, TRIAL):
        assert make_test(shape)(data) == is_right(data, shape)


@given(st.sampled_from(sorted(GOOD)), JSON)
def test_one_changed_entry_is_judged_alike(key: str, value: Any) -> None:
    changed = {**GOOD, key: value}
    assert make_test(SHAPE)(changed) == is_right(changed, SHAPE)


def test_a_missing_or_wrong_entry_is_seen() -> None:
    test = make_test(SHAPE)
    assert test(GOOD)
    assert not test({**GOOD, "numbers": [1, "2"]})
    assert not test({**GOOD, "numbers": [True]})
    assert not test({key: value for key, value in GOOD.items() if key != "kind"})
    assert not test({**GOOD, "inside": {"x": True, "z": "text"}})
