"""Checking that JSON from a file has the shape that its readers rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS: dict[Any, tuple[str, tuple[type, ...]]] = {
    None: ("null", (type(None),)),
    bool: ("true or false", (bool,)),
    int: ("a whole number", (int,)),
    float: ("a number", (int, float)),
    str: ("text", (str,)),
    list: ("a list", (list,)),
    dict: ("an object", (dict,)),
}


class ShapeError(ValueError):
    """A value has another shape than its readers rely on; the message says where and which."""


def check_shape(data: Any, shape: Any, where: str = "") -> None:
    """Refuse JSON of another shape.

    Keys that a shape does not name may hold anything: a later version may have written them.

    Args:
        data: What was read.
        shape: What is expected, as a pattern: a type (`float` takes whole numbers, too), None
            for null; a set of texts for one of these; `[shape]` for a list of any length and
            `[shape, shape]` for one of two; `{"key": shape, "key?": shape}` for an object with
            a key that must be there and one that need not; `{...: shape}` for an object of any
            keys; a tuple for one of several of these.
        where: Where the value stands, for the message; empty for the whole file.

    Raises:
        ShapeError: It is of another shape.
    """
    if isinstance(shape, tuple):
        shape = next((one for one in shape if _is_of_kind(data, one)), shape)
    if not _is_of_kind(data, shape):
        shown = repr(data) if len(repr(data)) <= 40 else repr(data)[:40] + "…"
        raise ShapeError(f"{where or 'it'} is {shown}, expected {_words(shape)}")
    if isinstance(shape, dict):
        _check_object(data, shape, where)
    elif isinstance(shape, list):
        _check_list(data, shape, where)


def _check_object(data: Mapping[str, Any], shape: Mapping[Any, Any], where: str) -> None:
    for key, inner in shape.items():
        if key is ...:
            for name, value in data.items():
                check_shape(value, inner, _below(where, name))
            continue
        name = key.removesuffix("?")
        if name in data:
            check_shape(data[name], inner, _below(where, name))
        elif name == key:
            raise ShapeError(f"{_below(where, name)} is missing")


def _check_list(data: list[Any], shape: list[Any], where: str) -> None:
    if len(shape) > 1 and len(data) != len(shape):
        raise ShapeError(f"{where} has {len(data)} entries, expected {len(shape)}")
    for position, value in enumerate(data):
        inner = shape[position if len(shape) > 1 else 0]
        check_shape(value, inner, f"{where}[{position}]")


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _is_of_kind(data: Any, shape: Any) -> bool:
    """Whether the value is what the shape says, its inside left aside."""
    if isinstance(shape, set):
        return isinstance(data, str) and data in shape
    if isinstance(shape, dict | list):
        return isinstance(data, type(shape))
    if isinstance(shape, tuple):
        return any(_is_of_kind(data, one) for one in shape)
    types = KINDS[shape][1]
    return isinstance(data, types) and (shape is bool or not isinstance(data, bool))


def _words(shape: Any) -> str:
    if isinstance(shape, tuple):
        return " or ".join(_words(one) for one in shape)
    if isinstance(shape, set):
        return " or ".join(sorted(shape))
    if isinstance(shape, dict | list):
        return KINDS[type(shape)][0]
    return KINDS[shape][0]
