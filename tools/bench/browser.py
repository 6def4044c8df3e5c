"""Pen-up to both new pictures, measured in a real Chromium that draws strokes with the mouse."""

import os
import random
import shutil
import statistics

import numpy as np

FLAGS = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update")
READY = ".studio[data-state=ready]"
PICTURES = ".output .square > img:first-child"
# What a person takes for at once, in milliseconds: half of the strokes, and 19 of 20.
MAX_LATENCY_MS = (150, 300)

WATCH = """(pictures) => {
    window.lifted = window.newest = 0;
    document.querySelector('.paper').addEventListener('pointerup', () => { window.lifted = performance.now(); }, true);
    for (const image of document.querySelectorAll(pictures)) {
        new MutationObserver(() => { window.newest = performance.now(); }).observe(image, {attributeFilter: ['src']});
    }
}"""


def chromium() -> str | None:
    """The browser to drive: CHROMIUM from the environment, else the system's."""
    named = (os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next((path for path in named if path), None)


def report_strokes(address: str, strokes: int) -> None:
    """Prints median and 95th percentile, or in one line why they were not measured."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        print("pen-up: not measured, playwright is not installed (pip install -r requirements-dev.txt)")
        return
    try:
        with sync_playwright() as driver:
            # Without a system's browser, the one that playwright installed itself.
            browser = driver.chromium.launch(executable_path=chromium(), args=[f"--{flag}" for flag in FLAGS])
            milliseconds = measure(browser.new_page(viewport={"width": 1440, "height": 900}), address, strokes)
            browser.close()
    except Error as error:
        print(f"pen-up: not measured, {error.message.splitlines()[0]}")
        return
    median, late = statistics.median(milliseconds), np.quantile(milliseconds, 0.95)
    verdict = (
        ""
        if median <= MAX_LATENCY_MS[0] and late <= MAX_LATENCY_MS[1]
        else f"; more than the {MAX_LATENCY_MS[0]} and {MAX_LATENCY_MS[1]} ms wanted"
    )
    print(
        f"pen-up to both new pictures in Chromium, {strokes} strokes: median {median:.0f} ms, p95 {late:.0f} ms,"
        f" {milliseconds.count(0)} strokes were there already{verdict}",
        flush=True,
    )


def measure(page, address: str, strokes: int) -> list[float]:
    """Milliseconds from pen-up to the last change of a picture, for each stroke on a new Playwright page.

    A stroke whose last change was already on the screen when the pen was lifted counts as 0.
    """
    chance, milliseconds = random.Random(0), []
    page.goto(address)
    page.wait_for_selector(READY, timeout=60_000)
    page.evaluate(WATCH, PICTURES)
    box = page.locator(".paper").bounding_box()
    for _ in range(strokes):
        x, y = chance.uniform(0.1, 0.7), chance.uniform(0.1, 0.7)
        for step in range(9):
            page.mouse.move(box["x"] + box["width"] * (x + step / 40), box["y"] + box["height"] * (y + step / 35))
            if step == 0:
                page.mouse.down()
            page.wait_for_timeout(16)
        page.mouse.up()
        page.wait_for_selector(".results[aria-busy=false]")
        page.wait_for_timeout(400)
        milliseconds.append(max(0.0, page.evaluate("window.newest - window.lifted")))
    return milliseconds
