"""Commands on pictures: translate, evaluate, edges."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.cli.common import CHECKPOINT_HELP, Command, find_checkpoint
from pix2pix.data.edges import canny_edges, learned_edges
from pix2pix.data.framing import MAX_PHOTO_SIDE, framed, without_frame
from pix2pix.data.images import EXTENSIONS, READABLE, pictures_in, read_image
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import DIRECTIONS
from pix2pix.evaluation.colors import evaluate_colors
from pix2pix.evaluation.evaluate import evaluate, evaluate_drawings
from pix2pix.inference.tiles import translate_tiles
from pix2pix.inference.translator import MAX_SIDE, Translator


def add_commands(command: Command) -> None:
    """Add this file's commands to the parser."""
    add = command("translate", translate, "Translate a picture, or every picture of a folder.")
    add("--checkpoint", required=True, metavar="NAME", help=CHECKPOINT_HELP)
    add("input", type=Path, help="picture or folder")
    add("output", type=Path, help="picture or folder; overwritten")
    add("--noise", action="store_true", help="drop activations as in training: the paper's noise z")
    add("--seed", type=int, default=0, help="which noise (default 0)")
    add("--norm-statistics", choices=["image", "running"], help="default: what the checkpoint says")
    add("--batch", type=int, default=8, help="pictures at a time (default 8)")
    add("--whole", action="store_true", help="larger pictures in one piece (default: overlapping tiles of the training size)")
    add("--device", default="auto", help="auto (default), cpu, cuda, mps")

    add = command("evaluate", run_evaluate, "Measure a checkpoint on held-out pairs: L1, PSNR, SSIM, sharpness, Lab, labels.")
    add("--checkpoint", required=True, metavar="NAME", help=CHECKPOINT_HELP)
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
    add("output", type=Path, help="picture or folder; overwritten")
    add("--checkpoint", metavar="NAME", help="a photo -> edges model, e.g. photo2edges (default: the classical Canny)")
    add("--detail", type=float, default=0.5, help="0 draws few strokes, 1 many (default 0.5)")
    add("--pairs", action="store_true", help="write edges and photo side by side: training data for train.py")
    add("--as-is", action="store_true", help="the whole photo at its own size (default: its object centered on white, 256 x 256)")
    add("--device", default="auto", help="auto (default), cpu, cuda, mps")


def input_and_output_files(source: Path, target: Path) -> list[tuple[Path, Path]]:
    """Pair input with output files: one picture to one picture, or every picture of a folder to a PNG of its name."""
    if source.is_dir():
        files = pictures_in(source)
        if not files:
            raise ValueError(f"{source} holds no pictures ({', '.join(sorted(READABLE))})")
        [(stem, count)] = Counter(file.stem for file in files).most_common(1)
        if count > 1:
            raise ValueError(f"{source} holds {count} pictures called {stem}: all of them would become {stem}.png")
        target.mkdir(parents=True, exist_ok=True)
        return [(file, target / f"{file.stem}.png") for file in files]
    if not source.is_file():
        raise ValueError(f"{source} does not exist")
    if target.is_dir():
        target = target / f"{source.stem}.png"
    if target.suffix.lower() not in EXTENSIONS:
        raise ValueError(f"{target} needs a picture's ending, e.g. {target.name}.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    return [(source, target)]


def readable_pictures(files: list[tuple[Path, Path]], max_side: int | None = None) -> Iterator[tuple[np.ndarray, Path]]:
    """Yield pictures, H x W x 3 uint8, with their output files, and show a progress bar.

    They are reduced to sides of at most `max_side`, if that is given. What cannot be read is named and left out.
    """
    for source, target in tqdm(files, unit="picture", disable=len(files) == 1):
        try:
            yield np.asarray(read_image(source, max_side)), target
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            if len(files) == 1:
                raise ValueError(f"{source} cannot be read as a picture: {error}") from None
            tqdm.write(f"left out {source}: {error}", file=sys.stderr)


def translate(options: argparse.Namespace) -> None:
    files = input_and_output_files(options.input, options.output)
    folder = find_checkpoint(options.checkpoints, options.checkpoint)
    translator = Translator.from_folder(folder, options.device, options.norm_statistics)
    side = MAX_SIDE if options.whole else read_config(folder / CONFIG_FILE).image_size
    batch = max(1, options.batch)
    waiting: list[tuple[np.ndarray, Path]] = []

    def run(pictures: list[np.ndarray]) -> list[np.ndarray]:
        return translator.translate_batch(pictures, [options.seed] * len(pictures) if options.noise else None)

    def flush() -> None:
        for output, (_, target) in zip(run([a for a, _ in waiting]), waiting, strict=True):
            Image.fromarray(output).save(target)
        waiting.clear()

    for picture, target in readable_pictures(files):
        if max(picture.shape[:2]) > side:
            Image.fromarray(translate_tiles(picture, run, side, batch)).save(target)
            continue
        waiting.append((picture, target))
        if len(waiting) == batch:
            flush()
    if waiting:
        flush()


def run_evaluate(options: argparse.Namespace) -> None:
    folder = find_checkpoint(options.checkpoints, options.checkpoint)
    config = read_config(folder / CONFIG_FILE)
    if sum(each is not None for each in (options.data, options.drawings, options.strokes)) != 1:
        raise ValueError("give --data DIR, a folder of pairs, or --drawings COUNT, or --strokes COUNT")
    translator = Translator.from_folder(folder, options.device)
    if options.drawings is not None:
        if options.drawings < 1:
            raise ValueError(f"--drawings is {options.drawings}: it has to be 1 or more")
        print(f"{folder.name} on {options.drawings} crude drawings")
        show_measures(evaluate_drawings(translator, config.task, options.drawings))
        return
    if options.strokes is not None:
        print(f"{folder.name} on {options.strokes} crude drawings with strokes of color, CIEDE2000")
        show_measures(evaluate_colors(translator, config.task, options.strokes))
        return
    maker = MAKERS[options.make_pairs] if options.make_pairs else None
    metrics = evaluate(translator, config, options.data, options.split, options.direction, maker)
    print(f"{folder.name} on {metrics.count} pairs of {metrics.data}, {metrics.split}; {metrics.resizing}")
    show_measures(metrics.values)


def show_measures(values: dict[str, float]) -> None:
    """Print one line for each measure."""
    width = max(map(len, values))
    for name, value in values.items():
        print(f"{name:{width}} {value:.4f}")


def run_edges(options: argparse.Namespace) -> None:
    files = input_and_output_files(options.input, options.output)
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
        Image.fromarray(np.concatenate([drawing, photo], axis=1) if options.pairs else drawing).save(target)
