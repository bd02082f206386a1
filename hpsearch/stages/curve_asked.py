"""What a curve is drawn against: training-set size, a hyperparameter, or bootstrap samples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from hpsearch.errors import InputError

Kind = Literal["sizes", "vary", "bootstraps"]
MOST_POINTS = 100
FEWEST = {"sizes": 2, "bootstraps": 2}
VARIED_POINTS = 7


@dataclass(frozen=True)
class CurveAsked:
    """Which curve of a winner is asked for.

    Args:
        kind: `sizes`, `vary` or `bootstraps`.
        count: Number of sizes or of bootstrap samples.
        name: The hyperparameter that is varied.
        texts: Its values as the user wrote them; none for values over its range.
    """

    kind: Kind
    count: int = VARIED_POINTS
    name: str = ""
    texts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, sizes: int | None, vary: str | None, bootstraps: int | None) -> CurveAsked:
        """The curve that the flags ask for.

        Raises:
            InputError: None or several of them are given, or one is impossible.
        """
        given = {"--sizes": sizes, "--vary": vary, "--bootstraps": bootstraps}
        flags = [flag for flag, value in given.items() if value is not None]
        if len(flags) != 1:
            said = " and ".join(flags) if flags else "nothing"
            raise InputError(
                f"{said} says what the curve is drawn against; expected one flag.",
                "Give --sizes 5, --vary l2 or --bootstraps 20; each draws a curve of its own.",
            )
        if vary is not None:
            return cls._varied(vary)
        kind: Kind = "sizes" if sizes is not None else "bootstraps"
        count = sizes if sizes is not None else bootstraps
        if type(count) is not int or not FEWEST[kind] <= count <= MOST_POINTS:
            raise InputError(
                f"--{kind} is {count!r}.",
                f"Give a whole number from {FEWEST[kind]} to {MOST_POINTS}.",
            )
        return cls(kind, count)

    @classmethod
    def _varied(cls, text: str) -> CurveAsked:
        name, equals, values = text.partition("=")
        texts = tuple(value.strip() for value in values.split(",")) if equals else ()
        if not name.strip() or not all(texts) or len(texts) == 1 or len(texts) > MOST_POINTS:
            raise InputError(
                f"--vary {text} is no hyperparameter with values.",
                "Write --vary l2, or --vary l2=0.0001,0.001,0.01.",
            )
        return cls("vary", len(texts) or VARIED_POINTS, name.strip(), texts)

    @property
    def folder(self) -> str:
        """Name of the run directory, if nothing is said."""
        return f"curves-{self.name if self.kind == 'vary' else self.kind}"

    def to_json(self) -> dict[str, Any]:
        """As part of what a study is."""
        return {**asdict(self), "texts": list(self.texts)}
