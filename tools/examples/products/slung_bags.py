"""Bags that hang from the shoulder or the hand by long straps."""

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
    straps,
    tassel,
    zipper,
)
from tools.examples.products.page import Page, Role
from tools.examples.products.strokes import bezier, curve, ellipse, lengths, ribbon, rounded


def hobo(page: Page) -> None:
    """A slouching half-moon on one broad strap."""
    rng = page.rng
    half, sag, bottom = rng.uniform(88, 104), rng.uniform(14, 30), rng.uniform(98, 118)
    rise, lean, droop = rng.uniform(80, 98), rng.uniform(-10, 10), rng.uniform(-8, 8)
    horn = -26.0
    line = [
        (-half + 6, horn + 8),
        (-0.66 * half, -0.6 * rise),
        (lean, -rise - 10),
        (0.66 * half, -0.6 * rise),
        (half - 6, horn + 8),
    ]
    handle(page, curve(line), rng.uniform(9, 14), stitched=rng.random() < 0.4)
    below = mirrored([(0.5 * half, bottom - 5), (0.92 * half, bottom - 34), (half + 5, 14), (half, horn)])
    below.insert(len(below) // 2, (droop, bottom))
    above = mirrored([(0, sag), (0.6 * half, 0.35 * sag), (half - 14, horn + 3)])
    body = curve([*above, *below[::-1]], closed=True)
    page.shape(body, Role.OUTLINE)
    pocket = rng.random() < 0.5
    with page.inside(body):
        page.line(curve(mirrored([(0, sag + 9), (0.6 * half, 0.35 * sag + 9), (half + 4, -10)])))
        if not pocket:
            for share in np.linspace(-0.7, 0.7, 4) + rng.uniform(-0.15, 0.15, 4):
                start = sag + 18 - 10 * share**2
                fold(page, (share * half, start), (0.85 * share * half, start + rng.uniform(14, 40)), 0.14 * share)
        if rng.random() < 0.5:
            page.line(curve(mirrored([(0, bottom - 32), (half, bottom - 44)])))
    for side in SIDES:
        ring(page, (side * (half - 6), horn + 4), 7)
    if pocket:
        zipper(page, bezier((-44, sag + 26), (-14, sag + 30), (14, sag + 30), (44, sag + 26)))
    else:
        tassel(page, (half - 8, horn + 10), 40)


def crossbody(page: Page) -> None:
    """A small bag on a long thin strap or a chain."""
    rng = page.rng
    half, bottom, corner = rng.uniform(66, 82), rng.uniform(86, 112), rng.uniform(8, 34)
    rise, lean = rng.uniform(95, 125), rng.uniform(-16, 16)
    side = (0.92 * half, -0.45 * rise)
    stops = [
        (-half + 1, 12),
        (lean / 3 - side[0], side[1]),
        (lean - 16, -rise),
        (lean + 16, -rise),
        (lean / 3 + side[0], side[1]),
    ]
    line = curve([*stops, (half - 1, 12)])
    if rng.random() < 0.3:
        _chain(page, line)
    else:
        handle(page, line, rng.uniform(4, 6.5))
    page.shape(box(-half, 0, half, bottom, [8, 8, corner, corner], [2, 2, 3, 2]), Role.OUTLINE)
    for sign in SIDES:
        ring(page, (sign * (half - 1), 13), 5)
    reach = bottom * rng.uniform(0.52, 0.76)
    if rng.random() < 0.7:
        flap = box(-half - 1, 0, half + 1, reach, [8, 8, corner + 12, corner + 12], [2, 0, rng.uniform(2, 10), 0])
        page.shape(flap, Role.OUTLINE)
        if rng.random() < 0.6:
            hem(page, flap)
        if rng.random() < 0.6:
            lock(page, (0, reach - 6), 16, 18)
        else:
            emblem(page, (0, reach - 16), 10)
    else:
        zipper(page, [(10 - half, 13), (half - 8, 13)])
        page.shape(box(12 - half, 0.42 * bottom, half - 12, bottom - 9, [4, 4, 0.8 * corner, 0.8 * corner]))
        emblem(page, (0, 0.29 * bottom), 8)


def _chain(page: Page, line: np.ndarray) -> None:
    """Links along a line, by turns from the front and from the side."""
    places = lengths(line)
    for index, place in enumerate(np.arange(3, places[-1], 7.5)):
        at = int(np.searchsorted(places, place))
        way = line[min(at + 2, len(line) - 1)] - line[max(at - 2, 0)]
        way = way / np.linalg.norm(way)
        link = ellipse((0, 0), 4.6, 2.6 if index % 2 else 0.6)
        page.line(link @ np.array([way, [-way[1], way[0]]]) + line[at], Role.HANDLE)


def backpack(page: Page) -> None:
    """A backpack from the front: a grip, a front pocket, shoulder straps at the sides."""
    rng = page.rng
    half, bottom, crown = rng.uniform(62, 74), rng.uniform(182, 196), rng.uniform(34, 56)
    handle(page, arch((-17, 6), (17, 6), rng.uniform(18, 24), 0.9), 6)
    side_pockets = rng.random() < 0.7
    for side in SIDES:
        stops = [(half - 26, 26), (half + 8, 0.27 * bottom), (half + 15, 0.6 * bottom), (half - 6, bottom - 12)]
        line = curve([(side * x, y) for x, y in stops])
        page.shape(ribbon(line, np.linspace(13, 7, len(line))), Role.OUTLINE)
        if side_pockets:
            corners = [(half - 6, 0.64 * bottom), (half + 10, 0.66 * bottom), (half + 8, bottom - 6), (half - 6, bottom - 4)]
            page.shape(rounded([(side * x, y) for x, y in corners], 5), Role.OUTLINE)
    page.shape(panel(half - 5, 0, half, bottom, [crown, crown, 18, 18], [3, 4, 2, 4]), Role.OUTLINE)
    pocket = rng.uniform(0.5, 0.58) * bottom
    if rng.random() < 0.4:  # a flap over the top
        page.shape(box(10 - half, pocket, half - 10, bottom - 10, [4, 4, 14, 14], [0, 2, 1, 2]))
        page.shape(panel(half - 4, 8, half + 3, pocket + 6, [crown, crown, 24, 24], [4, 2, 5, 2]), Role.OUTLINE)
        for x in (-0.45 * half, 0.45 * half):
            belt(page, x, pocket - 26, pocket + 34, 5, pocket + 9)
    else:
        zipper(page, arch((9 - half, 0.42 * bottom), (half - 9, 0.42 * bottom), 0.34 * bottom, 0.95), puller=False)
        page.shape(box(10 - half, pocket, half - 10, bottom - 10, [14, 14, 16, 16], [3, 2, 1, 2]))
        zipper(page, bezier((17 - half, pocket + 15), (-20, pocket + 10), (20, pocket + 10), (half - 17, pocket + 15)))
        emblem(page, (0, 0.3 * bottom), 10)


def duffel(page: Page) -> None:
    """A travel or sports bag: a barrel with a zip, straps running round it."""
    rng = page.rng
    half, radius, depth = rng.uniform(74, 86), rng.uniform(46, 58), rng.uniform(20, 28)
    spread, rise, strap = rng.uniform(0.42, 0.52) * half, rng.uniform(46, 66), rng.uniform(7, 10)
    handle(page, arch((12 - spread, 4 - radius), (spread + 12, 4 - radius), rise, 0.6), strap)
    body = box(-half, -radius, half, radius, [22, 4, 4, 24], [2, 0, 3, 5])
    page.shape(body, Role.OUTLINE)
    page.shape(ellipse((half, 0), depth, radius), Role.OUTLINE)
    page.line(ellipse((half + 1, 0), 0.8 * depth, 0.84 * radius), Role.DETAIL)
    page.shape(box(half - 6, -0.42 * radius - 4, half + 9, -0.42 * radius + 6, 2), Role.DETAIL)
    with page.inside(body):
        for lower in (7, 13):
            ends = [(-half + 8, lower + 2 - radius), (half - 0.7 * depth, lower + 2 - radius)]
            page.line(bezier(ends[0], (40 - half, lower - radius), (half - 40, lower - radius), ends[1]), Role.PART)
        page.line(bezier((16 - half, -radius), (8 - half, -20), (8 - half, 20), (18 - half, radius)), Role.DETAIL)
    page.shape(box(4 - spread, -6, spread - 4, radius - 10, [3, 3, 8, 8]))
    if rng.random() < 0.6:
        zipper(page, [(10 - spread, 4), (spread - 8, 4)])
    line = arch((-spread, 22 - radius), (spread, 22 - radius), rise + 18, 0.6)
    straps(page, line, radius + 1, strap)
    if rng.random() < 0.7:
        x, y = line[len(line) // 2]
        page.shape(box(x - 13, y - 7, x + 13, y + 8, 3))
    page.transform([[1, 0], [rng.uniform(-0.02, 0.06), 1]])
