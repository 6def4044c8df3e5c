"""The pictures of the Draw tab: in step with the drawing, never stale, judged, compared, saved and shared."""

import time

import numpy as np
import pytest
from PIL import Image

from tests.helpers.making import decoded
from tests.helpers.person import at, bitmap, changed, choose_task, clear, drag, pictures, settled, tool


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
    page.mouse.up()  # where the pen already was: the drawing stays, and now its pictures are exact
    after = changed(page, during)
    for quick, exact in zip(during, after, strict=True):
        assert quick.startswith("data:image/jpeg")
        assert exact.startswith("data:image/webp")
        assert np.abs(decoded(quick).astype(int) - decoded(exact)).mean() < 3


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
    page.wait_for_selector(".patch-scores:visible")
    assert page.locator(".patch-scores:visible").count() == 2
    assert page.locator(".patch-scores").first.get_attribute("width") == "30"
    box = page.locator(".output .square").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    field = page.locator(".field").first.bounding_box()
    assert field["width"] / box["width"] * 256 == pytest.approx(70, abs=1)
    assert "% real" in page.locator(".field").first.get_attribute("data-value")


def test_critic_is_asked_by_keyboard(page):
    page.get_by_role("button", name="Critic's view").click()
    page.wait_for_selector(".patch-scores:visible")
    assert "This one discriminator's scores" in page.locator(".view-help").first.inner_text()
    page.locator(".output img").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    said = page.locator(".view-help").first.inner_text()
    assert said.startswith("Patch 17 from the left, 18 from the top: ")
    assert page.locator(".field").first.get_attribute("data-value") in said
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    assert "Patch 1 from the left" in page.locator(".view-help").first.inner_text()
    page.keyboard.press("Tab")
    assert page.locator(".field:visible").count() == 0


def test_a_finger_asks_the_critic_or_enlarges(open_studio):
    page = open_studio(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    picture = page.locator(".output .square").first
    page.get_by_role("button", name="Critic's view").tap()
    page.wait_for_selector(".patch-scores:visible")
    picture.tap()
    assert page.locator(".field:visible").count() == 2
    assert page.locator(".lightbox[open]").count() == 0
    page.get_by_role("button", name="Critic's view").tap()
    page.wait_for_selector(".patch-scores", state="hidden")
    picture.tap()
    page.wait_for_selector(".lightbox[open]")


def test_pictures_are_enlarged_by_mouse_and_keyboard(page):
    page.locator('.output[data-slot="1"] img').first.click()
    page.wait_for_selector(".lightbox[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector(".lightbox[open]", state="detached")
    page.locator(".output img:visible").first.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".lightbox[open]")
    assert page.locator(".lightbox span").first.inner_text() == "L1 only"


def test_every_card_has_a_picture(page):
    without = page.locator(".cards").first.locator(".card:not(:has(img))")
    assert without.all_inner_texts() == ["Edges to cats"]  # no sample, and no example of cats
    assert without.locator("svg").count() == 1


def test_a_task_with_a_single_model_has_nothing_to_compare(page):
    page.get_by_role("button", name="Compare").click()
    choose_task(page, "edges2cats")
    page.wait_for_selector("[data-view=compare]:disabled")
    drag(page, (40, 40), (200, 160))
    page.locator(".output img:visible").first.wait_for()
    assert page.locator(".output").nth(1).inner_text().endswith("Only one model is installed for this task.")
    assert "Both models" not in page.locator(".view-help").first.inner_text()
    choose_task(page, "labels2facade")
    page.wait_for_selector(".divider:visible")


def test_a_server_that_is_away_for_a_moment_is_said_and_forgotten(page):
    page.route("**/component_server/", lambda route: route.abort())
    page.locator(".toast", has_text="cannot be reached").first.wait_for()
    page.unroute("**/component_server/")
    page.locator(".toast").first.wait_for(state="hidden")


def test_slider_and_difference(page):
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector(".divider:visible")
    page.get_by_label("Where L1 only ends").fill("20")
    assert "20%" in page.locator(".over").get_attribute("style")
    brightest = page.evaluate("""() => { const canvas = document.querySelector('.difference');
        const data = canvas.getContext('2d').getImageData(0, 0, 256, 256).data;
        return data.reduce((most, value, at) => (at % 4 < 3 ? Math.max(most, value) : most), 0); }""")
    assert brightest > 0


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


@pytest.mark.parametrize(
    ("item", "size"), [("Input", (256, 256)), ("L1 + cGAN", (256, 256)), ("Card with all three", (1632, 600))]
)
def test_saving(page, item, size):
    page.get_by_text("Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=item, exact=True).click()
    with Image.open(download.value.path()) as image:
        assert image.format == "PNG"
        assert image.size == size


def test_the_menu_closes_by_a_click_elsewhere_and_by_escape(page):
    menu = page.locator(".save").first
    for close in (lambda: page.locator(".tool-help").click(), lambda: page.keyboard.press("Escape")):
        menu.locator("summary").click()
        menu.get_by_role("button", name="Input").wait_for()
        close()
        menu.get_by_role("button", name="Input").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.textContent") == "Save"


def test_a_link_brings_drawing_and_seed_back(page, open_studio):
    clear(page)
    drag(page, (40.5, 30.5), (99.5, 79.5))
    page.get_by_role("button", name="Noise", exact=True).click()
    page.get_by_role("button", name="Another one").click()
    page.wait_for_timeout(200)
    shown, drawn = settled(page), bitmap(page)
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.hash.length > 10")
    link = page.evaluate("location.hash")
    other = open_studio(fragment=link)
    np.testing.assert_array_equal(bitmap(other), drawn)
    assert settled(other) == shown


def test_a_drawing_of_many_colors_fits_into_a_link_too(page, open_studio, tmp_path):
    choose_task(page, "aerial2map")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (30, 30, 3), np.uint8)).resize((256, 256)).save(tmp_path / "aerial.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "aerial.png")
    changed(page, [None, None])
    drawn = bitmap(page)
    page.get_by_role("button", name="Share").click()
    page.locator(".toast", has_text="simplified").wait_for()
    link = page.evaluate("location.hash")
    assert len(link) < 30_000
    other = open_studio(fragment=link)
    assert other.locator(".card[data-task=aerial2map][aria-pressed=true]").count() == 1
    assert np.abs(bitmap(other).astype(int) - drawn).mean() < 8


def test_a_reload_keeps_task_and_drawing_even_after_sharing(page):
    choose_task(page, "edges2shoes")
    settled(page)
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.hash.length > 10")
    clear(page)
    assert page.evaluate("location.hash") == ""
    drag(page, (40, 40), (200, 160))
    shown, drawn = changed(page, [None, None]), bitmap(page)
    page.reload()
    page.wait_for_selector(".studio[data-state=ready]")
    assert settled(page) == shown
    np.testing.assert_array_equal(bitmap(page), drawn)


def test_a_task_with_more_models_lets_choose_which_to_compare(page):
    assert page.get_by_label("Right").count() == 0 or page.get_by_label("Right").is_hidden()
    choose_task(page, "edges2shoes")
    usual = settled(page)
    right = page.get_by_label("Right")
    assert right.locator("option").all_inner_texts() == ["edges2shoes-l1", "edges2shoes", "edges2shoes-mine"]
    assert right.input_value() == "edges2shoes"
    right.select_option("edges2shoes-mine")
    page.wait_for_function("document.querySelector('.status').textContent.includes('edges2shoes-mine')")
    left, mine = settled(page)
    assert left == usual[0]
    assert mine not in usual
    assert page.locator(".output h2").all_inner_texts() == ["L1 only", "edges2shoes-mine"]
    choose_task(page, "labels2facade")
    choose_task(page, "edges2shoes")
    assert settled(page) == [left, mine]
    right.select_option("edges2shoes")
    page.wait_for_function("!document.querySelector('.status').textContent.includes('mine')")
    assert settled(page) == usual
