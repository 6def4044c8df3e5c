"""How much a model's pictures depend on its noise: what two seeds change, measured once a model."""

import asyncio

import numpy as np

from pix2pix.checkpoint.catalog import UsableEntry
from pix2pix.checkpoint.folder import file_versions
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.inputs import has_random, random_input
from pix2pix.studio.jobs import Request
from pix2pix.studio.tasks import task_facts

SEEDS = (1, 2)


class NoiseSpread:
    """Measures the models of an engine, and keeps what it measured until a model's files change."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._known: dict[str, tuple[tuple, float | None]] = {}  # by name: the versions of the files, the spread

    async def measure(self, name: str) -> float | None:
        """Return how far two seeds' pictures of one of the task's ready inputs are apart, the mean over all values, 0 to 255.

        None for a task without ready inputs. Raise RefusedError.
        """
        entry = next((each for each in self.engine.entries() if each.name == name and isinstance(each, UsableEntry)), None)
        if not isinstance(entry, UsableEntry):
            raise RefusedError("This model is not here any more.")
        versions = file_versions(entry.folder)
        if self._known.get(name, (None,))[0] != versions:
            self._known[name] = versions, await self._between_seeds(entry)
        return self._known[name][1]

    async def _between_seeds(self, entry: UsableEntry) -> float | None:
        task = task_facts(entry.config.task)
        if not has_random(task, self.engine):
            return None
        drawing = await random_input(task, task.first_seed, self.engine)
        requests = [Request(task.name, drawing, seed, models=(entry.name,)) for seed in SEEDS]
        responses = await asyncio.gather(*(asyncio.wrap_future(self.engine.submit(request)) for request in requests))
        first, second = (response.pictures[entry.name].astype(np.float32) for response in responses)
        return round(float(np.abs(first - second).mean()), 2)
