"""The Draw tab: what the drawing board asks of the server."""

import asyncio
import base64
from collections.abc import Callable

import numpy as np
from scipy.special import logit

from pix2pix.checkpoint.catalog import Entry
from pix2pix.data.edges import EXTRACTOR
from pix2pix.networks.patchgan import window
from pix2pix.studio.engine import Answer, BusyError, Engine, Request, SupersededError
from pix2pix.studio.inputs import card_url, has_random, random_input
from pix2pix.studio.page import board
from pix2pix.studio.pictures import RefusedError, drawing_url, passing_url, picture_url, read_drawing, version_of
from pix2pix.studio.tasks import Task, task_facts

MAX_SEED = 2**31 - 1
# Log-odds beyond which D is taken to be sure, 0.03 % and 99.97 %, as in critic.js.
MOST_ODDS = 8.0


def build(engine: Engine) -> None:
    """Adds the tab's contents to the Blocks being built."""
    board(_functions(engine))


def _functions(engine: Engine) -> list[Callable]:
    """What board.js calls; each takes one JSON object and gives one. A refusal comes back as its `error`, and why."""

    async def catalog(asked: object) -> dict:
        """The tasks, unless they are those of the `version` that the page has."""
        cards = await asyncio.to_thread(_cards, engine)
        version = version_of(cards)
        known = isinstance(asked, dict) and asked.get("version") == version
        return {"version": version, "tasks": None if known else cards}

    async def random(asked: object) -> dict:
        try:
            asked = _fields(asked)
            task = task_facts(str(asked.get("task")))
            if task.name not in engine.models() or not has_random(task, engine):
                raise RefusedError("There are no ready inputs for this task.")
            return {"drawing": drawing_url(await random_input(task, read_seed(asked.get("seed", 0)), engine))}
        except RefusedError as refusal:
            return refused(refusal)

    async def translate(asked: object) -> dict:
        try:
            answer = await asyncio.wrap_future(engine.submit(read_request(asked)))
            return await _shown(answer, passing_url if asked.get("passing") is True else picture_url)
        except RefusedError as refusal:
            return refused(refusal)

    return [catalog, random, translate]


def read_seed(value: object) -> int:
    """A whole number from 0 to 2 147 483 647. Raises RefusedError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEED:
        raise RefusedError(f"A seed is a whole number from 0 to {MAX_SEED}.")
    return value


def read_statistics(value: object) -> str | None:
    """`image`, `running`, or None for what the checkpoint says. Raises RefusedError."""
    if value not in (None, "image", "running"):
        raise RefusedError("Norm statistics are either image or running.")
    return value


def read_models(value: object) -> tuple[str, ...]:
    """Names of up to two models; none for what the task shows by itself. Raises RefusedError."""
    names = tuple(value or ()) if isinstance(value, list | None) else (None,)
    if len(names) > 2 or not all(isinstance(name, str) and len(name) <= 100 for name in names):
        raise RefusedError("The models are a list of up to two names.")
    return names


def read_request(asked: object) -> Request:
    """A request as JSON -> checked. Raises RefusedError."""
    asked = _fields(asked)
    return Request(
        task=str(asked.get("task"))[:100],
        drawing=read_drawing(asked.get("drawing")),
        seed=read_seed(asked.get("seed", 0)) if asked.get("noise") is True else None,
        norm_statistics=read_statistics(asked.get("norm_statistics")),
        critic=asked.get("critic") is True,
        models=read_models(asked.get("models")),
        page=str(asked["page"])[:40] if asked.get("page") else None,
    )


def _fields(asked: object) -> dict:
    if not isinstance(asked, dict):
        raise RefusedError("A request is a JSON object.")
    return asked


def refused(refusal: RefusedError) -> dict:
    """A refusal as an answer."""
    superseded = isinstance(refusal, SupersededError)
    return {"error": str(refusal), "busy": isinstance(refusal, BusyError), "superseded": superseded}


async def _shown(answer: Answer, url: Callable[[np.ndarray], str]) -> dict:
    urls = await asyncio.gather(*(asyncio.to_thread(url, picture) for picture in answer.pictures.values()))
    return {
        "pictures": dict(zip(answer.pictures, urls, strict=True)),
        "critic": {key: _opinion(values) for key, values in answer.critic.items()},
        "judge": answer.judge,
        "milliseconds": round(answer.seconds * 1000),
        "device": answer.device,
    }


def _opinion(values: np.ndarray) -> dict:
    """D's map as bytes of log-odds: 0 is surely generated, 255 surely real, and between is told apart near both ends too."""
    odds = logit(values.clip(1e-6, 1 - 1e-6)).clip(-MOST_ODDS, MOST_ODDS)
    data = ((odds / MOST_ODDS + 1) * 127.5).round().astype(np.uint8)
    return {"height": data.shape[0], "width": data.shape[1], "data": base64.b64encode(data.tobytes()).decode()}


def _cards(engine: Engine) -> list[dict]:
    # The input of a photo -> edges model is no drawing: it serves the Photo tab.
    return [_card(task_facts(name), entries, engine) for name, entries in engine.models().items() if name != EXTRACTOR]


def _card(task: Task, entries: dict, engine: Engine) -> dict:
    return {
        "name": task.name,
        "title": task.title,
        "subject": task.subject,
        "palette": [{"name": name, "colour": colour, "hint": task.hints.get(name, "")} for name, colour in task.palette.items()],
        "background": task.background,
        "tools": task.tools,
        "tool": task.tool,
        "colour": task.colour,
        "sizes": task.sizes,
        "crisp": task.crisp,
        "labels": task.labels,
        "symmetry": task.symmetry,
        "random": has_random(task, engine),
        "firstSeed": task.first_seed,
        "picture": card_url(task, entries),
        "models": [_model(entry, entry in entries.values()) for entry in engine.choices(task.name).values()],
    }


def _model(entry: Entry, shown: bool) -> dict:
    """`shown` ones are those that the task shows by itself; `critic` says where D looks, `grain` whether noise is injected."""
    judge = entry.config.discriminator
    return {
        "key": entry.name,
        "name": entry.name,
        "objective": entry.config.objective,
        "shown": shown,
        "critic": window(judge.patch)._asdict() if judge else None,
        "norm": entry.config.generator.norm,
        "grain": getattr(entry.config.generator, "noise_injection", False),
    }
