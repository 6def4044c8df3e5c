"""Pictures larger than a drawing: translated tile by tile through the engine's queue, so that nobody's drawing waits for them."""

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import numpy as np

from pix2pix.inference.tiles import translate_tiles
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import BusyError, RefusedError
from pix2pix.studio.files import TempPictures
from pix2pix.studio.jobs import Request, Response

# How many are translated at the same time, and how many more may wait: each takes up to 100 MB while it is its turn.
MAX_RUNNING = 2
MAX_JOBS = 8
# A page that has not asked for so long has gone. Browsers let hidden pages ask once a minute.
PAGE_TIMEOUT_S = 90.0
# Tiles asked for at the same time. On a CPU more are no faster, and a drawing that comes in between waits for all of them.
TILE_BATCH = 1
RETRY_S = 0.5
FETCH_TIMEOUT_S = 5.0
QUEUE_TIMEOUT_S = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Large:
    """Translated pictures, H x W x 3 uint8, by objective, and the seconds from the first tile to the last.

    Instead of pictures a watched job has addresses, which the page can fetch until it stops the job.
    """

    pictures: dict[str, np.ndarray]
    seconds: float
    device: str
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Job:
    """A large picture on its way. `share` is how much of it is done, None as long as it waits for others'."""

    request: Request
    number: str = field(default_factory=lambda: secrets.token_hex(8))
    future: "Future[Large]" = field(default_factory=Future)
    share: float | None = None
    seen: float = field(default_factory=time.monotonic)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def watched(self) -> bool:
        return self.seen < math.inf

    @property
    def abandoned(self) -> bool:
        return time.monotonic() - self.seen > PAGE_TIMEOUT_S

    @property
    def over(self) -> bool:
        """Whether nobody wants it any more."""
        return self.stopped.is_set() or self.abandoned


class LargePictures:
    """The large pictures that were requested, found again by number; of one `page` only the newest."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._turns = threading.BoundedSemaphore(MAX_RUNNING)
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, request: Request, watched: bool = True) -> Job:
        """Start on a picture of any size; what the same page requested before is dropped. Raise RefusedError, BusyError.

        `watched` ones end when nobody looks at them any more, and their pictures become files.
        """
        facts_of(self._engine, request.task)
        job = Job(request, seen=time.monotonic() if watched else math.inf)
        with self._lock:
            for other in list(self._jobs.values()):
                if other.abandoned or (request.page is not None and other.request.page == request.page):
                    self._jobs.pop(other.number).stopped.set()
            if len(self._jobs) >= MAX_JOBS:
                raise BusyError("Many people are translating large pictures right now. Please try again in a minute.")
            self._jobs[job.number] = job
        threading.Thread(target=self._run, args=[job], name="tiles", daemon=True).start()
        return job

    def look(self, number: str) -> Job:
        """Return the job of a picture. Raise RefusedError if there is none, or no longer."""
        with self._lock:
            job = self._jobs.get(number)
        if job is None:
            raise RefusedError("This translation was stopped. Please start it again.")
        job.seen = time.monotonic()
        return job

    def stop(self, number: str) -> None:
        """End and forget a picture, finished or not."""
        with self._lock:
            job = self._jobs.pop(number, None)
        if job is not None:
            job.stopped.set()

    def _run(self, job: Job) -> None:
        files = None
        try:
            with self._turns:
                _advance(job, 0.0)
                large = translate_large(self._engine, job.request, lambda share: _advance(job, share))
                if job.watched:
                    files = TempPictures(large.pictures)
                    large = replace(large, pictures={}, addresses=files.addresses)
            job.future.set_result(large)
            while files and not job.over:  # the page is about to fetch them
                job.stopped.wait(FETCH_TIMEOUT_S)
        except RefusedError as refusal:
            job.future.set_exception(refusal)
        except Exception as error:  # whatever happens, the page has to be told
            log.error("a large translation failed", exc_info=error)
            job.future.set_exception(RefusedError("The model failed on this picture. The server's log says why."))
        finally:
            if files:
                self.stop(job.number)  # first, so that nobody is given the address of a file that is gone
                files.delete()


def _advance(job: Job, share: float) -> None:
    if job.over:
        raise RefusedError("This translation was stopped.")
    job.share = share


def translate_large(engine: Engine, request: Request, progress: Callable[[float], None] = lambda share: None) -> Large:
    """Translate a picture of any size; blocks. What `progress` raises ends the work. Raise RefusedError.

    Between two tiles others have their turn.
    """
    side, objectives = facts_of(engine, request.task)
    started, device = time.perf_counter(), ""

    def translate(tiles: list[np.ndarray]) -> list[np.ndarray]:
        nonlocal device
        futures = [_submit(engine, replace(request, drawing=tile, page=None)) for tile in tiles]
        responses = [future.result() for future in futures]
        device = responses[0].device
        # The models' pictures of a tile side by side as channels: blended together.
        return [np.concatenate([response.pictures[objective] for objective in objectives], axis=2) for response in responses]

    blended = translate_tiles(request.drawing, translate, side, TILE_BATCH, progress)
    pictures = {name: np.ascontiguousarray(blended[..., 3 * place :][..., :3]) for place, name in enumerate(objectives)}
    return Large(pictures, time.perf_counter() - started, device)


def facts_of(engine: Engine, task: str) -> tuple[int, list[str]]:
    """Return the side of a task's tiles, which is what its models were trained at, and its objectives. Raise RefusedError."""
    entries = engine.models().get(task)
    if not entries:
        raise RefusedError("No model for this task is installed.")
    return next(iter(entries.values())).config.image_size, list(entries)


def _submit(engine: Engine, request: Request) -> "Future[Response]":
    """Submit a tile. Where the queue is full, tiles wait before people do."""
    end = time.monotonic() + QUEUE_TIMEOUT_S
    while True:
        try:
            return engine.submit(request)
        except BusyError:
            if time.monotonic() > end:
                raise
            time.sleep(RETRY_S)
