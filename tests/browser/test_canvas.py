"""The canvas: exact pixels from mouse, touch, pen and keyboard, undo, and pictures put on it."""

import numpy as np
import pytest
from PIL import Image

from tests.helpers.person import (
    BACKGROUND,
    DOOR,
    SHOP,
    WALL,
    WINDOW,
    at,
    bitmap,
    changed,
    choose_task,
    clear,
    drag,
    png_url,
    settled,
    tool,
)


def test_rectangles_and_fill_are_exact_to_the_pixel(page):
    clear(page)
    assert (bitmap(page) == BACKGROUND).all()
    drag(page, (40.5, 30.5), (99.5, 79.5))
    expected = np.full((256, 256, 3), BACKGROUND, np.uint8)
    expected[30:80, 40:100] = WINDOW
    np.testing.assert_array_equal(bitmap(page), expected)
    page.get_by_role("button", name="door", exact=True).click()
    tool(page, "Fill")
    page.mouse.click(*at(page, 60, 60))
    expected[30:80, 40:100] = DOOR
    np.testing.assert_array_equal(bitmap(page), expected)


def test_strokes_of_labels_have_no_blended_pixels(page):
    clear(page)
    tool(page, "Pen")
    drag(page, (20, 20), (200, 90), (60, 220))
    colors = {tuple(map(int, color)) for color in np.unique(bitmap(page).reshape(-1, 3), axis=0)}
    assert colors == {BACKGROUND, WINDOW}


def test_symmetry_mirrors_to_the_pixel(page):
    clear(page)
    page.get_by_role("button", name="Symmetry").click()
    drag(page, (40.5, 30.5), (60.5, 79.5))
    drawn = bitmap(page)
    assert (drawn[50, 50] == WINDOW).all()
    np.testing.assert_array_equal(drawn, drawn[:, ::-1])


def test_ink_is_thin_black_on_white(page):
    choose_task(page, "edges2shoes")
    page.wait_for_timeout(300)
    clear(page)
    drag(page, (30.5, 128.5), (220.5, 128.5))
    drawn = bitmap(page)
    assert (drawn[..., 0] == drawn[..., 2]).all()
    assert drawn[128, 100, 0] == 0
    assert 1 <= (drawn[:, 100, 0] < 128).sum() <= 3


@pytest.mark.parametrize("ratio", [1, 2.5])
def test_bitmap_does_not_depend_on_the_screen(open_studio, ratio):
    page = open_studio(device_scale_factor=ratio)
    clear(page)
    drag(page, (10.5, 10.5), (20.5, 20.5))
    drawn = bitmap(page)
    assert drawn.shape == (256, 256, 3)
    assert (drawn == WINDOW).all(axis=-1).sum() == 11 * 11


def test_undo_and_redo_by_button_and_key(page):
    clear(page)
    drag(page, (20, 20), (60, 60))
    start, before = bitmap(page), settled(page)
    tool(page, "Pen")
    tool(page, "door")
    (left, top), (right, _) = at(page, 4, 128), at(page, 204, 128)
    for number in range(50):
        page.mouse.click(left + (right - left) * number / 50, top)
    drawn = bitmap(page)
    after = changed(page, before)
    for _ in range(49):
        page.keyboard.press("Control+z")
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(bitmap(page), start)
    assert changed(page, after) == before
    for _ in range(50):
        page.keyboard.press("Control+Shift+Z")
    np.testing.assert_array_equal(bitmap(page), drawn)
    assert settled(page) == after


def test_touch_draws_and_two_fingers_zoom(open_studio):
    page = open_studio(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    clear(page)
    touch = page.context.new_cdp_session(page)

    def fingers(kind, *points):
        touch_points = [{"x": at_x, "y": at_y, "id": number} for number, (at_x, at_y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch_points})

    page.locator(".paper").scroll_into_view_if_needed()
    start, end = at(page, 60.5, 60.5), at(page, 120.5, 100.5)
    fingers("touchStart", start)
    fingers("touchMove", end)
    fingers("touchEnd")
    drawn = bitmap(page)
    assert (drawn[61:100, 61:120] == WINDOW).all()
    assert all(settled(page))
    width = page.locator(".paper").bounding_box()["width"]
    first, second = at(page, 100, 128), at(page, 156, 128)
    fingers("touchStart", first)
    fingers("touchStart", first, second)
    fingers("touchMove", at(page, 40, 128), at(page, 216, 128))
    fingers("touchEnd")
    assert page.locator(".paper").bounding_box()["width"] > 2 * width
    np.testing.assert_array_equal(bitmap(page), drawn)
    page.get_by_role("button", name="Whole picture").click()
    assert page.locator(".paper").bounding_box()["width"] == pytest.approx(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def pen(page):
    """Draws with a pen along points in canvas pixels: `pen(0.5, (10, 10), (90, 10))`, half pressed. `meanwhile` as it is down."""
    session = page.context.new_cdp_session(page)

    def drawn(force: float, *points: tuple[float, float], meanwhile=lambda: None) -> None:
        def send(kind: str, point: tuple[float, float], buttons: int = 1) -> None:
            x, y = at(page, *point)
            event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}
            session.send("Input.dispatchMouseEvent", event | {"pointerType": "pen", "force": force})

        send("mousePressed", points[0])
        meanwhile()
        for point in points[1:]:
            send("mouseMoved", point)
        send("mouseReleased", points[-1], 0)

    return drawn


def ink(page, row: int, column: int = 120) -> float:
    """How thick a horizontal line is, in pixels."""
    return float((255 - bitmap(page)[row - 8 : row + 8, column, 0].astype(float)).sum() / 255)


def test_a_pen_draws_by_its_pressure_as_thick_as_the_network_knows_it(page, pen):
    choose_task(page, "edges2shoes")
    settled(page)
    clear(page)
    assert page.locator(".pressure").is_hidden()  # nobody has a pen yet
    page.get_by_label("Brush size in pixels").fill("2")
    for row, force, thick in ((40, 0.1, 1.2), (80, 0.5, 2), (120, 1, 3)):
        pen(force, (30, row), (120, row), (220, row))
        assert ink(page, row) == pytest.approx(thick, abs=0.15)
    page.get_by_label("Brush size in pixels").fill("3")
    pen(1, (30, 160), (220, 160))
    assert ink(page, 160) == pytest.approx(3, abs=0.15)
    page.get_by_role("button", name="Pressure").click()
    page.get_by_label("Brush size in pixels").fill("2")
    pen(1, (30, 200), (220, 200))
    assert ink(page, 200) == pytest.approx(2, abs=0.15)


def test_the_hand_that_holds_the_pen_does_not_end_its_stroke(page, pen):
    choose_task(page, "edges2shoes")
    settled(page)
    clear(page)

    def palm() -> None:
        page.locator(".paper").dispatch_event(
            "pointerdown", {"pointerType": "touch", "pointerId": 77, "clientX": 300, "clientY": 500, "button": 0}
        )

    pen(0.5, (30, 100), (120, 100), (220, 100), meanwhile=palm)
    assert ink(page, 100, 40) > 1
    assert ink(page, 100, 210) > 1
    assert page.locator(".unzoom").is_hidden()


def test_ink_is_erased_by_a_rubber_of_its_own_size(page):
    choose_task(page, "edges2shoes")
    settled(page)
    clear(page)
    for column in (60, 160):
        drag(page, (column, 20), (column, 230))
    tool(page, "Eraser")
    assert page.locator(".size output").inner_text() == "12 px"
    drag(page, (20, 80), (240, 80))
    page.get_by_label("Brush size in pixels").fill("40")
    drag(page, (20, 160), (240, 160))
    missing = np.flatnonzero(bitmap(page)[20:230, 60, 0] == 255) + 20
    first, second = missing[missing < 120], missing[missing >= 120]
    assert len(first) == pytest.approx(12, abs=2)
    assert len(second) == pytest.approx(40, abs=2)
    tool(page, "Pen")
    assert page.locator(".size output").inner_text() == "1.5 px"


def test_keyboard_alone_can_draw(page):
    clear(page)
    page.locator(".paper").focus()
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    drawn = bitmap(page)
    assert (drawn[128:149, 128:149] == WINDOW).all()
    assert (drawn == WINDOW).all(axis=-1).sum() == 21 * 21
    assert all(settled(page))


def test_upload_is_fitted_and_snapped_to_the_labels(page, tmp_path):
    colors = np.zeros((300, 600, 3), np.uint8)
    colors[:, :300], colors[:, 300:] = (3, 50, 250), (5, 130, 249)
    Image.fromarray(colors).save(tmp_path / "wide.jpg")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "wide.jpg")
    page.wait_for_function("document.querySelector('.paper').getContext('2d').getImageData(0, 0, 1, 1).data[2] === 224")
    drawn = bitmap(page)
    assert (drawn[128, 20] == WALL).all()
    assert (drawn[128, 236] == WINDOW).all()
    assert {tuple(map(int, color)) for color in np.unique(drawn.reshape(-1, 3), axis=0)} == {BACKGROUND, WALL, WINDOW}


def test_other_tabs_can_hand_over_a_picture(page):
    page.evaluate(
        """(picture) => document.dispatchEvent(
        new CustomEvent('studio:draw', {detail: {task: 'edges2shoes', picture}}))""",
        png_url(256),
    )
    page.wait_for_selector(".card[data-task=edges2shoes][aria-pressed=true]")
    page.wait_for_function("document.querySelector('.paper').getContext('2d').getImageData(0, 0, 1, 1).data[0] === 0")
    assert all(settled(page))


def test_a_guide_lies_under_the_drawing_and_is_no_part_of_it(page, tmp_path):
    before, shown = bitmap(page), settled(page)
    page.get_by_role("button", name="Guide").click()
    page.wait_for_selector(".guide", state="visible")
    assert page.locator(".guide").get_attribute("src") == shown[1]  # what the full model made of the example
    page.get_by_role("button", name="Random").click()
    shown = changed(page, shown)
    page.wait_for_function("(url) => document.querySelector('.guide').src === url", arg=shown[1])
    assert (bitmap(page) != before).any()
    Image.new("RGB", (64, 64), "#000000").save(tmp_path / "guide.png")
    drawn = bitmap(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose its picture").click()
    chooser.value.set_files(tmp_path / "guide.png")
    page.wait_for_selector(".guide[src^=blob]", state="visible")
    np.testing.assert_array_equal(bitmap(page), drawn)
    assert settled(page) == shown
    page.get_by_role("button", name="Guide").click()
    page.wait_for_selector(".guide", state="hidden")


def test_where_there_is_no_example_a_guide_is_a_picture_of_ones_own(page, tmp_path):
    choose_task(page, "edges2cats")
    with page.expect_file_chooser():
        page.get_by_role("button", name="Guide").click()


def test_a_pasted_picture_lands_on_the_canvas(page):
    page.evaluate(
        """async (url) => {
        const data = new DataTransfer();
        data.items.add(new File([await (await fetch(url)).blob()], 'pasted.png', {type: 'image/png'}));
        document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
    }""",
        png_url(64),
    )
    page.wait_for_function("document.querySelector('.paper').getContext('2d').getImageData(9, 9, 1, 1).data[0] === 176")
    assert (bitmap(page) == SHOP).all()  # the label nearest to black


def test_not_a_picture_is_a_sentence(page, tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "notes.png")
    page.wait_for_selector(".toast:visible")
    assert "not a picture" in page.locator(".toast").inner_text()
