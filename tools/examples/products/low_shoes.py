"""Shoes that end below the ankle."""

import numpy as np

from tools.examples.products.last import Lift, View
from tools.examples.products.page import Page, Role
from tools.examples.products.shoe_parts import Shoe, level, varied
from tools.examples.products.shoe_trim import Throat, apron, lace_bow, pull_tab, ribbon_bow, slot, tassels, tongue

# Levels from the sole up: front x, front y, back x, back y, half width. See `last.Body`.
TRAINER = (
    (0.014, 0.000, 0.975, 0.000, 0.170),
    (0.000, 0.055, 0.990, 0.060, 0.180),
    (0.012, 0.130, 1.000, 0.120, 0.180),
    (0.085, 0.195, 0.990, 0.190, 0.172),
    (0.220, 0.250, 0.980, 0.255, 0.158),
    (0.370, 0.320, 0.970, 0.325, 0.130),
    (0.480, 0.405, 0.965, 0.390, 0.110),
)
DRESS = (
    (0.020, 0.000, 0.960, 0.000, 0.135),
    (0.000, 0.040, 0.985, 0.060, 0.150),
    (0.030, 0.095, 0.995, 0.120, 0.150),
    (0.120, 0.145, 0.985, 0.180, 0.145),
    (0.250, 0.195, 0.975, 0.235, 0.130),
    (0.370, 0.265, 0.965, 0.295, 0.115),
    (0.460, 0.335, 0.960, 0.345, 0.100),
)
SLIPPER = (
    (0.020, 0.000, 0.960, 0.000, 0.130),
    (0.000, 0.040, 0.985, 0.060, 0.145),
    (0.040, 0.085, 0.995, 0.110, 0.144),
    (0.110, 0.110, 0.985, 0.160, 0.146),
    (0.190, 0.125, 0.975, 0.205, 0.145),
)


def sneaker(page: Page, view: View) -> None:
    """A low canvas or leather sneaker with a flat sole."""
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, TRAINER), Lift(spring=0.015), toe=rng.uniform(0.5, 0.7), dip=rng.uniform(0.06, 0.1))
    shoe.draw_upper()
    tongue(shoe, rng.uniform(0.04, 0.07), 0.6)
    bottom = rng.uniform(0.52, 0.6)
    throat = Throat(shoe, bottom, 0.3, 0.5)
    throat.draw()
    style = rng.integers(3)
    if style == 0:  # the facing runs down to the sole
        shoe.seam((1, 0.24), (0.78, 0.22), (0.5, 0.27), (0, 0.36))
        shoe.toe_cap(0.42, 0.2)
    elif style == 1:  # the facing curves round the laces
        shoe.seam((1, 0.24), (0.8, 0.2), (0.6, 0.12), (0.49, 0.0), (0.5, -0.06))
        shoe.seam((0, 0.68), (0.35, 0.72), (0.7, 0.82), (0.8, 1.0))
    else:  # panels with a stripe between
        shoe.seam((1, 0.26), (0.8, 0.24), (0.62, 0.2), (0.46, 0.0), (0.5, -0.06))
        shoe.patch((0.1, 0.5), (0.92, 0.34), (0.93, 0.42), (0.1, 0.6))
        shoe.seam((0, 0.74), (0.4, 0.77), (0.72, 0.85), (0.8, 1.0))
    if rng.random() < 0.5:
        shoe.seam((1, 0.9), (0.85, 0.93), (0.6, 0.94), (0, 0.92))
    throat.lace(int(rng.integers(4, 6)), crossed=rng.random() < 0.5)
    if rng.random() < 0.3:
        lace_bow(shoe, 0.97)
    shoe.draw_sole(level(rng.uniform(0.03, 0.06)), 0.05, seams=[rng.choice([0.3, 0.7])] if rng.random() < 0.7 else [])


def runner(page: Page, view: View) -> None:
    """A running shoe: a thick springy sole, stripes, a padded collar."""
    rng = page.rng
    rows = varied(rng, TRAINER)
    rows[:, 4] *= 0.94
    shoe = Shoe(page, view, rows, Lift(0.03, rng.uniform(0.03, 0.06)), toe=rng.uniform(0.6, 0.8), dip=rng.uniform(0.09, 0.12))
    shoe.draw_upper()
    tongue(shoe, rng.uniform(0.05, 0.08), 0.6)
    if rng.random() < 0.6:
        pull_tab(shoe)
    bottom = rng.uniform(0.55, 0.62)
    throat = Throat(shoe, bottom, 0.28, 0.48)
    throat.draw()
    shoe.seam((1, 0.24), (0.8, 0.21), (0.63, 0.14), (0.52, 0.0), (0.53, -0.05))
    stripes = int(rng.integers(2, 4))
    for start in np.linspace(0.36, 0.36 + 0.085 * stripes, stripes, endpoint=False):
        shoe.patch((0.1, start + 0.08), (0.84, start - 0.05), (0.86, start - 0.01), (0.1, start + 0.125))
    shoe.seam((0.18, 0.45), (0.36, 0.2), (0.42, 0.08), (0.4, 0.0), (0.38, -0.1))
    shoe.seam((0.1, 0.76), (0.45, 0.79), (0.72, 0.86), (0.8, 1.0))
    if rng.random() < 0.6:
        shoe.seam((0.93, 0.3), (0.9, 0.55), (0.88, 0.8), (0.86, 1.0), role=Role.DETAIL)
    throat.lace(int(rng.integers(5, 7)), crossed=rng.random() < 0.6, thick=3.6, eyelets=False)
    heel, phase = rng.uniform(0.07, 0.11), rng.uniform(0, 6)
    shoe.draw_sole(
        lambda x: 0.03 + (heel - 0.03) * x**0.8,
        lambda x: 0.05 + 0.035 * x + 0.012 * np.sin(9 * x + phase),
        margin=0.02,
        flare=0.6,
        seams=[0.28],
        tread=int(rng.choice([0, 14, 18])),
    )


def ballet_flat(page: Page, view: View) -> None:
    """A ballet flat, often with a bow."""
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, SLIPPER), Lift(0.015, 0.01), toe=rng.uniform(0.6, 0.95), dip=rng.uniform(0.05, 0.08))
    shoe.draw_upper(lining=False)
    shoe.draw_insole()
    shoe.collar(0.13, stitched=rng.random() < 0.3)
    trim = rng.random()
    if trim < 0.3:
        shoe.toe_cap(0.72, 0.13, bulge=3)
    elif trim < 0.5:
        shoe.seam((1, 0.55), (0.6, 0.57), (0, 0.55), role=Role.DETAIL)
    if rng.random() < 0.75:
        ribbon_bow(shoe, 0.93, rng.uniform(13, 18))
    shoe.draw_sole(level(rng.uniform(0.015, 0.03)), margin=0.008)


def pump(page: Page, view: View) -> None:
    """A court shoe on a stiletto, kitten or block heel."""
    rng = page.rng
    height = rng.uniform(0.16, 0.36)
    shoe = Shoe(page, view, varied(rng, SLIPPER), Lift(height, 0.015), toe=rng.uniform(0.75, 1.2), dip=rng.uniform(0.07, 0.12))
    back = float(shoe.lift(np.array([0.98, 0, 0]))[0])
    if rng.random() < 0.3:  # a block
        shoe.draw_heel(0.02, (0.78, 0.985), (back - 0.17, back - 0.015), (0.1, 0.085))
    else:
        slim = rng.uniform(0.3, 1)
        foot = back - 0.025 - 0.045 * slim, back - 0.025
        shoe.draw_heel(0.02, (0.82, 0.985), foot, (0.075, 0.008 + 0.012 * slim), bend=rng.uniform(-0.8, -0.3))
    shoe.draw_upper(lining=False)
    shoe.draw_insole()
    trim = rng.random()
    if trim < 0.25:
        ribbon_bow(shoe, 0.9, 14)
    elif trim < 0.45:
        shoe.toe_cap(0.75, 0.14, bulge=3)
    elif trim < 0.65:
        shoe.collar(0.12)
    platform = rng.uniform(0.05, 0.07) if rng.random() < 0.2 else 0.018
    shoe.draw_sole(lambda x: 0.018 + (platform - 0.018) * np.clip((0.5 - x) / 0.15, 0, 1), margin=0.006)


def loafer(page: Page, view: View) -> None:
    """A loafer with an apron and a saddle strap."""
    rng = page.rng
    rows = varied(rng, DRESS)[:-1]
    shoe = Shoe(page, view, rows, Lift(0.035, 0.015), toe=rng.uniform(0.6, 0.8), dip=rng.uniform(0.05, 0.08))
    shoe.draw_heel(0.025, (0.72, 0.985), (0.735, 0.97), (0.115, 0.11))
    shoe.draw_upper(lining=False)
    shoe.draw_insole(0.5)
    apron(shoe, 0.09, 0.36, 0.62)
    shoe.band(0.3, 0.09, slant=rng.uniform(-0.03, 0.08), bottom=rng.choice([0.0, 0.25]))
    if rng.random() < 0.5:
        slot(shoe, 0.345)
    else:
        tassels(shoe, 0.345)
    shoe.draw_sole(level(0.022), 0.012, margin=0.014)


def oxford(page: Page, view: View) -> None:
    """A laced dress shoe with toe cap and heel."""
    rng = page.rng
    shoe = Shoe(page, view, varied(rng, DRESS), Lift(0.04, 0.015), toe=rng.uniform(0.65, 0.95), dip=rng.uniform(0.06, 0.09))
    shoe.draw_heel(0.025, (0.72, 0.985), (0.735, 0.97), (0.115, 0.11))
    shoe.draw_upper()
    tongue(shoe, 0.035, 0.4)
    bottom = rng.uniform(0.62, 0.68)
    throat = Throat(shoe, bottom, 0.12, 0.3)
    throat.draw()
    if rng.random() < 0.7:
        shoe.toe_cap(0.48, 0.2, bulge=1.6)
        shoe.toe_cap(0.52, 0.22, bulge=1.6, role=Role.DETAIL, stitched=True)
    shoe.seam((0, 0.52), (0.4, 0.45), (0.6, 0.25), (0.6, 0.1), (bottom - 0.03, 0.0))
    if rng.random() < 0.5:
        shoe.seam((0, 0.55), (0.43, 0.48), (0.68, 0.27), (1, 0.24), role=Role.DETAIL, stitched=True)
    shoe.seam((0, 0.78), (0.4, 0.8), (0.75, 0.9), (0.85, 1.0))
    throat.lace(int(rng.integers(3, 5)), crossed=False, thick=3.4)
    if rng.random() < 0.6:
        lace_bow(shoe, 0.95, 15)
    shoe.draw_sole(level(0.025), 0.012, margin=0.02, seams=[0.55])


def velcro(page: Page, view: View) -> None:
    """A chunky child's shoe closed by straps."""
    rng = page.rng
    rows = varied(rng, TRAINER)
    rows[:, 4] *= 1.18
    rows[:, [1, 3]] *= 1.15
    shoe = Shoe(page, view, rows, Lift(spring=0.03), toe=0.5, dip=rng.uniform(0.06, 0.09))
    shoe.draw_upper()
    tongue(shoe, rng.uniform(0.06, 0.085), 0.6)
    if rng.random() < 0.6:
        pull_tab(shoe)
    shoe.seam((0.05, 0.42), (0.34, 0.22), (0.42, 0.1), (0.42, 0.0), (0.4, -0.1))
    shoe.seam((0, 0.7), (0.4, 0.74), (0.75, 0.84), (0.82, 1.0))
    count = int(rng.integers(2, 4))
    for x in np.linspace(0.24, 0.5, count, endpoint=False):
        shoe.band(x, 0.2 / count, slant=0.07, bottom=0.4, tip=True)
    shoe.draw_sole(
        level(rng.uniform(0.04, 0.06)), lambda x: 0.05 + 0.05 * np.clip(0.2 - x, 0, 1) / 0.2, margin=0.022, seams=[0.35]
    )
