"""What a run leaves on disk: its state, history, TensorBoard events, sample grids and progress."""

import contextlib
import csv
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from pix2pix.checkpoint.atomic import locked, write_atomically
from pix2pix.checkpoint.folder import HISTORY_FILE, SAMPLES_FOLDER

STATE_FILE = "state.pt"
PROGRESS_FILE = "progress.json"
OPTIONS_FILE = "options.json"
PROCESS_FILE = "process.txt"
STATE_KEYS = {"done", "precision", "seconds", "order", "step"}
BOARD_FOLDER = "tensorboard"


class RunError(Exception):
    """A run cannot go on; the message says why and what to do."""


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Put state.pt in place in one step. Raise OSError on a full disk."""
    path = folder / STATE_FILE
    try:
        write_atomically(path, lambda temporary: torch.save(state, temporary))
    except RuntimeError as error:  # what torch raises when it cannot write
        raise OSError(f"{path} cannot be written, is the disk full? ({error})") from None


def load_state(folder: Path) -> dict[str, Any]:
    """Load the state that `save_state` kept, on the CPU. Raise RunError if there is none, or none that can be read."""
    path = folder / STATE_FILE
    if not path.exists():
        raise RunError(f"{path} is missing: there is nothing to resume. Start without --resume.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's readers fail on damaged bytes in many ways, most of them in several lines
        raise RunError(f"{path} cannot be read ({type(error).__name__}). Start again with --overwrite.") from error
    if not isinstance(state, dict) or not state.keys() >= STATE_KEYS:
        raise RunError(f"{path} is not the state of a run. Start again with --overwrite.")
    return state


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run for this process alone. Raise RunError naming the process that trains it already."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / PROCESS_FILE
    with locked(folder, wait=False) as free:
        if not free and (other := _process_in(note)):
            raise RunError(
                f"{folder} is being trained by process {other}: wait until it ends, stop it, or choose another --name."
            )
        note.write_text(str(os.getpid()))
        try:
            yield
        finally:
            if not (folder / OPTIONS_FILE).exists():  # else it stays, so that others see that the run is over: `is_left`
                note.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a run that could not begin leaves nothing
                for each in made:
                    each.rmdir()


def is_left(folder: Path) -> bool:
    """Return whether the process that trained a run has ended, however that happened: its note is there and its lock is free.

    False also where that cannot be told, as on network disks without locks and for runs of earlier versions.
    """
    try:
        if not (folder / PROCESS_FILE).exists():
            return False
        with locked(folder, wait=False) as free:
            return free
    except OSError:
        return False


def _process_in(note: Path) -> int | None:
    """The process that a note names, if it still runs as far as can be told."""
    try:
        number = int(note.read_text())
        if os.name != "nt":  # where asking ends the process that is asked
            os.kill(number, 0)
    except (OSError, ValueError):
        return None
    return number


def clear(folder: Path) -> None:
    """Remove the files of an earlier run from its folder, so that they are not mistaken for the new run's."""
    for name in (STATE_FILE, HISTORY_FILE, PROGRESS_FILE):
        (folder / name).unlink(missing_ok=True)
    for name in (SAMPLES_FOLDER, BOARD_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)


def write_progress(folder: Path, **values: Any) -> None:
    """Write progress.json, what the studio shows of a model that is being trained."""
    text = json.dumps({**values, "updated": time.time()})
    write_atomically(folder / PROGRESS_FILE, lambda path: path.write_text(text, encoding="utf-8"))


class RunLogger:
    """Writes the history, TensorBoard events and sample grids of the run in `folder`, from `step` on."""

    def __init__(self, folder: Path, step: int):
        # Importing TensorBoard takes seconds: only a run pays for it.
        from torch.utils.tensorboard import SummaryWriter

        self.folder = folder
        (folder / SAMPLES_FOLDER).mkdir(parents=True, exist_ok=True)
        self.rows = [row for row in read_history(folder / HISTORY_FILE) if row["step"] <= step]
        self._excepthook, threading.excepthook = threading.excepthook, self._report
        self.board = SummaryWriter(str(folder / BOARD_FOLDER), purge_step=step + 1)

    def log(self, step: int, epoch: float, values: dict[str, float]) -> None:
        """Write one row of the history: losses, or validation measures under names that start with `val_`."""
        if self.rows and self.rows[-1]["step"] == step:
            self.rows[-1].update(values)
        else:
            self.rows.append({"step": step, "epoch": round(epoch, 4), **values})
        for name, value in values.items():
            self.board.add_scalar(name, value, step)
        write_atomically(self.folder / HISTORY_FILE, self._write_history)

    def _write_history(self, path: Path) -> None:
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            for row in self.rows:
                writer.writerow({name: f"{value:.6g}" for name, value in row.items()} | {"step": int(row["step"])})

    def log_samples(self, step: int, rows: list[list[np.ndarray]]) -> None:
        """Write a grid of H x W x 3 uint8 pictures, a row each of input, output, truth."""
        grid = np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)
        target = self.folder / SAMPLES_FOLDER / f"step_{step:08}.jpg"
        write_atomically(target, lambda path: Image.fromarray(grid).save(path, "JPEG", quality=90))
        self.board.add_image("input | output | truth", grid, step, dataformats="HWC")

    def _report(self, failure: threading.ExceptHookArgs) -> None:
        # TensorBoard's thread hands a failure to write to the next `log`, which raises it: it need not be printed as well.
        if not isinstance(failure.exc_value, OSError):
            self._excepthook(failure)

    def close(self) -> None:
        """Write what is still in memory."""
        self.board.close()
        threading.excepthook = self._excepthook


def read_history(path: Path) -> list[dict[str, float]]:
    """Read the rows of history.csv that have a step and no more values than columns, numbers only; an absent file has none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file) if None not in row]
    return [row for row in rows if "step" in row]
