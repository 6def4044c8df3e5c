"""Curves as polylines, and polylines as ink on paper. Lengths are in 256ths of the picture's side, y points down."""

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

OVERSAMPLING = 4


def bezier(start, lead_out, lead_in, end) -> np.ndarray:
    """The cubic Bezier curve between two points (x, y) with its two control points, N x 2 about one length apart."""
    corners = np.array([start, lead_out, lead_in, end], float)
    reach = np.linalg.norm(np.diff(corners, axis=0), axis=1).sum()
    t = np.linspace(0, 1, max(2, int(reach) + 1))[:, None]
    return (1 - t) ** 3 * corners[0] + 3 * t * (1 - t) ** 2 * corners[1] + 3 * t**2 * (1 - t) * corners[2] + t**3 * corners[3]


def curve(points, closed: bool = False) -> np.ndarray:
    """The centripetal Catmull-Rom curve through `points` (M x 2, M >= 2), N x 2 about one length apart."""
    points = np.asarray(points, float)
    before, after = (points[-1], points[:2]) if closed else (2 * points[0] - points[1], [2 * points[-1] - points[-2]])
    knots = np.vstack([before, points, after])
    gaps = np.sqrt(np.linalg.norm(np.diff(knots, axis=0), axis=1)).clip(1e-6)
    pieces = []
    for index in range(1, len(knots) - 2):
        first, second = knots[index], knots[index + 1]
        g0, g1, g2 = gaps[index - 1 : index + 2]
        out = (first - knots[index - 1]) / g0 - (second - knots[index - 1]) / (g0 + g1) + (second - first) / g1
        into = (second - first) / g1 - (knots[index + 2] - first) / (g1 + g2) + (knots[index + 2] - second) / g2
        pieces.append(bezier(first, first + out * g1 / 3, second - into * g1 / 3, second)[:-1])
    return np.vstack([*pieces, points[:1] if closed else points[-1:]])


def evenly(points: np.ndarray, spacing: float = 1.0) -> np.ndarray:
    """The same line, M x 2, with its points `spacing` apart: N x 2."""
    places = lengths(points)
    wanted = np.linspace(0, places[-1], max(2, round(places[-1] / spacing) + 1))
    return np.stack([np.interp(wanted, places, points[:, axis]) for axis in (0, 1)], axis=1)


def lengths(points: np.ndarray) -> np.ndarray:
    """How far along the line each of its points is: N, from 0."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def normals(line: np.ndarray) -> np.ndarray:
    """Unit normals at the points of a line, N x 2."""
    tangents = np.gradient(line, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True).clip(1e-9)
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)


def ribbon(line: np.ndarray, width: float | np.ndarray, round_end: bool = False) -> np.ndarray:
    """The closed outline, N x 2, of a band along a line: one width, or one for each point of the line."""
    line = np.asarray(line, float)
    across = normals(line) * np.broadcast_to(np.asarray(width, float) / 2, len(line))[:, None]
    end = []
    if round_end:
        along = np.array([across[-1, 1], -across[-1, 0]])
        angles = np.linspace(0, np.pi, 9)[1:-1, None]
        end = [line[-1] + np.cos(angles) * across[-1] + np.sin(angles) * along]
    return np.vstack([line + across, *end, (line - across)[::-1], (line + across)[:1]])


def rounded(corners, radius: float | Sequence[float] = 0.0, bulge: float | Sequence[float] = 0.0) -> np.ndarray:
    """A closed polygon with rounded corners and bowed sides, N x 2.

    One radius, or one for each corner. One bulge, or one for each side from its corner to the next: how far its middle
    lies outside the straight line, where corners go round clockwise.
    """
    corners = np.asarray(corners, float)
    sides = []
    for start, end, out in zip(corners, np.roll(corners, -1, axis=0), np.broadcast_to(bulge, len(corners)), strict=True):
        way = end - start
        normal = np.array([way[1], -way[0]]) / np.linalg.norm(way) * out * 4 / 3
        sides.append(evenly(bezier(start, start + way / 3 + normal, end - way / 3 + normal, end), 0.5))
    cuts = [int(2 * r) for r in np.broadcast_to(radius, len(corners))]
    pieces = []
    for index, side in enumerate(sides):
        before, after = cuts[index], cuts[(index + 1) % len(cuts)]
        limit = (len(side) - 2) // 2
        side = side[min(before, limit) : len(side) - min(after, limit)]
        if pieces:
            pieces.append(_corner(pieces[-1][-1], corners[index], side[0]))
        pieces.append(side)
    return evenly(np.vstack([*pieces, _corner(pieces[-1][-1], corners[0], pieces[0][0]), pieces[0][:1]]))


def _corner(start: np.ndarray, corner: np.ndarray, end: np.ndarray) -> np.ndarray:
    return bezier(start, start + 0.55 * (corner - start), end + 0.55 * (corner - end), end)


def ellipse(center, radius_x: float, radius_y: float) -> np.ndarray:
    """A closed ellipse, N x 2."""
    angles = np.linspace(0, 2 * np.pi, max(12, int(4 * (radius_x + radius_y))))
    return np.asarray(center) + np.stack([radius_x * np.cos(angles), radius_y * np.sin(angles)], axis=1)


def dashes(line: np.ndarray, dash: float = 4.0, gap: float = 3.0) -> list[np.ndarray]:
    """A line as stitches."""
    line = evenly(line, 0.5)
    step = round(2 * (dash + gap))
    return [line[start : start + round(2 * dash) + 1] for start in range(0, len(line) - 2, step)]


def ink(lines: Iterable[np.ndarray], size: int, widths: Iterable[float], anti_aliased: bool = True) -> np.ndarray:
    """Black lines (each N x 2) of the given widths with round ends on white, as size x size x 3 uint8."""
    scale = size * OVERSAMPLING / 256
    image = Image.new("L", (size * OVERSAMPLING,) * 2, 255)
    draw = ImageDraw.Draw(image)
    for line, width in zip(lines, widths, strict=True):
        # Pillow counts pixels from their corners, so half a pixel keeps mirrored drawings mirrored.
        points = line * scale - 0.5
        thickness = max(1, round(width * scale))
        draw.line(points.ravel().tolist(), 0, thickness, joint="curve")
        for x, y in points[[0, -1]]:
            draw.ellipse([x - thickness / 2, y - thickness / 2, x + thickness / 2, y + thickness / 2], 0)
    gray = np.array(image.resize((size, size), Image.Resampling.BOX))
    if not anti_aliased:
        gray = np.where(gray < 128, 0, 255).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)
