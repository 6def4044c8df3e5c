"""Pulls in the background: one at a time, a few waiting, the same for every visitor."""

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pix2pix.checkpoint.catalog import known_models
from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Progress
from pix2pix.hub.pull import forget_download, pull
from pix2pix.studio.errors import RefusedError, without_paths
from pix2pix.studio.requests import CancelRequest, PullRequest

MAX_WAITING = 4
MAX_ENDED = 6
MAX_MODELS = 100
log = logging.getLogger(__name__)

State = Literal["waiting", "pulling", "stopping", "done", "failed", "stopped"]


class _StoppedError(Exception):
    """The pull was canceled."""


@dataclass
class Pull:
    """One pull. `source` is what was requested; `folder` is the model's name once it is here; `owner` is a secret of whoever
    started it.
    """

    number: int
    source: str
    name: str | None
    owner: str = field(default="", repr=False)
    state: State = "waiting"
    progress: Progress | None = None
    folder: str = ""
    error: str = ""
    ended: float = field(default=0.0, repr=False)

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ("waiting", "pulling", "stopping")

    def started_by(self, owner: str) -> bool:
        """Return whether it was `owner` who requested it; False where nobody is known to have."""
        return self.owner != "" and secrets.compare_digest(self.owner.encode(), owner.encode())


class Pulls:
    """Pulls models into a checkpoints folder. `token` as huggingface_hub has it: None is the owner's own, False none at all.

    Where `max_models` stand in the folder already, nothing is added.
    """

    def __init__(self, checkpoints: Path, token: str | bool | None = None, max_models: int = MAX_MODELS):
        self.checkpoints, self.token, self.max_models = checkpoints, token, max_models
        self._pulls: list[Pull] = []
        self._count = 0
        self._interrupted: tuple[str, str | None] | None = None
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()

    def list(self) -> list[Pull]:
        """Return those that run or wait in their order, then the last that ended."""
        with self._lock:
            ended = sorted((pull for pull in self._pulls if not pull.active), key=lambda pull: -pull.ended)
            self._pulls = [pull for pull in self._pulls if pull.active] + ended[:MAX_ENDED]
            return list(self._pulls)

    def add(self, request: PullRequest) -> Pull:
        """Queue a pull, or return the one that is on its way already. Raise RefusedError."""
        source, name = request.source, request.name
        with self._lock:
            active = [pull for pull in self._pulls if pull.active]
            for each in active:
                if (each.source, each.name) == (source, name):
                    return each
            if len(active) > MAX_WAITING:
                raise RefusedError(f"{MAX_WAITING} models wait to be pulled already. Try again when one is here.")
            if self.checkpoints.is_dir() and sum(1 for _ in self.checkpoints.glob("[!.]*")) >= self.max_models:
                raise RefusedError(f"There are {self.max_models} models here already, and more are not pulled.")
            self._pulls = [each for each in self._pulls if each.active or each.source != source]
            self._count += 1
            added = Pull(self._count, source, name, request.me)
            self._pulls.append(added)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="pulls", daemon=True)
                self._worker.start()
        return added

    def cancel(self, request: CancelRequest) -> None:
        """End a pull that waits or runs; what it has is kept for the next time. An unknown number is no error: it has ended.

        Raise RefusedError unless whoever asks started it.
        """
        with self._lock:
            for each in self._pulls:
                if each.number == request.number and each.active:
                    if not each.started_by(request.me):
                        raise RefusedError("Only who began this pull can cancel it.")
                    each.state = "stopping" if each.state == "pulling" else "stopped"
                    each.ended = time.monotonic()

    def _work(self) -> None:
        while True:
            with self._lock:
                current = next((each for each in self._pulls if each.state == "waiting"), None)
                if current is None:
                    self._worker = None
                    return
                current.state = "pulling"
            state, error = self._pull(current)
            self._keep_one(current, state)
            with self._lock:
                current.state, current.error, current.ended = state, error, time.monotonic()

    def _keep_one(self, current: Pull, state: State) -> None:
        """Delete what a failed pull left; of stopped ones only the newest is kept, to be taken up again."""
        mine, before = (_address(current.source), current.name), self._interrupted
        if state == "failed":
            forget_download(mine[0], self.checkpoints, mine[1])
        self._interrupted = mine if state == "stopped" else None if before == mine else before
        if before and state == "stopped" and before != mine:
            forget_download(before[0], self.checkpoints, before[1])

    def _pull(self, current: Pull) -> tuple[State, str]:
        def progress(how_far: Progress) -> None:
            current.progress = how_far
            if current.state == "stopping":
                raise _StoppedError

        source, revision = _address(current.source), current.source.partition("@")[2] or None
        try:
            current.folder = pull(source, self.checkpoints, current.name, revision, progress, token=self.token, visitor=True).name
        except _StoppedError:
            return "stopped", ""
        except HubError as error:
            return "failed", without_paths(str(error), self.checkpoints)
        except Exception as error:  # whatever a file holds, the next pull has to be served
            log.error("pulling %s failed", current.source, exc_info=error)
            return "failed", f"{current.source} could not be pulled. The server's log says why."
        return "done", ""


def _address(source: str) -> str:
    """Return a repository's page, because a bare owner/name could also be a folder of this disk; a known model's name stays."""
    name = source.partition("@")[0]
    return name if name in known_models() else f"https://huggingface.co/{name}"
