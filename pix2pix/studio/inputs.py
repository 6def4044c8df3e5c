"""Inputs to start from: facades and towns drawn by seed, the project's own examples, and a picture for each task's card."""

import asyncio
import contextlib
import functools
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.catalog import FULL_OBJECTIVE, Entry
from pix2pix.checkpoint import SAMPLES_FOLDER
from pix2pix.framing import SIDE
from pix2pix.images import pictures_in, read_square
from pix2pix.scenes import facade_labels, town_map
from pix2pix.studio.engine import Engine, Request
from pix2pix.studio.previews import halves, samples_in
from pix2pix.studio.tasks import Task, task_facts
from pix2pix.studio.wire import RefusedError, picture_url

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CARD_SIDE = 128
MAP_TASK = "map2aerial"


def examples_of(task: Task) -> list[Path]:
    """The project's own example inputs of a task."""
    folder = EXAMPLES / task.name
    return pictures_in(folder) if folder.is_dir() else []


def has_random(task: Task, engine: Engine) -> bool:
    """Whether `random_input` has something to give."""
    return bool(task.source in ("facade", "town") or examples_of(task) or _has_aerial(task, engine) or _samples(task, engine))


async def random_input(task: Task, seed: int, engine: Engine) -> np.ndarray:
    """An input for a task, 256 x 256 x 3 uint8, the same for the same seed. Call only if `has_random`. Raises RefusedError."""
    if task.source == "facade":
        return await asyncio.to_thread(facade_labels, seed, SIDE)
    if task.source == "town":
        return await asyncio.to_thread(town_map, seed, SIDE)
    if _has_aerial(task, engine):
        # There is no end to the aerial views that its other model imagines of drawn towns.
        town = await asyncio.to_thread(town_map, seed, SIDE)
        model = list(engine.models()[MAP_TASK].values())[-1].name  # the full one where it is installed
        answer = await asyncio.wrap_future(engine.submit(Request(MAP_TASK, town, models=(model,))))
        return answer.pictures[model]
    if examples := examples_of(task):
        return await asyncio.to_thread(read_square, examples[seed % len(examples)], SIDE)
    samples = _samples(task, engine)
    sample = await asyncio.to_thread(halves, samples[seed % len(samples)], SIDE)
    if sample is None:
        raise RefusedError("This model's sample cannot be read.")
    return np.asarray(sample[0])


def card_url(task: Task, entries: dict[str, Entry]) -> str | None:
    """A picture for a task's card, 256 x 128: input and output from its models' samples; without samples two drawn inputs."""
    for path in _samples_of(entries):
        with contextlib.suppress(OSError):  # replaced at this moment
            if url := _sample_url(path, path.stat().st_mtime_ns):
                return url
    return _drawn_url(task.name)


def _has_aerial(task: Task, engine: Engine) -> bool:
    return task.source == "aerial" and MAP_TASK in engine.models()


def _samples(task: Task, engine: Engine) -> list[Path]:
    return _samples_of(engine.models().get(task.name, {}))


def _samples_of(entries: dict[str, Entry]) -> list[Path]:
    """The sample files of a task's models, those of the full one first."""
    in_turn = sorted(entries, key=lambda objective: objective != FULL_OBJECTIVE)
    return [path for objective in in_turn for path in samples_in(entries[objective].folder / SAMPLES_FOLDER)]


@functools.lru_cache(maxsize=64)
def _sample_url(path: Path, _changed: int) -> str | None:
    sample = halves(path, CARD_SIDE)
    return picture_url(_beside(*sample)) if sample else None


@functools.lru_cache(maxsize=64)
def _drawn_url(name: str) -> str | None:
    task = task_facts(name)
    if task.source == "facade":
        drawn = [facade_labels(task.first_seed + number, CARD_SIDE) for number in range(2)]
    elif task.source in ("town", "aerial"):  # what goes in, or what comes out
        drawn = [town_map(task.first_seed + number, CARD_SIDE) for number in range(2)]
    else:
        drawn = [read_square(path, CARD_SIDE) for path in examples_of(task)[:2]]
    return picture_url(_beside(*drawn)) if drawn else None


def _beside(*pictures: np.ndarray | Image.Image) -> np.ndarray:
    return np.concatenate([np.asarray(picture) for picture in pictures], axis=1)
