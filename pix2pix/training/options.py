"""The options of train.py: read from the command line once, kept beside the run, passed on as one frozen object."""

import argparse
import json
import shlex
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pix2pix.checkpoint.catalog import check_name, find_local
from pix2pix.checkpoint.config import CheckpointError, checked_image_range, read_config
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.data.augment import AUGMENTATIONS
from pix2pix.data.make_pairs import MAKERS
from pix2pix.data.pairs import DIRECTIONS
from pix2pix.hub.sources import is_remote
from pix2pix.inference.precision import DTYPES, LAYOUTS
from pix2pix.networks.layers import NORMS
from pix2pix.networks.losses import GAN_LOSSES, OBJECTIVES
from pix2pix.networks.patchgan import PATCHES
from pix2pix.networks.unet import UPSAMPLINGS
from pix2pix.training.presets import PRESETS
from pix2pix.training.run_folder import OPTIONS_FILE

EXAMPLES = """examples:
  python train.py --data datasets/facades --task labels2facade --direction BtoA --name my-facades
  python train.py --data datasets/facades --task labels2facade --direction BtoA --objective l1 --name my-facades-l1
  python train.py --data photos/ --make-pairs gray --task colorize --epochs 20
  python train.py --resume labels2facade                      go on after Ctrl-C, a crash or a power cut
  python train.py --data more/ --task shoes --init-from edges2shoes      fine-tune
  torchrun --nproc-per-node=2 train.py --data datasets/maps --task map2aerial --direction BtoA
"""


DEFAULT_SIZE = 256


def usual_levels(size: int) -> int:
    """Return how many levels a U-Net for pictures of size x size has unless told: down to one pixel, from 3 to 8."""
    halvings = (size & -size).bit_length() - 1
    return min(8, max(3, halvings))


def _as_list(names: Any) -> Any:
    """Convert what runs of version 0.1 kept, one augmentation by its name or null, to a list."""
    return [names] if isinstance(names, str) else names or []


class TrainingOptions(BaseModel):
    """What a run is made with. Fields and options have the same names, but `weight` (--lambda) and `flip` (--no-flip).

    options.json holds all of it but how the run is called now.
    """

    # Learning rates may be infinite, and options.json of other versions may hold other options.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")

    # What to learn.
    data: list[Path]
    task: str
    direction: str = "AtoB"
    make_pairs: str | None = None
    objective: str = "l1+cgan"
    weight: float = Field(100.0, ge=0)
    gan_loss: str = "vanilla"
    init_from: Path | None = None
    # Networks.
    ngf: int = Field(64, ge=1)
    ndf: int = Field(64, ge=1)
    norm: str = "batch"
    dropout: float = 0.5
    upsampling: str = "deconv"
    noise_injection: bool = False
    no_skips: bool = False
    patch: int = 70
    # Pictures.
    range: Annotated[tuple[float, float], AfterValidator(checked_image_range)] | None = None
    size: int = Field(DEFAULT_SIZE, ge=16)
    levels: int = Field(default_factory=lambda options: usual_levels(options["size"]))
    load_size: int = Field(default_factory=lambda options: round(options["size"] * 286 / 256))
    augment: Annotated[list[str], BeforeValidator(_as_list)] = []
    flip: bool = True
    # Schedule.
    epochs: int = Field(100, ge=1)
    decay_epochs: int = Field(100, ge=0)
    batch: int = Field(1, ge=1)
    echo: int = Field(1, ge=1)
    learning_rate: float = Field(2e-4, ge=0)
    beta1: float = 0.5
    ema: float = Field(0.0, ge=0)
    seed: int = Field(0, ge=0, lt=2**63)
    # Machine.
    device: str = "auto"
    precision: str = "auto"
    layout: str = "auto"
    compile: bool = False
    workers: int = Field(1, ge=0)
    threads: int | None = Field(None, ge=1)
    # Files.
    name: str = Field(
        min_length=1,
        default_factory=lambda options: (
            options["task"] + ("" if options["objective"] == "l1+cgan" else f"-{options['objective']}")
        ),
    )
    runs: Path = Path("runs")
    checkpoints: Path = Path("checkpoints")
    log_every: int = Field(50, ge=1)
    sample_every: int = 5
    validate_every: int = 10
    validate_pairs: int = Field(50, ge=0)
    export_every: int = 0
    save_minutes: float = Field(5.0, ge=0)
    license: str = Field("unknown", validation_alias=AliasChoices("license", "licence"))  # `licence` until version 0.2
    notes: str = ""
    push_to_hub: str | None = None
    # How the run was made: a command line, and one more for each resumption that changed something.
    command: str
    # How it is called now.
    resume: str | None = Field(None, exclude=True)
    overwrite: bool = Field(False, exclude=True)
    unchecked: bool = Field(False, exclude=True)
    resumed_by: str = Field("", exclude=True)  # the command line of a resumption that changes something

    @property
    def run_folder(self) -> Path:
        return self.runs / self.name

    @property
    def checkpoint_folder(self) -> Path:
        return self.checkpoints / self.name


def parse(arguments: list[str]) -> TrainingOptions:
    """Read the options of a new run, or of the run to resume with what is typed anew.

    Exit with a sentence if they are wrong.
    """
    parser = build_parser()
    typed = vars(parser.parse_args(arguments))
    # One line a command, also where an argument has several.
    command = shlex.join(["python", "train.py", *(" ".join(argument.splitlines()) for argument in arguments)])
    defaults: dict[str, Any] = {"command": command}
    load_size_is_for = DEFAULT_SIZE
    for option in ("resume", "name", "task"):
        if option in typed:
            try:
                check_name(typed[option])
            except CheckpointError as error:
                parser.error(f"--{option}: {error}")
    if "resume" in typed:
        defaults |= _read_kept(typed.get("runs", Path("runs")) / typed["resume"] / OPTIONS_FILE, parser)
        load_size_is_for = defaults.get("size", DEFAULT_SIZE)
        typed["name"] = typed["resume"]
        if (began := defaults.get("objective")) and typed.get("objective", began) != began:
            parser.error(
                f"--objective: the run was started with {began}; another objective needs a run of its own,"
                f" e.g. with --init-from the model of this one"
            )
        if typed.keys() - {"resume", "name", "runs", "checkpoints"}:
            typed["resumed_by"] = command
    if preset := typed.pop("preset", None):
        defaults = {name: value for name, value in defaults.items() if name != "load_size"} | PRESETS[preset]
        load_size_is_for = DEFAULT_SIZE
    if "init_from" in typed:
        defaults = _described_by(typed, parser) | defaults
    options = defaults | typed
    if "load_size" in defaults and "load_size" not in typed:  # jitter is a ratio
        options["load_size"] = round(defaults["load_size"] * options.get("size", DEFAULT_SIZE) / load_size_is_for)
    if not options.get("data") or not options.get("task"):
        parser.error("--data and --task are needed (or --resume NAME)")
    try:
        return TrainingOptions.model_validate(options)
    except ValidationError as error:
        parser.error(_describe(error))


def _described_by(typed: dict[str, Any], parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Return what the checkpoint of `--init-from` says of itself as defaults, and put its folder in place of its name.

    Exit with a sentence if it cannot be read.
    """
    name, checkpoints = str(typed["init_from"]), typed.get("checkpoints", Path("checkpoints"))
    typed["init_from"] = find_local(checkpoints, name) or Path(name)
    try:
        config = read_config(typed["init_from"] / CONFIG_FILE)
    except CheckpointError as error:
        pulled = f"; a model of the Hub is pulled first: python -m pix2pix pull {name}" if is_remote(name) else ""
        parser.error(f"--init-from: {error}{pulled}")
    return {"direction": config.direction, "size": config.image_size, "license": config.license}


def _read_kept(path: Path, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Read the options that a run was made with; exit with a sentence if they cannot be read."""
    if not path.exists():
        parser.error(f"there is no run {path.parent.name} in {path.parent.parent}/ (no {path})")
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        parser.error(f"{path} cannot be read: {error}")
    if not isinstance(kept, dict):
        parser.error(f"{path} cannot be read: it holds no options")
    return {name: value for name, value in kept.items() if value is not None}


def _describe(error: ValidationError) -> str:
    """Say what is wrong with the first wrong option, in one sentence."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    option = "--lambda" if name == "weight" else f"--{name.replace('_', '-')}"
    if first["type"] == "greater_than_equal":
        return f"{option} must be at least {first['ctx']['ge']:g}"
    if first["type"] == "less_than":
        return f"{option} must be less than {first['ctx']['lt']:g}"
    return f"{option}: {first['msg']}"


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of train.py. It returns only the options that were typed."""
    parser = argparse.ArgumentParser(
        prog="train.py",
        usage="train.py --data DIR --task NAME [options], all of them explained by train.py --help",
        description="Trains a pix2pix model and adds it to checkpoints/, where the studio offers it at once.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # TrainingOptions has the defaults
    )
    add = parser.add_argument_group("what to learn").add_argument
    add(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="folders of pairs: side-by-side files, or A/ and B/, or trainA/ and trainB/; with train/ and val/ or without",
    )
    add("--unchecked", action="store_true", help="train although the pictures look like no pairs")
    add("--task", help="what is translated, e.g. labels2facade: names the model")
    add("--direction", choices=DIRECTIONS, help="AtoB: left (or A/) is the input (default); BtoA: right (or B/)")
    add("--make-pairs", choices=sorted(MAKERS), help="DIR holds plain photos: make the input A from each of them")
    add("--objective", choices=OBJECTIVES, help="default l1+cgan, the paper's full model")
    add("--lambda", dest="weight", type=float, help="weight of L1 beside a GAN (default 100)")
    add("--gan-loss", choices=GAN_LOSSES, help="vanilla is the paper's; lsgan is least squares")
    add("--preset", choices=sorted(PRESETS), help="the paper's direction, batch, epochs, jitter and flip for a data set")
    add(
        "--init-from",
        type=Path,
        metavar="CHECKPOINT",
        help="fine-tune: start from the weights of a name in checkpoints/ or a folder; architecture, direction, size, license"
        " and all else that describes the model come along",
    )

    add = parser.add_argument_group("networks").add_argument
    add("--ngf", type=int, help="generator width (default 64, the paper's; 32 is 4 times cheaper)")
    add("--ndf", type=int, help="discriminator width (default 64)")
    add("--levels", type=int, help="U-Net levels, 3 to 10 (default by --size: 8 halve 256x256 down to 1x1)")
    add("--norm", choices=NORMS, help="default batch; instance does not depend on the batch size")
    add("--dropout", type=float, help="noise z: dropout in the three innermost decoder levels (default 0.5)")
    add("--upsampling", choices=UPSAMPLINGS, help="resize avoids checkerboards (default deconv)")
    add("--noise-injection", action="store_true", help="noise at every decoder level: texture for flat areas, best with resize")
    add("--no-skips", action="store_true", help="encoder-decoder instead of U-Net")
    add("--patch", type=int, choices=PATCHES, help="receptive field of the discriminator (default 70)")

    add = parser.add_argument_group("pictures").add_argument
    add(
        "--range",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="black and white in files of more than 8 bits a channel (default: one scale for the data set, by its files)",
    )
    add("--size", type=int, help="training size in pixels (default 256)")
    add("--load-size", type=int, help="resize to this, then crop at random (default size * 286/256; = size: no jitter)")
    add(
        "--augment",
        nargs="+",
        type=_american,
        choices=AUGMENTATIONS,
        help="for edge tasks: " + "; ".join(f"{name}: {what}" for name, what in AUGMENTATIONS.items()),
    )
    add("--no-flip", dest="flip", action="store_false", help="do not mirror at random")

    add = parser.add_argument_group("schedule").add_argument
    add("--epochs", type=int, help="epochs at the full learning rate (default 100)")
    add("--decay-epochs", type=int, help="epochs in which it falls to zero afterwards (default 100)")
    add("--batch", type=int, help="pictures per step and process (default 1, as in the paper)")
    add(
        "--echo",
        type=int,
        metavar="N",
        help="use each loaded batch N times (default 1; Choi et al. 2019): for a GPU that waits for pictures, see --workers",
    )
    add("--learning-rate", type=float, help="of Adam (default 0.0002)")
    add("--beta1", type=float, help="momentum of Adam (default 0.5)")
    add("--ema", type=float, help="keep a running mean of the generator's weights, e.g. 0.999 (default off)")
    add("--seed", type=int)

    add = parser.add_argument_group("machine").add_argument
    add("--device", help="auto (default), cpu, cuda, cuda:1, mps")
    add("--precision", choices=["auto", *DTYPES], help="auto (default) takes what measures fastest here")
    add("--layout", choices=["auto", *LAYOUTS], help="memory layout; auto measures too")
    add("--compile", action="store_true", help="torch.compile: slow to start, faster after (needs a C++ compiler)")
    add("--threads", type=int, help="processor threads of torch (default: its own choice); fewer where others compute too")
    add("--workers", type=int, help="processes that load pictures (default 1)")

    add = parser.add_argument_group("files").add_argument
    add("--name", help="checkpoint and run folder name (default: TASK for l1+cgan, TASK-OBJECTIVE otherwise)")
    add("--runs", type=Path, help="where states, samples and logs go (default runs/)")
    add("--checkpoints", type=Path, help="where the finished model goes (default checkpoints/)")
    add("--resume", metavar="NAME", help="go on with runs/NAME, with its own options; others given here replace them")
    add("--overwrite", action="store_true", help="start again although runs/NAME exists")
    add("--log-every", type=int, metavar="STEPS")
    add("--sample-every", type=int, metavar="EPOCHS", help="sample grids (default 5)")
    add("--validate-every", type=int, metavar="EPOCHS", help="measures on val (default 10, 0 never before the end)")
    add("--validate-pairs", type=int, help="pairs to measure on while training (default 50); at the end all are used")
    add(
        "--export-every",
        type=int,
        metavar="EPOCHS",
        help="write the checkpoint while training too (default 0: at the end)",
    )
    add("--save-minutes", type=float, help="save the state this often (default 5)")
    add("--license", "--licence", help="license of the model, written on its card")
    add("--notes", help="a paragraph for its card")
    add("--push-to-hub", metavar="OWNER/REPO", help="publish the finished model to this repository of the Hugging Face Hub")
    return parser


def _american(word: str) -> str:
    return word.replace("colour", "color")
