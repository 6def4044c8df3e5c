"""Writes the pictures in examples/: `python -m tools.examples.write [FOLDER]`, from the root of the repository.

The product reads these files and knows nothing of how they were drawn.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.checkpoint.atomic import write_atomically
from tools.examples.products import bag, shoe
from tools.examples.scenes import facade_labels, town_map

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
# Of the others Random takes one, and `evaluate --drawings` measures on the crude ones.
RANDOM_FACADES, RANDOM_TOWNS, CRUDE = 200, 100, 100
FACADES = (9, 13, 15, 18, 25, 32, 38, 47)
TOWNS = (2, 7, 9, 12, 20, 22, 30, 41)


def examples() -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Every example as its path below the folder and what draws it, 256 x 256 x 3 uint8."""
    for task, draw, chosen in (("edges2shoes", shoe, SHOES), ("edges2handbags", bag, BAGS)):
        for number, (name, kind, seed) in enumerate(chosen, start=1):
            yield f"{task}/{number:02}_{name}.png", partial(draw, seed, kind=kind)
    for task, draw, seeds, name, count in (
        ("labels2facade", facade_labels, FACADES, "facade", RANDOM_FACADES),
        ("map2aerial", town_map, TOWNS, "town", RANDOM_TOWNS),
    ):
        for number, seed in enumerate(seeds, start=1):
            yield f"{task}/{number:02}_{name}.png", partial(draw, seed)
        for seed in range(count):
            yield f"{task}/random/{seed:03}.png", partial(draw, seed)
    for seed in range(CRUDE):
        yield f"crude/edges2shoes/{seed:03}.png", partial(shoe, seed, crude=1.0)
        yield f"crude/edges2handbags/{seed:03}.png", partial(bag, seed, crude=1.0)
        # Without the lines that enclose background: what the model shall fill.
        yield f"crude/edges2handbags/{seed:03}_body.png", partial(bag, seed, crude=1.0, handles=False)


def write(folder: Path = FOLDER) -> int:
    """Writes all examples below `folder` as palette PNGs and says how many there are."""
    count = 0
    for name, draw in examples():
        # Exact for all but the soft borders of some town maps, which shift a little.
        image = Image.fromarray(draw())
        image = image.convert("L") if name.startswith("crude") else image.quantize(256, dither=Image.Dither.NONE)
        write_atomically(folder / name, lambda path, image=image: image.save(path, "PNG", optimize=True))
        count += 1
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.examples.write", description="Writes the pictures in examples/.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where to write them (default: %(default)s)")
    print(f"{write(parser.parse_args().folder)} examples written")
