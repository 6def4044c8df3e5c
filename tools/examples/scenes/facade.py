"""Random building facades as label maps in the twelve CMP classes."""

from itertools import pairwise

import numpy as np

from tools.examples.scenes import trim
from tools.examples.scenes.house import MANNERS, House, Manner
from tools.examples.scenes.sheet import LabelSheet


def facade_labels(seed: int, size: int = 256) -> np.ndarray:
    """Draws a random building as size x size x 3 uint8 in exactly the colors of `palettes.FACADE`. `seed` is 0 or more."""
    rng = np.random.default_rng(seed)
    sheet = LabelSheet(rng)
    left, right = _sides(rng)
    # Some photos stop above the front door, some show the pavement; most end about at the ground.
    ground = 256 + rng.choice([rng.uniform(-36, -2), rng.uniform(0, 6), rng.uniform(20, 60)], p=[0.55, 0.27, 0.18])
    roof = rng.choice([rng.uniform(14, 40), rng.uniform(40, 120), rng.uniform(-30, 0)], p=[0.5, 0.34, 0.16])
    storey = rng.choice([rng.uniform(26, 40), rng.uniform(40, 62), rng.uniform(62, 95)], p=[0.3, 0.48, 0.22])
    walls = _party_walls(rng, left, right, storey)
    for start, end in pairwise(walls):
        lift = rng.uniform(-25, 25) if len(walls) > 2 else 0.0
        _draw_house(House(sheet, _manner(rng), start, end, roof + lift, ground, storey * rng.uniform(0.85, 1.15)))
    for start, end in ((0.0, left - 3), (right + 3, 256.0)):
        if end - start > 10 and rng.random() < 0.75:
            _draw_neighbor(sheet, start, end, roof, ground, storey)
    return sheet.paint(size)


def _sides(rng: np.random.Generator) -> tuple[float, float]:
    """Where the building starts and ends: it fills the picture, or leaves sky and neighbors on one side or both."""
    margins = rng.choice([0.0, 5.0, 35.0, 60.0], size=2, p=[0.28, 0.26, 0.32, 0.14]) * rng.uniform(0.5, 1.3, 2)
    return float(margins[0]), float(256 - margins[1])


def _party_walls(rng: np.random.Generator, left: float, right: float, storey: float) -> list[float]:
    """x of the walls of one house or of two adjoining ones."""
    if right - left < 3.2 * storey or rng.random() < 0.8:
        return [left, right]
    return [left, left + (right - left) * rng.uniform(0.3, 0.7), right]


def _manner(rng: np.random.Generator) -> Manner:
    shares, manners = zip(*MANNERS.values(), strict=True)
    return manners[rng.choice(len(manners), p=shares)]


def _draw_house(house: House) -> None:
    eaves = trim.draw_roof(house)
    trim.draw_belts(house)
    house.draw_floors(len(house.lines) - 2)
    house.draw_ground()
    if house.chance(house.manner.pillar):
        trim.draw_pillars(house)
    for _ in range(3):
        if house.chance(house.manner.decoration):
            trim.draw_decoration(house, eaves)


def _draw_neighbor(sheet: LabelSheet, start: float, end: float, roof: float, ground: float, storey: float) -> None:
    """Another building beside ours. The label maps leave its wall unlabeled: its windows hang in the background."""
    rng = sheet.rng
    roof = max(roof + rng.uniform(-10, 70), 4.0)
    house = House(sheet, _manner(rng), start, end, roof, ground, storey * rng.uniform(0.8, 1.2))
    house.draw_floors(len(house.lines) - 1)
