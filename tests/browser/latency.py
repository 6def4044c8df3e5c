"""Measures pen-up to both new pictures in a real browser: `python tests/browser/latency.py http://127.0.0.1:7860`.

Draws strokes with the mouse in the open studio and prints median and 95th percentile over them. A stroke whose last change was
already on the screen when the pen was lifted counts as 0.
"""

import argparse
import random
import statistics

from conftest import FLAGS, READY, chromium
from playwright.sync_api import sync_playwright

WATCH = """() => {
    window.lifted = window.newest = 0;
    document.querySelector('.paper').addEventListener('pointerup', () => { window.lifted = performance.now(); }, true);
    for (const image of document.querySelectorAll('.output .square > img:first-child')) {
        new MutationObserver(() => { window.newest = performance.now(); }).observe(image, {attributeFilter: ['src']});
    }
}"""


def measure(address: str, strokes: int) -> list[float]:
    """Milliseconds from pen-up to the last change of a picture, for each stroke."""
    chance, milliseconds = random.Random(0), []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=[f"--{flag}" for flag in FLAGS])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(READY, timeout=60_000)
        page.evaluate(WATCH)
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
        browser.close()
    return milliseconds


def main() -> None:
    """Prints the two numbers."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("address")
    options.add_argument("--strokes", type=int, default=60)
    settings = options.parse_args()
    found = sorted(measure(settings.address, settings.strokes))
    p95 = found[min(len(found) - 1, int(0.95 * len(found)))]
    print(f"pen-up to both pictures over {len(found)} strokes: median {statistics.median(found):.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
