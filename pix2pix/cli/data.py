"""Commands on data: what training would see of a folder of pairs, before time is spent on it."""

import argparse
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.cli.common import Command
from pix2pix.data.check import MAX_CLASS, examine
from pix2pix.data.images import pictures_in, read_image, to_uint8
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import DIRECTIONS, Pairs, PairsError, Source, find_pairs, find_ranges, has_split

SPLITS = ("train", "val", "test")
PREVIEWED = 8


def add_commands(command: Command) -> None:
    """Add this file's commands to the parser."""
    add = command("data", run_data, "Say what training would see of a folder of pairs: layout, sizes, and what looks wrong.")
    add("data", type=Path, metavar="DIR", help="a folder as for train.py --data")
    add("--make-pairs", choices=sorted(MAKERS), help="DIR holds plain photos")
    add("--direction", choices=DIRECTIONS, default="AtoB", help="of the preview (default AtoB)")
    add("--size", type=int, default=256, help="of the preview (default 256)")
    add(
        "--preview",
        type=Path,
        metavar="FILE",
        help=f"write {PREVIEWED} pairs as training sees them, input and truth side by side",
    )
    add("--colors", type=Path, metavar="OUT", help="instead: write the label maps of class numbers in DIR, one folder, in colors")


def run_data(options: argparse.Namespace) -> None:
    if options.colors:
        count = color_classes(options.data, options.colors)
        print(f"{count} label maps in colors: {options.colors}")
        return
    if options.preview and options.preview.exists():
        raise ValueError(f"{options.preview} is there already: choose another name")
    found = {split: _found(options.data, split) for split in SPLITS if split == "train" or has_split(options.data, split)}
    for split, sources in found.items():
        print(f"{split}: {len(sources)} pairs, {_layout(sources[0])}, {_sizes(sources)}")
    if "val" not in found:
        print("val: none, so nothing is measured while training; move some pairs, e.g. a tenth, to val/")
    if "test" in found:
        print("test: not used by training; evaluate --split test measures on it")
    sources = found["train"]
    if not options.make_pairs:
        findings = examine(sources)
        for sentence in findings.clear:
            print(f"WRONG: {sentence}")
        for sentence in findings.doubts:
            print(f"look: {sentence}")
    if options.preview:
        pairs = _preview(sources, options)
        write_atomically(options.preview, lambda path: Image.fromarray(pairs).save(path, "PNG"))
        print(f"preview: {options.preview}")


def _found(root: Path, split: str) -> list[Source]:
    """Return the pairs of a split that can be read, and print what is ignored or broken."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        sources = find_pairs(root, split)
    for each in said:
        print(f"{split}: {each.message}")
    whole = [source for source in sources if not (reason := _broken(source)) or print(f"{split}: broken: {reason}")]
    if not whole:
        raise PairsError(f"none of the {len(sources)} pictures of {root} can be read")
    return whole


def _broken(source: Source) -> str:
    """Return which file of a pair cannot be read and why, nothing if both can."""
    for path in filter(None, (source.a, source.b)):
        try:
            read_image(path)
        except (OSError, ValueError) as error:
            return f"{path}: {error}"
    return ""


def _layout(source: Source) -> str:
    return f"in two folders, {source.a.parent} and {source.b.parent}" if source.b else f"in files of {source.a.parent}"


def _sizes(sources: list[Source]) -> str:
    """Say the commonest sizes of the files, as width x height."""
    sizes: Counter[tuple[int, int]] = Counter()
    for source in sources:
        with Image.open(source.a) as image:
            sizes[image.size] += 1
    listed = ", ".join(f"{width}x{height} ({count})" for (width, height), count in sizes.most_common(3))
    return listed + (f" and {len(sizes) - 3} more sizes" if len(sizes) > 3 else "")


def _preview(sources: list[Source], options: argparse.Namespace) -> np.ndarray:
    """Return a sheet of jittered pairs, two a row, each input beside truth: H x W x 3 uint8."""
    chosen = sources[:: max(1, len(sources) // PREVIEWED)][:PREVIEWED]
    maker = MAKERS[options.make_pairs] if options.make_pairs else None
    load_size = round(options.size * 286 / 256)
    pairs = Pairs(chosen, options.direction, options.size, load_size, maker=maker, ranges=find_ranges(sources))
    cells = [np.concatenate([to_uint8(tensor) for tensor in pairs[0, index]], axis=1) for index in range(len(pairs))]
    if len(cells) % 2:
        cells.append(np.full_like(cells[0], 255))
    return np.concatenate([np.concatenate(cells[row : row + 2], axis=1) for row in range(0, len(cells), 2)])


def color_classes(folder: Path, target: Path) -> int:
    """Write each label map of class numbers in `folder` as a PNG in colors to `target`, a new folder; return how many.

    Raise ValueError where there are none, or `target` is there.
    """
    files = pictures_in(folder)
    maps = {path: np.asarray(read_image(path))[..., 0] for path in files}
    highest = max((int(numbers.max()) for numbers in maps.values()), default=0)
    if not 0 < highest <= MAX_CLASS:
        raise ValueError(f"{folder} holds no label maps of class numbers from 0 to at most {MAX_CLASS}")
    target.mkdir(parents=True)
    for path, numbers in maps.items():
        colored = Image.fromarray(class_colors(highest + 1)[numbers])
        write_atomically(target / f"{path.stem}.png", partial(colored.save, format="PNG"))
    return len(maps)


def class_colors(count: int) -> np.ndarray:
    """Return colors for class numbers, count x 3 uint8, as PASCAL VOC has them: far apart, and the first is black."""
    colors = np.zeros((count, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            colors[:, channel] |= ((np.arange(count) >> (3 * bit + channel)) & 1).astype(np.uint8) << (7 - bit)
    return colors
