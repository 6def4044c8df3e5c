"""A sheet on which shapes lie over each other: what is under a shape is hidden, and what stays are visible lines.

Lengths are in 256ths of the picture's side, but a drawing may be of any size and anywhere until it is `fitted`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter1d
from skimage.measure import find_contours

from tools.examples.products.strokes import evenly, lengths

FINENESS = 4
CRUMB = 2.5


class Role(IntEnum):
    """What a line is for, most important first: a hasty hand leaves out the last."""

    OUTLINE = 0
    # Encloses background, not the bag. Without it it is no bag, so even a hasty hand draws it.
    HANDLE = 1
    PART = 2
    DETAIL = 3


@dataclass(frozen=True)
class Stroke:
    """A visible line: `points` is N x 2 in 256ths, about one length apart."""

    points: np.ndarray
    role: Role


# How likely the most sparing hand leaves out a line.
LEFT_OUT = {Role.OUTLINE: 0.0, Role.HANDLE: 0.0, Role.PART: 0.35, Role.DETAIL: 0.8}


class Page:
    """Collects strokes; `rng` is what everything on the page is varied by.

    The more `sparing` the hand (0 to 1), the more it leaves out, as `hand` decides; outlines and handles are always drawn.
    """

    def __init__(self, rng: np.random.Generator, hand: np.random.Generator, sparing: float = 0.0) -> None:
        self.rng = rng
        self._hand, self._sparing = hand, sparing
        self.strokes: list[Stroke] = []
        self._window: Area | None = None

    def line(self, points: np.ndarray, role: Role = Role.PART) -> None:
        """Adds a line, N x 2."""
        if not self._leaves_out(role):
            self._put(points, role)

    def _put(self, points: np.ndarray, role: Role) -> None:
        stroke = Stroke(evenly(np.asarray(points, float)), role)
        self.strokes += [stroke] if self._window is None else _pieces(stroke, self._window.covers(stroke.points))

    def shape(self, points: np.ndarray, role: Role = Role.PART, outlined: bool = True, margin: float = 1.1) -> None:
        """Adds a closed shape, N x 2, which hides the lines under it and those within `margin` of its edge."""
        points = np.asarray(points, float)
        # What is left out hides nothing, else the lines behind it would have gaps.
        if self._leaves_out(role):
            return
        # Lines along the edge go too, else the edge would be drawn twice.
        area = Area(points[None], margin)
        self.strokes = [piece for stroke in self.strokes for piece in _pieces(stroke, ~area.covers(stroke.points))]
        if outlined:
            self._put(np.vstack([points, points[:1]]), role)

    def _leaves_out(self, role: Role) -> bool:
        return self._hand.random() < LEFT_OUT[role] * self._sparing

    def transform(self, matrix) -> None:
        """Turns, shears or mirrors what has been drawn by a 2 x 2 matrix."""
        self.strokes = [replace(stroke, points=stroke.points @ np.asarray(matrix, float).T) for stroke in self.strokes]

    @contextmanager
    def inside(self, points: np.ndarray) -> Iterator[None]:
        """Lines added meanwhile show only inside a closed shape, N x 2."""
        outer, self._window = self._window, Area(points[None])
        yield
        self._window = outer


class Area:
    """All that lies in any of some polygons, M x K x 2, or within `margin` of the edge of one."""

    def __init__(self, polygons: np.ndarray, margin: float = 0.0) -> None:
        self._origin = np.floor(polygons.min(axis=(0, 1))) - 4 - margin
        self._size = (np.ceil(polygons.max(axis=(0, 1)) + 4 + margin - self._origin) * FINENESS).astype(int)
        self._image = Image.new("L", tuple(self._size))
        draw = ImageDraw.Draw(self._image)
        for corners in ((polygons - self._origin) * FINENESS - 0.5).reshape(len(polygons), -1).tolist():
            draw.polygon(corners, fill=255)
            if margin:
                draw.line(corners + corners[:2], 255, round(2 * margin * FINENESS))
        self._inside = np.asarray(self._image) > 0

    def covers(self, points: np.ndarray) -> np.ndarray:
        """Which of N x 2 points lie in it, N bool."""
        places = np.floor((points - self._origin) * FINENESS).astype(int)
        held = ((places >= 0) & (places < self._size)).all(axis=1)
        columns, rows = np.where(held[:, None], places, 0).T
        return held & self._inside[rows, columns]

    def outline(self) -> np.ndarray:
        """Its closed outline, N x 2."""
        # Averaging and a little blur turn the staircase of pixels into a smooth line.
        field = self._image.reduce(FINENESS // 2).filter(ImageFilter.GaussianBlur(1))
        contours = find_contours(np.asarray(field, float), 127.5)
        longest = (max(contours, key=len)[:, ::-1] + 0.5) / 2 + self._origin
        longest = evenly(longest, 0.5)
        smooth = gaussian_filter1d(longest[:-1], 2.2, axis=0, mode="wrap")
        return evenly(np.vstack([smooth, smooth[:1]]))


def outline(polygons: np.ndarray) -> np.ndarray:
    """The closed outline, N x 2, of polygons (M x K x 2) together."""
    return Area(polygons).outline()


def fitted(strokes: list[Stroke], share: float, center: tuple[float, float] = (128.0, 128.0)) -> list[Stroke]:
    """The strokes moved and scaled so that the longer side of all together is `share` of the picture."""
    everything = np.vstack([stroke.points for stroke in strokes])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = 256 * share / (high - low).max()
    return [replace(stroke, points=(stroke.points - (low + high) / 2) * scale + center) for stroke in strokes]


def _pieces(stroke: Stroke, visible: np.ndarray) -> list[Stroke]:
    """The parts of a stroke whose points are visible; crumbs are dropped."""
    if visible.all():
        return [stroke]
    points = stroke.points
    runs = np.split(np.arange(len(visible)), np.flatnonzero(np.diff(visible.astype(int))) + 1)
    runs = [run for run in runs if visible[run[0]]]
    # One point more at each cut end, so that lines meet the edge they vanish behind.
    kept = [points[max(0, run[0] - 1) : run[-1] + 2] for run in runs]
    if len(kept) > 1 and visible[0] and visible[-1] and np.allclose(points[0], points[-1]):
        kept = [np.vstack([kept[-1], kept[0][1:]]), *kept[1:-1]]
    return [replace(stroke, points=piece) for piece in kept if lengths(piece)[-1] > CRUMB]
