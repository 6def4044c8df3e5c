"""Inputs to start from: the project's own examples, models' samples, and a picture for each task's card."""

import asyncio
import contextlib
import functools
from pathlib import Path

import numpy as np
from PIL import Image

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE, UsableEntry
from pix2pix.checkpoint.folder import SAMPLES_FOLDER
from pix2pix.data.examples import examples_of, random_examples_of
from pix2pix.data.framing import SIDE
from pix2pix.data.images import read_square
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.jobs import Request
from pix2pix.studio.pictures import halves, picture_url, samples_in
from pix2pix.studio.tasks import Task

CARD_SIDE = 128
MAP_TASK = "map2aerial"


def has_random(task: Task, engine: Engine) -> bool:
    """Return whether `random_input` has something to give."""
    return bool(examples_of(task.name) or _has_aerial(task, engine) or _samples(task, engine))


async def random_input(task: Task, seed: int, engine: Engine) -> np.ndarray:
    """Choose an input for a task, 256 x 256 x 3 uint8, the same for the same seed. Call only if `has_random`.

    Raise RefusedError.
    """
    if _has_aerial(task, engine):
        # More aerial views than there are examples: what its other model imagines of drawn towns.
        town = await asyncio.to_thread(_one_of, random_examples_of(MAP_TASK), seed)
        model = list(engine.models()[MAP_TASK].values())[-1].name  # the full one where it is installed
        response = await asyncio.wrap_future(engine.submit(Request(MAP_TASK, town, models=(model,))))
        return response.pictures[model]
    if examples := random_examples_of(task.name):
        return await asyncio.to_thread(_one_of, examples, seed)
    samples = _samples(task, engine)
    sample = await asyncio.to_thread(halves, samples[seed % len(samples)], SIDE)
    if sample is None:
        raise RefusedError("This model's sample cannot be read.")
    return np.asarray(sample[0])


def _one_of(examples: list[Path], seed: int) -> np.ndarray:
    return read_square(examples[seed % len(examples)], SIDE)


def card_url(task: Task, entries: dict[str, UsableEntry]) -> str | None:
    """Return a picture for a task's card, 256 x 128: input and output of a sample of its models, else two example inputs."""
    for path in _samples_of(entries):
        with contextlib.suppress(OSError):  # replaced at this moment
            if url := _sample_url(path, path.stat().st_mtime_ns):
                return url
    return _drawn_url(task.name)


def _has_aerial(task: Task, engine: Engine) -> bool:
    return task.source == "aerial" and MAP_TASK in engine.models() and bool(examples_of(MAP_TASK))


def _samples(task: Task, engine: Engine) -> list[Path]:
    return _samples_of(engine.models().get(task.name, {}))


def _samples_of(entries: dict[str, UsableEntry]) -> list[Path]:
    """Return the sample files of a task's models, those of the full one first."""
    in_turn = sorted(entries, key=lambda objective: objective != FULL_OBJECTIVE)
    return [path for objective in in_turn for path in samples_in(entries[objective].folder / SAMPLES_FOLDER)]


@functools.lru_cache(maxsize=64)
def _sample_url(path: Path, _changed: int) -> str | None:
    sample = halves(path, CARD_SIDE)
    return picture_url(_beside(*sample)) if sample else None


@functools.lru_cache(maxsize=64)
def _drawn_url(name: str) -> str | None:
    drawn = [read_square(path, CARD_SIDE) for path in examples_of(name)[:2]]
    return picture_url(_beside(*drawn)) if drawn else None


def _beside(*pictures: np.ndarray | Image.Image) -> np.ndarray:
    return np.concatenate([np.asarray(picture) for picture in pictures], axis=1)
