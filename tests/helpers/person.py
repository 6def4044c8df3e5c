"""What a person at the studio does and sees, for the tests: `page` is a Playwright page with the studio open."""

import base64
import io
import time

import numpy as np
from PIL import Image

SLOW = 40  # seconds that pictures may take on a machine that has other things to do
BACKGROUND, WALL, WINDOW, DOOR, SHOP = (0, 0, 224), (0, 48, 255), (0, 128, 255), (0, 208, 255), (176, 0, 0)


def bitmap(page) -> np.ndarray:
    """What is on the canvas, 256 x 256 x 3."""
    page.wait_for_timeout(60)  # a frame, in which the canvas is painted
    width, height, data = page.evaluate("""() => {
        const paper = document.querySelector('.paper');
        const image = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height);
        let text = '';
        for (const value of image.data) text += String.fromCharCode(value);
        return [image.width, image.height, btoa(text)];
    }""")
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)[..., :3]


def pictures(page) -> list[str | None]:
    """The URLs of both pictures as they stand on the page, None where there is none."""
    return page.evaluate(
        "[...document.querySelectorAll('.output .square > img:first-child')].map((img) => img.hidden ? null : img.src)"
    )


def changed(page, before: list[str | None]) -> list[str]:
    """Waits until both pictures are there and differ from `before`, and for the page to settle."""
    end = time.monotonic() + SLOW
    while time.monotonic() < end:
        now = pictures(page)
        if all(now) and all(new != old for new, old in zip(now, before, strict=True)):
            return settled(page)
        page.wait_for_timeout(30)
    raise AssertionError("the pictures did not change")


def settled(page) -> list[str | None]:
    """The pictures once none is on its way, and none comes for a moment."""
    page.wait_for_timeout(250)
    page.wait_for_selector(".studio:not([data-state=working]) .results[aria-busy=false]", timeout=1000 * SLOW)
    return pictures(page)


def at(page, x: float, y: float) -> tuple[float, float]:
    """Canvas pixels -> the page's coordinates."""
    box = page.locator(".paper").bounding_box()
    return box["x"] + x * box["width"] / 256, box["y"] + y * box["height"] / 256


def drag(page, *points: tuple[float, float], steps: int = 8) -> None:
    """Draws with the mouse along points in canvas pixels."""
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=steps)
    page.mouse.up()


def clear(page) -> None:
    page.get_by_role("button", name="Clear").click()


def tool(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose_task(page, task: str) -> None:
    page.locator(f".card[data-task={task}]").click()


def png_url(side: int) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
