"""What train.py is doing now: the folders of runs/, by what they last wrote."""

import json
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pix2pix.data.images import pictures_in
from pix2pix.training.run_folder import OPTIONS_FILE, PROGRESS_FILE, SAMPLES_FOLDER, is_left

MAX_RUNS = 12
MAX_FOLDERS = 200
MAX_BYTES = 1 << 16
# How long without news until a run counts as ended: before its first row, between rows at least, and while it finishes.
START_TIMEOUT_S, QUIET_TIMEOUT_S, FINISH_TIMEOUT_S = 900, 120, 900
# News that are younger than this come from a process that lives, or from one whose end may wait so long.
SETTLING_S = 3
# What progress.json holds besides the losses.
OTHER_VALUES = ("step", "total", "epoch", "seconds_left", "finished", "updated")
log = logging.getLogger(__name__)

State = Literal["starting", "training", "finishing", "stopped"]


@dataclass(frozen=True)
class Run:
    """A training that is not in the list of models yet. `quiet` is how many seconds ago it last wrote something."""

    name: str
    folder: Path
    state: State
    task: str
    objective: str
    step: int
    total: int
    seconds_left: float | None
    losses: dict[str, float]
    quiet: float


def list_runs(runs: Path, now: float | None = None) -> list[Run]:
    """Return the runs that are going on, then the newest that stopped before their end. Finished ones are listed as models."""
    now = time.time() if now is None else now
    try:
        folders = [folder for folder in sorted(runs.iterdir()) if not folder.name.startswith(".") and folder.is_dir()]
    except OSError:
        return []
    found = [run for folder in folders[:MAX_FOLDERS] if (run := _read_or_none(folder, now))]
    return sorted(found, key=lambda run: (run.state == "stopped", run.quiet))[:MAX_RUNS]


def newest_sample(folder: Path) -> Path | None:
    """Return the sample grid that a run wrote last; a run that was started again overwrites from its first step on."""
    samples = folder / SAMPLES_FOLDER
    try:
        return max(pictures_in(samples), key=lambda path: path.stat().st_mtime_ns, default=None)
    except OSError:
        return None


def _read_or_none(folder: Path, now: float) -> Run | None:
    try:
        return _read(folder, now)
    except Exception as error:  # whatever one folder holds, the others are listed
        log.warning("%s cannot be read", folder, exc_info=error)
        return None


def _read(folder: Path, now: float) -> Run | None:
    options, progress = _json(folder / OPTIONS_FILE), _json(folder / PROGRESS_FILE)
    started = _changed(folder / OPTIONS_FILE)
    updated = _number(progress.get("updated"))
    state: State
    if started is not None and (updated is None or started > updated + 1):  # started, or started again
        progress, quiet = {}, now - started
        state = "starting" if quiet < START_TIMEOUT_S else "stopped"
    elif updated is None:
        return None
    else:
        quiet = now - updated
        if progress.get("finished") is True:
            return None
        left = (_number(progress.get("total")) or 0) - (_number(progress.get("step")) or 0)
        limit = _longest_wait(progress, options, left) if left > 0 else FINISH_TIMEOUT_S
        state = "stopped" if quiet > limit else "training" if left > 0 else "finishing"
    if quiet > SETTLING_S and is_left(folder):
        state = "stopped"
    values = {name: number for name, value in progress.items() if (number := _number(value)) is not None}
    return Run(
        folder.name,
        folder,
        state,
        str(options.get("task", ""))[:100],
        str(options.get("objective", ""))[:30],
        int(values.get("step", 0)),
        int(values.get("total", 0)),
        values.get("seconds_left"),
        {name[:60]: value for name, value in list(values.items())[:20] if name not in OTHER_VALUES},
        max(0.0, quiet),
    )


def _longest_wait(progress: dict, options: dict, steps_left: float) -> float:
    """Return how long the next row may take: four times as long as the last ones, validation and saving included."""
    steps = _number(options.get("log_every")) or 50
    return max(QUIET_TIMEOUT_S, 4 * steps * (_number(progress.get("seconds_left")) or 0) / steps_left)


def _json(path: Path) -> dict:
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
