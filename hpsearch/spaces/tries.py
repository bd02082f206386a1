"""Points that a user wants tried first: `--try NAME=VALUE,…`, or a JSON file of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from hpsearch.errors import SpaceError
from hpsearch.spaces.overrides import parse_value
from hpsearch.spaces.parameters import Parameter, Value
from hpsearch.spaces.space import Space
from hpsearch.storage.places import expanded

Point = Mapping[str, str]


def parse_tries(texts: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Points from `NAME=VALUE,NAME=VALUE` texts and from names of `.json` files.

    A file holds one object of names and values, or a list of them.

    Raises:
        SpaceError: A text has another form, or a file cannot be read.
    """
    points: list[dict[str, str]] = []
    for text in texts:
        points += _from_file(Path(text)) if text.endswith(".json") else [_from_text(text)]
    return tuple(points)


def _from_text(text: str) -> dict[str, str]:
    point = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise SpaceError(
                f"--try {text} is not understood.",
                "Write --try NAME=VALUE,NAME=VALUE or --try FILE.json.",
            )
        point[name] = value
    return point


def _from_file(path: Path) -> list[dict[str, str]]:
    try:
        data = json.loads(expanded(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SpaceError(
            f"--try {path} cannot be read: {error.strerror}.", "Give a JSON file that exists."
        ) from None
    except ValueError as error:
        raise SpaceError(f"--try {path} is not JSON: {error}.", "Mend the file.") from None
    points = data if isinstance(data, list) else [data]
    if not all(isinstance(point, dict) and point for point in points):
        raise SpaceError(
            f"--try {path} holds no points.", 'Write [{"learning_rate": 0.001}, …] in it.'
        )
    return [{name: _as_text(value) for name, value in point.items()} for point in points]


def _as_text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def points_in(space: Space, tries: Sequence[Point]) -> tuple[dict[str, Value], ...]:
    """The points as configurations of a space; what they leave out has its default.

    Raises:
        SpaceError: A name is not in the space or not active together with the rest, or a value
            is not one it can take.
    """
    return tuple(_point_in(space, texts) for texts in tries)


def _point_in(space: Space, texts: Point) -> dict[str, Value]:
    for name in texts:
        space.named(name)
    point = space.choose(lambda parameter: _value(parameter, texts))
    idle = [name for name in texts if name not in point]
    if idle:
        conditions = space.named(idle[0])[0].label
        raise SpaceError(
            f"--try gives '{idle[0]}', which is not active with the other values ({conditions}).",
            "Leave it out, or give the value it depends on as well.",
        )
    return point


def _value(parameter: Parameter, texts: Point) -> Value:
    if parameter.name not in texts:
        return parameter.default_value
    value = parse_value(parameter, texts[parameter.name])
    if not parameter.contains(value):
        from hpsearch.spaces.describing import describe_range

        raise SpaceError(
            f"--try gives '{parameter.name}' as {texts[parameter.name]}, but it is searched in "
            f"{describe_range(parameter)}.",
            "Give a value in the range, or change the range with --range.",
        )
    return value
