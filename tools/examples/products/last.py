"""The shoemaker's last: the body of a shoe in space, seen from the front left as in the product photos.

x runs from the toe (0) to the heel (1), y up, z towards the side that is seen. A body is a stack of closed levels. Each
goes from a front point over the near side (angles 0 to pi) to a back point and returns on the far side (0 to -pi).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from tools.examples.products.page import outline

LENGTH = 200.0


@dataclass(frozen=True)
class View:
    """Where the shoe is seen from: `yaw` turns its toe towards us, `pitch` lets us look down on it, both in radians."""

    yaw: float
    pitch: float
    distance: float = 3.2

    def project(self, points: np.ndarray) -> np.ndarray:
        """... x 3 places -> ... x 2 on the page."""
        x, y, z = np.moveaxis(np.asarray(points, float), -1, 0)
        x = x - 0.5
        across = x * np.cos(self.yaw) + z * np.sin(self.yaw)
        towards = z * np.cos(self.yaw) - x * np.sin(self.yaw)
        up = y * np.cos(self.pitch) - towards * np.sin(self.pitch)
        nearness = towards * np.cos(self.pitch) + y * np.sin(self.pitch)
        scale = LENGTH / (1 - nearness / self.distance)
        return np.stack([128 + across * scale, 200 - up * scale], axis=-1)


@dataclass(frozen=True)
class Lift:
    """How a heel raises the foot: places of a flat shoe, ... x 3 -> places of the raised one.

    The heel rises by `height` behind the `ball` (x), the tip of the toe by `spring`.
    """

    height: float = 0.0
    spring: float = 0.02
    ball: float = 0.3

    def __call__(self, points: np.ndarray) -> np.ndarray:
        x, y, z = np.moveaxis(points, -1, 0)
        rise = np.clip((x - self.ball) / (0.92 - self.ball), 0, 1)
        # A raised foot covers less ground.
        shorter = np.sqrt(max(0.2, 1 - (self.height / 0.75) ** 2))
        x_new = np.where(x > self.ball, self.ball + (x - self.ball) * shorter, x)
        y = y + self.height * rise**2 * (3 - 2 * rise) + self.spring * (np.clip(0.25 - x, 0, None) / 0.25) ** 2
        return np.stack([x_new, y, z], axis=-1)


class Body:
    """A surface through levels, `at(s, angle)` with s from 0 (lowest) to 1 (top).

    Each row is one level: x and y of its front point, x and y of its back point, half its width. `toe` and `heel` say how
    pointed the levels are at either end (0.5 square, 1 an ellipse, more a point), `swing` how much wider they are in front,
    `dip` by how much the top level sags at the sides.
    """

    def __init__(self, view: View, rows, lift: Lift, toe=0.75, heel=0.65, swing=0.15, dip=0.04) -> None:
        self.view, self.lift = view, lift
        self.toe, self.heel, self.swing, self.dip = toe, heel, swing, dip
        rows = np.asarray(rows, float)
        self._rows = CubicSpline(np.linspace(0, 1, len(rows)), rows)

    def place(self, s, angle) -> np.ndarray:
        """Places on the surface, ... x 3."""
        return self.lift(self.flat(s, angle))

    def flat(self, s, angle) -> np.ndarray:
        """The same before the heel lifts the foot."""
        s, angle = np.broadcast_arrays(np.asarray(s, float), np.asarray(angle, float))
        front_x, front_y, back_x, back_y, half = np.moveaxis(self._rows(s), -1, 0)
        back = (1 - np.cos(angle)) / 2
        power = self.toe + (self.heel - self.toe) * back
        sine = np.abs(np.sin(angle))
        x = front_x + (back_x - front_x) * back
        # The sides sag most behind the middle: in front the opening rises to the laces.
        y = front_y + (back_y - front_y) * back - self.dip * s**1.5 * sine**2 * (0.5 + back)
        z = np.sign(np.sin(angle)) * half * sine**power * (1 + self.swing * (1 - s) * np.cos(angle))
        return np.stack([x, y, z], axis=-1)

    def at(self, s, angle) -> np.ndarray:
        """The same on the page, ... x 2."""
        return self.view.project(self.place(s, angle))

    def seen(self, s, angle) -> np.ndarray:
        """Whether the surface faces us, ... bool."""
        step = 1e-3
        s, angle = np.broadcast_arrays(np.asarray(s, float), np.asarray(angle, float))
        here, up, on = self.at(s, angle), self.at(s + step, angle), self.at(s, angle + step)
        (ux, uy), (ox, oy) = np.moveaxis(up - here, -1, 0), np.moveaxis(on - here, -1, 0)
        return ux * oy - uy * ox > 0

    def girth(self, x: float, slant: float = 0.0, bottom: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Levels and angles of the line around the body at `x`: from the near side up over the ridge down to the far side.

        Its ends lie `slant` further back, at level `bottom`. Where the body is open at the top the line ends at the rim.
        """
        s = np.linspace(bottom, 1, 400)
        front, back = self._rows(s)[:, 0], self._rows(s)[:, 2]
        along = x + slant * (1 - np.clip((s - bottom) / (self._ridge(x) - bottom), 0, 1))
        share = (along - front) / (back - front)
        # Below the bulge of the toe the line would come round again.
        first_above = np.flatnonzero((share < 0) & (s > 0.25))
        s, share = (s, share) if not len(first_above) else (s[: first_above[0]], share[: first_above[0]])
        angle = np.arccos(1 - 2 * np.clip(share, 0, 1))
        return np.concatenate([s, s[::-1]]), np.concatenate([angle, -angle[::-1]])

    def on_ridge(self, x: float, angle: float = 0.0) -> np.ndarray:
        """The highest place at `x` on the page, 2, or one beside it."""
        return self.at(self._ridge(x), angle)

    def _ridge(self, x: float) -> float:
        """The level whose front point is at `x`, 1 if none is."""
        s = np.linspace(0.25, 1, 200)
        above = np.flatnonzero(self._rows(s)[:, 0] >= x)
        return float(s[above[0]]) if len(above) else 1.0

    def silhouette(self) -> np.ndarray:
        """The outline of the whole surface on the page, N x 2."""
        return outline(quads(self.at(np.linspace(0, 1, 25)[:, None], np.linspace(-np.pi, np.pi, 73))))

    def rim(self) -> np.ndarray:
        """The top level on the page, closed, N x 2."""
        return self.at(1.0, np.linspace(-np.pi, np.pi, 121))


class Sole:
    """The wall under a body: as the lowest level but `margin` wider, from `-depth(x)` up to `top(x)`."""

    def __init__(self, body: Body, depth: Callable, top: Callable, margin: float = 0.015, flare: float = 1.0) -> None:
        self.body, self.depth, self.top, self.margin, self.flare = body, depth, top, margin, flare

    def place(self, share, angle) -> np.ndarray:
        """Places on the wall, ... x 3; `share` is 0 at the ground and 1 at the top."""
        share, angle = np.broadcast_arrays(np.asarray(share, float), np.asarray(angle, float))
        x, _, z = np.moveaxis(self.body.flat(0.0, angle), -1, 0)
        bottom, top = -self.depth(x), self.top(x)
        y = bottom + (top - bottom) * share
        margin = self.margin * (1 - self.flare * (1 - share) ** 3)
        x = x - margin * np.cos(angle)
        z = z + margin * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.5
        return self.body.lift(np.stack([x, y, z], axis=-1))

    def at(self, share, angle) -> np.ndarray:
        """The same on the page, ... x 2."""
        return self.body.view.project(self.place(share, angle))

    def seen(self, angle) -> np.ndarray:
        """Where the wall faces us, ... bool."""
        low, on = self.at(0.5, angle), self.at(0.5, np.asarray(angle) + 1e-3)
        return (on - low)[..., 0] > 0

    def wall(self) -> np.ndarray:
        """The outline of the part of the wall that is seen, N x 2."""
        angles = np.linspace(-np.pi, np.pi, 361)
        angles = angles[self.seen(angles)]
        return outline(quads(self.at(np.linspace(0, 1, 7)[:, None], angles)))


def quads(grid: np.ndarray) -> np.ndarray:
    """The cells of a grid of points, rows x columns x 2, as M x 4 x 2."""
    cells = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)
    return cells.reshape(-1, 4, 2)
