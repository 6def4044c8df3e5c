"""What can be pulled: public models known by name, and what others published from this app."""

import threading
import time
from pathlib import Path

from pix2pix.checkpoint.catalog import known_models
from pix2pix.checkpoint.origin import read_origin
from pix2pix.hub.errors import HubError
from pix2pix.hub.search import MAX_RESULTS, Found, search
from pix2pix.studio.errors import RefusedError, without_paths
from pix2pix.studio.library.describe import objective_title
from pix2pix.studio.library.pulls import MAX_MODELS, Pulls

# For how many seconds an answer of the Hub, or the lack of one, is good for everybody.
CACHE_S, ERROR_CACHE_S = 60.0, 5.0
MAX_SHOWN = 40


class HubSearch:
    """What there is to pull, and the pulls. However many visitors ask, the Hub is searched at most once a minute.

    `token` as huggingface_hub has it: None is the owner's own, False none at all; `max_models` as `Pulls` has it.
    """

    def __init__(self, checkpoints: Path, token: str | bool | None = None, max_models: int = MAX_MODELS):
        self.checkpoints, self.token = checkpoints, token
        self.pulls = Pulls(checkpoints, token, max_models)
        self._found: list[Found] | str = []  # or why there is none
        self._good_until = 0.0
        self._lock = threading.Lock()

    def known(self) -> list[dict]:
        """Return the known public models; `here` is the name under which one is installed."""
        here = self._installed()
        return [
            {
                "source": name,
                "task": model.task,
                "about": " · ".join(part for part in (model.notes.rstrip("."), model.license) if part),
                "where": model.source.split("/")[2] if "://" in model.source else model.source,
                "here": here.get(model.source),
            }
            for name, model in known_models().items()
        ]

    def search(self, text: str) -> dict:
        """Return published models that have every word of `text` in their name, task or objective. Raise RefusedError."""
        words = text.lower().split()
        everything = self._published()
        found = [
            model for model in everything if all(word in f"{model.repo} {model.task} {model.objective}".lower() for word in words)
        ]
        here = self._installed()
        models = [
            {
                "source": model.repo[:200],
                "task": model.task[:100],
                "about": " · ".join(
                    part for part in (objective_title(model.objective), f"{model.downloads} downloads", model.updated) if part
                ),
                "where": "",
                "here": here.get(model.repo),
            }
            for model in found[:MAX_SHOWN]
        ]
        return {"models": models, "found": len(found), "all": len(everything) < MAX_RESULTS}

    def _published(self) -> list[Found]:
        with self._lock:
            if time.monotonic() > self._good_until:
                try:
                    self._found, seconds = search(token=self.token), CACHE_S
                except HubError as error:
                    message = without_paths(str(error)).replace("the search:", "The search failed:", 1)
                    self._found, seconds = f"{message}.", ERROR_CACHE_S
                self._good_until = time.monotonic() + seconds
            if isinstance(self._found, str):
                raise RefusedError(self._found)
            return self._found

    def _installed(self) -> dict[str, str]:
        """Return the names of pulled models by where they came from."""
        origins = {folder.name: read_origin(folder) for folder in sorted(self.checkpoints.glob("[!.]*"))}
        return {origin.source: name for name, origin in origins.items() if origin}
