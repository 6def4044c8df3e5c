"""The one place where models run: a bounded queue, two workers, and requests of one kind computed together."""

import logging
import threading
import time
import weakref
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE, Entry, UsableEntry, list_entries, tasks
from pix2pix.checkpoint.config import CheckpointError
from pix2pix.checkpoint.folder import file_versions
from pix2pix.data.framing import SIDE
from pix2pix.inference.stop import StoppedError
from pix2pix.inference.translator import Translator, TranslatorCache
from pix2pix.studio.errors import BusyError, RefusedError, SupersededError
from pix2pix.studio.jobs import Batch, Job, Model, Request, Response
from pix2pix.studio.tasks import in_order

MAX_BATCH = 8
MAX_WAITING = 64
CATALOG_CACHE_S = 2.0
SHOWN = ("l1", FULL_OBJECTIVE)
# Batches at once: while the pictures of one are read or written, the cores compute another.
WORKERS = 2
# How many requests' models are loaded at the same time.
LOADERS = 2
CORES = torch.get_num_threads()
log = logging.getLogger(__name__)


class Engine:
    """Runs the models of a checkpoints folder for any number of callers. `start()` before the first request.

    At most `max_waiting` requests wait; who comes later is told that the studio is busy.
    """

    def __init__(self, checkpoints: Path, device: str = "auto", max_waiting: int = MAX_WAITING):
        self.checkpoints, self.max_waiting = checkpoints, max_waiting
        self.translators = TranslatorCache(device=device)
        self._pool = ThreadPoolExecutor(WORKERS * len(SHOWN), "model", initializer=_share_cores)
        self._loader = ThreadPoolExecutor(LOADERS, "loader", initializer=_share_cores)
        self._loading: set[tuple] = set()  # kinds of jobs
        # Of every model the versions of the files that were read; the translator is gone where the cache dropped it.
        self._loaded: dict[Model, tuple[tuple, weakref.ref[Translator]]] = {}
        self._waiting: deque[Job] = deque()
        self._computing: list[Batch] = []
        self._changed = threading.Condition()
        self._opened = threading.Event()
        self._catalog: tuple[float, list[Entry]] = (-CATALOG_CACHE_S, [])

    def start(self) -> None:
        """Start the workers, and beside them the loading of the first task's models; the other tasks' follow after `opened`."""
        for _ in range(WORKERS):
            threading.Thread(target=self._work, name="models", daemon=True).start()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def opened(self) -> None:
        """Say that the page is served. Until then only the models that it opens with are loaded, so that nothing delays it."""
        self._opened.set()

    def entries(self) -> list[Entry]:
        """Return what stands in the checkpoints folder, read again every two seconds."""
        read, entries = self._catalog
        if time.monotonic() - read >= CATALOG_CACHE_S:
            entries = list_entries(self.checkpoints)
            self._catalog = (time.monotonic(), entries)
        return entries

    def models(self) -> dict[str, dict[str, UsableEntry]]:
        """Return the tasks in the order of their cards; of each the models to show by objective: L1 only, then the full model."""
        found = tasks(self.entries())
        return {task: _shown(found[task]) for task in in_order(list(found))}

    def choices(self, task: str) -> dict[str, UsableEntry]:
        """Return every usable model of a task by name, those that `models` shows first."""
        shown = {entry.name: entry for entry in self.models().get(task, {}).values()}
        usable = [entry for entry in self.entries() if isinstance(entry, UsableEntry)]
        return shown | {entry.name: entry for entry in usable if entry.config.task == task}

    def _entries_of(self, request: Request) -> dict[str, UsableEntry]:
        """Return the models that a request is for, by the keys of its response. Raise RefusedError."""
        shown = self.models().get(request.task)
        if shown is None:
            raise RefusedError("No model for this task is installed.")
        if not request.models:
            return shown
        choices = self.choices(request.task)
        if not set(request.models) <= choices.keys():
            raise RefusedError("This model is no longer installed. Choose another one.")
        return {name: choices[name] for name in request.models}

    def submit(self, request: Request) -> "Future[Response]":
        """Queue a request. Raise RefusedError for an unknown task or model, BusyError when the queue is full."""
        job = Job(request, self._entries_of(request))
        if _discriminator_of(job.entries) is None and request.patch_scores:
            raise RefusedError("The critic's view needs a full L1 + cGAN model, and none is installed for this task.")
        with self._changed:
            if request.page is not None:
                self._supersede(request.page)
            if len(self._waiting) >= self.max_waiting:
                raise BusyError("Many people are drawing right now. Your drawing is safe and will be tried again.")
            self._waiting.append(job)
            self._changed.notify()
        return job.future

    def _supersede(self, page: str) -> None:
        """Drop what a page requested before, and stop what is computed for it alone: its last drawing waits for nothing."""
        for older in [each for each in self._waiting if each.request.page == page]:
            self._waiting.remove(older)
            if older.future.set_running_or_notify_cancel():
                older.future.set_exception(_superseded())
        for batch in self._computing:
            if all(job.request.page == page for job in batch.jobs):
                batch.stop.set()

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            try:
                responses = self._compute(batch)
            except StoppedError:
                _fail(batch.jobs, _superseded())
            except Exception as error:  # whatever a model does, the worker has to serve the next request
                _fail(batch.jobs, error)
            else:
                for job, response in zip(batch.jobs, responses, strict=True):
                    job.future.set_result(response)
            with self._changed:
                self._computing.remove(batch)

    def _next_batch(self) -> Batch:
        """Wait for a job whose models are loaded and take with it those of its kind, canceled ones dropped."""
        while True:
            with self._changed:
                while (first := next((job for job in self._waiting if self._ready(job)), None)) is None:
                    self._changed.wait()
                jobs = self._take(first.kind, MAX_BATCH)
                batch = Batch([job for job in jobs if job.future.set_running_or_notify_cancel()])
                if batch.jobs:
                    self._computing.append(batch)
                    return batch

    def _take(self, kind: tuple, limit: int | None = None) -> list[Job]:
        """Return the first `limit` waiting jobs of a kind, which no longer wait."""
        jobs = [job for job in self._waiting if job.kind == kind][:limit]
        for job in jobs:
            self._waiting.remove(job)
        return jobs

    def _ready(self, job: Job) -> bool:
        """Return whether a job's models are loaded.

        Where they are not, that is started elsewhere: nobody else's job waits for it.
        """
        if job.kind in self._loading:
            return False
        if job.fetched or all(map(self._is_loaded, job.models)):
            return True
        self._loading.add(job.kind)
        self._loader.submit(self._fetch, job)
        return False

    def _is_loaded(self, model: Model) -> bool:
        versions, translator = self._loaded.get(model, (None, lambda: None))
        return translator() is not None and versions == file_versions(model[0])

    def _fetch(self, job: Job) -> None:
        """Load the models that jobs of one kind wait for, or tell them why not."""
        failure = None
        try:
            self._load(job.models)
        except Exception as error:  # whatever a folder holds
            failure = error
        with self._changed:
            self._loading.remove(job.kind)
            failed = self._take(job.kind) if failure else []
            for each in self._waiting:
                each.fetched |= each.kind == job.kind
            self._changed.notify()
        if failure:
            _fail([each for each in failed if each.future.set_running_or_notify_cancel()], failure)

    def _load(self, models: list[Model]) -> None:
        """Load models and run each once: the first call of a network is many times slower than the second."""
        for model in models:
            versions = file_versions(model[0])
            translator = self.translators.get(*model)
            translator.translate(np.zeros((SIDE, SIDE, 3), np.uint8))
            self._loaded[model] = versions, weakref.ref(translator)

    def _warm_up(self) -> None:
        """Load what the tasks show; what somebody waits for comes first."""
        _share_cores()
        for task, entries in self.models().items():
            while self._loading:
                time.sleep(0.1)
            models: list[Model] = [(entry.folder, None) for entry in entries.values()]
            try:
                self._load(models)
            except Exception as error:
                log.warning("%s cannot be warmed up: %s", task, error)
            self._opened.wait()

    def _compute(self, batch: Batch) -> list[Response]:
        """Run jobs of one kind. Raise StoppedError."""
        started, jobs = time.perf_counter(), batch.jobs
        first, entries = jobs[0].request, jobs[0].entries
        drawings = [job.request.drawing for job in jobs]
        # Of jobs of one kind either all have a seed or none.
        seeds = [job.request.seed for job in jobs if job.request.seed is not None] or None
        discriminator = _discriminator_of(entries)
        translators: dict[str, Translator] = {}

        def translate(key: str) -> list[np.ndarray]:
            translators[key] = self.translators.get(entries[key].folder, first.norm_statistics)
            return translators[key].translate_batch(drawings, seeds, batch.stop)

        pictures = dict(zip(entries, self._pool.map(translate, entries), strict=True))
        responses = []
        for number, job in enumerate(jobs):
            mine = {key: outputs[number] for key, outputs in pictures.items()}
            scores = {}
            if discriminator and job.request.patch_scores:
                scores = _score_patches(translators[discriminator], job.request.drawing, mine)
            device = next(iter(translators.values())).device.type
            seconds = time.perf_counter() - started
            responses.append(Response(mine, scores, discriminator if scores else None, seconds, device))
        return responses


def _share_cores() -> None:
    """Give the calling thread, and each network that it loads, its share of the cores.

    The models shown together run side by side on a share each. One after the other on all cores took 10 % longer on two, and
    far longer as soon as anything else, such as the browser, kept one of the threads waiting that work in step.
    """
    torch.set_num_threads(max(1, CORES // len(SHOWN)))


def _shown(objectives: dict[str, UsableEntry]) -> dict[str, UsableEntry]:
    """Return L1 only and the full model; of a task that has neither, the first it has."""
    shown = {objective: objectives[objective] for objective in SHOWN if objective in objectives}
    return shown or dict(list(objectives.items())[:1])


def _discriminator_of(entries: dict[str, UsableEntry]) -> str | None:
    """Return the model whose discriminator scores the patches: the full one's, else any; None without any."""
    found = [key for key, entry in entries.items() if entry.config.discriminator]
    return min(found, key=lambda key: entries[key].config.objective != FULL_OBJECTIVE, default=None)


def _score_patches(translator: Translator, drawing: np.ndarray, pictures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if translator.discriminator is None:
        raise RefusedError("This model came without its discriminator, so there is no critic's view.")
    return {key: translator.patch_scores(drawing, picture) for key, picture in pictures.items()}


def _superseded() -> SupersededError:
    return SupersededError("A newer drawing took this one's place.")


def _fail(jobs: list[Job], error: Exception) -> None:
    for job in jobs:
        job.future.set_exception(_for_people(error))


def _for_people(error: Exception) -> RefusedError:
    """Return an error that may be shown: refusals stay, anything else is logged and described in general words, without paths."""
    if isinstance(error, RefusedError):
        return error
    log.error("a translation failed", exc_info=error)
    if isinstance(error, CheckpointError):
        return RefusedError(f"This model cannot be read: {error}.")
    return RefusedError("The model failed on this drawing. The server's log says why.")
