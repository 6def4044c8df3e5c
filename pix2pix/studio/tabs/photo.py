"""The Photo tab: a photo becomes edges and then pictures, or is translated as it is, whatever its size."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gradio.utils import get_upload_folder

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE, UsableEntry
from pix2pix.data.edges import EXTRACTOR
from pix2pix.data.framing import framed
from pix2pix.studio.decoding import decode
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError, those_that_work
from pix2pix.studio.inputs import card_url, has_random, random_input
from pix2pix.studio.jobs import Request
from pix2pix.studio.large import LargePictures
from pix2pix.studio.page import part
from pix2pix.studio.pictures import drawing_url, picture_url, preview_url, read_photo, version_of
from pix2pix.studio.requests import EdgesRequest, ExampleRequest, JobRequest, NewsRequest, PhotoRequest, TranslateRequest, serve
from pix2pix.studio.sketching import draw_edges, has_learned
from pix2pix.studio.tasks import Task, takes_edges, task_facts


def build(engine: Engine) -> None:
    """Add the tab's contents to the Blocks being built."""
    part("photo/photo", "board", _functions(engine))


def _functions(engine: Engine) -> list[Callable]:
    """Return what the page calls: functions of one JSON object that return one."""
    large = LargePictures(engine)

    @serve
    async def cards(request: NewsRequest) -> dict:
        """Return the tasks and whether edges can be learned ones, unless they are those of the `version` that the page has."""
        found = {"tasks": await asyncio.to_thread(_cards, engine), "learned": has_learned(engine)}
        version = version_of(found)
        return {"version": version} if request.version == version else found | {"version": version}

    @serve
    async def example(request: ExampleRequest) -> dict:
        task = task_facts(request.task)
        if task.name not in engine.models() or not has_random(task, engine):
            raise RefusedError("There is no example for this task.")
        picture = await random_input(task, request.seed, engine)
        if takes_edges(task.name):
            # No photographs come with the studio: what a model makes of a drawing stands for one.
            response = await asyncio.wrap_future(engine.submit(Request(task.name, picture)))
            picture = response.pictures.get(FULL_OBJECTIVE, next(iter(response.pictures.values())))
        return {"picture": drawing_url(picture)}

    @serve
    async def open_photo(request: PhotoRequest) -> dict:
        photo, before = await decode(_take, request.path)
        facts: dict[str, Any] = {"before": before, "size": (photo.shape[1], photo.shape[0])}
        if request.preview:
            facts["preview"] = await asyncio.to_thread(preview_url, photo)
        if takes_edges(request.task):
            return facts | await _on_page(photo)
        return facts | {"job": large.start(Request(request.task, photo, page=request.page)).number}

    @serve
    async def translate(request: TranslateRequest) -> dict:
        response = await asyncio.wrap_future(engine.submit(request.for_engine()))
        urls = await asyncio.gather(*(asyncio.to_thread(picture_url, picture) for picture in response.pictures.values()))
        return _json(dict(zip(response.pictures, urls, strict=True)), response.seconds, response.device)

    @serve
    async def look(request: JobRequest) -> dict:
        job = large.look(request.job)
        if not job.future.done():
            return {"share": job.share}
        try:
            done = job.future.result()
        except RefusedError:
            large.stop(job.number)
            raise
        return _json(done.addresses, done.seconds, done.device)

    @serve
    async def stop(request: JobRequest) -> dict:
        """End a large translation, or say that its pictures have been fetched."""
        large.stop(request.job)
        return {}

    return [cards, example, open_photo, *edge_functions(engine), translate, look, stop]


def edge_functions(engine: Engine) -> list[Callable]:
    """Return the functions that draw the edges of an uploaded photo: the canvas of the Draw tab takes photos too."""

    @serve
    async def frame(request: PhotoRequest) -> dict:
        photo, _ = await asyncio.to_thread(_take, request.path)
        return await _on_page(photo)

    @serve
    async def edges(request: EdgesRequest) -> dict:
        page = f"{request.page}-edges" if request.page else None
        drawing = await draw_edges(engine, request.photo, request, page)
        return {"drawing": drawing_url(drawing), "blank": bool((drawing == 255).all())}

    return [frame, edges]


async def _on_page(photo: np.ndarray) -> dict:
    """Put a photo, H x W x 3 uint8, on its page: a PNG data URL, where it lies there, and whether its background is plain."""
    page = await asyncio.to_thread(framed, photo)
    return {"photo": drawing_url(page.picture), "inner": page.inner, "plain": page.plain}


def photo_tasks(engine: Engine) -> list[tuple[str, dict[str, UsableEntry]]]:
    """Return the tasks that a photo can be given to: first those that draw its edges, then those that take it as it is."""
    found = [(name, entries) for name, entries in engine.models().items() if name != EXTRACTOR]
    return sorted(
        (item for item in found if task_facts(item[0]).input != "labels"), key=lambda item: task_facts(item[0]).input != "edges"
    )


def _take(path: str) -> tuple[np.ndarray, tuple[int, int]]:
    """Read an uploaded file and delete it. Raise RefusedError."""
    folder, file = Path(get_upload_folder()).resolve(), Path(path).resolve()
    # An upload lies in a folder named after its contents; nothing else is read, and nothing else deleted.
    if file.parent.parent != folder or not re.fullmatch("[0-9a-f]{64}", file.parent.name) or not file.is_file():
        raise RefusedError("The photo did not arrive. Please add it again.")
    try:
        return read_photo(file)
    finally:
        file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's upload of the same contents is still in it
            file.parent.rmdir()


def _json(pictures: dict[str, str], seconds: float, device: str) -> dict:
    return {"pictures": pictures, "patch_scores": {}, "milliseconds": round(seconds * 1000), "device": device}


def _cards(engine: Engine) -> list[dict]:
    return those_that_work(lambda item: _card(task_facts(item[0]), item[1], engine), photo_tasks(engine))


def _card(task: Task, entries: dict[str, UsableEntry], engine: Engine) -> dict:
    return {
        "name": task.name,
        "title": task.title,
        "edges": takes_edges(task.name),
        "example": has_random(task, engine),
        "firstSeed": task.first_seed,
        "picture": card_url(task, entries),
        "models": [
            {"key": objective, "name": entry.name, "objective": objective, "shown": True} for objective, entry in entries.items()
        ],
    }
