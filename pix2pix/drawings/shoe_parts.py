"""What a shoe is made of besides its body: sole, heel, tongue, laces, straps, seams and stripes."""

from collections.abc import Callable

import numpy as np

from pix2pix.drawings.last import Body, Lift, Sole, View, quads
from pix2pix.drawings.page import Page, Role, outline
from pix2pix.drawings.strokes import curve, dashes, ellipse, ribbon


def at_share(share) -> np.ndarray:
    """The angle at which a level has gone this share of its way from front to back, on the near side."""
    return np.arccos(1 - 2 * np.clip(share, 0, 1))


class Shoe:
    """Draws the parts of one shoe on a page, each hiding what is behind it, so the order of calls is from back to front."""

    def __init__(self, page: Page, view: View, rows, lift: Lift | None = None, **shape) -> None:
        self.page, self.rng, self.view = page, page.rng, view
        self.lift = lift or Lift()
        self.body = Body(view, rows, self.lift, **shape)
        self.sole: Sole | None = None

    # --- the whole -------------------------------------------------------------------------------------------------

    def draw_upper(self, lining: bool = True) -> None:
        """The body and its opening."""
        self.page.shape(self.body.silhouette(), Role.OUTLINE)
        rim = self.body.rim()
        self.page.shape(rim, Role.OUTLINE)
        if lining:
            with self.page.inside(rim):
                self.page.line(self.body.at(0.9, np.linspace(-np.pi, -0.5, 60)), Role.DETAIL)

    def draw_insole(self, level: float = 0.3) -> None:
        """Where the far wall meets the floor inside a low shoe."""
        with self.page.inside(self.body.rim()):
            self.page.line(self.body.at(level, np.linspace(-np.pi, -0.15, 90)), Role.DETAIL)

    def draw_sole(self, depth: Callable, top: Callable | float = 0.0, margin=0.015, flare=2.0, seams=(), tread: int = 0) -> None:
        """The wall of the sole, with lines along it at the shares `seams` of its height and `tread` teeth below."""

        def toothed(x):
            return depth(x) - (0.012 * (np.sin(x * tread * 2 * np.pi) > 0.2) if tread else 0)

        height = top if callable(top) else lambda x: top + 0 * x
        self.sole = Sole(self.body, toothed, height, margin, flare)
        self.page.shape(self.sole.wall(), Role.OUTLINE)
        angles = np.linspace(-np.pi, np.pi, 361)
        angles = angles[self.sole.seen(angles)]
        for seam in seams:
            self.page.line(self.sole.at(seam, angles), Role.PART)

    def draw_heel(self, ground: float, top: tuple[float, float], foot: tuple[float, float], half: tuple[float, float], bend=0.0) -> None:
        """A heel from the raised sole down to `-ground`: front and back x at its top and at its foot, half its width there."""
        seat = self.lift(np.array([[top[0], 0, 0], [top[1], 0, 0]]))
        rows = []
        for share in np.linspace(0, 1, 7):
            mix = share + bend * share * (1 - share)
            front, back = (foot[i] + (seat[i, 0] - foot[i]) * mix for i in (0, 1))
            rows.append(
                [front, -ground + (seat[0, 1] + ground) * share, back, -ground + (seat[1, 1] + ground) * share]
                + [half[1] + (half[0] - half[1]) * mix]
            )
        heel = Body(self.view, rows, Lift(0, 0), toe=0.35, heel=0.8, swing=0, dip=0)
        self.page.shape(heel.silhouette(), Role.OUTLINE)
        tip = 0.12 if half[1] < 0.04 else 0.09
        self._mark_on(heel, tip, np.linspace(-np.pi, np.pi, 120), Role.DETAIL)

    # --- lines on the surface --------------------------------------------------------------------------------------

    def mark(self, s, angle, role: Role = Role.PART, stitched: bool = False) -> None:
        """A line on the surface through arrays of levels and angles, as far as it is seen."""
        self._mark_on(self.body, s, angle, role, stitched)

    def _mark_on(self, body: Body, s, angle, role: Role, stitched: bool = False) -> None:
        s, angle = np.broadcast_arrays(np.asarray(s, float), np.asarray(angle, float))
        seen = body.seen(s, angle)
        points = body.at(s, angle)
        for run in np.split(np.arange(len(seen)), np.flatnonzero(np.diff(seen.astype(int))) + 1):
            if seen[run[0]] and len(run) > 2:
                for piece in dashes(points[run]) if stitched else [points[run]]:
                    self.page.line(piece, role)

    def seam(self, *stops: tuple[float, float], role: Role = Role.PART, stitched: bool = False) -> None:
        """A smooth line over the near side through stops (s, share of the way from front to back); a share below 0 is beyond."""
        # Scaled so that both coordinates count alike, with enough points between.
        path = curve(np.array(stops) * 120) / 120
        self.mark(path[:, 0], np.sign(path[:, 1]) * at_share(np.abs(path[:, 1])), role, stitched)

    def patch(self, *corners: tuple[float, float], role: Role = Role.PART, smooth: bool = False) -> None:
        """A closed shape on the near side, through corners as in `seam`."""
        corners = np.array([*corners, corners[0]]) * 120
        path = curve(corners[:-1], closed=True) / 120 if smooth else corners / 120
        if not smooth:
            path = np.vstack([np.linspace(a, b, 12) for a, b in zip(path[:-1], path[1:], strict=True)])
        self.page.shape(self.body.at(path[:, 0], np.sign(path[:, 1]) * at_share(np.abs(path[:, 1]))), role)

    def toe_cap(self, top: float, share: float, bulge: float = 2.0, role: Role = Role.PART, stitched: bool = False) -> None:
        """A seam over the toe: over the ridge at level `top`, down to the sole at `share` of its length."""
        end = float(at_share(share))
        angle = np.linspace(end, -end, 90)
        self.mark(top * (1 - np.abs(angle / end) ** bulge), angle, role, stitched)

    def collar(self, below: float = 0.06, role: Role = Role.DETAIL, stitched: bool = False) -> None:
        """A line along the opening."""
        self.mark(1 - below, np.linspace(-np.pi, np.pi, 200), role, stitched)

    # --- parts that stand off the surface --------------------------------------------------------------------------

    def tongue(self, height: float, width: float = 0.3, lean: float = 0.4) -> None:
        """A tongue out of the front of the opening; draw it after the upper."""
        side = np.arcsin(width ** (1 / self.body.toe))
        base = self.body.place(np.full(5, 0.97), np.linspace(side, -side, 5))
        out = np.array([-lean, 1.0, 0.0]) * height
        grow = np.array([1, 1, 1.15])
        tip = (base - base[2]) * grow + base[2] + out * np.array([0.75, 0.97, 1.0, 0.97, 0.75])[:, None]
        points = self.view.project(np.vstack([base[0], tip, base[-1]]))
        rim = curve(points)
        self.page.shape(rim)

    def throat(self, bottom: float, width: float, top_width: float) -> None:
        """The edges of the two facings, meeting at level `bottom` on the ridge."""
        for side in (1, -1):
            s, angle = self._facing(np.linspace(bottom, 1, 40), bottom, width, top_width)
            self.mark(s, side * angle)

    def _facing(self, s, bottom: float, width: float, top_width: float) -> tuple[np.ndarray, np.ndarray]:
        share = (s - bottom) / (1 - bottom)
        out = (width + (top_width - width) * share) * np.clip(share * 8, 0, 1) ** 0.5
        return s, np.arcsin(np.clip(out, 0, 0.98) ** (1 / self.body.toe))

    def laces(self, bottom: float, width: float, top_width: float, rows: int, crossed: bool, thick: float = 4.0, eyelets: bool = True):
        """Laces over the throat; `width` and `top_width` say how far apart the eyelets are, as for `throat`."""
        levels = np.linspace(bottom + 0.6 * (1 - bottom) / rows, 0.965, rows)
        _, angles = self._facing(levels, bottom, width, top_width)
        if eyelets:
            for s, angle in zip(levels, angles, strict=True):
                for side in (1, -1):
                    if self.body.seen(s, side * angle * 1.25):
                        self.page.shape(ellipse(self.body.at(s, side * angle * 1.25), 2.0, 2.0), Role.DETAIL)
        for i in range(rows):
            if crossed and i + 1 < rows:
                self._lace(levels[i], levels[i + 1], -angles[i], angles[i + 1], thick)
                self._lace(levels[i], levels[i + 1], angles[i], -angles[i + 1], thick)
            elif not crossed or i == rows - 1:
                self._lace(levels[i], levels[i], angles[i], -angles[i], thick)

    def _lace(self, s_from: float, s_to: float, start: float, end: float, thick: float) -> None:
        s, angle = np.linspace(s_from, s_to, 24), np.linspace(start, end, 24)
        seen = self.body.seen(s, angle)
        if seen.sum() > 3:
            self.page.shape(ribbon(self.body.at(s, angle)[seen], thick, round_end=True), Role.DETAIL)

    def bow(self, s: float, reach: float = 20.0) -> None:
        """A lace bow at a level on the ridge."""
        knot = self.body.at(s, 0.0)
        for dx, dy in ((0.55, 1.15), (0.95, 0.75)):
            end = knot + reach * self.rng.uniform(0.9, 1.2) * np.array([dx, dy])
            self.page.shape(ribbon(curve([knot, (knot + end) / 2 + [2, -3], end]), 3.2, round_end=True), Role.DETAIL)
        for dx, dy, w in ((1.0, 0.15, 0.42), (-0.75, 0.3, 0.36)):
            out, over = reach * np.array([dx, dy]), reach * w * np.array([-dy, dx])
            loop = curve([knot, knot + 0.6 * out - over, knot + out, knot + 0.6 * out + 0.7 * over, knot])
            self.page.shape(loop, Role.DETAIL)
        self.page.shape(ellipse(knot, 3.2, 2.8), Role.DETAIL)

    def strap(self, low, high, start: float, end: float = -0.9, tip: float = 0.02, role: Role = Role.PART) -> np.ndarray:
        """A band over the ridge between levels `low` and `high`, from `start` (share on the near side) to the far side.

        `low` and `high` are numbers or pairs (at the start, at the end). Returns its outline, N x 2.
        """
        angles = np.linspace(float(at_share(start)), end, 80)
        low, high = (np.linspace(*np.broadcast_to(level, 2), 80) for level in (low, high))
        seen = self.body.seen((low + high) / 2, angles)
        angles, low, high = angles[seen], low[seen], high[seen]
        nose = curve([(low[0] * 100, 0), ((low[0] + high[0]) * 50, tip * 100), (high[0] * 100, 0)]) / 100
        cap = self.body.at(nose[:, 0], angles[0] + nose[:, 1] * 3)
        band = np.vstack([self.body.at(low, angles)[::-1], cap, self.body.at(high, angles)])
        self.page.shape(band, role)
        return band

    def arch(self, near: tuple, far: tuple, height: float, width: float, role: Role = Role.PART, outward: float = 0.0) -> np.ndarray:
        """A band in space from one place (x, y, z) over to another, `height` above them in its middle, `width` along x."""
        t = np.linspace(0, 1, 40)[:, None]
        line = (1 - t) * np.array(near, float) + t * np.array(far, float)
        bow = (4 * t * (1 - t)) ** 0.6
        line = line + bow * np.array([outward, height, 0])
        half = np.array([width / 2, 0, 0])
        edges = [self.view.project(self.lift(line + side * half)) for side in (-1, 1)]
        band = np.vstack([edges[0], edges[1][::-1]])
        self.page.shape(band, role)
        return band

    def buckle(self, centre: np.ndarray, width: float, height: float, tilt: float) -> None:
        """A buckle: a frame with a prong."""
        turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
        for share in (1.0, 0.6):
            corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * share * np.array([width, height]) / 2
            self.page.shape(np.vstack([corners, corners[:1]]) @ turn + centre, Role.DETAIL)
        self.page.line(np.array([[-0.1 * width, 0], [0.5 * width, 0]]) @ turn + centre, Role.DETAIL)

    def pull_tab(self, height: float = 16.0, width: float = 7.0) -> None:
        """The loop at the back of the opening."""
        foot = self.body.at(0.94, np.pi * 0.93)
        top = self.body.at(1.0, np.pi * 0.96) - [0, height * 0.55]
        self.page.shape(curve([foot - [width / 2, 0], top - [width / 2, -2], top - [0, 2], top + [width / 2, 2], foot + [width / 2, 0]]))


def solid(polygon_rows: np.ndarray) -> np.ndarray:
    """The outline of a grid of projected points."""
    return outline(quads(polygon_rows))
