"""The studio for programs: the endpoints translate, patch_scores, edges and list, with the page's own checks."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE
from pix2pix.data.framing import framed
from pix2pix.studio.decoding import decode
from pix2pix.studio.engine import MAX_BATCH, Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.files import picture_file
from pix2pix.studio.jobs import Request, Response
from pix2pix.studio.large import Large, LargePictures, facts_of
from pix2pix.studio.pictures import read_photo, read_picture
from pix2pix.studio.requests import EdgeOptions, RunOptions, read_request
from pix2pix.studio.sketching import choose_extractor, draw_edges

# One limit for everything that runs models. As many callers as a batch holds, so that the engine can answer them together.
LIMIT: dict[str, Any] = {"concurrency_id": "models", "concurrency_limit": MAX_BATCH}
# Docstrings, from which Gradio makes its own and MCP's documentation.
TRANSLATE = "Translates a picture, any size up to 2048 x 2048, with the L1-only and the full model of a task."
PATCH_SCORES = "How real the full model's discriminator finds each patch of both pictures: rows of numbers from 0 to 1 (real)."
ARGUMENTS = """

Args:
    task: One of the names that the list gives, e.g. edges2shoes.
    drawing: The input as the task takes it: black lines on white for edges, colored labels or a map, or a photo.
    noise: Whether to draw the noise z, so that seeds differ.
    seed: Which noise, a whole number from 0.
    norm_statistics: image, running, or empty for what the model says.
"""


def build(engine: Engine, fetch: bool = False) -> None:
    """Add the endpoints to the Blocks being built; nothing of them is visible. `fetch` as `picture_file` has it."""
    large = LargePictures(engine)

    async def translate(task: str, drawing: bytes | None, noise: bool, seed: int, norm_statistics: str):
        request = await _request(task, drawing, noise, seed, norm_statistics)
        response = await _respond(engine, large, request)
        facts = {"objectives": list(response.pictures), "seconds": round(response.seconds, 4), "device": response.device}
        full = response.pictures.get(FULL_OBJECTIVE)
        others = [picture for objective, picture in response.pictures.items() if objective != FULL_OBJECTIVE]
        return (others[0] if others else None), full, facts

    async def patch_scores(task: str, drawing: bytes | None, noise: bool, seed: int, norm_statistics: str):
        request = await _request(task, drawing, noise, seed, norm_statistics, patch_scores=True)
        with _sentences():
            response = await asyncio.wrap_future(engine.submit(request))
        return {objective: np.round(scores.astype(float), 4).tolist() for objective, scores in response.patch_scores.items()}

    translate.__doc__ = TRANSLATE + ARGUMENTS
    patch_scores.__doc__ = PATCH_SCORES + ARGUMENTS

    async def edges(photo: bytes | None, extractor: str, detail: float, mirror: bool):
        """Draw a photo's edges, 256 x 256, as the edge tasks take them.

        Args:
            photo: A photo of any size, best of one object on a plain background.
            extractor: learned, classical, or empty for the learned one if it is installed.
            detail: How many strokes, from 0 to 1.
            mirror: Whether to turn left and right around first.
        """
        with _sentences():
            options = read_request(EdgeOptions, {"extractor": extractor or None, "detail": detail, "mirror": mirror})
            extractor = choose_extractor(options, engine)
            read, before = await decode(read_photo, photo)
            page = await asyncio.to_thread(framed, read)
            drawing = await draw_edges(engine, page.picture, options.model_copy(update={"inner": page.inner}))
        return drawing, {"extractor": extractor, "size": before, "plain_background": page.plain}

    def models() -> dict:
        """Return the tasks, and of each the models the studio shows, by objective."""
        return {task: {objective: entry.name for objective, entry in found.items()} for task, found in engine.models().items()}

    with gr.Row(visible=False):
        inputs = [
            gr.Textbox(label="task"),
            picture_file("drawing", fetch),
            gr.Checkbox(False, label="noise"),
            gr.Number(0, label="seed", precision=0),
            gr.Textbox("", label="norm_statistics"),
        ]
        pictures = [gr.Image(label=label, format="png") for label in ("L1 only", "L1 + cGAN")]
        facts, scores, listing = gr.JSON(label="facts"), gr.JSON(label="patch scores"), gr.JSON(label="models")
        gr.Button("translate").click(translate, inputs, [*pictures, facts], api_name="translate", **LIMIT)
        gr.Button("patch_scores").click(patch_scores, inputs, scores, api_name="patch_scores", **LIMIT)
        drawn = gr.Image(label="edges", format="png")
        photo = [
            picture_file("photo", fetch),
            gr.Textbox("", label="extractor"),
            gr.Number(0.5, label="detail"),
            gr.Checkbox(False, label="mirror"),
        ]
        gr.Button("edges").click(edges, photo, [drawn, gr.JSON(label="facts")], api_name="edges", **LIMIT)
        gr.Button("list").click(models, None, listing, api_name="list")


async def _request(
    task: str, drawing: bytes | None, noise: bool, seed: int, statistics: str, patch_scores: bool = False
) -> Request:
    with _sentences():
        fields = {"task": task, "noise": bool(noise), "seed": seed, "norm_statistics": statistics or None}
        options = read_request(RunOptions, fields)
        picture = await decode(read_picture, drawing)
        return Request(options.task, picture, options.noise_seed, options.norm_statistics, patch_scores)


async def _respond(engine: Engine, large: LargePictures, request: Request) -> Response | Large:
    with _sentences():
        side, _ = facts_of(engine, request.task)
        if max(request.drawing.shape[:2]) <= side:
            return await asyncio.wrap_future(engine.submit(request))
        job = large.start(request, watched=False)
        try:
            return await asyncio.wrap_future(job.future)
        finally:
            large.stop(job.number)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Let refusals reach the caller as Gradio's errors."""
    try:
        yield
    except RefusedError as refusal:
        raise gr.Error(str(refusal), print_exception=False) from None
