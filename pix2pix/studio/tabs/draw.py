"""The Draw tab: what the drawing board asks of the server."""

import asyncio
import base64
from collections.abc import Callable

import numpy as np
from scipy.special import logit

from pix2pix.checkpoint.catalog import UsableEntry
from pix2pix.data.edges import EXTRACTOR
from pix2pix.networks.patchgan import window
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError, those_that_work
from pix2pix.studio.inputs import card_url, has_random, random_input
from pix2pix.studio.jobs import Response
from pix2pix.studio.page import part
from pix2pix.studio.pictures import drawing_url, passing_url, picture_url, version_of
from pix2pix.studio.requests import ExampleRequest, ModelRequest, NewsRequest, TranslateRequest, serve
from pix2pix.studio.spread import NoiseSpread
from pix2pix.studio.tabs.photo import edge_functions
from pix2pix.studio.tasks import Task, task_facts

# Log-odds beyond which D is taken to be sure, 0.03 % and 99.97 %, as in discriminator-view.js.
MAX_LOG_ODDS = 8.0


def build(engine: Engine) -> None:
    """Add the tab's contents to the Blocks being built."""
    part("draw/draw", "board", [*_functions(engine), *edge_functions(engine)])


def _functions(engine: Engine) -> list[Callable]:
    """Return what the page calls: functions of one JSON object that return one."""
    noise = NoiseSpread(engine)

    @serve
    async def catalog(request: NewsRequest) -> dict:
        """Return the tasks, unless they are those of the `version` that the page has."""
        cards = await asyncio.to_thread(_cards, engine)
        version = version_of(cards)
        return {"version": version, "tasks": None if request.version == version else cards}

    @serve
    async def random(request: ExampleRequest) -> dict:
        task = task_facts(request.task)
        if task.name not in engine.models() or not has_random(task, engine):
            raise RefusedError("There are no ready inputs for this task.")
        return {"drawing": drawing_url(await random_input(task, request.seed, engine))}

    @serve
    async def translate(request: TranslateRequest) -> dict:
        response = await asyncio.wrap_future(engine.submit(request.for_engine()))
        return await _json(response, passing_url if request.passing else picture_url)

    @serve
    async def spread(request: ModelRequest) -> dict:
        """Return how far two seeds' pictures of a model are apart."""
        return {"spread": await noise.measure(request.name)}

    return [catalog, random, translate, spread]


async def _json(response: Response, url: Callable[[np.ndarray], str]) -> dict:
    urls = await asyncio.gather(*(asyncio.to_thread(url, picture) for picture in response.pictures.values()))
    return {
        "pictures": dict(zip(response.pictures, urls, strict=True)),
        "patch_scores": {key: encode_scores(values) for key, values in response.patch_scores.items()},
        "discriminator": response.discriminator,
        "milliseconds": round(response.seconds * 1000),
        "device": response.device,
    }


def encode_scores(values: np.ndarray) -> dict:
    """Encode D's map as bytes of log-odds: 0 is surely generated, 255 surely real; values near both ends stay apart."""
    odds = logit(values.clip(1e-6, 1 - 1e-6)).clip(-MAX_LOG_ODDS, MAX_LOG_ODDS)
    data = ((odds / MAX_LOG_ODDS + 1) * 127.5).round().astype(np.uint8)
    return {"height": data.shape[0], "width": data.shape[1], "data": base64.b64encode(data.tobytes()).decode()}


def _cards(engine: Engine) -> list[dict]:
    # The input of a photo -> edges model is no drawing: it serves the Photo tab.
    found = [(name, entries) for name, entries in engine.models().items() if name != EXTRACTOR]
    return those_that_work(lambda item: _card(task_facts(item[0]), item[1], engine), found)


def _card(task: Task, entries: dict[str, UsableEntry], engine: Engine) -> dict:
    return {
        "name": task.name,
        "title": task.title,
        "subject": task.subject,
        "palette": [
            {"name": name, "color": color, "hint": task.hints.get(name, ""), "size": task.label_sizes.get(name)}
            for name, color in task.palette.items()
        ],
        "background": task.background,
        "tools": task.tools,
        "tool": task.tool,
        "color": task.color,
        "sizes": task.sizes,
        "crisp": task.crisp,
        "labels": task.labels,
        "input": task.input,
        "symmetry": task.symmetry,
        "random": has_random(task, engine),
        "firstSeed": task.first_seed,
        "picture": card_url(task, entries),
        "models": those_that_work(lambda entry: _model(entry, entry in entries.values()), engine.choices(task.name).values()),
    }


def _model(entry: UsableEntry, shown: bool) -> dict:
    """Describe a model: `shown` by default or not, `lens` what one logit of D sees, `grain` whether noise is injected."""
    discriminator = entry.config.discriminator
    return {
        "key": entry.name,
        "name": entry.name,
        "objective": entry.config.objective,
        "shown": shown,
        "lens": window(discriminator.patch)._asdict() if discriminator else None,
        "norm": entry.config.generator.norm,
        "grain": getattr(entry.config.generator, "noise_injection", False),
    }
