"""What several commands share."""

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from pix2pix.checkpoint.catalog import find_local
from pix2pix.checkpoint.config import CheckpointError
from pix2pix.checkpoint.folder import CONFIG_FILE
from pix2pix.hub.progress import Progress
from pix2pix.hub.pull import ensure
from pix2pix.hub.sources import is_remote

CHECKPOINT_HELP = "a name in checkpoints/, a folder, or a model of the Hub (owner/name), which is pulled once"

# Declares a command: its name, function and help, and gives `add_argument` of its parser.
Command = Callable[[str, Callable[[argparse.Namespace], None], str], Callable[..., argparse.Action]]


def find_checkpoint(checkpoints: Path, name: str) -> Path:
    """Return the folder of a checkpoint: a name in checkpoints/, a path, or what is pulled from the Hub if it is not here yet.

    Raise CheckpointError listing what there is, or HubError.
    """
    if folder := find_local(checkpoints, name):
        return folder
    if is_remote(name):
        with download_bar() as progress:
            return ensure(name, checkpoints, progress)
    known = sorted(path.parent.name for path in checkpoints.glob(f"*/{CONFIG_FILE}"))
    raise CheckpointError(f"there is no checkpoint {name}. Known: {', '.join(known) or 'none'}.")


@contextlib.contextmanager
def download_bar() -> Iterator[Callable[[Progress], None]]:
    """Yield a progress bar for `pull`, with bytes, total, speed and time left."""
    with tqdm(unit="B", unit_scale=True, unit_divisor=1000, delay=0.5) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.total
            bar.set_description(progress.file, refresh=False)
            bar.update(progress.done - bar.n)

        yield show
