"""What every shoe is made of: upper, sole, heel, seams and bands."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from tools.examples.products.last import Body, Lift, Sole, View, quads
from tools.examples.products.page import Page, Role, outline
from tools.examples.products.strokes import curve, dashes

# Seams are planned in levels and shares, both 0 to 1; drawn this large their curves have points enough.
PLAN = 120
AROUND = np.linspace(-np.pi, np.pi, 241)


def level(depth: float) -> Callable:
    """A sole equally thick from toe to heel."""
    return lambda x: depth + 0 * x


def varied(rng: np.random.Generator, rows) -> np.ndarray:
    """The levels of a body (see `Body`) in other proportions."""
    rows = np.array(rows, float)
    rows[:, [1, 3]] *= rng.uniform(0.94, 1.12)
    rows[:, 4] *= rng.uniform(0.92, 1.1)
    rows[:, 0] *= rng.uniform(0.92, 1.08)
    return rows


def angle_at(share) -> np.ndarray:
    """The angle at which a level has gone this share of its way to the back: on the near side, below 0 on the far side."""
    share = np.asarray(share, float)
    return np.sign(share) * np.arccos(1 - 2 * np.clip(np.abs(share), 0, 1))


class Shoe:
    """Draws the parts of one shoe on a page. Each hides what is behind it, so they are drawn from back to front."""

    def __init__(self, page: Page, view: View, rows, lift: Lift, **shape) -> None:
        self.page, self.rng, self.view, self.lift = page, page.rng, view, lift
        self.body = Body(view, rows, lift, **shape)

    def draw_heel(
        self, ground: float, top: Sequence[float], foot: Sequence[float], half: Sequence[float], bend: float = 0
    ) -> None:
        """A heel from the raised sole down to `-ground`: front and back x at its top and at its foot, half its width there."""
        seat = self.lift(np.array([[top[0], 0, 0], [top[1], 0, 0]]))
        rows = []
        for share in np.linspace(0, 1, 7):
            mix = share + bend * share * (1 - share)
            front, back = (foot[i] + (seat[i, 0] - foot[i]) * mix for i in (0, 1))
            # Its top is let into the sole, else the two edges would be drawn side by side.
            front_y, back_y = (-ground + (seat[i, 1] + 0.01 + ground) * share for i in (0, 1))
            rows.append([front, front_y, back, back_y, half[1] + (half[0] - half[1]) * mix])
        heel = Body(self.view, rows, Lift(0, 0), toe=0.35, heel=0.8, swing=0, dip=0)
        self.page.shape(heel.silhouette(), Role.OUTLINE)
        if half[1] < 0.04:  # the tip of a slim heel
            self._mark(heel, 0.1, AROUND, Role.DETAIL)

    def draw_upper(self, lining: bool = True) -> None:
        """The body and its opening."""
        self.page.shape(self.body.silhouette(), Role.OUTLINE)
        rim = self.body.rim()
        self.page.shape(rim, Role.OUTLINE, margin=2)
        if lining:
            with self.page.inside(rim):
                self.page.line(self.body.at(0.9, np.linspace(-np.pi, -0.5, 60)), Role.DETAIL)

    def draw_insole(self, s: float = 0.3) -> None:
        """Where the far wall meets the floor inside a low shoe, at level `s`."""
        with self.page.inside(self.body.rim()):
            self.page.line(self.body.at(s, np.linspace(-np.pi, -1.3, 90)), Role.DETAIL)

    def draw_sole(self, depth: Callable, top: Callable | float = 0.0, margin=0.015, flare=1.0, seams=(), tread: int = 0) -> Sole:
        """The wall of the sole, with lines along it at the shares `seams` of its height and `tread` teeth below."""

        def toothed(x):
            return depth(x) - (0.012 * (np.sin(2 * np.pi * tread * x) > 0.2) if tread else 0)

        sole = Sole(self.body, toothed, top if callable(top) else level(top), margin, flare)
        self.page.shape(sole.wall(), Role.OUTLINE)
        for seam in seams:
            self.page.line(sole.at(seam, AROUND[sole.seen(AROUND)]))
        return sole

    def draw_bed(self, depth: Callable, margin: float, seams=(), tread: int = 0) -> None:
        """A sole without an upper: its wall and the floor the foot stands on."""
        sole = self.draw_sole(depth, margin=margin, flare=0.7, seams=seams, tread=tread)
        self.page.shape(sole.at(1.0, AROUND), Role.OUTLINE)

    def mark(self, s, angle, role: Role = Role.PART, stitched: bool = False) -> None:
        """A line on the surface through levels and angles (numbers or N), as far as it is seen."""
        self._mark(self.body, s, angle, role, stitched)

    def _mark(self, body: Body, s, angle, role: Role, stitched: bool = False) -> None:
        s, angle = np.broadcast_arrays(np.asarray(s, float), np.asarray(angle, float))
        seen = body.seen(s, angle)
        points = body.at(s, angle)
        for run in np.split(np.arange(len(seen)), np.flatnonzero(np.diff(seen.astype(int))) + 1):
            if seen[run[0]] and len(run) > 2:
                for piece in dashes(points[run]) if stitched else [points[run]]:
                    self.page.line(piece, role)

    def seam(self, *stops: tuple[float, float], role: Role = Role.PART, stitched: bool = False) -> None:
        """A smooth line on the surface through stops: level, and share of the way to the back as in `angle_at`."""
        path = curve(np.array(stops) * PLAN) / PLAN
        self.mark(path[:, 0], angle_at(path[:, 1]), role, stitched)

    def patch(self, *corners: tuple[float, float], role: Role = Role.PART) -> None:
        """A closed shape on the near side with straight edges between corners given as for `seam`."""
        edges = [np.linspace(start, end, 12) for start, end in pairwise(np.array([*corners, corners[0]]))]
        path = np.vstack(edges)
        self.page.shape(self.body.at(path[:, 0], angle_at(path[:, 1])), role)

    def toe_cap(self, top: float, share: float, bulge: float = 2.0, role: Role = Role.PART, stitched: bool = False) -> None:
        """A seam over the toe: over the ridge at level `top`, down to the sole at `share` of its length."""
        end = float(angle_at(share))
        angle = np.linspace(end, -end, 90)
        self.mark(top * (1 - np.abs(angle / end) ** bulge), angle, role, stitched)

    def collar(self, below: float, role: Role = Role.DETAIL, stitched: bool = False) -> None:
        """A line along the opening."""
        self.mark(1 - below, np.linspace(-0.6, np.pi, 200), role, stitched)

    def band(self, x: float, width: float, slant: float = 0.0, bottom: float = 0.0, tip: bool = False) -> None:
        """A band over the ridge from `x` to `x + width`, as `Body.girth`; a `tip` ends it round on the near side."""
        front, back = (self._seen_girth(place, slant, bottom) for place in (x, x + width))
        end = []
        if tip:
            middle, across = (front[0] + back[0]) / 2, (back[0] - front[0]) / 2
            turn = np.linspace(np.pi, 0, 12)[1:-1, None]
            end = [middle + np.cos(turn) * across + 0.6 * np.sin(turn) * np.array([-across[1], across[0]])]
        self.page.shape(np.vstack([front[::-1], *end, back]))

    def open_band(self, x: float, width: float, slant: float = 0.0) -> None:
        """A band over a bare foot, which is not drawn: one looks in under its front edge."""
        front = self.body.at(*self.body.girth(x, slant))
        self.page.shape(front, outlined=False)
        self.page.line(front, Role.OUTLINE)
        self.page.shape(np.vstack([self._seen_girth(x, slant)[::-1], self._seen_girth(x + width, slant)]), Role.OUTLINE)

    def _seen_girth(self, x: float, slant: float, bottom: float = 0.0) -> np.ndarray:
        s, angle = self.body.girth(x, slant, bottom)
        seen = self.body.seen(s, angle)
        return self.body.at(s[seen], angle[seen])

    def ring(self, low: float, high: float, slope: float = 0.0) -> None:
        """A band around the leg between two levels; its front lies `slope` higher than its back."""
        for s in (low, high):
            self.mark(s + slope * (1 + np.cos(AROUND)) / 2, AROUND)

    def open_ring(self, low: float, high: float, slope: float = 0.0) -> None:
        """A band around a bare leg, which is not drawn."""
        lower, upper = (self.body.at(s + slope * (1 + np.cos(AROUND)) / 2, AROUND) for s in (low, high))
        self.page.shape(outline(quads(np.stack([lower, upper]))), Role.OUTLINE)
        self.page.shape(upper, Role.OUTLINE)
        with self.page.inside(upper):
            self.page.line(lower)
