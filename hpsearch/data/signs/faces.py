"""The faces of the 43 signs, drawn flat and from the front."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from hpsearch.data.signs import pictograms
from hpsearch.data.signs.glyphs import write
from hpsearch.data.signs.pen import BLACK, BLUE, GREY, RED, WHITE, YELLOW, Pen, Point, arc, regular
from hpsearch.data.signs.pictograms import Figure

if TYPE_CHECKING:
    from PIL import Image

FACE_PIXELS = 192
"""Side of a face; the sign itself reaches to `REACH` of it."""
REACH = 0.96
_OVERSAMPLING = 4


@cache
def face(label: int) -> "Image.Image":
    """The sign of a class, RGBA, `FACE_PIXELS` square, transparent around it."""
    from PIL import Image, ImageDraw

    side = FACE_PIXELS * _OVERSAMPLING
    image = Image.new("RGBA", (side, side), (*GREY, 0))
    pen = Pen(ImageDraw.Draw(image), (side / 2, side / 2), side / 2 * REACH)
    FACES[label](pen)
    return image.reduce(_OVERSAMPLING)


def _ring(pen: Pen) -> None:
    pen.disc(0, 0, 1, WHITE)
    pen.disc(0, 0, 0.97, RED)
    pen.disc(0, 0, 0.74, WHITE)


def _limit(pen: Pen, text: str) -> None:
    _ring(pen)
    write(pen, text, 0.78 if len(text) == 2 else 0.62, BLACK)


def _end(pen: Pen, figure: Figure | None) -> None:
    """The end of a restriction: grey, struck through five times."""
    pen.disc(0, 0, 1, GREY)
    pen.disc(0, 0, 0.95, WHITE)
    if figure:
        figure(pen)
    for shift in (-0.26, -0.13, 0, 0.13, 0.26):
        line: list[Point] = [(-0.56 + shift, 0.56 + shift), (0.56 + shift, -0.56 + shift)]
        pen.line(line, 0.06, BLACK)


def _no_overtaking(pen: Pen) -> None:
    _ring(pen)
    pictograms.car(pen.at(-0.31, 0.02, 0.3), RED)
    pictograms.car(pen.at(0.31, 0.02, 0.3), BLACK)


def _no_overtaking_for_lorries(pen: Pen) -> None:
    _ring(pen)
    pictograms.lorry(pen.at(-0.3, 0.0, 0.36), RED)
    pictograms.car(pen.at(0.37, 0.06, 0.26), BLACK)


def _no_lorries(pen: Pen) -> None:
    _ring(pen)
    pictograms.lorry(pen.at(0, 0.04, 0.52))


def _grey_cars(pen: Pen) -> None:
    pictograms.car(pen.at(-0.38, 0.02, 0.34), GREY)
    pictograms.car(pen.at(0.38, 0.02, 0.34), GREY)


def _grey_lorry(pen: Pen) -> None:
    pictograms.lorry(pen.at(-0.36, 0.0, 0.42), GREY)
    pictograms.car(pen.at(0.48, 0.06, 0.3), GREY)


def _priority(pen: Pen) -> None:
    pen.polygon(regular(4, 1.0, 0), BLACK)
    pen.polygon(regular(4, 0.97, 0), WHITE)
    pen.polygon(regular(4, 0.7, 0), YELLOW)


def _give_way(pen: Pen) -> None:
    pen.polygon([(-1, -0.8), (1, -0.8), (0, 0.93)], RED)
    pen.polygon([(-0.62, -0.57), (0.62, -0.57), (0, 0.5)], WHITE)


def _stop(pen: Pen) -> None:
    pen.polygon(regular(8, 1.04, 22.5), WHITE)
    pen.polygon(regular(8, 0.98, 22.5), RED)
    write(pen, "STOP", 0.62, WHITE, stroke=0.17)


def _no_entry(pen: Pen) -> None:
    pen.disc(0, 0, 1, WHITE)
    pen.disc(0, 0, 0.96, RED)
    pen.polygon([(-0.72, -0.19), (0.72, -0.19), (0.72, 0.19), (-0.72, 0.19)], WHITE)


def _warning(pen: Pen, figure: Figure, size: float = 0.5) -> None:
    pen.polygon([(-1, 0.82), (1, 0.82), (0, -0.93)], RED)
    pen.polygon([(-0.74, 0.67), (0.74, 0.67), (0, -0.66)], WHITE)
    figure(pen.at(0, 0.17, size))


def _mandatory(pen: Pen, *arrows: list[Point]) -> None:
    pen.disc(0, 0, 1, WHITE)
    pen.disc(0, 0, 0.96, BLUE)
    for points in arrows:
        pen.arrow(points, 0.25, WHITE)


def _roundabout(pen: Pen) -> None:
    turns = [arc(0, 0, 0.5, 0.5, start, start + 72) for start in (-80, 40, 160)]
    pen.disc(0, 0, 1, WHITE)
    pen.disc(0, 0, 0.96, BLUE)
    for points in turns:
        pen.arrow(points, 0.18, WHITE)


def _mirrored(points: list[Point]) -> list[Point]:
    return [(-x, y) for x, y in points]


_TURN: list[Point] = [(-0.3, 0.65), (-0.3, -0.1), (0.3, -0.1)]
_AHEAD: list[Point] = [(0, 0.65), (0, -0.4)]
_SIDE_OF_AHEAD: list[Point] = [(-0.25, 0.65), (-0.25, -0.4)]
_BRANCH: list[Point] = [(-0.25, 0.4), (-0.25, 0.12), (0.32, 0.12)]
_KEEP: list[Point] = [(-0.42, -0.42), (0.3, 0.3)]

_WARNINGS: tuple[Figure, ...] = (
    pictograms.exclamation,
    partial(pictograms.bend, side=-1),
    partial(pictograms.bend, side=1),
    pictograms.double_bend,
    pictograms.bumps,
    pictograms.skidding,
    pictograms.narrowing,
    pictograms.road_works,
    pictograms.lights,
    pictograms.pedestrian,
    pictograms.children,
    pictograms.bicycle,
    pictograms.snowflake,
    pictograms.deer,
)

FACES: Mapping[int, Callable[[Pen], None]] = {
    **{
        label: partial(_limit, text=text)
        for label, text in {0: "20", 1: "30", 2: "50", 3: "60", 4: "70", 5: "80"}.items()
    },
    6: partial(_end, figure=partial(write, text="80", height=0.8, color=GREY)),
    7: partial(_limit, text="100"),
    8: partial(_limit, text="120"),
    9: _no_overtaking,
    10: _no_overtaking_for_lorries,
    11: partial(_warning, figure=pictograms.crossing, size=0.54),
    12: _priority,
    13: _give_way,
    14: _stop,
    15: _ring,
    16: _no_lorries,
    17: _no_entry,
    **{18 + i: partial(_warning, figure=figure) for i, figure in enumerate(_WARNINGS)},
    32: partial(_end, figure=None),
    33: lambda pen: _mandatory(pen, _TURN),
    34: lambda pen: _mandatory(pen, _mirrored(_TURN)),
    35: lambda pen: _mandatory(pen, _AHEAD),
    36: lambda pen: _mandatory(pen, _SIDE_OF_AHEAD, _BRANCH),
    37: lambda pen: _mandatory(pen, _mirrored(_SIDE_OF_AHEAD), _mirrored(_BRANCH)),
    38: lambda pen: _mandatory(pen, _KEEP),
    39: lambda pen: _mandatory(pen, _mirrored(_KEEP)),
    40: _roundabout,
    41: partial(_end, figure=_grey_cars),
    42: partial(_end, figure=_grey_lorry),
}
"""How each class is drawn."""
