"""Bags that keep their shape."""

import numpy as np

from tools.examples.products.bag_parts import (
    SIDES,
    arch,
    belt,
    box,
    emblem,
    fold,
    handle,
    hem,
    lock,
    mirrored,
    panel,
    ring,
    stitches,
    tab,
    zipper,
)
from tools.examples.products.page import Page, Role
from tools.examples.products.strokes import curve, ellipse, ribbon, rounded


def satchel(page: Page) -> None:
    """A school satchel: a flap with buckled straps, a grip on top."""
    rng = page.rng
    half, top, height = rng.uniform(82, 100), 0.0, rng.uniform(115, 150)
    bottom, depth = top + height, rng.uniform(14, 26)
    rise, grip = 0.35 * depth, rng.uniform(0.32, 0.44) * half
    feet = [(side * grip + depth / 2, top - 3) for side in SIDES]
    handle(page, arch(*feet, rng.uniform(20, 32), 0.9), rng.uniform(6, 9))
    side = [(half - 2, top), (half + depth, top - rise), (half + depth, bottom - rise), (half - 2, bottom)]
    page.shape(rounded(side, [0, 3, 4, 0]), Role.OUTLINE)
    fold(page, (half + 0.5 * depth, top), (half + 0.5 * depth, bottom - 0.4 * rise), 0.04)
    # The top, over which the flap runs to the back.
    page.shape(np.array([(-half, top), (depth - half, top - rise), (half + depth, top - rise), (half, top)]), Role.OUTLINE)
    for x, _ in feet:
        page.shape(box(x - 7, top - rise - 1, x + 7, top - 1, 2), Role.DETAIL)
    page.shape(box(-half, top, half, bottom, [2, 2, 5, 12]), Role.OUTLINE)
    if rng.random() < 0.5:
        page.shape(box(14 - half, top + 0.45 * height, half - 14, bottom - 8, [2, 2, 8, 8]))
    reach, corner = top + height * rng.uniform(0.5, 0.68), rng.uniform(10, 34)
    flap = box(-half - 2, top, half + 2, reach, [2, 2, corner, corner], [0, 0, rng.uniform(0, 8), 0])
    page.shape(flap, Role.OUTLINE)
    if rng.random() < 0.5:
        with page.inside(flap):
            stitches(page, box(3 - half, top - 10, half - 3, reach - 5, [2, 2, corner, corner]))
    if rng.random() < 0.75:
        strap = rng.uniform(5, 7)
        for x in (-0.54 * half, 0.54 * half):
            belt(page, x, top + 2, min(bottom - 10, reach + 26), strap, reach + 2)
    else:
        lock(page, (0, reach - 4), 20, 24)
    page.transform([[1, 0], [rng.uniform(0.02, 0.07), 1]])


def handbag(page: Page) -> None:
    """A handbag with two round handles."""
    rng = page.rng
    lower, upper = rng.uniform(88, 100), rng.uniform(66, 92)
    top, bottom = 0.0, rng.uniform(100, 125)
    spread, rise = rng.uniform(0.45, 0.58) * min(upper, lower), rng.uniform(58, 80)
    square, thick = rng.uniform(0.55, 1.0), rng.uniform(5, 8)
    handle(page, arch((7 - spread, top + 2), (spread + 7, top + 2), rise + 7, square), thick)
    sides = rng.uniform(-2, 5)
    body = panel(upper, top, lower, bottom, [3, 3, 14, 14], [rng.uniform(-3, 3), sides, 2, sides])
    page.shape(body, Role.OUTLINE)
    for x in (-0.7 * lower, 0.7 * lower):
        page.shape(box(x - 4, bottom + 1, x + 4, bottom + 5, 2), Role.DETAIL)
    with page.inside(body):
        style = rng.integers(3)
        if style == 0:  # corners of other leather
            for side in SIDES:
                stops = [(lower - 38, bottom + 2), (lower - 34, bottom - 22), (lower + 2, bottom - 40)]
                page.line(curve([(side * x, y) for x, y in stops]))
        elif style == 1:  # seams down the front
            for side in SIDES:
                stops = [(spread, top), (spread + 4, (top + bottom) / 2), (spread + 14, bottom)]
                page.line(curve([(side * x, y) for x, y in stops]))
        else:  # a band below
            page.line(curve(mirrored([(0, bottom - 31), (lower + 4, bottom - 34)])))
        page.line(curve(mirrored([(0, top + 14), (upper + 12, top + 13)])), Role.DETAIL)
    handle(page, arch((-spread, top + 14), (spread, top + 14), rise, square), thick)
    for x in (-spread, spread):
        ring(page, (x, top + 15), 5.5)
        tab(page, x, top + 18, 11, 20)
    if rng.random() < 0.6:
        page.shape(box(-9, top - 4, 9, top + 36, [2, 2, 9, 9]))
        lock(page, (0, top + 25), 11, 14)
    else:
        emblem(page, (0, top + 44), 12)


def doctor_bag(page: Page) -> None:
    """A doctor's bag: a hinged frame over a bulging body, one grip."""
    rng = page.rng
    upper, top, bottom = rng.uniform(62, 74), 0.0, rng.uniform(98, 120)
    lower, grip = upper + rng.uniform(20, 34), 0.42 * upper
    handle(page, arch((-grip, top - 14), (grip, top - 14), rng.uniform(26, 38), 0.95), rng.uniform(7, 10))
    body = panel(upper, top, lower, bottom, [4, 4, 16, 16], [0, 9, 2, 9])
    page.shape(body, Role.OUTLINE)
    corners, band, belts = rng.random(3) < [0.6, 0.35, 0.6]
    with page.inside(body):
        for side in SIDES:
            seams = [[(0.86 * upper, top), (upper + 2, 0.5 * bottom), (lower - 26, bottom)]]
            if corners:
                seams.append([(lower - 44, bottom), (lower - 41, bottom - 24), (lower + 6, bottom - 36)])
            for stops in seams:
                page.line(curve([(side * x, y) for x, y in stops]))
        if band:
            page.line(curve(mirrored([(0, 0.65 * bottom), (lower, 0.62 * bottom)])))
    page.shape(panel(upper - 5, top - 16, upper + 5, top + 6, 4, [3, 0, 0, 0]), Role.OUTLINE)
    page.line([(-upper, top - 5), (upper, top - 5)], Role.DETAIL)
    for x in (-grip, grip):
        page.shape(box(x - 6, top - 20, x + 6, top - 9, 2), Role.DETAIL)
    lock(page, (0, top + 2), 18, 16)
    if belts:
        for x in (-0.5 * upper, 0.5 * upper):
            belt(page, x, top + 4, top + 40, 5.5, top + 24)


def clutch(page: Page) -> None:
    """A clutch: an envelope, a purse with a clasp, or a zip and a wrist strap."""
    rng = page.rng
    half, height = rng.uniform(100, 112), rng.uniform(105, 138)
    (_envelope, _purse, _wristlet)[rng.integers(3)](page, half, height)
    page.transform([[1, 0], [rng.uniform(-0.08, 0.08), 1]])


def _envelope(page: Page, half: float, height: float) -> None:
    rng = page.rng
    page.shape(box(-half, 0, half, height, [3, 3, 8, 8]), Role.OUTLINE)
    point = height * rng.uniform(0.52, 0.7)
    flap = rounded([(-half, 0), (half, 0), (half, 8), (0, point), (-half, 8)], [3, 3, 4, rng.uniform(4, 40), 4])
    page.shape(flap, Role.OUTLINE)
    if rng.random() < 0.5:
        hem(page, flap)
    ring(page, (0, point - 14), 6)


def _purse(page: Page, half: float, height: float) -> None:
    rng = page.rng
    for x, y in ((-4, -6.4), (4, -9.6)):
        page.shape(ellipse((x, y), 6.5, 6.5), Role.OUTLINE)
    page.shape(panel(half - 8, 0, half, height, [20, 20, 30, 30], [2, 6, 6, 6]), Role.OUTLINE)
    frame = curve(mirrored([(0, 7), (half - 30, 9), (half - 8, 18), (half - 4, 0.42 * height)]))
    page.shape(ribbon(frame, 5))
    for share in np.linspace(-0.66, 0.66, int(rng.integers(4, 7))):
        fold(page, (0.9 * share * half, 16), (1.05 * share * half, 0.65 * height), 0.04 * share)


def _wristlet(page: Page, half: float, height: float) -> None:
    rng = page.rng
    left = 8 - half
    page.shape(box(left, 0, half, height, rng.uniform(6, 20), [2, 0, 2, 0]), Role.OUTLINE)
    zipper(page, [(left + 8, 12), (half - 10, 12)])
    if rng.random() < 0.6:
        page.line([(left, 0.42 * height), (half, 0.42 * height)])
    emblem(page, (half - 34, height - 22), 11)
    loop = [(0, 8), (-18, 30), (-20, 0.7 * height), (-4, 0.85 * height), (4, 0.6 * height), (0, 16)]
    page.shape(ribbon(curve([(left + x, y) for x, y in loop]), 6))
    ring(page, (left + 1, 11), 5)
