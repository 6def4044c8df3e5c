"""`make bench` on the studio: its drawers meet the real server, and it counts what they see."""

import asyncio
import os
import re

import httpx
import pytest

from tools.bench.browser import report_strokes
from tools.bench.drawers import Board, Tally, answered, drawings
from tools.bench.load import judged, report_load, report_start, report_visits
from tools.bench.server import Server, ServerError


@pytest.fixture
def server(address) -> Server:
    return Server(os.getpid(), address, 1.5)


def test_people_draw_at_the_real_server(server, capsys):
    report_start(server)
    report_load(server, 1, (1, 3))
    report_visits(server, 3)
    start, *crowds, memory, visits = capsys.readouterr().out.splitlines()
    assert re.match(r"start: page served after 1\.5 s, first pictures \d", start)
    assert len(crowds) == 2
    for line in crowds:
        rate, median, late = map(float, re.search(r"([\d.]+) answers a second, p50 (\d+) ms, p95 (\d+) ms", line).groups())
        assert rate > 0
        assert 0 < median <= late
        assert " 0 busy, 0 errors, memory " in line
    assert memory.startswith("memory: ")
    assert visits.startswith("3 visits: ")


def test_pen_up_is_measured_in_a_browser(address, capsys):
    pytest.importorskip("playwright")
    report_strokes(address, 2)
    printed = capsys.readouterr().out
    if "not measured" in printed:
        pytest.skip(printed)
    median, late = map(int, re.search(r"2 strokes: median (\d+) ms, p95 (\d+) ms", printed).groups())
    assert 0 <= median <= late


def test_a_missing_browser_is_one_sentence(monkeypatch, capsys):
    pytest.importorskip("playwright")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    report_strokes("http://127.0.0.1:9", 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("pen-up: not measured, ")


def test_drawings_change_from_request_to_request(address):
    async def series() -> dict[str, list[str]]:
        async with httpx.AsyncClient(base_url=address) as client:
            return await drawings(await Board.find(client))

    found = asyncio.run(series())
    assert set(found) >= {"labels2facade", "edges2shoes"}
    assert all(len(set(urls)) == len(urls) > 10 for urls in found.values())


def counted(*answers: httpx.Response) -> Tally:
    """What a drawer counts when a server gives these answers."""
    waiting, tally = list(answers), Tally()

    async def ask_all() -> None:
        transport = httpx.MockTransport(lambda request: waiting.pop(0))
        async with httpx.AsyncClient(base_url="http://studio", transport=transport) as client:
            for _ in answers:
                await answered(Board(client, 1), b"{}", tally)

    asyncio.run(ask_all())
    return tally


def test_what_is_not_a_picture_is_counted_for_what_it_is():
    tally = counted(
        httpx.Response(200, json={"pictures": {}}),
        httpx.Response(200, json={"error": "Many people.", "busy": True, "superseded": False}),
        httpx.Response(200, json={"error": "A newer one.", "busy": False, "superseded": True}),
        httpx.Response(200, json={"error": "The model failed.", "busy": False, "superseded": False}),
        httpx.Response(500, text="Internal Server Error"),
        httpx.Response(200, text="no JSON"),
    )
    assert (len(tally.seconds), tally.busy, tally.superseded, len(tally.errors)) == (1, 1, 1, 3)
    assert tally.errors[0] == "The model failed."
    assert "500" in tally.errors[1]


def test_memory_is_judged_by_the_second_half():
    rising, level = [500.0 + 5 * second for second in range(20)], [500.0] * 5 + [700.0] * 15
    assert "; flat (+0 MB" in judged([rising, level])
    assert "500 MB at the start, 595 MB at the end; NOT flat (+45 MB" in judged([level, rising])
    assert "psutil is not installed" in judged([[float("nan")] * 4])


def test_a_page_without_a_board_is_a_sentence():
    async def find() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"components": []}))
        async with httpx.AsyncClient(base_url="http://studio", transport=transport) as client:
            await Board.find(client)

    with pytest.raises(ServerError, match="no drawing board"):
        asyncio.run(find())


def test_a_server_that_ended_is_a_sentence():
    pytest.importorskip("psutil")
    with pytest.raises(ServerError, match="ended"):
        Server(2**22 + 1, "http://127.0.0.1:9", 0).megabytes()
