"""The Photo tab: a photo becomes edges and then pictures, or is translated as it is, whatever its size."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE
from pix2pix.data.edges import EXTRACTOR
from pix2pix.data.framing import framed
from pix2pix.studio.engine import Engine, Request
from pix2pix.studio.inputs import card_url, has_random, random_input
from pix2pix.studio.large import LargePictures
from pix2pix.studio.page import static
from pix2pix.studio.pictures import RefusedError, drawing_url, picture_url, preview_url, read_drawing, read_photo, version_of
from pix2pix.studio.sketching import has_learned, read_sketch, sketched
from pix2pix.studio.tabs.draw import read_request, read_seed, refused
from pix2pix.studio.tasks import Task, takes_edges, task_facts

SCRIPTS = ("live", "critic", "views", "task-card", "files", "intake", "camera", "photo", "photo-controls")


def build(engine: Engine) -> None:
    """Adds the tab's contents to the Blocks being built."""
    gr.HTML(
        html_template=static("photo.html"),
        js_on_load="\n".join(static(f"{name}.js") for name in SCRIPTS),
        apply_default_css=False,
        elem_classes=["board"],
        server_functions=_functions(engine),
    )


def _functions(engine: Engine) -> list[Callable]:
    """What photo.js calls; each takes one JSON object and gives one. A refusal comes back as its `error`."""
    large = LargePictures(engine)

    async def cards(asked: object) -> dict:
        """The tasks and whether edges can be learned ones, unless they are those of the `version` that the page has."""
        found = {"tasks": await asyncio.to_thread(_cards, engine), "learned": has_learned(engine)}
        version = version_of(found)
        known = isinstance(asked, dict) and asked.get("version") == version
        return {"version": version} if known else found | {"version": version}

    async def example(asked: dict) -> dict:
        task = task_facts(str(asked.get("task")))
        if task.name not in engine.models() or not has_random(task, engine):
            raise RefusedError("There is no example for this task.")
        picture = await random_input(task, read_seed(asked.get("seed", 0)), engine)
        if takes_edges(task.name):
            # No photographs come with the studio: what a model makes of a drawing stands for one.
            answer = await asyncio.wrap_future(engine.submit(Request(task.name, picture)))
            picture = answer.pictures.get(FULL_OBJECTIVE, next(iter(answer.pictures.values())))
        return {"picture": drawing_url(picture)}

    async def open_photo(asked: dict) -> dict:
        task = str(asked.get("task"))[:100]
        photo, before = await asyncio.to_thread(_taken, asked.get("path"))
        facts = {"before": before, "size": (photo.shape[1], photo.shape[0])}
        if asked.get("preview") is True:
            facts["preview"] = await asyncio.to_thread(preview_url, photo)
        if takes_edges(task):
            page = await asyncio.to_thread(framed, photo)
            return facts | {"photo": drawing_url(page.picture), "inner": page.inner, "plain": page.plain}
        return facts | {"job": large.start(Request(task, photo, page=str(asked.get("page"))[:40])).number}

    async def edges(asked: dict) -> dict:
        photo = read_drawing(asked.get("photo"))
        drawing = await sketched(engine, photo, read_sketch(asked, engine), page=f"{str(asked.get('page'))[:40]}-edges")
        return {"drawing": drawing_url(drawing), "blank": bool((drawing == 255).all())}

    async def translate(asked: dict) -> dict:
        answer = await asyncio.wrap_future(engine.submit(read_request(asked)))
        return await _shown(answer.pictures, answer.seconds, answer.device)

    async def look(asked: dict) -> dict:
        job = large.look(str(asked.get("job")))
        if not job.future.done():
            return {"share": job.share}
        try:
            done = job.future.result()
        except RefusedError:
            large.stop(job.number)
            raise
        return _answer(done.addresses, done.seconds, done.device)

    async def stop(asked: dict) -> dict:
        """Ends a large translation, or says that its pictures have been fetched."""
        large.stop(str(asked.get("job")))
        return {}

    return [cards, *map(_refusing, (example, open_photo, edges, translate, look, stop))]


def photo_tasks(engine: Engine) -> list[tuple[str, dict]]:
    """The tasks that a photo can be given to: those that draw its edges, those that take photos, and last those whose
    inputs are drawings, for which a picture of one will do.
    """
    found = [(name, entries) for name, entries in engine.models().items() if name != EXTRACTOR]
    return sorted(found, key=lambda item: (not takes_edges(item[0]), task_facts(item[0]).source in ("facade", "town")))


def _taken(path: object) -> tuple[np.ndarray, tuple[int, int]]:
    """Reads an uploaded file and deletes it. Raises RefusedError."""
    folder, file = Path(get_upload_folder()).resolve(), Path(str(path)).resolve()
    # An upload lies in a folder named after its contents; nothing else is read, and nothing else deleted.
    if file.parent.parent != folder or not re.fullmatch("[0-9a-f]{64}", file.parent.name) or not file.is_file():
        raise RefusedError("The photo did not arrive. Please add it again.")
    try:
        return read_photo(file)
    finally:
        file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's upload of the same contents is still in it
            file.parent.rmdir()


def _refusing(function: Callable) -> Callable:
    """Only JSON objects go in, and refusals come out as answers."""

    async def called(asked: object) -> dict:
        try:
            if not isinstance(asked, dict):
                raise RefusedError("A request is a JSON object.")
            return await function(asked)
        except RefusedError as refusal:
            return refused(refusal)

    called.__name__ = function.__name__
    return called


async def _shown(pictures: dict[str, np.ndarray], seconds: float, device: str) -> dict:
    urls = await asyncio.gather(*(asyncio.to_thread(picture_url, picture) for picture in pictures.values()))
    return _answer(dict(zip(pictures, urls, strict=True)), seconds, device)


def _answer(pictures: dict[str, str], seconds: float, device: str) -> dict:
    return {"pictures": pictures, "critic": {}, "milliseconds": round(seconds * 1000), "device": device}


def _cards(engine: Engine) -> list[dict]:
    return [_card(task_facts(name), entries, engine) for name, entries in photo_tasks(engine)]


def _card(task: Task, entries: dict, engine: Engine) -> dict:
    return {
        "name": task.name,
        "title": task.title,
        "edges": takes_edges(task.name),
        "labels": task.source in ("facade", "town"),
        "example": has_random(task, engine),
        "firstSeed": task.first_seed,
        "picture": card_url(task, entries),
        "models": [
            {"key": objective, "name": entry.name, "objective": objective, "shown": True} for objective, entry in entries.items()
        ],
    }
