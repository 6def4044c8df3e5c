"""Takes the pictures of the studio that README.md shows: `python -m tools.screenshots [ADDRESS]` with the studio running."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tools.bench.browser import FLAGS, chromium

FOLDER = Path(__file__).resolve().parents[1] / "docs"
READY = ".studio[data-state=ready]"
WINDOWS = {"": {"width": 1440, "height": 900}, "-phone": {"width": 390, "height": 844}}
SETTLE_MS = 800  # fonts and fades


def draw(page: Page) -> None:
    """The first visit: a finished drawing with both pictures."""
    page.wait_for_selector(READY, timeout=60_000)


def photo(page: Page) -> None:
    """The photo that the studio itself has to offer, translated."""
    page.get_by_role("tab", name="Photo").click()
    page.locator(".photo [data-do=example]").click()
    page.wait_for_selector(f".photo{READY}", timeout=60_000)


def models(page: Page) -> None:
    """What is installed: beside it the first model's details, or on a phone the list alone."""
    page.get_by_role("tab", name="Models").click()
    page.locator(".shelf .usable .item").first.wait_for(timeout=60_000)


ROOMS: dict[str, Callable[[Page], None]] = {"draw": draw, "photo": photo, "models": models}


def main(address: str = "http://127.0.0.1:7860") -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=[f"--{flag}" for flag in FLAGS])
        for suffix, size in WINDOWS.items():
            for scheme in ("light", "dark"):
                for room, enter in ROOMS.items():
                    page = browser.new_page(viewport=size, color_scheme=scheme, is_mobile=bool(suffix), has_touch=bool(suffix))
                    page.goto(address)
                    enter(page)
                    page.wait_for_timeout(SETTLE_MS)
                    name = room + suffix + ("-dark" if scheme == "dark" else "")
                    Image.open(io.BytesIO(page.screenshot())).save(FOLDER / f"{name}.webp", quality=88, method=6)
                    page.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
