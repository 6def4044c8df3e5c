"""The Models tab: what is installed, what is being trained, and what can be pulled."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from pix2pix.checkpoint.catalog import Entry, UsableEntry
from pix2pix.checkpoint.folder import HISTORY_FILE
from pix2pix.data.edges import EXTRACTOR
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError, those_that_work
from pix2pix.studio.library.describe import broken_detail, card, detail, objective_title
from pix2pix.studio.library.history import read_curves
from pix2pix.studio.library.pulls import Pull
from pix2pix.studio.library.runs import Run, list_runs, newest_sample
from pix2pix.studio.library.search import HubSearch
from pix2pix.studio.page import part
from pix2pix.studio.pictures import preview, version_of
from pix2pix.studio.requests import CancelRequest, LookRequest, ModelRequest, NewsRequest, PullRequest, SearchRequest, serve
from pix2pix.studio.tasks import in_order

GRID_SIDE = 1600
log = logging.getLogger(__name__)
Listed = TypeVar("Listed", Entry, Run)


class ModelsTab:
    """What the tab asks of the server. `hub` is None where the owner has switched pulling off."""

    def __init__(self, engine: Engine, runs: Path, hub: HubSearch | None):
        self.engine, self.runs, self.hub = engine, runs, hub

    def look(self, request: LookRequest) -> dict:
        """Return what changes without the visitor. The models come only if they differ from the `version` that the page has."""
        models = [self._card(entry) for entry in _by_task(self.engine.entries())]
        version = version_of(models)
        return {
            "version": version,
            "models": None if request.version == version else models,
            "runs": those_that_work(_run_card, list_runs(self.runs)),
            "pulls": [_pull_card(pull, request.me) for pull in self.hub.pulls.list()] if self.hub else None,
        }

    def _card(self, entry: Entry) -> dict:
        try:
            return card(entry, self.runs)
        except Exception as error:  # whatever one folder holds, the others are listed
            log.warning("%s cannot be shown", entry.folder, exc_info=error)
            return {"name": entry.name, "size": 0.0, "reason": "This folder cannot be read. The server's log says why."}

    def model(self, request: ModelRequest) -> dict:
        """Return everything of the model `name`."""
        entries = self.engine.entries()
        entry = _find(request.name, entries)
        if not isinstance(entry, UsableEntry):
            return broken_detail(entry, self.runs)
        siblings = [each for each in entries if isinstance(each, UsableEntry) and each.config.task == entry.config.task]
        return detail(entry, siblings, self.runs) | {"drawn": entry.config.task != EXTRACTOR}

    def run(self, request: ModelRequest) -> dict:
        """Return the newest sample grid and the curves of the run `name`, if they differ from the `version` that the page has."""
        run = _find(request.name, list_runs(self.runs))
        sample, history = newest_sample(run.folder), run.folder / HISTORY_FILE
        version = version_of([[path.name, path.stat().st_mtime_ns] for path in (sample, history) if path and path.exists()])
        if request.version == version:
            return {"version": version}
        step = "".join(letter for letter in sample.stem if letter.isdigit()) if sample else ""
        return {
            "version": version,
            "sample": preview(sample, GRID_SIDE) if sample else None,
            "sampled": int(step or 0),
            "curves": {run.name: read_curves(history)},
        }

    def known(self, request: NewsRequest) -> dict:
        """Return the known public models."""
        return {"models": self._open().known()}

    def search(self, request: SearchRequest) -> dict:
        """Return published models that match `text`: the one request of this tab, made when somebody asks for it."""
        return self._open().search(request.text)

    def pull(self, request: PullRequest) -> dict:
        """Queue a pull. Who knows `me` can cancel it."""
        return _pull_card(self._open().pulls.add(request), request.me)

    def cancel(self, request: CancelRequest) -> dict:
        """End the pull `number`, which `me` started."""
        self._open().pulls.cancel(request)
        return {}

    def _open(self) -> HubSearch:
        if self.hub is None:
            raise RefusedError("The owner of this studio has switched pulling off.")
        return self.hub


def build(engine: Engine, runs: Path, hub: HubSearch | None) -> None:
    """Add the tab's contents to the Blocks being built."""
    tab = ModelsTab(engine, runs, hub)
    # Threads of their own: neither many visitors here nor a Hub that does not answer may keep Draw's pictures waiting.
    reading, asking = ThreadPoolExecutor(2, "tab"), ThreadPoolExecutor(1, "search")
    read = (tab.look, tab.model, tab.run, tab.known, tab.pull, tab.cancel)
    part("models/models", "shelf-page", [*(serve(function, reading) for function in read), serve(tab.search, asking)])


def _by_task(entries: list[Entry]) -> list[Entry]:
    """Sort entries in the order of Draw's cards, broken ones last."""
    order = in_order(list({entry.config.task: None for entry in entries if entry.config}))
    return sorted(entries, key=lambda entry: order.index(entry.config.task) if entry.config else len(order))


def _find(name: str, among: list[Listed]) -> Listed:
    found = next((each for each in among if each.name == name), None)
    if found is None:
        raise RefusedError("This model is not here any more.")
    return found


def _run_card(run: Run) -> dict:
    facts = asdict(run) | {"objective": objective_title(run.objective) if run.objective else "", "quiet": round(run.quiet)}
    del facts["folder"]
    return facts


def _pull_card(pull: Pull, me: str) -> dict:
    facts = {name: getattr(pull, name) for name in ("number", "source", "name", "state", "folder", "error")}
    facts["mine"] = pull.started_by(me)
    if how_far := pull.progress:
        facts |= {"done": how_far.done, "total": how_far.total, "speed": how_far.speed, "left": how_far.seconds_left}
    return facts
