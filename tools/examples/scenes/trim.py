"""What ties the floors of a house together: its wall and roof, moldings, pillars and decoration."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from tools.examples.scenes.house import House


def draw_roof(house: House) -> float:
    """The wall, and what ends it at the top: a molding, an attic, dormers before the sky or a balustrade. Returns its top y."""
    add, rng = house.sheet.add, house.rng
    roof, storey = house.lines[0], house.lines[1] - house.lines[0]
    kind = rng.choice(["plain", "none", "parapet", "attic", "dormers", "balustrade"], p=[0.3, 0.08, 0.14, 0.2, 0.14, 0.14])
    thick = min(storey * rng.uniform(0.14, 0.45), 34.0)
    # The molding of some roofs is wider than the wall, that of others narrower.
    overhang = rng.uniform(-5, 3)
    rise = {"none": 3.0, "parapet": thick + storey * rng.uniform(0.2, 0.6), "attic": thick + storey * 0.75}
    eaves = roof - rise.get(kind, thick)
    add("wall", house.left, eaves, house.right, house.lines[-1])
    if kind != "none":
        add("molding", house.left - overhang, roof - thick, house.right + overhang, roof)
    if kind in ("attic", "dormers"):
        height = rng.uniform(0.35, 0.6)
        small = replace(house.base, height=height, top=0.95 - height, balcony="", sill=house.pick("", house.base.sill))
        for bay in house.bays[:: house.pick(1, 1, 2)]:
            house.draw_window(small, bay, roof - thick - storey * 0.7, roof - thick)
    if kind == "balustrade":
        add("balcony", house.left, roof - thick - storey * 0.18, house.right, roof - thick)
    return eaves


def draw_belts(house: House) -> None:
    """Moldings along the lines between floors."""
    for line, below in pairwise(house.lines[1:]):
        if house.chance(house.manner.belt):
            thick = min(house.pick(4.0, 7.0, 11.0, 16.0), (below - line) * 0.35)
            inset = house.pick(0.0, 0.0, 0.0, house.rng.uniform(2, 20))
            house.sheet.add("molding", house.left + inset, line - thick * 0.6, house.right - inset, line + thick * 0.4)


def draw_pillars(house: House) -> None:
    """Pillars with capital and base over one or more floors: between the bays, at the corners or beside each window."""
    floors = len(house.lines) - 1
    first = int(house.rng.integers(0, floors - 1))
    last = int(house.rng.integers(first + 1, floors))
    between = [(a.center + b.center) / 2 for a, b in pairwise(house.bays)]
    corners = [house.left + 5, house.right - 5]
    beside = [bay.center + side * 0.42 * bay.room for bay in house.bays for side in (-1, 1)]
    places = house.pick(between, between[::2], corners, [*corners, *between], beside)
    half = np.clip(house.bays[0].room * house.rng.uniform(0.05, 0.12), 1.5, 7.0)
    if places is beside:
        half = 1.3
    top, bottom = house.lines[first] + 2, house.lines[last] - 2
    cap = (bottom - top) * 0.07
    for x in places:
        house.sheet.add("pillar", x - half, top, x + half, bottom)
        house.sheet.add("pillar", x - half * 1.5, top, x + half * 1.5, top + cap)
        house.sheet.add("pillar", x - half * 1.5, bottom - cap, x + half * 1.5, bottom)


def draw_decoration(house: House, eaves: float) -> None:
    """One kind of ornament, on the roof whose top is at y = `eaves` or along one of the floors."""
    floor = int(house.rng.integers(len(house.lines) - 1))
    top, bottom = house.lines[floor], house.lines[floor + 1]
    if house.chance(0.55):
        house.pick(_keystones, _panels)(house, top, bottom - top)
    else:
        house.pick(_crown, _dentils, _finials)(house, eaves, house.lines[1] - house.lines[0])


def _crown(house: House, eaves: float, storey: float) -> None:
    """A block over the middle of the roof."""
    middle, reach = (house.left + house.right) / 2, (house.right - house.left) * house.rng.uniform(0.06, 0.2)
    high = storey * house.rng.uniform(0.2, 0.4)
    house.sheet.add("decoration", middle - reach, eaves - high * 0.6, middle + reach, eaves + high * 0.4)


def _dentils(house: House, eaves: float, storey: float) -> None:
    """A row of small blocks hanging from the top of the wall."""
    step = house.rng.uniform(7, 16)
    tall = min(step * house.rng.uniform(0.6, 1.1), storey * 0.3)
    for x in np.arange(house.left + step / 2, house.right, step):
        house.sheet.add("decoration", x - step * 0.22, eaves + 3, x + step * 0.22, eaves + 3 + tall)


def _finials(house: House, eaves: float, storey: float) -> None:
    """Blocks standing on the wall before the sky."""
    reach, tall = house.rng.uniform(3, 8), storey * house.rng.uniform(0.2, 0.5)
    for x in np.linspace(house.left + reach, house.right - reach, house.pick(2, 2, 3, 5)):
        house.sheet.add("decoration", x - reach, eaves - tall, x + reach, eaves + 1)


def _keystones(house: House, top: float, storey: float) -> None:
    """A block over each window of one floor."""
    wide, tall = house.rng.uniform(0.12, 0.4), storey * house.rng.uniform(0.12, 0.22)
    for bay in house.bays:
        house.sheet.add("decoration", bay.center - bay.room * wide, top, bay.center + bay.room * wide, top + tall)


def _panels(house: House, top: float, storey: float) -> None:
    """A panel on the wall between each two windows of one floor."""
    tall = storey * house.rng.uniform(0.15, 0.6)
    for left, right in pairwise(house.bays):
        middle, reach = (left.center + right.center) / 2, (right.center - left.center) * 0.12
        house.sheet.add("decoration", middle - reach, top + (storey - tall) / 2, middle + reach, top + (storey + tall) / 2)
