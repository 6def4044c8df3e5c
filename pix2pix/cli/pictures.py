"""Commands on pictures: translate, evaluate, edges."""

import argparse
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.config import read_config, values_of_inputs
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.cli.common import CHECKPOINT_HELP, Command, find_checkpoint
from pix2pix.data.edges import canny_edges, learned_edges
from pix2pix.data.framing import MAX_PHOTO_SIDE, framed, without_frame
from pix2pix.data.images import EXTENSIONS, READABLE, ValueRange, ignored_in, pictures_in, read_image
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import DIRECTIONS
from pix2pix.data.palettes import FIXED_SCALE
from pix2pix.evaluation.colors import evaluate_colors
from pix2pix.evaluation.evaluate import evaluate, evaluate_drawings
from pix2pix.inference.tiles import translate_fitted, translate_tiles
from pix2pix.inference.translator import Translator

SCALES = ("trained", "own")
# How `--range LOW HIGH` is read.
RANGE: dict[str, Any] = {"type": float, "nargs": 2, "metavar": ("LOW", "HIGH")}


def add_commands(command: Command) -> None:
    """Add this file's commands to the parser."""
    add = command("translate", translate, "Translate a picture, or every picture of a folder.")
    add("--checkpoint", required=True, metavar="NAME", help=CHECKPOINT_HELP)
    add("input", type=Path, help="picture or folder")
    add("output", type=Path, help="picture or folder")
    add("--overwrite", action="store_true", help="replace pictures that are there already, though never the inputs")
    add("--noise", action="store_true", help="drop activations as in training: the paper's noise z")
    add("--seed", type=int, default=0, help="which noise (default 0)")
    add("--norm-statistics", choices=["image", "running"], help="default: what the checkpoint says")
    add("--range", **RANGE, help="black and white in files of more than 8 bits a channel (default: what the checkpoint says)")
    add("--batch", type=int, default=8, help="pictures at a time (default 8)")
    add(
        "--scale",
        choices=SCALES,
        help="trained: resized to the training size and back, as in training (default); own: as large as it is, larger ones in"
        " overlapping tiles of the training size (default for aerial photos and maps)",
    )
    add("--whole", action="store_true", help="at its own scale, larger pictures too in one piece")
    add("--device", default="auto", help="auto (default), cpu, cuda, mps")

    add = command("evaluate", run_evaluate, "Measure a checkpoint on held-out pairs: L1, PSNR, SSIM, sharpness, Lab, labels.")
    add("--checkpoint", required=True, nargs="+", metavar="NAME", help=f"{CHECKPOINT_HELP}; several are compared in a table")
    add("--noise", action="store_true", help="drop activations as in training, as the paper tests (default: off)")
    add("--json", action="store_true", help="print the measures as JSON")
    add("--data", type=Path, nargs="+", metavar="DIR", help="folders of pairs, as for train.py")
    add(
        "--drawings",
        type=int,
        metavar="COUNT",
        help="instead: how well crude drawings of shoes or bags are filled, and nothing else",
    )
    add("--strokes", type=int, metavar="COUNT", help="instead: how well strokes of color in them are followed (CIEDE2000)")
    add("--split", default="val", help="default val")
    add("--direction", choices=DIRECTIONS, help="default: the checkpoint's")
    add("--make-pairs", choices=sorted(MAKERS), help="DIR holds plain photos")
    add("--device", default="auto", help="auto (default), cpu, cuda, mps")

    add = command("edges", run_edges, "Draw the edges of a photo, or of every photo of a folder, as the studio's Photo tab does.")
    add("input", type=Path, help="photo or folder")
    add("output", type=Path, help="picture or folder")
    add("--overwrite", action="store_true", help="replace pictures that are there already, though never the inputs")
    add("--checkpoint", metavar="NAME", help="a photo -> edges model, e.g. photo2edges (default: the classical Canny)")
    add("--detail", type=float, default=0.5, help="0 draws few strokes, 1 many (default 0.5)")
    add("--pairs", action="store_true", help="write edges and photo side by side: training data for train.py")
    add("--as-is", action="store_true", help="the whole photo at its own size (default: its object centered on white, 256 x 256)")
    add("--device", default="auto", help="auto (default), cpu, cuda, mps")


def input_and_output_files(source: Path, target: Path, overwrite: bool = False) -> list[tuple[Path, Path]]:
    """Pair input with output files: one picture to one picture, or every picture of a folder to a PNG of its name.

    Raise ValueError where there is nothing to read, and where a picture would be written over one that is there: an input
    never is, others only with `overwrite`.
    """
    files = _paired(source, target)
    inputs = {path.resolve() for path, _ in files}
    there = [path for _, path in files if path.exists()]
    if own := [path for path in there if path.resolve() in inputs]:
        raise ValueError(f"{own[0]} is an input: it would be overwritten. Choose another place for what is written.")
    if there and not overwrite:
        others = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ValueError(f"{there[0]}{others} would be replaced: choose another place, or allow it with --overwrite.")
    files[0][1].parent.mkdir(parents=True, exist_ok=True)
    return files


def _paired(source: Path, target: Path) -> list[tuple[Path, Path]]:
    if source.is_dir():
        files = pictures_in(source)
        if not files:
            raise ValueError(f"{source} holds no pictures ({', '.join(sorted(READABLE))})")
        if ignored := ignored_in(source):
            print(f"{len(ignored)} file(s) ignored, no pictures by their endings: {ignored[0].name}, ...", file=sys.stderr)
        [(stem, count)] = Counter(file.stem for file in files).most_common(1)
        if count > 1:
            raise ValueError(f"{source} holds {count} pictures called {stem}: all of them would become {stem}.png")
        return [(file, target / f"{file.stem}.png") for file in files]
    if not source.is_file():
        raise ValueError(f"{source} does not exist")
    if target.is_dir():
        target = target / f"{source.stem}.png"
    if target.suffix.lower() not in EXTENSIONS:
        raise ValueError(f"{target} needs a picture's ending, e.g. {target.name}.png")
    return [(source, target)]


def readable_pictures(
    files: list[tuple[Path, Path]], max_side: int | None = None, values: ValueRange | None = None
) -> Iterator[tuple[np.ndarray, Path]]:
    """Yield pictures, H x W x 3 uint8, with their output files, and show a progress bar.

    They are reduced to sides of at most `max_side`, if that is given; `values` are black and white of files of more than 8 bits.
    What cannot be read is named and left out.
    """
    for source, target in tqdm(files, unit="picture", disable=len(files) == 1):
        try:
            yield np.asarray(read_image(source, max_side, values)), target
        except (OSError, ValueError, MemoryError) as error:
            if len(files) == 1:
                raise ValueError(f"{source} cannot be read as a picture: {error}") from None
            tqdm.write(f"left out {source}: {error}", file=sys.stderr)


def translate(options: argparse.Namespace) -> None:
    files = input_and_output_files(options.input, options.output, options.overwrite)
    folder = find_checkpoint(options.checkpoints, options.checkpoint)
    translator = Translator.from_folder(folder, options.device, options.norm_statistics)
    config = read_config(folder / CONFIG_FILE)
    side = config.image_size
    batch = max(1, options.batch)
    waiting: list[tuple[np.ndarray, Path]] = []

    scale = options.scale or ("own" if options.whole or config.task in FIXED_SCALE else "trained")

    def translate_all(pictures: list[np.ndarray]) -> list[np.ndarray]:
        return translator.translate_batch(pictures, [options.seed] * len(pictures) if options.noise else None)

    def run(pictures: list[np.ndarray]) -> list[np.ndarray]:
        return translate_fitted(pictures, translate_all, side) if scale == "trained" else translate_all(pictures)

    def flush() -> None:
        try:
            outputs = run([a for a, _ in waiting])
        except Exception:  # one of them, or all together: each for itself says which
            outputs = [np.empty(0)] * len(waiting)
        for output, (picture, target) in zip(outputs, waiting, strict=True):
            with leaving_out(target, alone):
                _write(output if output.size else run([picture])[0], target)
        waiting.clear()

    alone = len(files) == 1
    for picture, target in readable_pictures(files, values=options.range or values_of_inputs(config)):
        if scale == "own" and max(picture.shape[:2]) > side and not options.whole:
            with leaving_out(target, alone):
                _write(translate_tiles(picture, run, side, batch), target)
            continue
        waiting.append((picture, target))
        if len(waiting) == batch:
            flush()
    if waiting:
        flush()


@contextlib.contextmanager
def leaving_out(target: Path, alone: bool) -> Iterator[None]:
    """Name a picture that could not be made and go on with the others; raise ValueError if it is the only one."""
    try:
        yield
    except Exception as error:
        reason = f"{target.name} could not be made: {str(error) or type(error).__name__}"
        if alone:
            raise ValueError(reason) from error
        tqdm.write(f"left out: {reason}", file=sys.stderr)


def _write(picture: np.ndarray, target: Path) -> None:
    """Write H x W x 3 uint8 as a file of the kind its ending says, whole or not at all."""
    kind = Image.registered_extensions()[target.suffix.lower()]
    write_atomically(target, lambda path: Image.fromarray(picture).save(path, kind))


def run_evaluate(options: argparse.Namespace) -> None:
    folders = [find_checkpoint(options.checkpoints, name) for name in options.checkpoint]
    if sum(each is not None for each in (options.data, options.drawings, options.strokes)) != 1:
        raise ValueError("give --data DIR, a folder of pairs, or --drawings COUNT, or --strokes COUNT")
    if options.drawings is not None and options.drawings < 1:
        raise ValueError(f"--drawings is {options.drawings}: it has to be 1 or more")
    measured: dict[str, tuple[str, dict[str, float]]] = {}
    for folder in folders:
        measured[folder.name] = _evaluated(folder, options)
    if options.json:
        print(json.dumps({name: {"measured": on, **values} for name, (on, values) in measured.items()}, indent=2))
    elif len(measured) > 1:
        show_table(measured)
    else:
        ((name, (on, values)),) = measured.items()
        print(f"{name} on {on}")
        show_measures(values)


def _evaluated(folder: Path, options: argparse.Namespace) -> tuple[str, dict[str, float]]:
    """Return on what a checkpoint was measured, and its measures."""
    config = read_config(folder / CONFIG_FILE)
    translator = Translator.from_folder(folder, options.device)
    if options.drawings is not None:
        return f"{options.drawings} crude drawings", evaluate_drawings(translator, config.task, options.drawings)
    if options.strokes is not None:
        on = f"{options.strokes} crude drawings with strokes of color, CIEDE2000"
        return on, evaluate_colors(translator, config.task, options.strokes)
    maker = MAKERS[options.make_pairs] if options.make_pairs else None
    metrics = evaluate(translator, config, options.data, options.split, options.direction, maker, options.noise)
    return f"{metrics.count} pairs of {metrics.data}, {metrics.split}; {metrics.resizing}", metrics.values


def show_table(measured: dict[str, tuple[str, dict[str, float]]]) -> None:
    """Print a row for each checkpoint, a column for each measure, and below on what they were measured."""
    names = list(dict.fromkeys(name for _, values in measured.values() for name in values))
    width = max(map(len, measured))
    print(f"{'':{width}} " + " ".join(f"{name:>9}" for name in names))
    for checkpoint, (_, values) in measured.items():
        cells = (f"{values[name]:.4f}" if name in values else "-" for name in names)
        print(
            f"{checkpoint:{width}} " + " ".join(f"{cell:>{max(9, len(name))}}" for cell, name in zip(cells, names, strict=True))
        )
    for on in dict.fromkeys(on for on, _ in measured.values()):
        print(f"on {on}")


def show_measures(values: dict[str, float]) -> None:
    """Print one line for each measure."""
    width = max(map(len, values))
    for name, value in values.items():
        print(f"{name:{width}} {value:.4f}")


def run_edges(options: argparse.Namespace) -> None:
    files = input_and_output_files(options.input, options.output, options.overwrite)
    translator = (
        Translator.from_folder(find_checkpoint(options.checkpoints, options.checkpoint), options.device)
        if options.checkpoint
        else None
    )
    for photo, target in readable_pictures(files, None if options.as_is else MAX_PHOTO_SIDE):
        height, width = photo.shape[:2]
        photo, inner = (photo, (0, 0, width, height)) if options.as_is else framed(photo)[:2]
        if translator is None:
            drawing = canny_edges(photo, options.detail)
        else:
            drawing = learned_edges(photo, translator.translate, options.detail)
        drawing = without_frame(drawing, inner)
        _write(np.concatenate([drawing, photo], axis=1) if options.pairs else drawing, target)
