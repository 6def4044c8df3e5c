"""Bags that one looks into."""

from itertools import pairwise

import numpy as np

from tools.examples.products.bag_parts import SIDES, arch, box, emblem, fold, handle, mirrored, panel, ring, straps, tab, tassel
from tools.examples.products.page import Page, Role
from tools.examples.products.strokes import curve, ellipse, ribbon


def tote(page: Page) -> None:
    """A tote: an open top and two long straps."""
    rng = page.rng
    upper, lower = rng.uniform(84, 100), rng.uniform(66, 90)
    top, bottom = 0.0, rng.uniform(110, 135)
    gape, spread, dip = rng.uniform(4, 10), rng.uniform(30, 42), rng.uniform(-6, -1)
    rise, strap, square = rng.uniform(70, 92), rng.uniform(6, 10), rng.uniform(0.2, 0.8)
    handle(page, arch((6 - spread, top - gape + 6), (spread + 6, top - gape + 6), rise, square), strap)
    # The back edge of the opening, then the front over it.
    mouth = [*mirrored([(0.5 * upper, top - gape), (upper, top)]), (0, top + 12)]
    page.shape(curve(mouth, closed=True), Role.OUTLINE)
    body = panel(upper, top, lower, bottom, [1, 1, 10, 10], [dip, rng.uniform(-3, 3), 2, rng.uniform(-3, 3)])
    page.shape(body, Role.OUTLINE)
    style = rng.choice(["plain", "band", "pocket", "folds", "long straps"])
    with page.inside(body):
        if style == "band":
            page.line([(-120, bottom - 36), (120, bottom - 36)])
        elif style == "pocket":
            page.shape(box(-34, top + 38, 34, bottom - 28, [2, 2, 6, 6]))
        elif style == "folds":
            for side in SIDES:
                fold(page, (0.9 * side * upper, top + 8), (0.8 * side * lower, bottom - 18), 0.06 * side)
        page.line(curve(mirrored([(0, top + 11 - dip), (120, top + 11)])), Role.DETAIL)
    drop = bottom if style == "long straps" else top + rng.uniform(22, 40)
    straps(page, arch((-spread, top + 4), (spread, top + 4), rise, square), drop - 1, strap)
    if drop < bottom:
        for x in (-spread, spread):
            for side in SIDES:
                page.line([(x - side * strap / 2, drop - 9), (x + side * strap / 2, drop - 1)], Role.DETAIL)
    if style != "pocket" and rng.random() < 0.4:
        emblem(page, (0, top + 44), 11)


def shopper(page: Page) -> None:
    """A stiff shopping bag seen from the corner, on cords or flat handles."""
    rng = page.rng
    half, bottom, depth = rng.uniform(62, 82), rng.uniform(130, 160), rng.uniform(26, 42)
    rise, lean, cord = 0.4 * depth, rng.uniform(0, 7), rng.uniform(2.6, 8)
    spread, up = 0.45 * half, rng.uniform(44, 64)
    handle(page, arch((depth - spread, 6 - rise), (depth + spread, 6 - rise), up, 0.7), cord)
    page.shape(np.array([(-half, 0), (depth - half, -rise), (half + depth, -rise), (half, 0)]), Role.OUTLINE)
    side = np.array([(half, 0), (half + depth, -rise), (half + depth - lean, bottom - rise), (half - lean, bottom)])
    page.shape(side, Role.OUTLINE)
    knee = (half + 0.5 * depth - 0.8 * lean, 0.68 * bottom)
    page.line([side[:2].mean(axis=0), knee], Role.DETAIL)
    page.line([side[2], knee, side[3]], Role.DETAIL)
    page.shape(panel(half, 0, half - lean, bottom), Role.OUTLINE)
    page.line([(-half, 11), (half, 11)], Role.DETAIL)
    flat = cord > 5
    straps(page, arch((-spread, 6), (spread, 6), up, 0.7), 8 + rng.uniform(0, 24) * flat, cord)
    if not flat:
        for x in (-spread, spread):
            ring(page, (x, 7), 3.4, 1.8)
    print_style, y = rng.integers(3), 0.55 * bottom
    if print_style == 1:
        page.shape(ellipse((0, y), 0.4 * half, 0.4 * half))
    elif print_style == 2:
        page.shape(box(-0.5 * half, y - 14, 0.5 * half, y + 14, 2))
    page.transform([[1, 0], [rng.uniform(0.02, 0.08), 1]])


def bucket(page: Page) -> None:
    """A bucket bag drawn together by a cord."""
    rng = page.rng
    upper, lower, bottom = rng.uniform(58, 70), rng.uniform(60, 78), rng.uniform(110, 130)
    tilt, pinch = rng.uniform(8, 14), rng.uniform(2, 8)
    line = arch((3 - upper, 14), (upper - 3, 14), rng.uniform(84, 104), rng.uniform(0.3, 0.7))
    handle(page, line, rng.uniform(6, 10))
    page.shape(ellipse((0, 0), upper, tilt), Role.OUTLINE)
    angles = np.linspace(np.pi, 0, 60)
    lip = np.stack([np.cos(angles), tilt * np.sin(angles)], axis=1)
    right = curve([(upper, 0), (upper - pinch, 20), (lower - 1, 0.6 * bottom), (lower, bottom - 12)])
    floor = curve(mirrored([(0, bottom + 3), (0.8 * lower, bottom - 3), (lower, bottom - 12)]))
    body = np.vstack([lip * [upper, 1], right, floor[::-1], (right * [-1, 1])[::-1]])
    page.shape(body, Role.OUTLINE)
    with page.inside(body):
        if rng.random() < 0.7:
            page.line(floor - [0, rng.uniform(20, 34)])
        for share in np.linspace(-0.75, 0.75, int(rng.integers(4, 7))):
            y = 24 + tilt * np.sqrt(1 - share**2)
            fold(page, (share * upper, y), (share * (upper + 5), y + rng.uniform(18, 36)), 0.05 * share)
    cord = lip * [upper - pinch, 1] + [0, 19]
    for start in range(4, 52, 14):
        page.line(cord[start : start + 7])
        for end in (start, start + 6):
            page.shape(ellipse(cord[end], 1.8, 2.2), Role.DETAIL)
    for side in SIDES:
        line = curve([(3 * side, 21 + tilt), (9 * side, 40 + tilt), (6 * side, 56 + tilt)])
        page.shape(ribbon(line, 3), Role.DETAIL)
        tassel(page, line[-1], 22)
        tab(page, side * (upper - 5), 8, 9, 22)


def basket(page: Page) -> None:
    """A woven basket."""
    rng = page.rng
    upper, lower, bottom = rng.uniform(90, 104), rng.uniform(60, 74), rng.uniform(88, 106)
    tilt, rise = rng.uniform(9, 15), rng.uniform(62, 84)
    spread, thick = 0.44 * upper, rng.uniform(5, 8)
    angles = np.linspace(np.pi, 0, 90)

    def row(share: float) -> np.ndarray:
        """The front half of a row of the weave, from the left, at a share of the way down."""
        wide = upper + (lower - upper) * share**1.3 + 5 * np.sin(np.pi * share)
        return np.stack([wide * np.cos(angles), share * bottom + (tilt + 2 * share) * np.sin(angles)], axis=1)

    handle(page, arch((7 - spread, 4 - tilt), (spread + 7, 4 - tilt), rise + 8, 0.6), thick)
    page.shape(ellipse((0, 0), upper, tilt), Role.OUTLINE)
    right = np.array([row(share)[-1] for share in np.linspace(0, 1, 40)])
    page.shape(np.vstack([row(0), right, row(1)[::-1], (right * [-1, 1])[::-1]]), Role.OUTLINE)
    step = int(rng.integers(6, 9))
    for index, (above, below) in enumerate(pairwise(np.linspace(0, 1, int(rng.integers(5, 8))))):
        upper_row, lower_row = row(above), row(below)
        if index:
            page.line(upper_row, Role.DETAIL)
        # Every other row is shifted by half a strand.
        for at in range(step // 2 if index % 2 else step, len(angles) - 2, step):
            start, end = upper_row[at], lower_row[at + 2]
            page.line(curve([start, (start + end) / 2 + [1.5, 0], end]), Role.DETAIL)
    handle(page, arch((-spread - 4, tilt + 6), (spread + 4, tilt + 6), rise + 6, 0.6), thick)
    for side in SIDES:
        tab(page, side * (spread + 4), tilt + 2, 11, 22)
