"""What is put on a shoe: tongue and laces, bows, buckles, tabs and badges."""

from dataclasses import dataclass

import numpy as np

from tools.examples.products.page import Role
from tools.examples.products.shoe_parts import Shoe, angle_at
from tools.examples.products.strokes import curve, ellipse, ribbon, rounded


@dataclass(frozen=True)
class Throat:
    """The gap between the two facings of a laced shoe, from level `bottom` on the ridge up to the opening.

    `low` and `high` are its half widths at either end as shares of the shoe's.
    """

    shoe: Shoe
    bottom: float
    low: float
    high: float

    def draw(self) -> None:
        """Its two edges."""
        s = np.linspace(self.bottom, 1, 40)
        for side in (1, -1):
            self.shoe.mark(s, side * self._angles(s))

    def lace(self, rows: int, crossed: bool, thick: float = 4.0, eyelets: bool = True) -> None:
        """Laces across it, in `rows` or crossing between them."""
        body, page = self.shoe.body, self.shoe.page
        levels = np.linspace(self.bottom + 0.6 * (1 - self.bottom) / rows, 0.965, rows)
        # Laces come out of the facings a little beside the gap.
        angles = self._angles(levels, wider=0.05)
        if eyelets:
            for s, angle in zip(levels, angles, strict=True):
                for side in (1.25, -1.25):
                    if body.seen(s, side * angle):
                        page.shape(ellipse(body.at(s, side * angle), 2.0, 2.0), Role.DETAIL)
        for i in range(rows):
            if crossed and i + 1 < rows:
                for side in (-1, 1):
                    self._one((levels[i], levels[i + 1]), (side * angles[i], -side * angles[i + 1]), thick)
            elif not crossed or i == rows - 1:
                self._one((levels[i], levels[i]), (angles[i], -angles[i]), thick)

    def _angles(self, s: np.ndarray, wider: float = 0.0) -> np.ndarray:
        share = (s - self.bottom) / (1 - self.bottom)
        out = (self.low + (self.high - self.low) * share + wider) * np.clip(8 * share, 0, 1) ** 0.5
        return np.arcsin(np.clip(out, 0, 0.98) ** (1 / self.shoe.body.toe))

    def _one(self, levels: tuple[float, float], angles: tuple[float, float], thick: float) -> None:
        s, angle = np.linspace(*levels, 24), np.linspace(*angles, 24)
        seen = self.shoe.body.seen(s, angle)
        if seen.sum() > 3:
            self.shoe.page.shape(ribbon(self.shoe.body.at(s, angle)[seen], thick, round_end=True))


def tongue(shoe: Shoe, height: float, width: float) -> None:
    """A tongue out of the front of the opening, `width` as a share of the shoe's; draw it after the upper."""
    side = np.arcsin(width ** (1 / shoe.body.toe))
    base = shoe.body.place(1.0, np.array([side, 0.0, -side]))
    base[:, :2] = base[:, :2].mean(axis=0)
    across, up = base[0] - base[1], np.array([0.4, 1.0, 0.0]) * height
    right = [(0.45, 1), (0.9, 0.85), (1.05, 0.45), (1, -0.3)]
    stops = [*right[::-1], *((-along, high) for along, high in right)]
    shoe.page.shape(curve(shoe.view.project(np.array([base[1] + along * across + high * up for along, high in stops]))))


def lace_bow(shoe: Shoe, s: float, reach: float = 20.0) -> None:
    """A bow of laces at a level on the ridge."""
    page, knot = shoe.page, shoe.body.at(s, 0.0)
    for way in ((0.55, 1.15), (0.95, 0.75)):
        end = knot + reach * shoe.rng.uniform(0.9, 1.2) * np.array(way)
        page.shape(ribbon(curve([knot, (knot + end) / 2 + np.array([2, -3]), end]), 3.2, round_end=True), Role.DETAIL)
    for dx, dy, width in ((1.0, 0.15, 0.42), (-0.75, 0.3, 0.36)):
        out, over = reach * np.array([dx, dy]), reach * width * np.array([-dy, dx])
        page.shape(curve([knot, knot + 0.6 * out - over, knot + out, knot + 0.6 * out + 0.7 * over, knot]), Role.DETAIL)
    page.shape(ellipse(knot, 3.2, 2.8), Role.DETAIL)


def ribbon_bow(shoe: Shoe, s: float, reach: float) -> None:
    """A small flat bow at a level on the ridge."""
    page, knot = shoe.page, shoe.body.at(s, 0.0)
    side = _unit(shoe.body.at(s, 0.35) - shoe.body.at(s, -0.35))
    up = np.array([side[1], -side[0]])
    for way in (-reach * side, reach * side):
        stops = [(0, 0), (0.5, 0.42), (0.95, 0.5), (1.0, 0), (0.9, -0.42), (0.45, -0.34), (0, 0)]
        page.shape(curve([knot + along * way + reach * high * up for along, high in stops]), Role.DETAIL)
        page.line([knot + 0.25 * way, knot + 0.6 * way + 0.06 * reach * up], Role.DETAIL)
    page.shape(ellipse(knot, 0.17 * reach, 0.22 * reach), Role.DETAIL)


def tassels(shoe: Shoe, x: float) -> None:
    """Two short tassels on the ridge."""
    page, knot = shoe.page, shoe.body.on_ridge(x)
    for way in ((-8, 9), (4, 13)):
        way = np.array(way, float)
        page.shape(ribbon(np.linspace(knot, knot + way, 8), np.linspace(3, 7, 8)), Role.DETAIL)
        for aside in (-1.2, 1.2):
            page.line([knot + 0.4 * way, knot + way + np.array([aside, 0])], Role.DETAIL)
    page.shape(ellipse(knot, 3, 2.5), Role.DETAIL)


def slot(shoe: Shoe, x: float) -> None:
    """The slit in a loafer's saddle."""
    center = shoe.body.on_ridge(x)
    aside = _unit(shoe.body.on_ridge(x, 0.3) - center)
    shoe.page.shape(ellipse(center + 5 * aside, 5, 1.8), Role.DETAIL)


def apron(shoe: Shoe, toe: float, end: float, half: float) -> None:
    """The seam of a moccasin: a U on the front from `toe` to `end` (x), `half` as wide as the shoe."""
    places = np.linspace(toe, end, 40)
    turn = np.clip((places - toe) / (0.5 * (end - toe)), 0, 1)
    path = []
    for place, share in zip(places, half * np.sqrt(1 - (1 - turn) ** 2), strict=True):
        s, angle = shoe.body.girth(place)
        s, angle = s[: len(s) // 2], angle[: len(s) // 2]
        z = shoe.body.place(s, angle)[:, 2]
        index = int(np.argmin(np.abs(z - share * z.max())))
        path.append((s[index], angle[index]))
    near = np.array(path)[::3]
    both = curve(np.vstack([near[::-1], near[1:] * [1, -1]]) * 120) / 120
    shoe.mark(both[:, 0], both[:, 1])


def buckle(shoe: Shoe, s: float, angle: float, length: float, width: float, around: bool = True) -> None:
    """A buckle with a prong on a band that runs `around` the leg, else up the side; `length` is along the band."""
    center = shoe.body.at(s, angle)
    along = _unit((shoe.body.at(s, angle + 0.01) if around else shoe.body.at(s + 0.01, angle)) - center)
    frame = np.stack([along, [-along[1], along[0]]])
    for share in (1.0, 0.6):
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * share * np.array([length, width]) / 2
        shoe.page.shape(corners @ frame + center, Role.DETAIL)
    shoe.page.line(np.array([[-0.1 * length, 0], [0.5 * length, 0]]) @ frame + center, Role.DETAIL)


def pull_tab(shoe: Shoe, height: float = 13.0, width: float = 6.0) -> None:
    """The loop at the back of the opening."""
    x, y = shoe.body.at(1.0, 0.95 * np.pi)
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    shoe.page.shape(rounded([(left, top), (right, top), (right, bottom), (left, bottom)], [2.5, 2.5, 1, 1]))


def badge(shoe: Shoe, s: float, share: float, radius: float) -> None:
    """A round badge on the near side, with a ring inside."""
    angle = float(angle_at(share))
    up, on = (
        np.linalg.norm(place - shoe.body.at(s, angle)) for place in (shoe.body.at(s + 0.01, angle), shoe.body.at(s, angle + 0.01))
    )
    around = np.linspace(0, 2 * np.pi, 40)
    for size in (radius, 0.72 * radius):
        shoe.page.shape(shoe.body.at(s + size * np.sin(around), angle + size * up / on * np.cos(around)), Role.DETAIL)


def _unit(way: np.ndarray) -> np.ndarray:
    return way / np.linalg.norm(way)
