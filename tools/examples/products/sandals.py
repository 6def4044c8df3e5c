"""Open shoes: a sole with bands over the foot."""

import numpy as np

from tools.examples.products.last import Lift, View
from tools.examples.products.page import Page, Role
from tools.examples.products.shoe_parts import Shoe, level, varied
from tools.examples.products.shoe_trim import buckle
from tools.examples.products.strokes import curve, ribbon

# The foot that the bands go round, itself not drawn.
FOOT = (
    (0.050, 0.000, 0.950, 0.000, 0.140),
    (0.030, 0.040, 0.960, 0.060, 0.145),
    (0.060, 0.085, 0.965, 0.120, 0.140),
    (0.180, 0.120, 0.960, 0.200, 0.132),
    (0.340, 0.165, 0.955, 0.270, 0.118),
    (0.490, 0.230, 0.950, 0.340, 0.102),
    (0.590, 0.370, 0.950, 0.430, 0.090),
)


def sandal(page: Page, view: View) -> None:
    """A sandal: with two broad bands, a thong, a heel and an ankle strap, or for walking."""
    rng = page.rng
    draw = [_footbed, _flip_flop, _heeled, _walking][rng.integers(4)]
    draw(page, view)


def _footbed(page: Page, view: View) -> None:
    rng = page.rng
    rows = varied(rng, FOOT)
    # One slips into it, so the bands lie low.
    rows[3:, 1] *= [0.9, 0.85, 0.82, 0.7]
    rows[-1, 0] = 0.63
    shoe = Shoe(page, view, rows, Lift(spring=0.01), toe=0.6)
    shoe.draw_bed(level(rng.uniform(0.07, 0.1)), margin=0.03, seams=[0.45])
    for x in (0.42, 0.18):
        shoe.open_band(x, 0.13, slant=0.03)
        s, angle = shoe.body.girth(x + 0.065, 0.03)
        at = len(s) // 2 - int(rng.integers(110, 150))
        buckle(shoe, s[at], angle[at], 11, 15, around=False)


def _flip_flop(page: Page, view: View) -> None:
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, FOOT), Lift(spring=0.01), toe=0.6)
    shoe.draw_bed(level(rng.uniform(0.03, 0.06)), margin=0.03, seams=[0.5] if rng.random() < 0.5 else [])
    thick = rng.uniform(10, 14)
    for side in (-1, 1):
        stops = [(0.2, 0, 0), (0.23, 0.08, 0.01), (0.35, 0.135, 0.07), (0.5, 0.1, 0.13), (0.62, 0, 0.145)]
        line = curve(view.project(shoe.lift(np.array(stops) * [1, 1, side])))
        page.shape(ribbon(line, np.linspace(4, thick, len(line))), Role.OUTLINE)


def _heeled(page: Page, view: View) -> None:
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, FOOT), Lift(rng.uniform(0.18, 0.32), 0.015), toe=rng.uniform(0.65, 0.9))
    back = float(shoe.lift(np.array([0.98, 0, 0]))[0])
    shoe.draw_heel(0.025, (0.82, 0.96), (back - 0.09, back - 0.04), (0.08, 0.025), bend=-0.5)
    shoe.draw_bed(level(0.022), margin=0.006)
    shoe.open_ring(0.86, 0.96, -0.04)
    shoe.patch((0.0, 0.8), (0.4, 0.86), (0.88, 0.9), (0.88, 0.985), (0.3, 0.99), (0.0, 0.99))
    if rng.random() < 0.5:
        shoe.open_band(0.33, 0.05, slant=0.06)
    shoe.open_band(0.15, rng.uniform(0.07, 0.13), slant=0.03)
    buckle(shoe, 0.9, 1.5, 8, 9)


def _walking(page: Page, view: View) -> None:
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, FOOT), Lift(spring=0.03), toe=0.6)
    shoe.draw_bed(lambda x: 0.06 + 0.03 * x, margin=0.025, seams=[0.5], tread=int(rng.choice([0, 14])))
    shoe.open_ring(0.84, 0.97, -0.03)
    shoe.patch((0.0, 0.72), (0.4, 0.78), (0.86, 0.86), (0.88, 0.98), (0.5, 0.97), (0.0, 0.9))
    shoe.patch((0.0, 0.46), (0.5, 0.4), (0.86, 0.3), (0.92, 0.42), (0.5, 0.5), (0.0, 0.56))
    shoe.open_band(0.18, 0.1, slant=0.04)
    shoe.page.line(shoe.body.at(0.9, np.linspace(1.2, 1.5, 10)), Role.DETAIL)
