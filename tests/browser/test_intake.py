"""Pictures that come from elsewhere: dropped anywhere, and of the kind that a task takes or not."""

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_photo_tab import file_of, give, opened, shoe, url_of
from tests.helpers.person import BACKGROUND, SLOW, bitmap, choose_task, clear, settled

DROP = """async ([place, data]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([await (await fetch(data)).blob()], "a.png", { type: "image/png" }));
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    const events = ["dragover", "drop"].map((type) => new DragEvent(type, options));
    for (const event of events) document.querySelector(place).dispatchEvent(event);
    return events.every((event) => event.defaultPrevented);
}"""
CHANGED = "(old) => document.querySelector('.paper').toDataURL() !== old"


def drop(page, place: str, image: Image.Image) -> bool:
    """Drops a picture on an element; whether that keeps the browser from opening it."""
    return page.evaluate(DROP, [place, url_of(image)])


def test_a_picture_dropped_beside_the_canvas_lands_on_it(page):
    for place in ("h1", ".output .square", "body"):
        clear(page)
        assert (bitmap(page) == BACKGROUND).all()
        old = page.evaluate("document.querySelector('.paper').toDataURL()")
        assert drop(page, place, Image.new("RGB", (64, 64), "#0030ff"))
        page.wait_for_function(CHANGED, arg=old)
        assert (bitmap(page) == (0, 48, 255)).all()


def test_a_picture_dropped_beside_the_photo_is_taken_and_on_models_nothing_happens(page):
    opened(page)
    assert drop(page, "h1", shoe())
    page.wait_for_selector(".photo[data-state=ready]", timeout=1000 * SLOW)
    assert page.locator(".photo .measure").inner_text() == "600 x 400"
    page.locator("[role=tab][data-tab-id=models]").click()
    page.wait_for_selector(".shelf .item")
    drawn = bitmap(page)
    assert drop(page, "h1", shoe(300, 300))
    np.testing.assert_array_equal(bitmap(page), drawn)
    assert page.evaluate("document.querySelector('.photo .measure').textContent") == "600 x 400"


def upload(page, image: Image.Image) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files([file_of(image)])


@pytest.fixture
def ink(page):
    choose_task(page, "edges2shoes")
    settled(page)
    return page


@pytest.fixture
def classical(page):
    """The server draws edges with Canny: the strokes of an untrained model may be none at all."""

    def asked(route):
        body = route.request.post_data
        if '"fn_name":"edges"' in body:
            route.continue_(post_data=body.replace('"inner"', '"extractor":"classical","inner"'))
        else:
            route.continue_()

    page.route("**/component_server/", asked)


def test_of_a_photo_the_ink_canvas_gets_the_edges_and_can_have_it_as_it_is(ink, classical):
    before = bitmap(ink)
    upload(ink, shoe())
    toast = ink.locator(".board .toast")
    toast.filter(has_text="its edges were drawn").wait_for(timeout=1000 * SLOW)
    edges = bitmap(ink)
    assert set(np.unique(edges)) <= {0, 255}
    assert 0.01 < (edges == 0).mean() < 0.1
    settled(ink)
    assert toast.is_visible()  # the pictures that arrive do not take it away
    toast.get_by_role("button", name="Use it as it is").click()
    ink.wait_for_function("document.querySelector('.board .toast').hidden")
    assert (np.abs(bitmap(ink).astype(int) - (150, 40, 40)).max(axis=-1) < 9).mean() > 0.05
    for expected in (edges, before):
        ink.get_by_role("button", name="Undo").click()
        np.testing.assert_array_equal(bitmap(ink), expected)


def test_a_drawing_lands_on_the_ink_canvas_as_it_is(ink):
    drawing = np.full((256, 256, 3), 255, np.uint8)
    drawing[60:200, 60:62] = drawing[60:62, 60:200] = 0
    drawing[100:104, 80:160] = (220, 30, 30)
    old = ink.evaluate("document.querySelector('.paper').toDataURL()")
    upload(ink, Image.fromarray(drawing))
    ink.wait_for_function(CHANGED, arg=old)
    np.testing.assert_array_equal(bitmap(ink), drawing)
    assert ink.locator(".board .toast").is_hidden()


def test_a_map_task_says_what_it_takes_and_takes_a_photo_only_if_told_again(page):
    before = bitmap(page)
    upload(page, shoe())
    toast = page.locator(".board .toast")
    toast.wait_for()
    assert "Building takes a house front in labeled rectangles" in toast.inner_text()
    np.testing.assert_array_equal(bitmap(page), before)
    toast.get_by_role("button", name="Use it as it is").click()
    page.wait_for_timeout(300)
    assert (bitmap(page) != before).any()


def test_each_task_keeps_its_own_photo_and_maps_are_not_offered_any(page):
    opened(page)
    cards = page.locator(".photo .card").evaluate_all("(cards) => cards.map((card) => card.dataset.task)")
    assert sorted(cards) == ["aerial2map", "edges2cats", "edges2shoes"]
    give(page, file_of(shoe()))
    page.locator(".photo .card[data-task=aerial2map]").click()
    assert page.locator(".photo .drop").is_visible()
    page.locator(".photo .card[data-task=edges2shoes]").click()
    page.wait_for_selector(".photo[data-state=ready]", timeout=1000 * SLOW)
    assert page.locator(".photo .measure").inner_text() == "600 x 400"
