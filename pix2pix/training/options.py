"""The options of train.py."""

import argparse
import json
from pathlib import Path

from pix2pix.data.augment import AUGMENTATIONS
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import DIRECTIONS
from pix2pix.inference.precision import DTYPES, LAYOUTS
from pix2pix.networks.layers import NORMS
from pix2pix.networks.losses import GAN_LOSSES, OBJECTIVES
from pix2pix.networks.patchgan import PATCHES
from pix2pix.networks.unet import UPSAMPLINGS
from pix2pix.training.presets import PRESETS
from pix2pix.training.run_folder import OPTIONS_FILE

# The smallest value of an option, under the name it is typed with.
LEAST = {
    "ngf": 1, "ndf": 1, "batch": 1, "epochs": 1, "size": 16, "log-every": 1, "decay-epochs": 0, "workers": 0, "seed": 0,
    "lambda": 0, "learning-rate": 0, "ema": 0, "save-minutes": 0, "validate-pairs": 0,
}  # fmt: skip
EXAMPLES = """examples:
  python train.py --data datasets/facades --task labels2facade --direction BtoA
  python train.py --data datasets/facades --task labels2facade --direction BtoA --objective l1
  python train.py --data photos/ --make-pairs gray --task colorize --epochs 20
  python train.py --resume labels2facade                      go on after Ctrl-C, a crash or a power cut
  python train.py --data more/ --task shoes --init-from checkpoints/edges2shoes      fine-tune
  torchrun --nproc-per-node=2 train.py --data datasets/maps --task map2aerial --direction BtoA
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="train.py",
        usage="train.py --data DIR --task NAME [options], all of them explained by train.py --help",
        description="Trains a pix2pix model and adds it to checkpoints/, where the studio offers it at once.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument_group("what to learn").add_argument
    add(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="folders of pairs: side-by-side files, or A/ and B/; with train/ and val/ or without",
    )
    add("--task", help="what is translated, e.g. labels2facade: names the model")
    add("--direction", choices=DIRECTIONS, default="AtoB", help="AtoB: left (or A/) is the input (default); BtoA: right (or B/)")
    add("--make-pairs", choices=sorted(MAKERS), help="DIR holds plain photos: make the input A from each of them")
    add("--objective", choices=OBJECTIVES, default="l1+cgan", help="default l1+cgan, the paper's full model")
    add("--lambda", dest="weight", type=float, default=100.0, help="weight of L1 beside a GAN (default 100)")
    add("--gan-loss", choices=GAN_LOSSES, default="vanilla", help="vanilla is the paper's; lsgan is least squares")
    add("--preset", choices=sorted(PRESETS), help="the paper's direction, batch, epochs, jitter and flip for a data set")
    add("--init-from", type=Path, metavar="CHECKPOINT", help="start from this checkpoint's weights and architecture (fine-tune)")

    add = parser.add_argument_group("networks").add_argument
    add("--ngf", type=int, default=64, help="generator width (default 64, the paper's; 32 is 4 times cheaper)")
    add("--ndf", type=int, default=64, help="discriminator width (default 64)")
    add("--levels", type=int, default=8, help="U-Net levels, 3 to 10 (default 8: 256x256 down to 1x1)")
    add("--norm", choices=NORMS, default="batch", help="default batch; instance does not depend on the batch size")
    add("--dropout", type=float, default=0.5, help="noise z: dropout in the three innermost decoder levels (default 0.5)")
    add("--upsampling", choices=UPSAMPLINGS, default="deconv", help="resize avoids checkerboards (default deconv)")
    add("--noise-injection", action="store_true", help="noise at every decoder level: texture for flat areas, best with resize")
    add("--no-skips", action="store_true", help="encoder-decoder instead of U-Net")
    add("--patch", type=int, choices=PATCHES, default=70, help="receptive field of the discriminator (default 70)")

    add = parser.add_argument_group("pictures").add_argument
    add("--size", type=int, default=256, help="training size in pixels (default 256)")
    add("--load-size", type=int, help="resize to this, then crop at random (default size * 286/256; = size: no jitter)")
    add(
        "--augment",
        nargs="+",
        type=_american,
        choices=AUGMENTATIONS,
        default=[],
        help="for edge tasks: " + "; ".join(f"{name}: {what}" for name, what in AUGMENTATIONS.items()),
    )
    add("--no-flip", dest="flip", action="store_false", help="do not mirror at random")

    add = parser.add_argument_group("schedule").add_argument
    add("--epochs", type=int, default=100, help="epochs at the full learning rate (default 100)")
    add("--decay-epochs", type=int, default=100, help="epochs in which it falls to zero afterwards (default 100)")
    add("--batch", type=int, default=1, help="pictures per step and process (default 1, as in the paper)")
    add("--learning-rate", type=float, default=2e-4, help="of Adam (default 0.0002)")
    add("--beta1", type=float, default=0.5, help="momentum of Adam (default 0.5)")
    add("--ema", type=float, default=0.0, help="keep a running mean of the generator's weights, e.g. 0.999 (default off)")
    add("--seed", type=int, default=0)

    add = parser.add_argument_group("machine").add_argument
    add("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    add("--precision", choices=["auto", *DTYPES], default="auto", help="auto (default) takes what measures fastest here")
    add("--layout", choices=["auto", *LAYOUTS], default="auto", help="memory layout; auto measures too")
    add("--compile", action="store_true", help="torch.compile: slow to start, faster after (needs a C++ compiler)")
    add("--workers", type=int, default=1, help="processes that load pictures (default 1)")

    add = parser.add_argument_group("files").add_argument
    add("--name", help="checkpoint and run folder name (default: TASK for l1+cgan, TASK-OBJECTIVE otherwise)")
    add("--runs", type=Path, default=Path("runs"), help="where states, samples and logs go (default runs/)")
    add("--checkpoints", type=Path, default=Path("checkpoints"), help="where the finished model goes (default checkpoints/)")
    add("--resume", metavar="NAME", help="go on with runs/NAME, with its own options; others given here replace them")
    add("--overwrite", action="store_true", help="start again although runs/NAME exists")
    add("--log-every", type=int, default=50, metavar="STEPS")
    add("--sample-every", type=int, default=5, metavar="EPOCHS", help="sample grids (default 5)")
    add("--validate-every", type=int, default=10, metavar="EPOCHS", help="measures on val (default 10, 0 never before the end)")
    add("--validate-pairs", type=int, default=50, help="pairs to measure on while training (default 50); at the end all are used")
    add(
        "--export-every",
        type=int,
        default=0,
        metavar="EPOCHS",
        help="write the checkpoint while training too (default 0: at the end)",
    )
    add("--save-minutes", type=float, default=5.0, help="save the state this often (default 5)")
    add("--licence", default="unknown", help="licence of the model, written on its card")
    add("--notes", default="", help="a paragraph for its card")
    add("--push-to-hub", metavar="OWNER/REPO", help="publish the finished model to this repository of the Hugging Face Hub")
    return parser


def _american(word: str) -> str:
    return word.replace("colour", "color")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Options of a new run, or of the run to resume with what is given anew; exits with a sentence if they are wrong."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.resume:
        path = options.runs / options.resume / OPTIONS_FILE
        if not path.exists():
            parser.error(f"there is no run {options.resume} in {options.runs}/ (no {path})")
        try:
            kept = json.loads(path.read_text())
        except ValueError as error:
            parser.error(f"{path} cannot be read: {error}")
        parser.set_defaults(**kept)
        options = parser.parse_args(arguments)
        options.name = options.resume
    elif options.preset:
        parser.set_defaults(**PRESETS[options.preset])
        options = parser.parse_args(arguments)
    if not options.data or not options.task:
        parser.error("--data and --task are needed (or --resume NAME)")
    options.data = [Path(folder) for folder in options.data]
    if isinstance(options.augment, str | None):  # as runs of version 0.1 kept it
        options.augment = [options.augment] if options.augment else []
    if options.load_size is None:
        options.load_size = round(options.size * 286 / 256)
    for name, least in LEAST.items():
        value = options.weight if name == "lambda" else getattr(options, name.replace("-", "_"))
        if not value >= least:
            parser.error(f"--{name} must be at least {least}")
    suffix = "" if options.objective == "l1+cgan" else f"-{options.objective}"
    options.name = options.name or options.task + suffix
    return options


def as_json(options: argparse.Namespace) -> str:
    """The options worth keeping beside a run, for `--resume`."""
    kept = {name: value for name, value in vars(options).items() if name not in ("resume", "overwrite", "preset", "given")}
    kept["data"] = [str(folder) for folder in options.data]
    return json.dumps(kept, indent=2, default=str)
