"""`python -m pix2pix`: everything but the studio and training, from a terminal. One file a group of commands."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from huggingface_hub.utils import logging as hub_logging

from pix2pix.checkpoint.config import CheckpointError
from pix2pix.cli import data, experiments, hub, models, pictures
from pix2pix.data.pairs import PairsError
from pix2pix.hub.errors import HubError
from pix2pix.inference.export import ExportError

EXAMPLES = """examples:
  python -m pix2pix translate --checkpoint labels2facade labels.png facade.png
  python -m pix2pix translate --checkpoint edges2shoes drawings/ shoes/ --noise --seed 7
  python -m pix2pix evaluate --checkpoint labels2facade --data datasets/facades
  python -m pix2pix edges photo.jpg edges.png
  python -m pix2pix data datasets/facades --preview pairs.png
  python -m pix2pix pull edges2shoes-huggan
  python -m pix2pix pull latest_net_G.pth --as cats --task edges2cats
  python -m pix2pix publish labels2facade --to OWNER/labels2facade
  python -m pix2pix diagram labels2facade --svg labels2facade.svg
  python -m pix2pix export labels2facade --onnx labels2facade.onnx
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pix2pix",
        description="Image-to-image translation with trained checkpoints.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--checkpoints", type=Path, default=Path("checkpoints"), help="folder of checkpoints (default checkpoints/)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None], help: str) -> Callable[..., argparse.Action]:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        return sub.add_argument

    for group in (pictures, data, models, hub, experiments):
        group.add_commands(command)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0 on success, 1 with one sentence on failure, 130 when interrupted."""
    options = build_parser().parse_args(arguments)
    hub_logging.set_verbosity_error()  # our own errors say the same in one sentence
    try:
        options.run(options)
    except (CheckpointError, ExportError, HubError, PairsError, ValueError, OSError) as error:
        print(f"pix2pix: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pix2pix: interrupted; what was written so far is complete", file=sys.stderr)
        return 130
    return 0
