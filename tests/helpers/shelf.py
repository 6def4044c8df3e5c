"""What the tests of the Models tab share."""

import time
from collections.abc import Callable
from pathlib import Path

from pix2pix.studio.engine import Engine
from pix2pix.studio.library.pulls import Pull, Pulls
from pix2pix.studio.library.search import HubSearch
from pix2pix.studio.requests import PullRequest, read_request, request_model
from pix2pix.studio.tabs.models import ModelsTab


class Shelf:
    """The tab as the page calls it: JSON in. Refusals are raised."""

    def __init__(self, engine: Engine, runs: Path, hub: HubSearch | None):
        self.hub = hub
        self._tab = ModelsTab(engine, runs, hub)

    def __getattr__(self, name: str) -> Callable[[dict], dict]:
        function = getattr(self._tab, name)
        return lambda data: function(read_request(request_model(function), data))


def add(pulls: Pulls, source: object, name: object = None, owner: object = None) -> Pull:
    return pulls.add(read_request(PullRequest, {"source": source, "name": name, "me": owner}))


def ended(pulls: Pulls, number: int, seconds: float = 30) -> object:
    """The pull of this number once it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pull = next(each for each in pulls.list() if each.number == number)
        if not pull.active:
            return pull
        time.sleep(0.02)
    raise AssertionError("the pull did not end")
