"""Shoes that cover the ankle."""

import numpy as np

from tools.examples.products.last import Lift, View
from tools.examples.products.page import Page, Role
from tools.examples.products.shoe_parts import Shoe, level, varied
from tools.examples.products.shoe_trim import Throat, badge, buckle, lace_bow, tongue

# Levels from the sole up: front x, front y, back x, back y, half width. See `last.Body`.
ANKLE = (
    (0.014, 0.000, 0.965, 0.000, 0.160),
    (0.000, 0.050, 0.980, 0.060, 0.170),
    (0.020, 0.120, 0.985, 0.130, 0.165),
    (0.110, 0.180, 0.975, 0.200, 0.152),
    (0.260, 0.245, 0.960, 0.290, 0.132),
    (0.410, 0.345, 0.945, 0.390, 0.120),
    (0.510, 0.480, 0.945, 0.500, 0.115),
    (0.550, 0.630, 0.960, 0.620, 0.118),
)
TALL = (
    (0.030, 0.000, 0.960, 0.000, 0.145),
    (0.000, 0.050, 0.985, 0.060, 0.160),
    (0.045, 0.115, 0.995, 0.130, 0.158),
    (0.190, 0.185, 0.980, 0.220, 0.140),
    (0.360, 0.285, 0.955, 0.320, 0.118),
    (0.470, 0.450, 0.935, 0.470, 0.108),
    (0.510, 0.780, 0.950, 0.780, 0.120),
    (0.500, 1.170, 0.990, 1.170, 0.142),
)
RUBBER = (
    (0.014, 0.000, 0.972, 0.000, 0.170),
    (0.000, 0.060, 0.985, 0.060, 0.180),
    (0.040, 0.140, 0.990, 0.140, 0.180),
    (0.200, 0.215, 0.980, 0.230, 0.165),
    (0.350, 0.310, 0.970, 0.330, 0.150),
    (0.430, 0.460, 0.965, 0.470, 0.145),
    (0.440, 0.700, 0.975, 0.700, 0.155),
    (0.430, 0.980, 0.990, 0.980, 0.165),
)


def high_top(page: Page, view: View) -> None:
    """A canvas basketball shoe with a rubber toe."""
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, ANKLE), Lift(spring=0.015), toe=rng.uniform(0.5, 0.65), dip=rng.uniform(0.02, 0.05))
    shoe.draw_upper()
    tongue(shoe, rng.uniform(0.05, 0.09), 0.45)
    bottom = rng.uniform(0.5, 0.56)
    throat = Throat(shoe, bottom, 0.3, 0.42)
    throat.draw()
    shoe.seam((1, 0.26), (0.8, 0.26), (0.55, 0.2), (0.35, 0.22), (0, 0.3))
    shoe.toe_cap(0.38, 0.17)
    if rng.random() < 0.7:
        shoe.seam((1, 0.9), (0.7, 0.9), (0.4, 0.9), (0, 0.88))
    if rng.random() < 0.6:
        badge(shoe, 0.72, 0.6, 0.07)
    throat.lace(int(rng.integers(6, 8)), crossed=rng.random() < 0.6, thick=3.6)
    if rng.random() < 0.3:
        lace_bow(shoe, 0.97)
    shoe.draw_sole(level(rng.uniform(0.035, 0.05)), 0.05, seams=[0.75, 0.3])


def boot(page: Page, view: View) -> None:
    """A tall boot: for riding or town, laced for work, or western."""
    (_riding, _laced, _western)[page.rng.choice(3, p=[0.5, 0.28, 0.22])](page, view)


def _riding(page: Page, view: View) -> None:
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, TALL), Lift(rng.uniform(0.03, 0.07), 0.015), toe=rng.uniform(0.55, 0.75), dip=0)
    shoe.draw_heel(0.03, (0.7, 0.985), (0.72, 0.965), (0.125, 0.11))
    shoe.draw_upper()
    if rng.random() < 0.5:  # a zip
        shoe.seam((0.98, 0.58), (0.75, 0.58), (0.5, 0.6), (0.12, 0.62))
        shoe.seam((0.98, 0.62), (0.75, 0.62), (0.5, 0.64), (0.12, 0.65), role=Role.DETAIL, stitched=True)
    else:
        shoe.seam((1, 0.88), (0.7, 0.88), (0.45, 0.88), (0, 0.86))
        shoe.ring(0.92, 0.96)
    if rng.random() < 0.6:
        shoe.ring(0.54, 0.58, 0.05)
        buckle(shoe, 0.585, 1.5, 10, 11)
    else:
        shoe.seam((0, 0.4), (0.3, 0.38), (0.5, 0.22), (0.54, 0.0), (0.5, -0.2))
    shoe.draw_sole(level(0.03), 0.01, margin=0.014)


def _laced(page: Page, view: View) -> None:
    rng = page.rng
    rows = varied(rng, TALL)
    rows[-2:, [1, 3]] -= [[0.1], [0.35]]
    shoe = Shoe(page, view, rows, Lift(0.03, 0.015), toe=rng.uniform(0.5, 0.65), dip=rng.uniform(0.03, 0.06))
    shoe.draw_upper()
    tongue(shoe, 0.05, 0.4)
    throat = Throat(shoe, 0.5, 0.36, 0.46)
    throat.draw()
    shoe.seam((1, 0.24), (0.8, 0.24), (0.6, 0.2), (0.45, 0.1), (0.44, 0.0))
    shoe.toe_cap(0.38, 0.2)
    shoe.seam((0.0, 0.6), (0.3, 0.66), (0.55, 0.75), (0.6, 1.0))
    throat.lace(int(rng.integers(7, 9)), crossed=rng.random() < 0.7, thick=3.2)
    heel = rng.uniform(0.03, 0.05)
    shoe.draw_sole(lambda x: 0.035 + heel * (x > 0.68), 0.02, margin=0.022, seams=[0.6], tread=int(rng.choice([0, 14])))


def _western(page: Page, view: View) -> None:
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, TALL), Lift(0.1, 0.015), toe=0.9, dip=rng.uniform(0.06, 0.1))
    shoe.draw_heel(0.03, (0.7, 0.985), (0.74, 0.955), (0.125, 0.1))
    shoe.draw_upper()
    shoe.seam((0, 0.42), (0.3, 0.4), (0.5, 0.28), (0.66, 0.1), (0.68, 0.0), (0.66, -0.1))
    shoe.seam((0, 0.78), (0.3, 0.8), (0.55, 0.84), (0.62, 1.0))
    shoe.seam((1, 0.52), (0.7, 0.53), (0.45, 0.55), (0.2, 0.56), (0, 0.56), role=Role.DETAIL)
    for low in (0.68, 0.76):
        shoe.seam((1, 0.06), (low + 0.06, 0.2), (low, 0.26), (low + 0.06, 0.32), (1, 0.44), role=Role.DETAIL, stitched=True)
    shoe.patch((0.9, 0.46), (1.02, 0.46), (1.02, 0.58), (0.9, 0.58))
    shoe.draw_sole(level(0.03), 0.01, margin=0.014)


def ankle_boot(page: Page, view: View) -> None:
    """A short boot on a heel: elastic at the side, a zip, or a strap."""
    rng = page.rng
    rows = varied(rng, ANKLE)
    rows[:, 4] *= 0.92
    height = rng.uniform(0.06, 0.26)
    shoe = Shoe(page, view, rows, Lift(height, 0.015), toe=rng.uniform(0.7, 1.0), dip=rng.choice([-0.02, 0.0, 0.06]))
    back = float(shoe.lift(np.array([0.98, 0, 0]))[0])
    if height > 0.15 and rng.random() < 0.5:
        shoe.draw_heel(0.025, (0.8, 0.975), (back - 0.09, back - 0.025), (0.09, 0.025), bend=-0.5)
    else:
        shoe.draw_heel(0.025, (0.72, 0.975), (back - 0.21, back - 0.03), (0.115, 0.095))
    shoe.draw_upper()
    style = rng.choice(["elastic", "zip", "strap"])
    if style == "elastic":
        shoe.seam((1, 0.34), (0.75, 0.4), (0.5, 0.5), (0.47, 0.54), (0.5, 0.58), (0.75, 0.66), (1, 0.7))
        for share in np.linspace(0.44, 0.6, 3):
            shoe.seam((0.97, share), (0.62, 0.54 + (share - 0.54) * 0.5), role=Role.DETAIL)
    elif style == "zip":
        shoe.seam((1, 0.56), (0.6, 0.58), (0.14, 0.6))
        shoe.seam((1, 0.6), (0.6, 0.62), (0.14, 0.63), role=Role.DETAIL)
        shoe.seam((0, 0.34), (0.3, 0.3), (0.5, 0.12), (0.53, 0.0), (0.5, -0.1))
    else:
        shoe.ring(0.58, 0.68, 0.06)
        buckle(shoe, 0.66, 1.5, 11, 13)
        shoe.seam((1, 0.86), (0.7, 0.87), (0.4, 0.88), (0, 0.86))
    shoe.draw_sole(level(0.025), 0.008, margin=0.01)


def wellington(page: Page, view: View) -> None:
    """A rubber boot."""
    rng = page.rng
    rows = varied(rng, RUBBER)
    rows[-2:, [1, 3]] -= np.array([[0.4], [1.0]]) * rng.uniform(0, 0.25)
    shoe = Shoe(page, view, rows, Lift(0.015, 0.015), toe=0.5, heel=0.6, dip=0)
    shoe.draw_upper()
    shoe.mark(0.945, np.linspace(-np.pi, np.pi, 200))
    if rng.random() < 0.6:
        shoe.toe_cap(0.34, 0.3, bulge=2.5)
    if rng.random() < 0.6:
        shoe.seam((0, 0.72), (0.25, 0.76), (0.4, 0.86), (0.42, 1.0))
    if rng.random() < 0.5:
        shoe.patch((0.8, 0.3), (0.85, 0.3), (0.85, 0.85), (0.8, 0.85))
        buckle(shoe, 0.825, 1.5, 10, 12)
    elif rng.random() < 0.6:
        shoe.patch((0.8, 0.3), (0.8, 0.46), (0.88, 0.46), (0.88, 0.3))
    shoe.mark(0.5, np.linspace(0.0, 0.9, 30), Role.DETAIL)
    shoe.mark(0.545, np.linspace(0.1, 0.7, 30), Role.DETAIL)
    shoe.draw_sole(lambda x: 0.03 + 0.035 * (x > 0.68), 0.035, margin=0.018, seams=[0.8], tread=int(rng.choice([0, 12, 16])))
