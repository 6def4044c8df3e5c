"""The Draw tab, used as a person does: mouse, touch and keyboard, and what the canvas and the pictures then show."""

import base64
import io
import json
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

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
    end = time.monotonic() + 15
    while time.monotonic() < end:
        now = pictures(page)
        if all(now) and all(new != old for new, old in zip(now, before, strict=True)):
            return settled(page)
        page.wait_for_timeout(30)
    raise AssertionError("the pictures did not change")


def settled(page) -> list[str | None]:
    """The pictures once none is on its way, and none comes for a moment."""
    page.wait_for_timeout(250)
    page.wait_for_selector(".studio:not([data-state=working]) .results[aria-busy=false]", timeout=15_000)
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


def test_first_visit_shows_a_finished_drawing_with_both_pictures(page):
    assert len(np.unique(bitmap(page).reshape(-1, 3), axis=0)) > 3
    first, second = pictures(page)
    assert first.startswith("data:image/webp")
    assert second.startswith("data:image/webp")
    assert first != second
    assert page.locator(".status").inner_text().startswith(tuple("123456789"))
    page.reload()
    page.wait_for_selector(".studio[data-state=ready]")
    assert all(settled(page))


def test_pictures_follow_the_mouse_before_it_is_lifted(page):
    before = pictures(page)
    page.mouse.move(*at(page, 20, 20))
    page.mouse.down()
    page.mouse.move(*at(page, 120, 120), steps=10)
    during = changed(page, before)
    page.mouse.move(*at(page, 200, 60), steps=10)
    page.mouse.up()
    assert changed(page, during) != before


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
    colours = {tuple(map(int, colour)) for colour in np.unique(bitmap(page).reshape(-1, 3), axis=0)}
    assert colours == {BACKGROUND, WINDOW}


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


def test_clear_leaves_no_picture_and_can_be_undone(page):
    before = pictures(page)
    for _ in range(5):
        drag(page, (30, 30), (200, 200), steps=3)  # answers are on their way when the canvas is cleared
        clear(page)
        assert pictures(page) == [None, None]
    assert settled(page) == [None, None]
    for _ in range(10):
        page.get_by_role("button", name="Undo").click()
    assert changed(page, [None, None]) == before


@pytest.fixture
def held(page):
    """Holds back what the server answers to `translate` until it is told to go on: `held.answers` counts, `held.free()` frees."""

    class Held:
        def __init__(self):
            self.routes, self.holding = [], True
            page.route("**/component_server/", self.caught)

        def caught(self, route):
            if self.holding and '"fn_name":"translate"' in route.request.post_data:
                self.routes.append((route, route.fetch()))
            else:
                route.continue_()

        def wait(self, count: int) -> None:
            end = time.monotonic() + 15
            while len(self.routes) < count:
                assert time.monotonic() < end, "the page did not ask"
                page.wait_for_timeout(20)

        def free(self, number: int) -> None:
            route, response = self.routes[number]
            route.fulfill(response=response)

    return Held()


def test_an_older_answer_never_replaces_a_newer_one(page, held):
    before = pictures(page)
    page.mouse.move(*at(page, 20, 20))
    page.mouse.down()
    page.mouse.move(*at(page, 120, 120))
    held.wait(1)
    page.mouse.move(*at(page, 200, 200))
    page.mouse.up()
    held.wait(2)
    held.free(1)
    newest = changed(page, before)
    held.free(0)
    assert settled(page) == newest


def test_nothing_stale_after_clear_or_another_task(page, held):
    drag(page, (20, 20), (120, 120))
    held.wait(1)
    page.wait_for_selector(".studio.slow")
    clear(page)
    held.free(0)
    assert settled(page) == [None, None]
    assert page.locator(".studio.slow").count() == 0
    drag(page, (20, 20), (120, 120))
    held.wait(2)
    choose_task(page, "edges2shoes")
    clear(page)
    held.free(1)
    assert settled(page) == [None, None]


def test_busy_is_said_and_tried_again(page):
    before, refused = pictures(page), []

    def busy(route):
        if not refused and '"fn_name":"translate"' in route.request.post_data:
            refused.append(True)
            route.fulfill(json={"error": "Many people are drawing right now.", "busy": True})
        else:
            route.continue_()

    page.route("**/component_server/", busy)
    tool(page, "Fill")
    page.mouse.click(*at(page, 3, 3))
    page.wait_for_selector(".toast:visible")
    assert "Many people" in page.locator(".toast").inner_text()
    changed(page, before)
    page.wait_for_selector(".toast", state="hidden")


def test_random_gives_a_new_drawing_each_time(page):
    seen = [bitmap(page)]
    shown = pictures(page)
    for _ in range(3):
        page.get_by_role("button", name="Random").click()
        shown = changed(page, shown)
        assert all((bitmap(page) != drawing).any() for drawing in seen)
        seen.append(bitmap(page))


def test_changing_the_task_changes_everything_and_keeps_both_drawings(page):
    drag(page, (10, 10), (100, 100))
    facade, shown = bitmap(page), settled(page)
    choose_task(page, "edges2shoes")
    page.wait_for_timeout(300)
    assert not set(settled(page)) & set(shown)
    assert page.locator(".palette").is_hidden()
    assert page.get_by_role("button", name="Fill").count() == 0
    clear(page)
    drag(page, (60, 60), (180, 180))
    assert all(settled(page))
    shoe = bitmap(page)
    choose_task(page, "labels2facade")
    np.testing.assert_array_equal(bitmap(page), facade)
    assert settled(page) == shown
    choose_task(page, "edges2shoes")
    np.testing.assert_array_equal(bitmap(page), shoe)


def test_noise_repeats_with_its_seed(page):
    plain = pictures(page)
    page.get_by_role("button", name="Noise", exact=True).click()
    noisy = changed(page, plain)
    page.get_by_role("button", name="Another one").click()
    another = changed(page, noisy)
    page.get_by_label("Noise seed").fill("0")
    assert changed(page, another) == noisy
    page.get_by_role("button", name="Noise", exact=True).click()
    assert changed(page, noisy) == plain


def test_critic_shows_its_map_and_its_field(page):
    page.get_by_role("button", name="Critic's view").click()
    page.wait_for_selector(".opinion:visible")
    assert page.locator(".opinion:visible").count() == 2
    assert page.locator(".opinion").first.get_attribute("width") == "30"
    box = page.locator(".output .square").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    field = page.locator(".field").first.bounding_box()
    assert field["width"] / box["width"] * 256 == pytest.approx(70, abs=1)
    assert "% real" in page.locator(".field").first.get_attribute("data-value")


def test_slider_and_difference(page):
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector(".divider:visible")
    page.get_by_label("Where L1 only ends").fill("20")
    assert "20%" in page.locator(".over").get_attribute("style")
    brightest = page.evaluate("""() => { const canvas = document.querySelector('.difference');
        const data = canvas.getContext('2d').getImageData(0, 0, 256, 256).data;
        return data.reduce((most, value, at) => (at % 4 < 3 ? Math.max(most, value) : most), 0); }""")
    assert brightest > 0


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


def test_every_control_has_a_name_and_is_reached_by_tab(page):
    nameless = page.evaluate("""() => [...document.querySelectorAll('.studio button, .studio input:not([type=file])')]
        .filter((one) => one.offsetParent && !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
        .map((one) => one.outerHTML)""")
    assert nameless == []
    page.locator(".card").first.focus()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent"))
    assert {"Pen", "Undo", "Clear", "Random", "window", "Noise", "Save", "Share"} <= {name.strip() for name in reached}
    assert any(name.startswith("Drawing canvas") for name in reached)


def test_axe_finds_no_serious_violation(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    for summary in ("About pix2pix", "Advanced", "Save"):
        page.locator("summary", has_text=summary).click()
    page.get_by_role("button", name="Critic's view").click()
    found = axe.Axe().run(page).response["violations"]
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("document.body.classList.contains('dark')")
    found += axe.Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_upload_is_fitted_and_snapped_to_the_labels(page, tmp_path):
    colours = np.zeros((300, 600, 3), np.uint8)
    colours[:, :300], colours[:, 300:] = (3, 50, 250), (5, 130, 249)
    Image.fromarray(colours).save(tmp_path / "wide.jpg")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "wide.jpg")
    page.wait_for_function("document.querySelector('.paper').getContext('2d').getImageData(0, 0, 1, 1).data[2] === 224")
    drawn = bitmap(page)
    assert (drawn[128, 20] == WALL).all()
    assert (drawn[128, 236] == WINDOW).all()
    assert {tuple(map(int, colour)) for colour in np.unique(drawn.reshape(-1, 3), axis=0)} == {BACKGROUND, WALL, WINDOW}


def test_other_tabs_can_hand_over_a_picture(page):
    page.evaluate(
        """(picture) => document.dispatchEvent(
        new CustomEvent('studio:draw', {detail: {task: 'edges2shoes', picture}}))""",
        png_url(256),
    )
    page.wait_for_selector(".card[data-task=edges2shoes][aria-pressed=true]")
    page.wait_for_function("document.querySelector('.paper').getContext('2d').getImageData(0, 0, 1, 1).data[0] === 0")
    assert all(settled(page))


def test_a_pasted_picture_lands_on_the_canvas_and_a_guide_does_not(page, tmp_path):
    before = bitmap(page)
    Image.new("RGB", (64, 64), "#000000").save(tmp_path / "guide.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Guide").click()
    chooser.value.set_files(tmp_path / "guide.png")
    page.wait_for_selector(".guide", state="visible")
    np.testing.assert_array_equal(bitmap(page), before)
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


@pytest.mark.parametrize(
    ("item", "size"), [("Input", (256, 256)), ("L1 + cGAN", (256, 256)), ("Card with all three", (1632, 600))]
)
def test_saving(page, item, size):
    page.get_by_text("Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=item).click()
    with Image.open(download.value.path()) as image:
        assert image.format == "PNG"
        assert image.size == size


def test_a_link_brings_drawing_and_seed_back(page, open_studio):
    clear(page)
    drag(page, (40.5, 30.5), (99.5, 79.5))
    page.get_by_role("button", name="Another one").click()
    page.wait_for_timeout(200)
    shown, drawn = settled(page), bitmap(page)
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.hash.length > 10")
    link = page.evaluate("location.hash")
    other = open_studio(fragment=link)
    np.testing.assert_array_equal(bitmap(other), drawn)
    assert settled(other) == shown


def png_url(side: int) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def call(address):
    """Calls the board's server function as the page does, with any body."""
    with urllib.request.urlopen(address + "/config") as response:
        component = next(
            each["id"] for each in json.load(response)["components"] if "board" in each["props"].get("elem_classes", [])
        )

    def called(data) -> dict:
        body = {"data": data, "component_id": component, "fn_name": "translate", "session_hash": "test"}
        request = urllib.request.Request(
            address + "/gradio_api/component_server/", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    return called


def test_bad_requests_get_a_sentence(call):
    assert "256 x 256" in call({"task": "labels2facade", "drawing": png_url(255)})["error"]
    assert "256 x 256" in call({"task": "labels2facade", "drawing": png_url(4000)})["error"]
    assert "too large" in call({"task": "labels2facade", "drawing": "data:image/png;base64," + "A" * 400_000})["error"]
    assert "not a readable" in call({"task": "labels2facade", "drawing": "data:image/png;base64,AAAA"})["error"]
    assert "PNG" in call({"task": "labels2facade", "drawing": "/etc/passwd"})["error"]
    assert "installed" in call({"task": "../../etc", "drawing": png_url(256)})["error"]
    assert "seed" in call({"task": "labels2facade", "drawing": png_url(256), "noise": True, "seed": -1})["error"]
    assert "JSON" in call([1, 2])["error"]
    assert call({"task": "labels2facade", "drawing": png_url(256)})["pictures"].keys() == {"l1", "l1+cgan"}


def test_an_oversized_body_is_refused_unread(call):
    with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as refusal:
        call({"drawing": "A" * 30_000_000})
    assert getattr(refusal.value, "code", 413) == 413
