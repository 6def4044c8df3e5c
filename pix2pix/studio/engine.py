"""The one place where models run: a bounded queue, one worker, and requests of one kind computed together."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from pix2pix.catalog import FULL_OBJECTIVE, Entry, list_entries, tasks
from pix2pix.config import CheckpointError
from pix2pix.studio.tasks import in_order
from pix2pix.studio.wire import RefusedError
from pix2pix.translator import Translator, TranslatorCache

MAX_BATCH = 8
MAX_WAITING = 64
CATALOG_SECONDS = 2.0
SHOWN = ("l1", FULL_OBJECTIVE)
log = logging.getLogger(__name__)


class SupersededError(RefusedError):
    """The same page asked for a newer drawing before this one's turn came."""


class BusyError(RefusedError):
    """More requests wait than can be served soon."""


@dataclass(frozen=True, eq=False)
class Request:
    """One drawing to translate with both models of a task. `seed` None is without noise, `critic` asks for D's opinion too.

    `models` are names of the task's checkpoints to run instead of the L1-only and the full one. Of the requests of one
    `page` only the newest waits: an older one that has not been started is dropped.
    """

    task: str
    drawing: np.ndarray
    seed: int | None = None
    norm_statistics: str | None = None
    critic: bool = False
    models: tuple[str, ...] = ()
    page: str | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """Pictures, and where asked D's 30 x 30 maps, by objective, or by name where the request named its models.

    `judge` is the key of the model whose D gave its opinion; seconds is what the models took for the whole batch.
    """

    pictures: dict[str, np.ndarray]
    critic: dict[str, np.ndarray]
    judge: str | None
    seconds: float
    device: str


@dataclass(eq=False)
class _Job:
    request: Request
    future: Future = field(default_factory=Future)

    @property
    def kind(self) -> tuple:
        """Jobs of one kind can be computed together."""
        return self.request.task, self.request.seed is None, self.request.norm_statistics, self.request.models


class Engine:
    """Runs the models of a checkpoints folder for any number of callers. `start()` before the first request."""

    def __init__(self, checkpoints: Path, device: str = "auto"):
        self.checkpoints = checkpoints
        self.translators = TranslatorCache(device=device)
        self._pool = ThreadPoolExecutor(len(SHOWN), "model", initializer=_share_cores)
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._catalog: tuple[float, list[Entry]] = (-CATALOG_SECONDS, [])

    def start(self) -> None:
        """Starts the worker, which loads the models of every task before it serves."""
        threading.Thread(target=self._work, name="models", daemon=True).start()

    def entries(self) -> list[Entry]:
        """What stands in the checkpoints folder, read again every two seconds."""
        read, entries = self._catalog
        if time.monotonic() - read >= CATALOG_SECONDS:
            entries = list_entries(self.checkpoints)
            self._catalog = (time.monotonic(), entries)
        return entries

    def models(self) -> dict[str, dict[str, Entry]]:
        """The tasks in the order of their cards; of each the models to show by objective: L1 only, then the full model."""
        found = tasks(self.entries())
        return {task: _shown(found[task]) for task in in_order(list(found))}

    def choices(self, task: str) -> dict[str, Entry]:
        """Every usable model of a task by name, those that `models` shows first."""
        shown = {entry.name: entry for entry in self.models().get(task, {}).values()}
        return shown | {entry.name: entry for entry in self.entries() if entry.config and entry.config.task == task}

    def _asked(self, request: Request) -> dict[str, Entry]:
        """The models that a request is for, by the keys of its answer. Raises RefusedError."""
        shown = self.models().get(request.task)
        if shown is None:
            raise RefusedError("No model for this task is installed.")
        if not request.models:
            return shown
        choices = self.choices(request.task)
        if not set(request.models) <= choices.keys():
            raise RefusedError("This model is no longer installed. Choose another one.")
        return {name: choices[name] for name in request.models}

    def submit(self, request: Request) -> "Future[Answer]":
        """Queues a request. Raises RefusedError for an unknown task or model, BusyError when the queue is full."""
        if _judge(self._asked(request)) is None and request.critic:
            raise RefusedError("The critic's view needs a full L1 + cGAN model, and none is installed for this task.")
        job = _Job(request)
        with self._changed:
            for older in [each for each in self._waiting if request.page is not None and each.request.page == request.page]:
                self._waiting.remove(older)
                if older.future.set_running_or_notify_cancel():
                    older.future.set_exception(SupersededError("A newer drawing took this one's place."))
            if len(self._waiting) >= MAX_WAITING:
                raise BusyError("Many people are drawing right now. Your drawing is safe and will be tried again.")
            self._waiting.append(job)
            self._changed.notify()
        return job.future

    def _work(self) -> None:
        self._warm_up()
        while True:
            batch = self._next_batch()
            try:
                answers = self._compute([job.request for job in batch])
            except Exception as error:  # whatever a model does, the worker has to serve the next request
                for job in batch:
                    job.future.set_exception(_for_people(error))
            else:
                for job, answer in zip(batch, answers, strict=True):
                    job.future.set_result(answer)

    def _warm_up(self) -> None:
        """Loads every shown model and runs it once: the first call of a network is many times slower than the second."""
        blank = np.zeros((256, 256, 3), np.uint8)
        for task in self.models():
            if self._waiting:
                return  # someone is here already: what they ask for comes first
            try:
                self._compute([Request(task, blank)])
            except Exception as error:
                log.warning("%s cannot be warmed up: %s", task, error)

    def _next_batch(self) -> list[_Job]:
        """Waits for a job and takes with it those of its kind, cancelled ones dropped."""
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                kind = self._waiting[0].kind
                batch = [job for job in self._waiting if job.kind == kind][:MAX_BATCH]
                for job in batch:
                    self._waiting.remove(job)
            batch = [job for job in batch if job.future.set_running_or_notify_cancel()]
            if batch:
                return batch

    def _compute(self, requests: list[Request]) -> Iterable[Answer]:
        """Answers requests of one kind."""
        first = requests[0]
        started = time.perf_counter()
        drawings = [request.drawing for request in requests]
        seeds = None if first.seed is None else [request.seed for request in requests]
        entries = self._asked(first)
        judge = _judge(entries)
        translators: dict[str, Translator] = {}

        def translated(key: str) -> list[np.ndarray]:
            translators[key] = self.translators.get(entries[key].folder, first.norm_statistics)
            return translators[key].translate_batch(drawings, seeds)

        pictures = dict(zip(entries, self._pool.map(translated, entries), strict=True))
        answers = []
        for number, request in enumerate(requests):
            mine = {key: outputs[number] for key, outputs in pictures.items()}
            critic = _opinions(translators[judge], request.drawing, mine) if request.critic and judge else {}
            device = next(iter(translators.values())).device.type
            answers.append(Answer(mine, critic, judge if critic else None, time.perf_counter() - started, device))
        return answers


def _share_cores() -> None:
    """The models shown together run side by side, each on its share of the cores. One model on all of them is no faster, and
    far slower as soon as anything else, such as the browser, keeps one of its threads waiting.
    """
    torch.set_num_threads(max(1, torch.get_num_threads() // len(SHOWN)))


def _shown(objectives: dict[str, Entry]) -> dict[str, Entry]:
    """L1 only and the full model; a task that has neither shows the first it has."""
    shown = {objective: objectives[objective] for objective in SHOWN if objective in objectives}
    return shown or dict(list(objectives.items())[:1])


def _judge(entries: dict[str, Entry]) -> str | None:
    """The model whose discriminator gives its opinion: the full one's, else any; None without any."""
    judges = [key for key, entry in entries.items() if entry.config.discriminator]
    return min(judges, key=lambda key: entries[key].config.objective != FULL_OBJECTIVE, default=None)


def _opinions(judge: Translator, drawing: np.ndarray, pictures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if judge.discriminator is None:
        raise RefusedError("This model came without its discriminator, so there is no critic's view.")
    return {key: judge.judge(drawing, picture) for key, picture in pictures.items()}


def _for_people(error: Exception) -> Exception:
    """What may be shown: messages of our own stay, anything else is logged and named in general words, without paths."""
    if isinstance(error, RefusedError):
        return error
    log.error("a translation failed", exc_info=error)
    if isinstance(error, CheckpointError):
        return RefusedError(f"This model cannot be read: {error}.")
    return RefusedError("The model failed on this drawing. The server's log says why.")
