"""The Networks tab: generator and discriminator of any installed model, drawn level by level."""

import functools
from concurrent.futures import ThreadPoolExecutor

from pix2pix.checkpoint.catalog import UsableEntry
from pix2pix.networks.diagram import diagram
from pix2pix.networks.pair import DESIGNS, Pair, described
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.page import part
from pix2pix.studio.pictures import version_of
from pix2pix.studio.requests import ModelRequest, NewsRequest, serve
from pix2pix.studio.tasks import in_order, task_facts

TITLES = {"paper": "The paper's", "short": "Short, three levels"}
MAX_DRAWN = 64


class NetworksTab:
    """What the tab asks of the server."""

    def __init__(self, engine: Engine):
        self.engine = engine

    def networks(self, request: NewsRequest) -> dict:
        """Return what can be drawn, unless it is that of the `version` that the page has."""
        designs = [{"name": name, "title": TITLES[name], "group": "From the paper"} for name in DESIGNS]
        models = self._models()
        order = in_order(list({entry.config.task: None for entry in models}))
        models.sort(key=lambda entry: order.index(entry.config.task))
        found = designs + [
            {"name": entry.name, "title": entry.name, "group": task_facts(entry.config.task).title} for entry in models
        ]
        version = version_of(found)
        return {"version": version} if request.version == version else {"version": version, "networks": found}

    def network(self, request: ModelRequest) -> dict:
        """Return the drawings of a model's networks as SVG, and their numbers."""
        entry = next((entry for entry in self._models() if entry.name == request.name), None)
        if entry is not None:
            pair = Pair(entry.config.generator, entry.config.discriminator, entry.config.image_size)
        elif request.name in DESIGNS:
            pair = DESIGNS[request.name]
        else:
            raise RefusedError("This model is not here any more.")
        try:
            return {"name": request.name, "size": pair.size, "drawings": _drawings(request.name, pair)}
        except ValueError as error:
            raise RefusedError(f"These networks cannot be drawn: {error}.") from None

    def _models(self) -> list[UsableEntry]:
        return [entry for entry in self.engine.entries() if isinstance(entry, UsableEntry)]


@functools.lru_cache(MAX_DRAWN)
def _drawings(name: str, pair: Pair) -> list[dict]:
    return [
        {
            "title": title,
            "svg": diagram([(title, structure)]),
            "parameters": structure.parameters,
            "multiplications": structure.multiplications,
        }
        for title, structure in described(name, pair)
    ]


def build(engine: Engine) -> None:
    """Add the tab's contents to the Blocks being built."""
    tab, drawing = NetworksTab(engine), ThreadPoolExecutor(1, "networks")
    part("networks/networks", "networks", [serve(function, drawing) for function in (tab.networks, tab.network)])
