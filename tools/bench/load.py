"""Many people drawing at once on the real server: how long they wait, and whether its memory stays flat."""

import asyncio
import math
import time
import uuid

import httpx

from pix2pix.studio.pictures import drawing_url
from tools.bench.drawers import TIMEOUT_S, Board, Tally, cards, draw, drawings, example
from tools.bench.server import Server, ServerError

DRAWERS = (1, 8, 32)
# Growth that still counts as flat.
MAX_GROWTH = 0.03
VISITS = 500


def report_start(server: Server) -> None:
    """Prints how long the page and the first pictures took. Every model is loaded afterwards. Raises ServerError."""
    models, waited, seconds = asyncio.run(_first(server))
    print(
        f"start: page served after {server.seconds:.1f} s, first pictures {waited:.2f} s after they were asked for and"
        f" {server.seconds + seconds:.1f} s after the start, {server.megabytes():.0f} MB with the models of {models} task(s)"
    )


async def _first(server: Server) -> tuple[int, float, float]:
    """The number of tasks, and for the first one's pictures seconds from asking for them, and from asking for the page."""
    opened, times = time.perf_counter(), []
    async with _client(server) as client:
        board = await Board.find(client)
        for card in await cards(board):
            drawing = drawing_url(await example(board, card))
            begin = time.perf_counter()
            answer = await board.ask(board.body("translate", {"task": card["name"], "drawing": drawing}))
            if "error" in answer:
                raise ServerError(f"{card['name']}: {answer['error']}")
            times.append((time.perf_counter() - begin, time.perf_counter() - opened))
    if not times:
        raise ServerError("the studio has no models to draw for")
    return len(times), *times[0]


def report_load(server: Server, seconds: float, crowds: tuple[int, ...] = DRAWERS) -> None:
    """Prints a line a crowd, and one on memory. Raises ServerError."""
    asyncio.run(_load(server, seconds, crowds))


async def _load(server: Server, seconds: float, crowds: tuple[int, ...]) -> None:
    memory = []
    async with _client(server) as client:
        board = await Board.find(client)
        ready = await drawings(board)
        for crowd in crowds:
            begin = time.perf_counter()
            tally, held = await _crowd(server, board, ready, crowd, seconds)
            rate = len(tally.seconds) / (time.perf_counter() - begin)  # all of it: the last answers come after the end
            memory.append(held)
            print(
                f"load, {crowd} drawing for {seconds:g} s: {rate:.1f} answers a second, p50"
                f" {tally.percentile(0.5) * 1000:.0f} ms, p95 {tally.percentile(0.95) * 1000:.0f} ms, {tally.superseded}"
                f" superseded, {tally.busy} busy, {len(tally.errors)} errors, memory {held[0]:.0f} -> {held[-1]:.0f} MB",
                flush=True,
            )
            for error in sorted(set(tally.errors))[:3]:
                print(f"  {error}")
    print(judged(memory), flush=True)


def report_visits(server: Server, visits: int = VISITS) -> None:
    """Prints what memory people leave behind who only open the page. Raises ServerError."""
    before, after = asyncio.run(_visit(server, visits))
    print(f"{visits} visits: memory {before:.0f} -> {after:.0f} MB, {(after - before) * 1000 / visits:+.0f} kB a visit")


async def _visit(server: Server, visits: int) -> tuple[float, float]:
    async with _client(server) as client:
        board = await Board.find(client)
        before = server.megabytes()
        for _ in range(visits):
            await client.get("/")
            await board.ask(board.body("catalog", {}, uuid.uuid4().hex))
        return before, server.megabytes()


def _client(server: Server) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=server.address, limits=limits, timeout=TIMEOUT_S, trust_env=False)


async def _crowd(
    server: Server, board: Board, ready: dict[str, list[str]], crowd: int, seconds: float
) -> tuple[Tally, list[float]]:
    """What `crowd` people saw in `seconds`, all tasks in turn, and the server's memory in MB second by second."""
    tally, end, tasks = Tally(), time.perf_counter() + seconds, list(ready)
    people = [draw(board, tasks[number % len(tasks)], ready[tasks[number % len(tasks)]], tally, end) for number in range(crowd)]
    drawing = asyncio.gather(*people)
    memory = [server.megabytes()]
    while not drawing.done():
        await asyncio.wait([drawing], timeout=1)
        memory.append(server.megabytes())
    await drawing
    return tally, memory


def judged(memory: list[list[float]]) -> str:
    """A sentence on the last and largest crowd: buffers grow to a crowd's size at first, so its second half counts."""
    held = memory[-1][len(memory[-1]) // 2 :]
    if math.isnan(held[0]):
        return "memory: not measured, psutil is not installed (pip install -r requirements-dev.txt)"
    grown = held[-1] - held[0]
    verdict = "flat" if grown <= MAX_GROWTH * held[0] else "NOT flat"
    return (
        f"memory: {memory[0][0]:.0f} MB at the start, {held[-1]:.0f} MB at the end; {verdict}"
        f" ({grown:+.0f} MB in the second half of the last load)"
    )
