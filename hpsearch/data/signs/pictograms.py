"""The black figures of warning and prohibition signs, each in a box from -1 to 1."""

from collections.abc import Callable

from hpsearch.data.signs.pen import BLACK, GREEN, RED, WHITE, YELLOW, Color, Pen, Point, arc

Figure = Callable[[Pen], None]


def exclamation(pen: Pen) -> None:
    """Danger."""
    pen.polygon([(-0.2, -0.9), (0.2, -0.9), (0.11, 0.35), (-0.11, 0.35)], BLACK)
    pen.disc(0, 0.72, 0.2, BLACK)


def bend(pen: Pen, side: int) -> None:
    """Bend; side is -1 for left, 1 for right."""
    points = [(-0.35, 0.9), (-0.35, 0.25), (0.3, -0.15), (0.3, -0.55)]
    pen.arrow([(side * x, y) for x, y in points], 0.27, BLACK)


def double_bend(pen: Pen) -> None:
    """Double bend, first to the left."""
    points = [(0.2, 0.95), (0.2, 0.5), (-0.3, 0.15), (-0.3, -0.1), (0.2, -0.4), (0.2, -0.65)]
    pen.arrow(points, 0.24, BLACK)


def bumps(pen: Pen) -> None:
    """Uneven road."""
    pen.polygon([(-1, 0.8), (1, 0.8), (1, 0.5), (-1, 0.5)], BLACK)
    for x in (-0.48, 0.48):
        pen.polygon(arc(x, 0.52, 0.42, 0.62, 180, 360), BLACK)


def car(pen: Pen, color: Color = BLACK) -> None:
    """A car from behind."""
    pen.polygon([(-0.8, 0.05), (-0.5, -0.6), (0.5, -0.6), (0.8, 0.05)], color)
    pen.polygon([(-0.95, 0), (0.95, 0), (0.95, 0.5), (-0.95, 0.5)], color)
    pen.polygon([(-0.5, -0.05), (-0.34, -0.42), (0.34, -0.42), (0.5, -0.05)], WHITE)
    for x in (-0.7, 0.7):
        pen.polygon([(x - 0.2, 0.4), (x + 0.2, 0.4), (x + 0.2, 0.8), (x - 0.2, 0.8)], color)


def lorry(pen: Pen, color: Color = BLACK) -> None:
    """A lorry from behind, or from the side at a glance."""
    pen.polygon([(-1, -0.7), (0.35, -0.7), (0.35, 0.4), (-1, 0.4)], color)
    pen.polygon([(0.42, -0.3), (0.8, -0.3), (1, 0.05), (1, 0.4), (0.42, 0.4)], color)
    for x in (-0.6, 0.65):
        pen.disc(x, 0.48, 0.24, color)


def skidding(pen: Pen) -> None:
    """Slippery road."""
    car(pen.at(0, -0.4, 0.52))
    for x in (-0.34, 0.34):
        trace = [(x, 0.1), (x + 0.22, 0.35), (x - 0.22, 0.65), (x + 0.05, 0.95)]
        pen.line(trace, 0.14, BLACK)


def narrowing(pen: Pen) -> None:
    """Road narrows on the right."""
    pen.line([(-0.4, 0.9), (-0.4, -0.8)], 0.22, BLACK)
    pen.line([(0.55, 0.9), (0.55, 0.3), (0.15, -0.2), (0.15, -0.8)], 0.22, BLACK)


def person(pen: Pen, lean: float = 0.0) -> None:
    """Someone walking."""
    pen.disc(lean, -0.78, 0.2, BLACK)
    pen.line([(lean, -0.5), (0, 0.1)], 0.32, BLACK)
    pen.line([(0, 0.1), (-0.35, 0.9)], 0.18, BLACK)
    pen.line([(0, 0.1), (0.25, 0.45), (0.42, 0.9)], 0.18, BLACK)
    pen.line([(lean, -0.4), (-0.42, 0.05)], 0.14, BLACK)
    pen.line([(lean, -0.4), (0.45, -0.02)], 0.14, BLACK)


def road_works(pen: Pen) -> None:
    """Someone with a shovel before a heap."""
    person(pen.at(-0.3, -0.05, 0.85), lean=0.25)
    pen.line([(-0.35, -0.2), (0.55, 0.5)], 0.12, BLACK)
    pen.polygon([(0.1, 0.85), (0.62, 0.3), (1.1, 0.85)], BLACK)


def pedestrian(pen: Pen) -> None:
    """Someone on a crossing."""
    person(pen.at(0, -0.12, 0.85))
    for x in (-0.8, -0.27, 0.27, 0.8):
        pen.line([(x, 0.95), (x * 0.9, 0.78)], 0.16, BLACK)


def children(pen: Pen) -> None:
    """Two children running."""
    person(pen.at(-0.45, 0.0, 0.88), lean=0.15)
    person(pen.at(0.5, 0.16, 0.7), lean=0.2)


def bicycle(pen: Pen) -> None:
    """A bicycle."""
    for x in (-0.58, 0.58):
        pen.line(arc(x, 0.35, 0.38, 0.38, 0, 360), 0.16, BLACK)
    frame = [(-0.58, 0.35), (-0.25, -0.25), (0.4, -0.25), (0, 0.35), (-0.58, 0.35)]
    pen.line(frame, 0.16, BLACK)
    pen.line([(-0.25, -0.25), (0, 0.35)], 0.16, BLACK)
    pen.line([(0.58, 0.35), (0.35, -0.5), (0.6, -0.55)], 0.16, BLACK)
    pen.line([(-0.45, -0.45), (-0.15, -0.45)], 0.16, BLACK)


def snowflake(pen: Pen) -> None:
    """Ice or snow."""
    arms: list[Point] = [(0, 0.9), (0.78, 0.45), (0.78, -0.45)]
    for x, y in arms:
        pen.line([(x, y), (-x, -y)], 0.18, BLACK)
        for sign in (-1, 1):
            tip = (sign * x, sign * y)
            for turn in (-1, 1):
                branch = (tip[0] * 0.9 - turn * tip[1] * 0.3, tip[1] * 0.9 + turn * tip[0] * 0.3)
                pen.line([(tip[0] * 0.5, tip[1] * 0.5), branch], 0.14, BLACK)


def deer(pen: Pen) -> None:
    """A leaping deer."""
    pen.polygon([(-0.7, -0.1), (0.3, -0.3), (0.45, 0.15), (-0.6, 0.25)], BLACK)
    pen.line([(0.3, -0.15), (0.55, -0.6), (0.85, -0.5)], 0.2, BLACK)
    pen.line([(0.55, -0.6), (0.4, -0.95), (0.6, -1.0)], 0.09, BLACK)
    pen.line([(0.35, 0.05), (0.75, 0.3), (0.6, 0.55)], 0.13, BLACK)
    pen.line([(0.25, 0.1), (0.45, 0.6)], 0.13, BLACK)
    pen.line([(-0.6, 0.1), (-0.85, 0.85)], 0.14, BLACK)
    pen.line([(-0.45, 0.15), (-0.5, 0.9)], 0.13, BLACK)


def lights(pen: Pen) -> None:
    """Traffic lights."""
    pen.polygon([(-0.34, -0.95), (0.34, -0.95), (0.34, 0.9), (-0.34, 0.9)], BLACK)
    for y, color in ((-0.62, RED), (-0.03, YELLOW), (0.56, GREEN)):
        pen.disc(0, y, 0.24, color)


def crossing(pen: Pen) -> None:
    """Right of way at the next crossing."""
    pen.line([(-0.62, 0.15), (0.62, 0.15)], 0.22, BLACK)
    pen.polygon([(-0.2, 0.9), (-0.2, -0.3), (0.2, -0.3), (0.2, 0.9)], BLACK)
    pen.polygon([(-0.38, -0.3), (0.38, -0.3), (0, -0.95)], BLACK)
