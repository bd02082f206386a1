"""Shapes made into quick tests, for what is checked ten thousand times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpsearch.storage.shapes import KINDS

Test = Callable[[Any], bool]


def make_test(shape: Any) -> Test:
    """A function that tells whether JSON has a shape; `check_shape` says what is wrong.

    Args:
        shape: As `check_shape` takes it. Types are compared exactly, as JSON is read.
    """
    types = _types(shape)
    if types is not None:
        return lambda data: type(data) in types
    if isinstance(shape, tuple):
        tests = [make_test(one) for one in shape]
        return lambda data: any(test(data) for test in tests)
    if isinstance(shape, set):
        return lambda data: type(data) is str and data in shape
    return _test_of_list(shape) if isinstance(shape, list) else _test_of_object(shape)


def _types(shape: Any) -> frozenset[type] | None:
    """The types that a shape without an inside allows; None for another shape."""
    if isinstance(shape, tuple):
        found = [_types(one) for one in shape]
        return None if None in found else frozenset().union(*filter(None, found))
    if isinstance(shape, set | list | dict):
        return None
    return frozenset(KINDS[shape][1])


def _test_of_list(shape: list[Any]) -> Test:
    types = _types(shape[0])
    if len(shape) == 1 and types is not None:
        return lambda data: type(data) is list and types.issuperset(map(type, data))
    tests = [make_test(one) for one in shape]
    if len(tests) == 1:
        return lambda data: type(data) is list and all(map(tests[0], data))
    return lambda data: (
        type(data) is list
        and len(data) == len(tests)
        and all(test(value) for test, value in zip(tests, data, strict=True))
    )


def _test_of_object(shape: dict[Any, Any]) -> Test:
    rest = make_test(shape[...]) if ... in shape else None
    named = {key: make_test(inner) for key, inner in shape.items() if key is not ...}
    inside = [(key.removesuffix("?"), test) for key, test in named.items()]
    needed = frozenset(key for key in named if not key.endswith("?"))

    def test(data: Any) -> bool:
        return (
            type(data) is dict
            and needed <= data.keys()
            and all(one(data[key]) for key, one in inside if key in data)
            and (rest is None or all(map(rest, data.values())))
        )

    return test
