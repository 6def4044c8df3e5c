"""A drawing that arrives after the canvas was changed is not put on it: nothing that somebody drew is thrown away."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.helpers.person import BACKGROUND, WINDOW, bitmap, choose_task, clear, drag, settled, tool


@pytest.fixture
def late(page):
    """Holds back ready drawings until it is told to go on: `late.wait(count)`, `late.free()`."""

    class Late:
        def __init__(self):
            self.routes = []
            page.route("**/component_server/", self.caught)

        def caught(self, route):
            if '"fn_name":"random"' in route.request.post_data:
                self.routes.append((route, route.fetch()))
            else:
                route.continue_()

        def wait(self, count: int = 1) -> None:
            for _ in range(500):
                if len(self.routes) >= count:
                    return
                page.wait_for_timeout(20)
            raise AssertionError("the page did not ask")

        def free(self) -> None:
            for route, response in self.routes:
                route.fulfill(response=response)
            page.wait_for_timeout(300)

    return Late()


def test_what_is_drawn_before_the_first_example_arrives_stays(page, late):
    choose_task(page, "aerial2map")
    late.wait()
    tool(page, "Pen")
    drag(page, (40, 40), (200, 160))
    drawn = bitmap(page)
    late.free()
    np.testing.assert_array_equal(bitmap(page), drawn)
    assert all(settled(page))


def test_a_canvas_cleared_before_an_example_arrives_stays_clear(page, late):
    page.get_by_role("button", name="Random").click()
    late.wait()
    clear(page)
    late.free()
    assert (bitmap(page) == BACKGROUND).all()
    assert settled(page) == [None, None]


def test_the_last_of_two_examples_that_were_asked_for_is_shown(page, late):
    before = bitmap(page)
    for count in (1, 2):
        page.get_by_role("button", name="Random").click()
        late.wait(count)
    late.routes.reverse()
    late.free()
    first_to_arrive = bitmap(page)
    assert (first_to_arrive != before).any()
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(bitmap(page), before)


SLOW_DECODER = """() => { const { prototype } = HTMLImageElement, { decode } = prototype;
    prototype.decode = async function () {
        prototype.decode = decode; // what comes after it is quick
        window.asked = true;
        await new Promise((go) => { window.go = go; });
        return decode.call(this);
    }; }"""


@pytest.mark.parametrize("way", ["upload", "link"])
def test_uploads_and_links_wait_for_nobody_either(page, way):
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.hash.length > 10")
    link = page.evaluate("location.hash")
    clear(page)
    settled(page)
    page.evaluate(SLOW_DECODER)
    if way == "upload":
        buffer = io.BytesIO()
        Image.new("RGB", (9, 9)).save(buffer, "PNG")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload").click()
        chooser.value.set_files([{"name": "a.png", "mimeType": "image/png", "buffer": buffer.getvalue()}])
    else:
        page.evaluate("(link) => { location.hash = link; }", link)
    page.wait_for_function("window.asked")
    drag(page, (40.5, 30.5), (99.5, 79.5))
    page.evaluate("window.go()")
    page.wait_for_timeout(300)
    drawn = bitmap(page)
    assert (drawn[30:80, 40:100] == WINDOW).all()
    assert (drawn == WINDOW).all(axis=-1).sum() == 50 * 60
