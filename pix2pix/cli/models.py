"""Commands on models: export, bench."""

import argparse
from pathlib import Path

from pix2pix.cli.common import CHECKPOINT_HELP, Command, find_checkpoint
from pix2pix.export import export_onnx


def add_commands(command: Command) -> None:
    """Adds this file's commands to the parser."""
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
    add("--noise", action="store_true", help="with dropout, whose random numbers become inputs: the paper's noise z")
    add("--norm-statistics", choices=["image", "running"], help="default: what the checkpoint says")

    add = command("bench", run_bench, "Measure speed on this machine: translation, training, the studio and many people in it.")
    add("--seconds", type=float, help="how long each crowd of 1, 8 and 32 draws (default 60; with --quick 5)")
    add("--quick", action="store_true", help="fewer repeats")
    add("--space", action="store_true", help="instead: how a Space starts, in a clean folder with exactly the files it would get")


def run_export(options: argparse.Namespace) -> None:
    folder, file = find_checkpoint(options), options.onnx
    if file.is_dir():
        file /= f"{folder.name}.onnx"
    difference = export_onnx(folder, file, options.noise, options.norm_statistics)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB; its outputs differ from torch's by at most {difference:.2g}")


def run_bench(options: argparse.Namespace) -> None:
    from pix2pix.bench import print_cold_start, print_report  # start servers and browsers: not for the other commands

    if options.space:
        print_cold_start(options.checkpoints)
        return
    print_report(options.checkpoints, options.seconds or (5 if options.quick else 60), options.quick)
