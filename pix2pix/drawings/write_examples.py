"""Writes the pictures in examples/: `python -m pix2pix.drawings.write_examples [FOLDER]`, from the root of the repository."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.drawings import bag, shoe
from pix2pix.files import write_atomically
from pix2pix.scenes import facade_labels, town_map

FOLDER = Path("examples")
# Name, kind and seed, chosen by eye.
SHOES = (
    ("sneaker", "sneaker", 23),
    ("high_top", "high_top", 24),
    ("running_shoe", "runner", 24),
    ("boot", "boot", 28),
    ("ankle_boot", "ankle_boot", 23),
    ("ballet_flat", "ballet_flat", 21),
    ("pump", "pump", 21),
    ("sandal", "sandal", 28),
    ("loafer", "loafer", 28),
    ("oxford", "oxford", 29),
    ("wellington", "wellington", 25),
    ("velcro_shoe", "velcro", 23),
    ("laced_boot", "boot", 22),
    ("flip_flop", "sandal", 31),
    ("heeled_sandal", "sandal", 35),
    ("elastic_boot", "ankle_boot", 21),
)
BAGS = (
    ("tote", "tote", 23),
    ("satchel", "satchel", 24),
    ("bucket_bag", "bucket", 22),
    ("envelope_clutch", "clutch", 24),
    ("backpack", "backpack", 25),
    ("duffel", "duffel", 24),
    ("shopper", "shopper", 27),
    ("hobo", "hobo", 20),
    ("handbag", "handbag", 22),
    ("crossbody", "crossbody", 28),
    ("doctor_bag", "doctor_bag", 27),
    ("basket", "basket", 25),
    ("clasp_purse", "clutch", 27),
    ("rucksack", "backpack", 27),
    ("chain_bag", "crossbody", 26),
    ("long_strap_tote", "tote", 25),
)
FACADES = (9, 13, 15, 18, 25, 32, 38, 47)
TOWNS = (2, 7, 9, 12, 20, 22, 30, 41)


def examples() -> Iterator[tuple[str, np.ndarray]]:
    """Every example as its path below the folder and its picture, 256 x 256 x 3 uint8."""
    for task, draw, chosen in (("edges2shoes", shoe, SHOES), ("edges2handbags", bag, BAGS)):
        for number, (name, kind, seed) in enumerate(chosen, start=1):
            yield f"{task}/{number:02}_{name}.png", draw(seed, kind=kind)
    for task, draw, seeds, name in (("labels2facade", facade_labels, FACADES, "facade"), ("map2aerial", town_map, TOWNS, "town")):
        for number, seed in enumerate(seeds, start=1):
            yield f"{task}/{number:02}_{name}.png", draw(seed)


def write(folder: Path = FOLDER) -> int:
    """Writes all examples below `folder` as palette PNGs and says how many there are."""
    count = 0
    for name, picture in examples():
        # Exact for all but the soft borders of some town maps, which shift a little.
        image = Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE)
        write_atomically(folder / name, lambda path, image=image: image.save(path, "PNG", optimize=True))
        count += 1
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m pix2pix.drawings.write_examples", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where to write them (default: %(default)s)")
    print(f"{write(parser.parse_args().folder)} examples written")
