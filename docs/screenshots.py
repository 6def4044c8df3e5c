"""Takes the pictures of the studio that README.md shows: `python docs/screenshots.py [ADDRESS]` with the studio running."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
READY = ".studio[data-state=ready]"
WINDOWS = {"": {"width": 1440, "height": 900}, "-phone": {"width": 390, "height": 844}}


def shoot(page: Page, address: str, name: str) -> None:
    """Opens the first visit's page, waits for both pictures, and saves the window."""
    page.goto(address)
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(500)  # fonts and fades
    page.screenshot(path=FOLDER / f"{name}.png")


def main(address: str = "http://127.0.0.1:7860") -> None:
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for suffix, size in WINDOWS.items():
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport=size, color_scheme=scheme, is_mobile=bool(suffix), has_touch=bool(suffix))
                shoot(page, address, "draw" + suffix + ("-dark" if scheme == "dark" else ""))
                page.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
