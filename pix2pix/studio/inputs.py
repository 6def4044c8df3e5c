"""Inputs to start from: facades and towns drawn by seed, the project's own examples, and a picture for each task's card."""

import asyncio
import functools
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.catalog import FULL_OBJECTIVE, Entry
from pix2pix.checkpoint import SAMPLES_FOLDER
from pix2pix.images import pictures_in, read_image, read_square
from pix2pix.scenes import facade_labels, town_map
from pix2pix.studio.engine import Engine, Request
from pix2pix.studio.tasks import Task
from pix2pix.studio.wire import SIDE

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CARD_SIDE = 128
MAP_TASK = "map2aerial"


def examples_of(task: Task) -> list[Path]:
    """The project's own example inputs of a task."""
    folder = EXAMPLES / task.name
    return pictures_in(folder) if folder.is_dir() else []


def has_random(task: Task, engine: Engine) -> bool:
    """Whether `random_input` has something to give."""
    if task.source in ("facade", "town"):
        return True
    return bool(examples_of(task)) or (task.source == "aerial" and MAP_TASK in engine.models())


async def random_input(task: Task, seed: int, engine: Engine) -> np.ndarray:
    """An input for a task, 256 x 256 x 3 uint8, the same for the same seed. Call only if `has_random`."""
    if task.source == "facade":
        return await asyncio.to_thread(facade_labels, seed, SIDE)
    if task.source == "town":
        return await asyncio.to_thread(town_map, seed, SIDE)
    if examples := examples_of(task):
        return await asyncio.to_thread(read_square, examples[seed % len(examples)], SIDE)
    # Without photographs of its own, the studio takes the aerial view its other model imagines of a drawn town.
    town = await asyncio.to_thread(town_map, seed, SIDE)
    answer = await asyncio.wrap_future(engine.submit(Request(MAP_TASK, town)))
    return answer.pictures.get(FULL_OBJECTIVE, next(iter(answer.pictures.values())))


def card_picture(task: Task, entries: dict[str, Entry]) -> np.ndarray | None:
    """Input and output side by side from a model's samples, 128 x 256 x 3 uint8; of a model without samples a drawn input."""
    entry = entries.get(FULL_OBJECTIVE) or next(iter(entries.values()))
    folder = entry.folder / SAMPLES_FOLDER
    for path in pictures_in(folder) if folder.is_dir() else []:
        try:
            return _halves(path, path.stat().st_mtime_ns)
        except (OSError, ValueError):
            continue
    draw = {"facade": facade_labels, "town": town_map}.get(task.source)
    return (
        None
        if draw is None
        else np.concatenate([draw(seed, CARD_SIDE) for seed in (task.first_seed, task.first_seed + 1)], axis=1)
    )


@functools.lru_cache(maxsize=64)
def _halves(path: Path, _changed: int) -> np.ndarray:
    """A sample file's two halves, reduced."""
    sample = read_image(path)
    half = sample.width // 2
    halves = [sample.crop((left, 0, left + half, sample.height)) for left in (0, half)]
    return np.concatenate([np.asarray(part.resize((CARD_SIDE, CARD_SIDE), Image.Resampling.LANCZOS)) for part in halves], axis=1)
