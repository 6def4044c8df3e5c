"""A sheet on which shapes lie over each other: what is under a shape is hidden, and what stays are visible lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter1d
from skimage.measure import find_contours

from pix2pix.drawings.strokes import evenly, lengths

# The sheet is larger than the picture: a drawing is brought to its final size and place when it is finished.
REACH = 512
ORIGIN = 128
FINENESS = 2


class Role(IntEnum):
    """What a line is for, most important first: a hasty hand leaves out the last."""

    OUTLINE = 0
    PART = 1
    DETAIL = 2


@dataclass(frozen=True)
class Stroke:
    """A visible line: `points` is N x 2 in 256ths."""

    points: np.ndarray
    role: Role


class Page:
    """Collects strokes; `rng` is what everything on the page is varied by."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.strokes: list[Stroke] = []
        self._window: np.ndarray | None = None

    def line(self, points: np.ndarray, role: Role = Role.PART) -> None:
        """Adds a line, N x 2."""
        line = evenly(np.asarray(points, float))
        if self._window is None:
            self.strokes.append(Stroke(line, role))
        else:
            self.strokes += _pieces(Stroke(line, role), _lookup(self._window, line))

    def shape(self, points: np.ndarray, role: Role = Role.PART, outlined: bool = True) -> None:
        """Adds a closed shape, N x 2, which hides the lines under it."""
        # Lines that end at the shape or run along its edge go too, else the edge would be drawn twice.
        self._keep(~_mask(points, margin=1.0))
        if outlined:
            self.line(np.vstack([points, points[:1]]), role)

    @contextmanager
    def inside(self, points: np.ndarray) -> Iterator[None]:
        """Lines added meanwhile show only inside a closed shape, N x 2."""
        outer, self._window = self._window, _mask(points)
        yield
        self._window = outer

    def _keep(self, mask: np.ndarray) -> None:
        self.strokes = [piece for stroke in self.strokes for piece in _pieces(stroke, _lookup(mask, stroke.points))]


def outline(polygons: Iterator[np.ndarray]) -> np.ndarray:
    """The closed outline, N x 2, of all the polygons together."""
    image = Image.new("L", (REACH * FINENESS,) * 2)
    draw = ImageDraw.Draw(image)
    for polygon in polygons:
        draw.polygon(((polygon + ORIGIN) * FINENESS).ravel().tolist(), fill=255, outline=255)
    # A little blur turns the staircase of pixels into a smooth line.
    field = np.asarray(image.filter(ImageFilter.GaussianBlur(1)), float)
    contours = find_contours(field, 127.5)
    longest = max(contours, key=len)[:, ::-1] / FINENESS - ORIGIN
    longest = evenly(longest, 0.5)
    smooth = gaussian_filter1d(longest[:-1], 1.6, axis=0, mode="wrap")
    return evenly(np.vstack([smooth, smooth[:1]]))


def fitted(strokes: list[Stroke], share: float, centre: tuple[float, float] = (128.0, 128.0)) -> list[Stroke]:
    """The strokes moved and scaled so that the longer side of all together is `share` of the picture."""
    everything = np.vstack([stroke.points for stroke in strokes])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = 256 * share / (high - low).max()
    return [replace(stroke, points=(stroke.points - (low + high) / 2) * scale + centre) for stroke in strokes]


def _mask(points: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Where a closed shape is, as REACH * FINENESS squared bool."""
    image = Image.new("1", (REACH * FINENESS,) * 2)
    draw = ImageDraw.Draw(image)
    corners = ((np.asarray(points, float) + ORIGIN) * FINENESS).ravel().tolist()
    draw.polygon(corners, fill=1)
    if margin:
        draw.line(corners + corners[:2], 1, round(2 * margin * FINENESS))
    return np.asarray(image)


def _lookup(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    places = ((points + ORIGIN) * FINENESS).round().astype(int).clip(0, len(mask) - 1)
    return mask[places[:, 1], places[:, 0]]


def _pieces(stroke: Stroke, visible: np.ndarray) -> list[Stroke]:
    """The parts of a stroke whose points are visible; crumbs are dropped."""
    if visible.all():
        return [stroke]
    borders = np.flatnonzero(np.diff(visible.astype(int))) + 1
    runs = np.split(np.arange(len(visible)), borders)
    kept = [stroke.points[run] for run in runs if visible[run[0]] and len(run) > 1]
    closed = np.allclose(stroke.points[0], stroke.points[-1])
    if closed and len(kept) > 1 and visible[0] and visible[-1]:
        kept = [np.vstack([kept[-1], kept[0][1:]]), *kept[1:-1]]
    return [replace(stroke, points=points) for points in kept if lengths(points)[-1] > 1.5]
