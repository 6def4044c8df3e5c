"""Commands on models: blend, diagram, export."""

import argparse
from pathlib import Path

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.catalog import check_name
from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.cli.common import CHECKPOINT_HELP, Command, find_checkpoint
from pix2pix.inference.export import export_onnx
from pix2pix.networks.diagram import diagram
from pix2pix.networks.pair import DESIGNS, Pair, described
from pix2pix.training.blend import blend


def add_commands(command: Command) -> None:
    """Add this file's commands to the parser."""
    add = command("export", run_export, "Write a model in a format that other programs run, checked against this one.")
    add("checkpoint", metavar="NAME", help=CHECKPOINT_HELP)
    add(
        "--onnx",
        type=Path,
        nargs="?",
        const=Path(),
        required=True,
        metavar="FILE",
        help="write ONNX, to NAME.onnx if no file is given: any batch, sides that are multiples of 2**levels",
    )
    add("--overwrite", action="store_true", help="replace FILE if there is one")
    add("--noise", action="store_true", help="with dropout, whose random numbers become inputs: the paper's noise z")
    add("--norm-statistics", choices=["image", "running"], help="default: what the checkpoint says")

    add = command(
        "blend",
        run_blend,
        "Mix the weights of a model and of what was fine-tuned from it: calmer than one, sharper than the other.",
    )
    add("first", metavar="FIRST", help=CHECKPOINT_HELP)
    add("second", metavar="SECOND", help="likewise; card, curves and discriminator are taken from it")
    add("--share", type=float, default=0.5, help="of SECOND, from 0 to 1 (default 0.5)")
    add("--to", required=True, metavar="NAME", help="name of the new checkpoint, which may be FIRST or SECOND")
    add("--data", type=Path, nargs="+", default=[], metavar="DIR", help="folders of pairs to measure it on, for its card")
    add("--notes", default="", help="a paragraph for its card (default: that of SECOND)")
    add("--overwrite", action="store_true", help="replace NAME if there is one")

    add = command("diagram", run_diagram, "Draw the generator and the discriminator of a model, level by level, as an SVG.")
    add(
        "checkpoint",
        metavar="NAME",
        help=f"{CHECKPOINT_HELP}; or one of {', '.join(DESIGNS)}: the paper's networks, or a short U-Net",
    )
    add("--svg", type=Path, required=True, metavar="FILE", help="where to write it")
    add("--size", type=int, help="of the picture that shapes and multiplications are for (default: the model's)")


def run_diagram(options: argparse.Namespace) -> None:
    if options.checkpoint in DESIGNS and not (options.checkpoints / options.checkpoint).exists():
        name, pair = options.checkpoint, DESIGNS[options.checkpoint]
    else:
        folder = find_checkpoint(options.checkpoints, options.checkpoint)
        config = read_config(folder / CONFIG_FILE)
        name, pair = folder.name, Pair(config.generator, config.discriminator, config.image_size)
    networks = described(name, pair, options.size)
    options.svg.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(options.svg, lambda path: path.write_text(diagram(networks), encoding="utf-8"))
    print(f"{options.svg}: " + "; ".join(f"{title}, {each.parameters:,} parameters" for title, each in networks))


def run_export(options: argparse.Namespace) -> None:
    folder, file = find_checkpoint(options.checkpoints, options.checkpoint), options.onnx
    if file.is_dir():
        file /= f"{folder.name}.onnx"
    if file.exists() and not options.overwrite:
        raise ValueError(f"{file} is there already: choose another name, or replace it with --overwrite")
    difference = export_onnx(folder, file, options.noise, options.norm_statistics)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB; its outputs differ from torch's by at most {difference:.2g}")


def run_blend(options: argparse.Namespace) -> None:
    first, second = (find_checkpoint(options.checkpoints, name) for name in (options.first, options.second))
    folder = options.checkpoints / check_name(options.to)
    if folder.exists() and not options.overwrite:
        raise ValueError(f"{folder} exists: choose another name, or replace it with --overwrite")
    blend(first, second, options.share, folder, options.data, options.notes)
    print(f"done: {folder}")
