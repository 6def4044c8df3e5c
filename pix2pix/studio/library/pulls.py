"""Pulls in the background: one at a time, a few waiting, the same for every visitor."""

import logging
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pix2pix.checkpoint.catalog import check_name, known_models
from pix2pix.checkpoint.config import CheckpointError
from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Progress
from pix2pix.hub.pull import pull
from pix2pix.studio.errors import without_paths
from pix2pix.studio.pictures import RefusedError

MAX_WAITING = 4
MAX_ENDED = 6
MAX_MODELS = 100
# Never a path or another server's URL: what a visitor may name is a known model or a repository of the Hub.
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,99}", re.ASCII)
log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The pull was cancelled."""


@dataclass
class Pull:
    """One pull. `source` is what was asked for; `folder` is the model's name once it is here; `owner` is a secret of whoever
    began it.
    """

    number: int
    source: str
    name: str | None
    owner: str = field(default="", repr=False)
    state: Literal["waiting", "pulling", "stopping", "done", "failed", "stopped"] = "waiting"
    progress: Progress | None = None
    folder: str = ""
    error: str = ""
    ended: float = field(default=0.0, repr=False)

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ("waiting", "pulling", "stopping")

    def began(self, owner: object) -> bool:
        """Whether it was `owner` who asked for it; pulls of nobody's are nobody's."""
        return self.owner != "" and secrets.compare_digest(self.owner.encode(), read_owner(owner).encode())


class Pulls:
    """Pulls models into a checkpoints folder. `token` as huggingface_hub has it: None is the owner's own, False none at all.

    Where `most_models` stand in the folder already, nothing is added.
    """

    def __init__(self, checkpoints: Path, token: str | bool | None = None, most_models: int = MAX_MODELS):
        self.checkpoints, self.token, self.most_models = checkpoints, token, most_models
        self._pulls: list[Pull] = []
        self._count = 0
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()

    def list(self) -> list[Pull]:
        """Those that run or wait in their order, then the last that ended."""
        with self._lock:
            ended = sorted((pull for pull in self._pulls if not pull.active), key=lambda pull: -pull.ended)
            self._pulls = [pull for pull in self._pulls if pull.active] + ended[:MAX_ENDED]
            return list(self._pulls)

    def add(self, source: object, name: object = None, owner: object = None) -> Pull:
        """Queues a pull, or gives the one that is on its way already. Raises RefusedError."""
        source, name = read_source(source), _read_name(name)
        with self._lock:
            active = [pull for pull in self._pulls if pull.active]
            for each in active:
                if (each.source, each.name) == (source, name):
                    return each
            if len(active) > MAX_WAITING:
                raise RefusedError(f"{MAX_WAITING} models wait to be pulled already. Try again when one is here.")
            if self.checkpoints.is_dir() and sum(1 for _ in self.checkpoints.glob("[!.]*")) >= self.most_models:
                raise RefusedError(f"There are {self.most_models} models here already, and more are not pulled.")
            self._pulls = [each for each in self._pulls if each.active or each.source != source]
            self._count += 1
            added = Pull(self._count, source, name, read_owner(owner))
            self._pulls.append(added)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="pulls", daemon=True)
                self._worker.start()
        return added

    def cancel(self, number: object, owner: object = None) -> None:
        """Ends a pull that waits or runs; what it has is kept for the next time. An unknown number is no error: it has ended.

        Raises RefusedError unless `owner` began it.
        """
        with self._lock:
            for each in self._pulls:
                if each.number == number and each.active:
                    if not each.began(owner):
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
            with self._lock:
                current.state, current.error, current.ended = state, error, time.monotonic()

    def _pull(self, current: Pull) -> tuple[str, str]:
        def progress(how_far: Progress) -> None:
            current.progress = how_far
            if current.state == "stopping":
                raise _StoppedError

        known, _, revision = current.source.partition("@")
        # A repository's page, because a bare owner/name could also be a folder of this disk.
        source = known if known in known_models() else f"https://huggingface.co/{known}"
        try:
            current.folder = pull(source, self.checkpoints, current.name, revision or None, progress, token=self.token).name
        except _StoppedError:
            return "stopped", ""
        except HubError as error:
            return "failed", without_paths(str(error), self.checkpoints)
        except Exception as error:  # whatever a file holds, the next pull has to be served
            log.error("pulling %s failed", current.source, exc_info=error)
            return "failed", f"{current.source} could not be pulled. The server's log says why."
        return "done", ""


def read_source(source: object) -> str:
    """What may be pulled, each with a revision or not: a known model's name, or `owner/name`; of a known model that is its name.

    Raises RefusedError.
    """
    text = source.strip().removeprefix("https://huggingface.co/").rstrip("/") if isinstance(source, str) else ""
    name, at, revision = text.partition("@")
    if (at and not REVISION.fullmatch(revision)) or ".." in text or not (name in known_models() or REPOSITORY.fullmatch(name)):
        raise RefusedError("Name a repository of the Hub as owner/name or owner/name@revision, or a known model.")
    # The weights of known models do not say themselves what they are.
    return next((known for known, model in known_models().items() if model.source == name), name) + at + revision


def read_owner(owner: object) -> str:
    """What a page says who it is; empty for anything that could be guessed."""
    return owner if isinstance(owner, str) and 20 <= len(owner) <= 100 else ""


def _read_name(name: object) -> str | None:
    if name in (None, ""):
        return None
    try:
        return check_name(str(name).strip()[:120])
    except CheckpointError:
        raise RefusedError("A model's name is made of letters, digits, dots, hyphens and underscores, at most 100.") from None
