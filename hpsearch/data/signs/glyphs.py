"""Digits and letters of traffic signs, as strokes."""

from collections.abc import Mapping, Sequence

from hpsearch.data.signs.pen import Color, Pen, Point, arc

WIDTH = 0.6
"""Width of a glyph's box; its height is 1, from 0 at the top."""

GLYPHS: Mapping[str, Sequence[Sequence[Point]]] = {
    "0": [arc(0.3, 0.5, 0.22, 0.42, 0, 360)],
    "1": [[(0.14, 0.28), (0.34, 0.08), (0.34, 0.92)]],
    "2": [[*arc(0.3, 0.31, 0.22, 0.23, -170, 30), (0.08, 0.92), (0.54, 0.92)]],
    "3": [
        arc(0.28, 0.29, 0.2, 0.21, -150, 90),
        arc(0.28, 0.71, 0.23, 0.21, -90, 150),
    ],
    "5": [[(0.5, 0.08), (0.15, 0.08), (0.12, 0.46), *arc(0.29, 0.65, 0.23, 0.27, -130, 140)]],
    "6": [arc(0.3, 0.66, 0.22, 0.26, 0, 360), arc(0.5, 0.62, 0.42, 0.54, 180, 272)],
    "7": [[(0.08, 0.08), (0.52, 0.08), (0.22, 0.92)]],
    "8": [arc(0.3, 0.29, 0.19, 0.21, 0, 360), arc(0.3, 0.71, 0.23, 0.21, 0, 360)],
    "S": [[*arc(0.3, 0.29, 0.21, 0.21, -30, -270), *arc(0.3, 0.71, 0.22, 0.21, -90, 150)]],
    "T": [[(0.06, 0.08), (0.54, 0.08)], [(0.3, 0.08), (0.3, 0.92)]],
    "O": [arc(0.3, 0.5, 0.22, 0.42, 0, 360)],
    "P": [[(0.12, 0.92), (0.12, 0.08), *arc(0.3, 0.3, 0.22, 0.22, -90, 90), (0.12, 0.52)]],
}


def write(pen: Pen, text: str, height: float, color: Color, stroke: float = 0.16) -> None:
    """Write text centred on (0, 0).

    Args:
        pen: Where to write.
        text: Characters of `GLYPHS`.
        height: Height of a character.
        color: Its colour.
        stroke: Width of a stroke as a share of the height.
    """
    advance = WIDTH * 1.06
    left = -height * (advance * len(text) - 0.06 * WIDTH) / 2
    for position, character in enumerate(text):
        x = left + position * advance * height
        for points in GLYPHS[character]:
            placed = [(x + px * height, (py - 0.5) * height) for px, py in points]
            pen.line(placed, stroke * height, color)
