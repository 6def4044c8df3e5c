"""What the engine takes and returns, and the jobs that it makes of that."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pix2pix.checkpoint.catalog import UsableEntry
from pix2pix.inference.stop import Stop


@dataclass(frozen=True, eq=False)
class Request:
    """One drawing to translate with both models of a task. `seed` None is without noise, `patch_scores` asks for D's maps too.

    `models` are names of the task's checkpoints to run instead of the L1-only and the full one. Of the requests of one
    `page` only the newest counts: an older one is dropped, and stopped where it is computed for that page alone.
    """

    task: str
    drawing: np.ndarray
    seed: int | None = None
    norm_statistics: str | None = None
    patch_scores: bool = False
    models: tuple[str, ...] = ()
    page: str | None = None


@dataclass(frozen=True, eq=False)
class Response:
    """Pictures, and where requested D's 30 x 30 maps, by objective, or by name where the request named its models.

    `discriminator` is the key of the model whose D scored the patches; seconds is what the models took for the whole batch.
    """

    pictures: dict[str, np.ndarray]
    patch_scores: dict[str, np.ndarray]
    discriminator: str | None
    seconds: float
    device: str


Model = tuple[Path, str | None]  # a folder and the norm statistics to run it with


@dataclass(eq=False)
class Job:
    """A request with the models that it is for, by the keys of its response. `fetched` says that they were loaded for it."""

    request: Request
    entries: dict[str, UsableEntry]
    future: "Future[Response]" = field(default_factory=Future)
    fetched: bool = False

    @property
    def kind(self) -> tuple:
        """Jobs of one kind can be computed together."""
        return self.request.task, self.request.seed is None, self.request.norm_statistics, self.request.models

    @property
    def models(self) -> list[Model]:
        """What has to be loaded."""
        return [(entry.folder, self.request.norm_statistics) for entry in self.entries.values()]


@dataclass(eq=False)
class Batch:
    """Jobs of one kind that are computed together."""

    jobs: list[Job]
    stop: Stop = field(default_factory=Stop)
