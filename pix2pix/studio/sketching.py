"""Edge drawings of framed photos, for the Photo tab and for programs."""

import asyncio
import math
from dataclasses import dataclass

import numpy as np

from pix2pix.checkpoint.catalog import FULL_OBJECTIVE
from pix2pix.data.edges import EXTRACTOR, canny_edges, thin_strokes
from pix2pix.data.framing import SIDE, without_frame
from pix2pix.studio.engine import Engine, Request
from pix2pix.studio.pictures import RefusedError

EXTRACTORS = ("learned", "classical")


@dataclass(frozen=True)
class Sketch:
    """How to draw a photo's edges. `inner` is where the photo lies on its page: left, top, right, bottom."""

    extractor: str
    detail: float
    mirror: bool = False
    inner: tuple[int, int, int, int] = (0, 0, SIDE, SIDE)


def has_learned(engine: Engine) -> bool:
    """Whether a photo -> edges model is installed."""
    return EXTRACTOR in engine.models()


def read_sketch(asked: dict, engine: Engine) -> Sketch:
    """Settings as JSON -> checked; without an extractor the best one installed. Raises RefusedError."""
    extractor = asked.get("extractor") or ("learned" if has_learned(engine) else "classical")
    if extractor not in EXTRACTORS:
        raise RefusedError("The extractor is either learned or classical.")
    if extractor == "learned" and not has_learned(engine):
        raise RefusedError("No learned extractor is installed; choose the classical one.")
    detail, inner = asked.get("detail", 0.5), asked.get("inner") or (0, 0, SIDE, SIDE)
    if isinstance(detail, bool) or not isinstance(detail, int | float) or not math.isfinite(detail) or not 0 <= detail <= 1:
        raise RefusedError("Detail is a number from 0, few strokes, to 1, many.")
    whole = isinstance(inner, list | tuple) and len(inner) == 4 and all(type(edge) is int and 0 <= edge <= SIDE for edge in inner)
    if not whole:
        raise RefusedError(f"Where the photo lies is four whole numbers from 0 to {SIDE}.")
    return Sketch(extractor, float(detail), asked.get("mirror") is True, tuple(inner))


async def sketched(engine: Engine, photo: np.ndarray, sketch: Sketch, page: str | None = None) -> np.ndarray:
    """A framed photo, 256 x 256 x 3 uint8 -> its edges, black on white, of the same shape. Raises RefusedError.

    `mirror` turns the photo around first.
    """
    inner = sketch.inner
    if sketch.mirror:
        photo, inner = np.ascontiguousarray(photo[:, ::-1]), (SIDE - inner[2], inner[1], SIDE - inner[0], inner[3])
    if sketch.extractor == "learned":
        answer = await asyncio.wrap_future(engine.submit(Request(EXTRACTOR, photo, page=page)))
        soft = answer.pictures.get(FULL_OBJECTIVE, next(iter(answer.pictures.values())))
        drawing = await asyncio.to_thread(thin_strokes, soft, sketch.detail)
    else:
        drawing = await asyncio.to_thread(canny_edges, photo, sketch.detail)
    return without_frame(drawing, inner)
