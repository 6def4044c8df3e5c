"""Random map tiles in the style of Google Maps: districts, parks, water, main roads and motorways."""

import numpy as np

from pix2pix.data.palettes import MAP
from tools.examples.scenes.district import District, draw_district
from tools.examples.scenes.lines import beyond, blob, coast, crossing, eased, normals, offset
from tools.examples.scenes.sheet import MapSheet

# Shades beside the palette's, measured like it.
PATH = "#d2cabe"
WOOD = "#bad2ba"
LAWN = "#c2da9e"
SHORE = "#a2c4fa"
RAIL = "#c6c2bb"
KERB = "#dcd8d1"
RAMP = "#fed07c"
MAIN_ROAD_EDGE = "#e8c45c"
MOTORWAY_EDGE = "#ec9622"
MEDIAN = "#fbe3b8"


def town_map(seed: int, size: int = 256) -> np.ndarray:
    """Draws a random map tile as size x size x 3 uint8. `seed` is 0 or more.

    Flat areas have the colors of `palettes.MAP` and a few shades between them; borders are smooth, and there is no text.
    """
    rng = np.random.default_rng(seed)
    sheet = MapSheet(size, MAP["land"])
    streets = draw_district(sheet, rng)
    for _ in range(rng.choice(3, p=[0.5, 0.35, 0.15])):
        _second_district(sheet, rng)
    if rng.random() < 0.32:
        _park(sheet, rng, streets)
    if rng.random() < 0.4:
        _avenue(sheet, rng)
    if rng.random() < 0.16:
        _railway(sheet, rng)
    shore = crossing(rng, bend=60.0, off_center=110) if rng.random() < 0.32 else None
    motorway = _motorway_line(rng, shore) if rng.random() < 0.32 else None
    if motorway is not None:
        _corridor(sheet, rng, motorway)
    if shore is not None:
        _water(sheet, rng, shore)
    if rng.random() < 0.12:
        _main_road(sheet, rng)
    if motorway is not None:
        _motorway(sheet, rng, motorway)
    return sheet.paint()


def _second_district(sheet: MapSheet, rng: np.random.Generator) -> None:
    """Another district on the far side of a road."""
    border = crossing(rng, bend=rng.choice([0.0, 40.0]))
    with sheet.clipped(sheet.region(beyond(border))):
        sheet.polygon(beyond(border), MAP["land"])
        draw_district(sheet, rng)
    sheet.line(border, rng.uniform(4, 7), MAP["minor road"])


def _avenue(sheet: MapSheet, rng: np.random.Generator) -> None:
    """A wide white road that does not care for the grid."""
    sheet.line(crossing(rng, bend=rng.choice([0.0, 0.0, 50.0])), rng.uniform(5, 8), MAP["minor road"])


def _railway(sheet: MapSheet, rng: np.random.Generator) -> None:
    """Thin tracks over everything, or a yard of many side by side."""
    line = crossing(rng, bend=40.0)
    tracks, gap = rng.choice([2, 2, 4, 9]), rng.uniform(1.4, 2.4)
    if tracks > 3:
        sheet.line(line, tracks * gap + 12, MAP["land"])
    for track in range(tracks):
        drift = rng.normal(0, 1.0) * np.sin(np.arange(len(line)) / 14) if tracks > 3 else 0.0
        sheet.line(offset(line, (track - (tracks - 1) / 2) * gap + drift), 0.5, RAIL)


def _park(sheet: MapSheet, rng: np.random.Generator, streets: District) -> None:
    kind = rng.choice(["plot", "side", "blob"], p=[0.55, 0.3, 0.15])
    if kind == "plot":
        outline = streets.plot()
    elif kind == "side":
        outline = beyond(crossing(rng, bend=rng.choice([0.0, 50.0])))
    else:
        outline = blob(rng, rng.uniform(20, 236, 2), rng.uniform(30, 110))
    with sheet.clipped(sheet.region(outline)):
        sheet.polygon(outline, MAP["park"])
        for _ in range(rng.integers(0, 5)):
            sheet.polygon(blob(rng, rng.uniform(0, 256, 2), rng.uniform(6, 20)), LAWN)
        if rng.random() < 0.15:
            sheet.polygon(beyond(crossing(rng, bend=60.0)), WOOD)
        for _ in range(rng.integers(0, 13)):
            sheet.line(_stroll(rng), rng.uniform(1.4, 2.2), PATH)
        for _ in range(rng.choice(3, p=[0.5, 0.3, 0.2])):
            sheet.line(crossing(rng, bend=90.0), rng.uniform(3, 4.5), MAP["minor road"])
        if rng.random() < 0.25:
            pond = blob(rng, outline.mean(axis=0) + rng.normal(0, 15, 2), rng.uniform(6, 18))
            sheet.flood(sheet.region(pond), MAP["water"], SHORE)
    if rng.random() < 0.75:
        sheet.line(np.concatenate([outline, outline[:1]]), rng.uniform(3.5, 6), MAP["minor road"])


def _stroll(rng: np.random.Generator) -> np.ndarray:
    """A path that winds across the picture or runs in a ring."""
    if rng.random() < 0.35:
        ring = blob(rng, rng.uniform(0, 256, 2), rng.uniform(20, 70))
        return np.concatenate([ring, ring[:1]])
    path = crossing(rng, bend=60.0, off_center=128)
    sway = sum(rng.uniform(0, 9) * np.sin(np.arange(len(path)) * rate + rng.uniform(0, 6)) for rate in (0.12, 0.27, 0.5))
    return offset(path, sway)


def _water(sheet: MapSheet, rng: np.random.Generator, shore: np.ndarray) -> None:
    """The sea or a river beyond `shore`, or a lake anywhere."""
    kind = rng.choice(["sea", "river", "lake"], p=[0.64, 0.28, 0.08])
    if kind == "lake":
        outline = blob(rng, rng.uniform(40, 216, 2), rng.uniform(25, 80))
        banks = []
    elif kind == "sea":
        banks = [coast(rng, shore)]
        outline = beyond(banks[0])
    else:
        banks = [coast(rng, shore), coast(rng, offset(shore, rng.uniform(10, 90)))]
        outline = np.concatenate([banks[0], banks[1][::-1]])
    # Streets end before the water, many of them at a road along it.
    free = rng.uniform(4, 14)
    strip = MAP["park"] if rng.random() < 0.3 else MAP["land"]
    road = rng.random() < 0.6
    for bank in banks:
        if road:
            sheet.line(eased(bank), 2 * free + 8, MAP["minor road"])
        sheet.line(eased(bank), 2 * free, strip)
    sheet.flood(sheet.region(outline), MAP["water"], SHORE)
    if kind == "sea" and rng.random() < 0.3:
        _piers(sheet, rng, banks[0])
    for _ in range(rng.choice(3, p=[0.6, 0.3, 0.1])):
        bridge, width = crossing(rng, bend=15.0), rng.uniform(3.5, 6)
        sheet.line(bridge, width + 1.6, KERB)
        sheet.line(bridge, width, MAP["minor road"])


def _piers(sheet: MapSheet, rng: np.random.Generator, bank: np.ndarray) -> None:
    bank = eased(bank)
    away, width, length = normals(bank), rng.uniform(3, 14), rng.uniform(12, 50)
    for place in np.flatnonzero(rng.random(len(bank)) < rng.uniform(0.1, 0.5)):
        reach = length * rng.uniform(0.6, 1.1) * away[place]
        sheet.line(np.stack([bank[place] - 0.3 * reach, bank[place] + reach]), width, MAP["land"])


def _main_road(sheet: MapSheet, rng: np.random.Generator) -> None:
    line, width = crossing(rng, bend=rng.choice([0.0, 40.0])), rng.uniform(5, 9)
    double = rng.random() < 0.3
    for shift in (-5.5, 5.5) if double else (0.0,):
        lane = offset(line, shift)
        sheet.line(lane, width * (0.7 if double else 1.0) + 0.8, MAIN_ROAD_EDGE)
        sheet.line(lane, width * (0.7 if double else 1.0), MAP["main road"])
    if not double:
        sheet.line(line, 0.4, MAIN_ROAD_EDGE)


def _motorway_line(rng: np.random.Generator, shore: np.ndarray | None) -> np.ndarray:
    """Motorways like the waterside."""
    if shore is not None and rng.random() < 0.6:
        return offset(shore, -rng.uniform(16, 50))
    return crossing(rng, bend=70.0, off_center=100)


def _corridor(sheet: MapSheet, rng: np.random.Generator, line: np.ndarray) -> None:
    """The free ground beside a motorway, with a street on either side. Some motorways run right over the streets instead."""
    if rng.random() < 0.35:
        return
    width = rng.uniform(22, 34)
    if rng.random() < 0.7:
        sheet.line(line, width + 7, MAP["minor road"])
    sheet.line(line, width, MAP["park"] if rng.random() < 0.2 else MAP["land"])
    for _ in range(rng.integers(0, 4)):
        place = rng.integers(len(line))
        reach = normals(line)[place] * (width / 2 + 3) + rng.normal(0, 3, 2)
        sheet.line(np.stack([line[place] - reach, line[place] + reach]), rng.uniform(3.5, 5), MAP["minor road"])


def _motorway(sheet: MapSheet, rng: np.random.Generator, line: np.ndarray) -> None:
    width = rng.uniform(8, 12)
    for _ in range(rng.choice(5, p=[0.4, 0.2, 0.2, 0.1, 0.1])):
        _ramp(sheet, rng, line)
    sheet.line(line, width + 0.8, MOTORWAY_EDGE)
    sheet.line(line, width, MAP["motorway"])
    if rng.random() < 0.6:
        sheet.line(line, rng.choice([0.5, 0.9, 2.0]), MEDIAN)


def _ramp(sheet: MapSheet, rng: np.random.Generator, line: np.ndarray) -> None:
    """A lane that leaves the motorway little by little, or loops off it."""
    side = rng.choice([-1, 1])
    if rng.random() < 0.25:
        place, radius = rng.integers(len(line)), rng.uniform(14, 24)
        center = line[place] + side * radius * normals(line)[place]
        angle = np.linspace(0, 2 * np.pi, 50)
        ramp = center + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    else:
        start = rng.integers(10, len(line) - 30)
        away = rng.uniform(10, 60) * np.linspace(0, 1.2, len(line) - start) ** 2
        ramp = offset(line[start:], side * away)
        if rng.random() < 0.5:
            ramp = offset(line[::-1][start:], side * away)
    width = rng.uniform(3.4, 5)
    sheet.line(ramp, width + 0.8, MAIN_ROAD_EDGE)
    sheet.line(ramp, width, RAMP)
