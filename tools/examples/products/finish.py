"""From strokes to the picture: place on the paper, hand and pen."""

import numpy as np

from tools.examples.products.crude import roughened
from tools.examples.products.page import Role, Stroke, fitted
from tools.examples.products.strokes import ink

LINE_WIDTH = 1.6


def check(crude: float, kind: str | None, kinds) -> None:
    """Raises ValueError if a drawing cannot be asked for this way."""
    if not 0 <= crude <= 1:
        raise ValueError(f"crude must be from 0 to 1, not {crude}")
    if kind is not None and kind not in kinds:
        raise ValueError(f"unknown kind {kind!r}: choose from {', '.join(kinds)}")


def finished(
    strokes: list[Stroke],
    rng: np.random.Generator,
    size: int,
    width: float | None,
    crude: float,
    anti_aliased: bool,
    handles: bool = True,
) -> np.ndarray:
    """Strokes of any size and place as a size x size x 3 uint8 drawing that fills the page as far as `crude` allows.

    Without `handles` their lines are left out, and all others stay where they are.
    """
    strokes = fitted(strokes, rng.uniform(0.84, 0.92))
    if crude:
        strokes = roughened(strokes, crude, rng)
        share = rng.uniform(0.86 - 0.36 * crude, 0.92 - 0.12 * crude)
        room = 128 * (0.96 - share)
        strokes = fitted(strokes, share, (128 + rng.uniform(-room, room), 128 + rng.uniform(-room, room)))
    if width is None:
        width = LINE_WIDTH + crude * rng.uniform(0.4, 2.4)
    press = 1 + 0.15 * crude * rng.uniform(-1, 1, len(strokes))
    shown = [handles or stroke.role is not Role.HANDLE for stroke in strokes]
    lines = [stroke.points for stroke, kept in zip(strokes, shown, strict=True) if kept]
    return ink(lines, size, width * press[shown], anti_aliased)
