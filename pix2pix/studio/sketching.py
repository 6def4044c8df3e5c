"""Edge drawings of framed photos, for the Photo tab and for programs."""

import asyncio

import numpy as np

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE
from pix2pix.data.edges import EXTRACTOR, canny_edges, thin_strokes
from pix2pix.data.framing import SIDE, without_frame
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.jobs import Request
from pix2pix.studio.requests import EdgeOptions


def has_learned(engine: Engine) -> bool:
    """Return whether a photo -> edges model is installed."""
    return EXTRACTOR in engine.models()


def choose_extractor(options: EdgeOptions, engine: Engine) -> str:
    """Choose the named extractor, or else the best one installed. Raise RefusedError for one that is not."""
    if options.extractor == "learned" and not has_learned(engine):
        raise RefusedError("No learned extractor is installed; choose the classical one.")
    return options.extractor or ("learned" if has_learned(engine) else "classical")


async def draw_edges(engine: Engine, photo: np.ndarray, options: EdgeOptions, page: str | None = None) -> np.ndarray:
    """Draw a framed photo, 256 x 256 x 3 uint8, as its edges, black on white, of the same shape. Raise RefusedError.

    `mirror` turns the photo around first.
    """
    extractor, inner = choose_extractor(options, engine), options.inner
    if options.mirror:
        photo, inner = np.ascontiguousarray(photo[:, ::-1]), (SIDE - inner[2], inner[1], SIDE - inner[0], inner[3])
    if extractor == "learned":
        response = await asyncio.wrap_future(engine.submit(Request(EXTRACTOR, photo, page=page)))
        soft = response.pictures.get(FULL_OBJECTIVE, next(iter(response.pictures.values())))
        drawing = await asyncio.to_thread(thin_strokes, soft, options.detail)
    else:
        drawing = await asyncio.to_thread(canny_edges, photo, options.detail)
    return without_frame(drawing, inner)
