"""People at the studio's Draw tab, as far as its server can tell: what their pages send, and when."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import numpy as np
from PIL import Image, ImageColor, ImageDraw

from pix2pix.studio.pictures import SIDE, drawing_url, read_drawing
from tools.bench.server import ServerError

# What live.js keeps to: one request at a time and not more often than this, until the pen is lifted; and when to ask again.
REQUEST_INTERVAL_S = 0.04
RETRY_S = 0.8
# A stroke of about half a second, and a look at what came of it.
CHANGES_PER_STROKE = 8
LOOK_S = 0.3
# Different drawings a person makes before beginning again; enough that no two requests in a row are equal.
DRAWINGS = 24
TIMEOUT_S = 60


@dataclass
class Tally:
    """What drawers saw: seconds from asking to both pictures, and how many requests ended otherwise."""

    seconds: list[float] = field(default_factory=list)
    superseded: int = 0
    busy: int = 0
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """NaN without answers."""
        return float(np.quantile(self.seconds, share)) if self.seconds else float("nan")


class Board:
    """Calls the functions behind the drawing board, as the page does."""

    def __init__(self, client: httpx.AsyncClient, component: int):
        self.client, self.component = client, component

    @classmethod
    async def find(cls, client: httpx.AsyncClient) -> "Board":
        """The board of the studio that `client` talks to. Raises ServerError."""
        try:
            components = (await client.get("/config")).raise_for_status().json()["components"]
            return cls(client, next(one["id"] for one in components if "board" in one["props"].get("elem_classes", [])))
        except (httpx.HTTPError, ValueError, KeyError, StopIteration):
            raise ServerError("the studio's page has no drawing board") from None

    def body(self, function: str, data: dict, session: str = "bench") -> bytes:
        """The request for a function of the board."""
        call = {"data": data, "fn_name": function, "component_id": self.component, "session_hash": session}
        return json.dumps(call).encode()

    async def ask(self, body: bytes) -> dict:
        """The answer as the page reads it. Raises httpx.HTTPError."""
        headers = {"Content-Type": "application/json"}
        response = await self.client.post("/gradio_api/component_server/", content=body, headers=headers)
        return response.raise_for_status().json()


async def cards(board: Board) -> list[dict]:
    """The tasks that there are models for, as the page shows them."""
    return (await board.ask(board.body("catalog", {})))["tasks"]


async def example(board: Board, card: dict) -> np.ndarray:
    """A ready drawing of a task, H x W x 3 uint8; a blank page where it has none."""
    first = await board.ask(board.body("random", {"task": card["name"], "seed": 1})) if card["random"] else {}
    return read_drawing(first["drawing"]) if "drawing" in first else np.full((SIDE, SIDE, 3), 255, np.uint8)


async def drawings(board: Board) -> dict[str, list[str]]:
    """For each task a series of drawings as data URLs: a ready one, and more and more strokes in the palette's colors on it."""
    found = {}
    for card in await cards(board):
        picture = await example(board, card)
        colors = [ImageColor.getrgb(entry["color"]) for entry in card["palette"]] or [(0, 0, 0)]
        found[card["name"]] = [drawing_url(np.asarray(image)) for image in _strokes(picture, colors)]
    return found


def _strokes(picture: np.ndarray, colors: list[tuple[int, ...]]) -> Iterator[Image.Image]:
    chance, image = random.Random(0), Image.fromarray(picture)
    for _ in range(DRAWINGS):
        ends = [chance.randrange(SIDE) for _ in range(4)]
        ImageDraw.Draw(image).line(ends, fill=chance.choice(colors), width=chance.randint(2, 9))
        yield image


async def draw(board: Board, task: str, urls: list[str], tally: Tally, end: float) -> None:
    """One person who draws stroke after stroke until `end`, a time of `time.perf_counter`."""
    page = uuid.uuid4().hex

    def body(number: int, passing: bool) -> bytes:
        drawing = urls[number % len(urls)]
        return board.body("translate", {"task": task, "drawing": drawing, "page": page, "passing": passing}, page)

    number = random.randrange(len(urls))
    while time.perf_counter() < end:
        for _ in range(CHANGES_PER_STROKE):
            number += 1
            rest = asyncio.create_task(asyncio.sleep(REQUEST_INTERVAL_S))
            await answered(board, body(number, passing=True), tally)
            await rest
        # The pen is lifted while an answer is still on its way: the last drawing does not wait for it.
        flying = asyncio.create_task(answered(board, body(number + 1, passing=True), tally))
        await asyncio.sleep(REQUEST_INTERVAL_S / 2)
        await asyncio.gather(flying, answered(board, body(number + 2, passing=False), tally))
        number += 2
        await asyncio.sleep(LOOK_S)


async def answered(board: Board, body: bytes, tally: Tally) -> None:
    """Sends one request and counts how it ends; after a busy server it waits as the page does."""
    begin = time.perf_counter()
    try:
        answer = await board.ask(body)
    except (httpx.HTTPError, ValueError) as error:
        tally.errors.append(f"{type(error).__name__}: {error}")
        return
    if answer.get("busy"):
        tally.busy += 1
        await asyncio.sleep(RETRY_S)
    elif answer.get("superseded"):
        tally.superseded += 1
    elif "error" in answer:
        tally.errors.append(answer["error"])
    else:
        tally.seconds.append(time.perf_counter() - begin)
