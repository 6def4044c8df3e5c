"""What bags are made of: handles, straps, flaps, buckles, zips, pockets.

Places are (x, y) on the page with the middle of the bag at x = 0. Shapes go round clockwise.
"""

import numpy as np

from tools.examples.products.page import Page, Role
from tools.examples.products.strokes import bezier, curve, dashes, ellipse, evenly, normals, ribbon, rounded

SIDES = (-1, 1)


def box(left: float, top: float, right: float, bottom: float, radius=0.0, bulge=0.0) -> np.ndarray:
    """A closed rectangle, N x 2; radii and bulges as in `rounded`, from the top left corner and the top side clockwise."""
    return rounded([(left, top), (right, top), (right, bottom), (left, bottom)], radius, bulge)


def panel(upper: float, top: float, lower: float, bottom: float, radius=0.0, bulge=0.0) -> np.ndarray:
    """A closed symmetric shape, N x 2, half as wide as `upper` at the top and as `lower` at the bottom; otherwise as `box`."""
    return rounded([(-upper, top), (upper, top), (lower, bottom), (-lower, bottom)], radius, bulge)


def mirrored(stops) -> list[tuple[float, float]]:
    """Stops on the right side, from the middle out, preceded by their mirror images."""
    left = [(-x, y) for x, y in stops if x]
    return [*left[::-1], *stops]


def arch(left, right, height: float, square: float = 0.5) -> np.ndarray:
    """A line, N x 2, from one place up `height` and down to another; `square` 0 is a pointed arch, 1 a broad one."""
    left, right = np.asarray(left, float), np.asarray(right, float)
    top = (left + right) / 2 - [0, height]
    shoulder = (right - left) * [0.5, 0] * (0.25 + 0.55 * square)
    up = [0, height * (0.3 + 0.5 * square)]
    start, end = bezier(left, left - up, top - shoulder, top), bezier(top, top + shoulder, right - up, right)
    return evenly(np.vstack([start, end[1:]]))


def handle(page: Page, line: np.ndarray, width: float, stitched: bool = False) -> None:
    """A strap or handle along a line."""
    page.shape(ribbon(line, width), Role.HANDLE)
    if stitched:
        stitches(page, line)


def straps(page: Page, line: np.ndarray, drop: float, width: float) -> None:
    """A handle whose ends run down the front to `drop`."""
    (left, _), (right, _) = line[0], line[-1]
    handle(page, evenly(np.vstack([[(left, drop)], line, [(right, drop)]])), width)


def stitches(page: Page, line: np.ndarray) -> None:
    """A line of stitches."""
    for dash in dashes(line):
        page.line(dash, Role.DETAIL)


def hem(page: Page, shape: np.ndarray, inset: float = 4.5) -> None:
    """Stitches `inset` inside a closed shape."""
    stitches(page, shape + normals(shape) * inset)


def tab(page: Page, x: float, top: float, width: float, height: float) -> None:
    """The patch that holds a handle to the bag: round below, with a rivet."""
    page.shape(box(x - width / 2, top, x + width / 2, top + height, [1, 1, width / 2, width / 2]), Role.DETAIL)
    page.shape(ellipse((x, top + height - width / 2), 1.6, 1.6), Role.DETAIL)


def ring(page: Page, center, radius: float, thick: float = 2.6) -> None:
    """A metal ring."""
    for size in (radius, radius - thick):
        page.shape(ellipse(center, size, size), Role.DETAIL)


def belt(page: Page, x: float, top: float, end: float, half: float, at: float) -> None:
    """A strap that hangs down from `top` to `end` through a buckle at height `at`."""
    page.shape(box(x - half, top, x + half, end, [1, 1, half, half]))
    for inset in (0.0, 3.0):
        wide, high = half + 3.5 - inset, 7.5 - inset
        page.shape(box(x - wide, at - high, x + wide, at + high, 2), Role.DETAIL)
    page.line([(x, at - 6.5), (x, at + 1.5)], Role.DETAIL)


def lock(page: Page, center, width: float, height: float) -> None:
    """A turn lock on a plate."""
    x, y = center
    page.shape(box(x - width / 2, y - height / 2, x + width / 2, y + height / 2, 2.5), Role.DETAIL)
    page.shape(box(x - 1.5, y - height / 4, x + 1.5, y + height / 4, 1.5), Role.DETAIL)


def zipper(page: Page, line, puller: bool = True) -> None:
    """A zip along a line: its two tapes, and the puller at the end."""
    line = evenly(np.asarray(line, float))
    across = normals(line)
    page.line(line - 1.6 * across, Role.PART)
    page.line(line + 1.6 * across, Role.DETAIL)
    if puller:
        x, y = line[-6]
        page.shape(ellipse((x, y), 2.5, 2.5), Role.DETAIL)
        page.shape(box(x - 2, y + 2, x + 2, y + 13, 2), Role.DETAIL)


def tassel(page: Page, top, length: float) -> None:
    """A tassel on a cord."""
    x, y = top
    knot, end = y + 0.3 * length, y + length
    page.line([(x, y), (x, knot)], Role.DETAIL)
    page.shape(rounded([(x - 3, knot), (x + 3, knot), (x + 6, end), (x - 6, end)], 1.5), Role.DETAIL)
    for share in (-2.5, 0.5, 3):
        page.line([(x + 0.5 * share, y + 0.5 * length), (x + share, end)], Role.DETAIL)


def fold(page: Page, start, end, bend: float) -> None:
    """A crease in soft material."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    across = (end - start)[::-1] * [-1, 1]
    page.line(curve([start, (start + end) / 2 + bend * across, end]), Role.DETAIL)


def emblem(page: Page, center, size: float) -> None:
    """A maker's mark of no maker: a plate, a ring or a diamond."""
    x, y = center
    style = page.rng.integers(3)
    if style == 0:
        page.shape(box(x - size, y - 0.45 * size, x + size, y + 0.45 * size, 2), Role.DETAIL)
    elif style == 1:
        ring(page, center, 0.7 * size)
    else:
        page.shape(
            rounded([(x, y - 0.8 * size), (x + 0.7 * size, y), (x, y + 0.8 * size), (x - 0.7 * size, y)], 1.5), Role.DETAIL
        )
