"""The Photo tab as a person uses it: photos in, edges, pictures of any size, and what is said when something is no photo."""

import base64
import io

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw

from tests.helpers.making import decoded
from tests.helpers.person import bitmap
from tools.bench.browser import FLAGS, READY, chromium

DONE = ".photo[data-state=ready]"


def shoe(width: int = 600, height: int = 400, paper: int = 255) -> Image.Image:
    """Something with an outline and inner lines on a plain background, off the middle."""
    image = Image.new("RGB", (width, height), (paper,) * 3)
    draw = ImageDraw.Draw(image)
    box = [width * 0.1, height * 0.5, width * 0.6, height * 0.8]
    draw.polygon([(box[0], box[3]), (box[0], box[1]), (box[2] * 0.5, box[1]), (box[2], box[3])], fill=(150, 40, 40))
    for step in range(4):
        left = box[0] + step * 30
        draw.line([(left, box[1] + 10), (left + 20, box[1] + 30)], fill=(250, 250, 250), width=4)
    return image


def file_of(image: Image.Image, name: str = "a.png", **options) -> dict:
    """What set_input_files takes."""
    buffer = io.BytesIO()
    image.save(buffer, {"png": "PNG", "jpg": "JPEG", "tif": "TIFF"}[name.rpartition(".")[2]], **options)
    return {"name": name, "mimeType": "image/" + name.rpartition(".")[2], "buffer": buffer.getvalue()}


@pytest.fixture
def photo(page):
    """The Photo tab, on shoes. Canny draws: the strokes of an untrained model may be none at all."""
    return opened(page)


def opened(page):
    page.locator("[role=tab][data-tab-id=photo]").click()
    page.wait_for_selector(".photo .card")
    page.locator(".photo .card[data-task=edges2shoes]").click()
    assert page.locator("[data-extractor=learned]").get_attribute("aria-pressed") == "true"
    page.locator("[data-extractor=classical]").dispatch_event("click")  # out of sight on a phone before there is a photo
    return page


def give(page, file: dict) -> None:
    page.locator(".photo .file").set_input_files([file])
    page.wait_for_selector(DONE, timeout=60_000)


def shown(page) -> list[str | None]:
    """The URLs of photo, edges and both pictures, None where there is none."""
    return page.evaluate("""['.shown', '.drawn', '[data-slot="0"] img', '[data-slot="1"] img']
        .map((one) => document.querySelector('.photo ' + one)).map((img) => img.hidden ? null : img.src)""")


def pixels(page, selector: str) -> np.ndarray:
    """What an <img> shows, in its own pixels."""
    url = page.evaluate(
        """async (selector) => {
            const blob = await (await fetch(document.querySelector(selector).src)).blob();
            return new Promise((resolve) => {
                const reader = new FileReader();
                reader.onload = () => resolve(reader.result);
                reader.readAsDataURL(blob);
            });
        }""",
        selector,
    )
    return decoded(url)


def test_a_photo_becomes_edges_and_both_pictures(photo):
    assert photo.locator(".photo .drop").is_visible()
    assert "plain background" in photo.locator(".photo-help").inner_text()
    give(photo, file_of(shoe()))
    page, edges, first, second = shown(photo)
    assert all((page, edges, first, second))
    assert first != second
    assert "Centered" in photo.locator(".photo-help").inner_text()
    assert photo.locator(".measure").inner_text() == "600 x 400"
    page = pixels(photo, ".photo .shown")
    columns = np.flatnonzero((page[..., 1] < 128).any(axis=0))
    assert abs(columns.mean() - 127.5) < 3
    assert set(np.unique(pixels(photo, ".photo .drawn"))) <= {0, 255}


def redrawn(page, action) -> None:
    """Waits until there are other edges after an action, and other pictures of them."""
    before = shown(page)
    action()
    page.wait_for_function("(src) => document.querySelector('.photo .drawn').src !== src", arg=before[1])
    page.wait_for_function("(src) => document.querySelector('.photo [data-slot=\"0\"] img').src !== src", arg=before[2])


def test_extractor_detail_and_mirror_redraw_at_once(photo):
    give(photo, file_of(shoe()))
    plain = pixels(photo, ".photo .drawn")
    redrawn(photo, photo.get_by_role("button", name="Mirror").click)
    turned = pixels(photo, ".photo .drawn")[:, ::-1]
    assert (turned != plain).any(axis=2).mean() < 0.02
    redrawn(photo, lambda: photo.get_by_label("Detail").fill("0"))
    assert photo.locator(".detail output").inner_text() == "0"
    few = pixels(photo, ".photo .drawn")
    redrawn(photo, lambda: photo.get_by_label("Detail").fill("95"))
    assert (pixels(photo, ".photo .drawn") == 0).sum() > (few == 0).sum()
    classical = shown(photo)[1]
    photo.get_by_role("button", name="Learned").click()
    photo.wait_for_function("(src) => document.querySelector('.photo .drawn').src !== src", arg=classical)
    assert photo.locator(".photo .toast").is_hidden()


def test_edges_go_to_the_canvas(photo):
    assert photo.get_by_role("button", name="Edit on the canvas").is_disabled()
    give(photo, file_of(shoe()))
    edges = pixels(photo, ".photo .drawn")
    photo.get_by_role("button", name="Edit on the canvas").click()
    photo.wait_for_selector(".paper:visible")
    photo.wait_for_selector(".card[data-task=edges2shoes][aria-pressed=true]:visible")
    photo.wait_for_function("document.activeElement === document.querySelector('.paper')")
    np.testing.assert_array_equal(bitmap(photo), edges)
    photo.get_by_role("button", name="Undo").click()
    assert (bitmap(photo) != edges).any()


def test_an_aerial_photo_of_any_size_is_translated_whole(photo):
    photo.locator(".photo .card[data-task=aerial2map]").click()
    assert photo.locator(".panel.edges").is_hidden()
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    fetched = []
    photo.on("request", lambda request: fetched.append(request.url) if "/file=" in request.url else None)
    photo.locator(".photo .file").set_input_files([file_of(Image.fromarray(noise).resize((900, 600)))])
    photo.wait_for_selector(".photo .advance:visible")
    assert "Add a photo" not in photo.locator(".photo .results").inner_text()
    photo.wait_for_selector(DONE, timeout=60_000)
    assert photo.locator(".photo .advance").is_hidden()
    assert len(fetched) == 2
    for url in fetched:  # kept for the page until it had them, and for nobody after
        assert photo.request.get(url).status == 403
    for slot in (0, 1):
        assert pixels(photo, f'.photo [data-slot="{slot}"] img').shape == (600, 900, 3)
    box = photo.locator(".photo .output .square").first.bounding_box()
    assert box["width"] / box["height"] == pytest.approx(1.5, abs=0.02)
    photo.get_by_role("button", name="Compare").click()
    assert photo.evaluate("document.querySelector('.photo .difference').width") == 900
    assert "900 x 600" in photo.locator(".photo .status").inner_text()
    photo.locator(".photo summary", has_text="Save").click()
    with photo.expect_download() as download:
        photo.get_by_role("button", name="L1 + cGAN", exact=True).click()
    with Image.open(download.value.path()) as image:
        assert (image.format, image.size) == ("PNG", (900, 600))


def test_large_photos_are_reduced_and_may_be_stopped(photo):
    photo.locator(".photo .card[data-task=aerial2map]").click()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8))
    photo.locator(".photo .file").set_input_files([file_of(noise.resize((4000, 3000)), "a.jpg", quality=50)])
    photo.wait_for_selector(".photo .advance:visible", timeout=60_000)
    assert photo.locator(".photo-help").inner_text().startswith("Reduced to 2048 x 1536")
    assert photo.locator(".measure").inner_text() == "4000 x 3000"
    photo.wait_for_function("document.querySelector('.photo progress').value > 0")
    photo.get_by_role("button", name="Stop").click()
    assert photo.locator(".photo .advance").is_hidden()
    photo.wait_for_timeout(600)
    assert shown(photo)[2:] == [None, None]
    give(photo, file_of(shoe()))
    assert all(shown(photo)[2:])


def test_a_photo_the_browser_cannot_read_is_read_by_the_server(photo):
    deep = Image.fromarray(np.asarray(shoe().convert("L")).astype(np.uint16) * 257)
    give(photo, file_of(deep, "deep.tif"))
    assert all(shown(photo))
    photo.locator(".photo .card[data-task=aerial2map]").click()
    give(photo, file_of(deep, "deep.tif"))
    assert pixels(photo, ".photo .shown").shape == (400, 600, 3)


def test_a_turned_photo_is_turned_back(photo):
    exif = Image.Exif()
    exif[274] = 6
    photo.locator(".photo .card[data-task=aerial2map]").click()
    give(photo, file_of(Image.new("RGB", (300, 200), "red"), "a.jpg", exif=exif))
    assert photo.locator(".measure").inner_text() == "200 x 300"
    assert pixels(photo, '.photo [data-slot="0"] img').shape == (300, 200, 3)


@pytest.mark.parametrize("body", [b"hello", b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 500])
def test_what_is_no_photo_gets_a_sentence(photo, body):
    photo.locator(".photo .file").set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": body}])
    photo.wait_for_selector(".photo .toast:visible")
    words = photo.locator(".photo .toast").inner_text()
    assert "not a readable picture" in words or "could not be sent" in words
    assert "/" not in words
    assert photo.locator(".photo .drop").is_visible()
    give(photo, file_of(shoe()))
    assert photo.locator(".photo .toast").is_hidden()


def test_of_what_moves_the_first_picture_is_translated_and_shown(photo):
    photo.locator(".photo .card[data-task=aerial2map]").click()
    frames = [Image.new("RGB", (60, 40), color) for color in ("red", "blue", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=40, loop=0)
    give(photo, {"name": "a.gif", "mimeType": "image/gif", "buffer": buffer.getvalue()})
    assert np.abs(pixels(photo, ".photo .shown").reshape(-1, 3).mean(axis=0) - (255, 0, 0)).max() < 8
    assert (
        photo.evaluate(
            "fetch(document.querySelector('.photo .shown').src).then((answer) => answer.blob()).then((blob) => blob.type)"
        )
        == "image/jpeg"
    )


def test_the_photo_can_lie_under_its_edges_on_the_canvas(photo):
    give(photo, file_of(shoe()))
    photo.get_by_role("button", name="Mirror").click()
    photo.wait_for_selector(".photo .shown.mirrored")
    page = pixels(photo, ".photo .shown")
    photo.wait_for_selector(".photo .results[aria-busy=false]")
    photo.get_by_role("button", name="Edit on the canvas").click()
    photo.wait_for_selector(".paper:visible")
    assert photo.locator(".guide").is_hidden()
    photo.get_by_role("button", name="Guide").click()
    photo.locator(".guide").wait_for()
    np.testing.assert_array_equal(pixels(photo, ".guide"), page[:, ::-1])


def test_pasting_and_dropping(photo):
    photo.evaluate(
        """async ([kind, data]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([await (await fetch(data)).blob()], "a.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
        }""",
        ["paste", url_of(shoe())],
    )
    photo.wait_for_selector(DONE)
    first = shown(photo)
    photo.evaluate(
        """async (data) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([await (await fetch(data)).blob()], "a.png", { type: "image/png" }));
            document.querySelector(".photo .source .square")
                .dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        url_of(shoe(300, 500)),
    )
    photo.wait_for_function("document.querySelector('.photo .measure').textContent === '300 x 500'")
    photo.wait_for_selector(DONE)
    assert shown(photo)[0] != first[0]


def url_of(image: Image.Image) -> str:
    return "data:image/png;base64," + base64.b64encode(file_of(image)["buffer"]).decode()


def test_the_example_is_a_photo_too(photo):
    photo.get_by_role("button", name="Example").click()
    photo.wait_for_selector(".photo .shown:visible")
    photo.wait_for_selector(".photo:not([data-state=working])")
    assert photo.locator(".photo .toast").is_hidden()
    assert photo.locator(".measure").inner_text() == "256 x 256"


def test_enlarging_by_mouse_and_keyboard(photo):
    give(photo, file_of(shoe()))
    photo.locator('.photo [data-slot="1"] img').first.click()
    photo.wait_for_selector(".photo .lightbox[open]")
    assert photo.locator(".photo .lightbox span").inner_text() == "L1 + cGAN"
    photo.keyboard.press("Escape")
    photo.locator(".photo .drawn").focus()
    photo.keyboard.press("Enter")
    photo.wait_for_selector(".photo .lightbox[open]")
    assert photo.locator(".photo .lightbox span").inner_text() == "Edges"


@pytest.mark.parametrize("allowed", [True, False])
def test_the_camera_is_lent_or_refused_in_words(browser, address, allowed):
    flags = [*(f"--{flag}" for flag in FLAGS), "--use-fake-device-for-media-stream"]
    other = browser.browser_type.launch(executable_path=chromium(), args=flags)
    page = other.new_context(permissions=["camera"] if allowed else []).new_page()
    page.goto(address)
    page.wait_for_selector(READY, timeout=40_000)
    page.locator("[role=tab][data-tab-id=photo]").click()
    page.get_by_role("button", name="Camera").click()
    if allowed:
        page.wait_for_function("document.querySelector('.photo video').videoWidth > 0")
        page.get_by_role("button", name="Take photo").click()
        page.wait_for_selector(".photo .shown:visible")
        assert page.evaluate("document.querySelector('.photo video').srcObject") is None
    else:
        page.wait_for_selector(".photo .toast:visible")
        assert "choose a file instead" in page.locator(".photo .toast").inner_text().lower()
        assert page.locator(".photo .drop").is_visible()
    other.close()


def test_axe_finds_no_serious_violation(photo):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(photo).response["violations"]
    give(photo, file_of(shoe()))
    photo.locator(".photo summary", has_text="Save").click()
    found += axe.Axe().run(photo).response["violations"]
    photo.get_by_role("button", name="Light or dark").click()
    found += axe.Axe().run(photo, options={"runOnly": ["color-contrast"]}).response["violations"]
    serious = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_phone_shows_all_four_squares_without_scrolling_sideways(open_studio):
    page = open_studio(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    give(opened(page), file_of(shoe()))
    boxes = [square.bounding_box() for square in page.locator(".photo .square").all()]
    assert len(boxes) == 4
    assert all(box["y"] + box["height"] < 700 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


def test_programs_get_the_same_edges(client, tmp_path):
    shoe().save(tmp_path / "a.png")
    call = {"photo": handle_file(str(tmp_path / "a.png")), "extractor": "", "detail": 0.5, "mirror": False}
    path, facts = client.predict(**call, api_name="/edges")
    with Image.open(path) as drawing:
        assert drawing.size == (256, 256)
    assert facts == {"extractor": "learned", "size": [600, 400], "plain_background": True}
    assert client.predict(**call | {"extractor": "classical"}, api_name="/edges")[1]["extractor"] == "classical"
    for changes, words in (
        ({"extractor": "sobel"}, "extractor"),
        ({"detail": 7}, "Detail"),
        ({"photo": None}, "no picture"),
    ):
        with pytest.raises(AppError, match=words):
            client.predict(**call | changes, api_name="/edges")


def test_programs_get_large_pictures_too(client, tmp_path):
    shoe(700, 500).save(tmp_path / "a.png")
    first, second, facts = client.predict(
        task="aerial2map",
        drawing=handle_file(str(tmp_path / "a.png")),
        noise=False,
        seed=0,
        norm_statistics="",
        api_name="/translate",
    )
    for path in (first, second):
        with Image.open(path) as image:
            assert image.size == (700, 500)
    assert facts["objectives"] == ["l1", "l1+cgan"]


def test_nobody_reads_other_files_through_the_page(photo):
    """As a page that lies about where its upload is."""
    photo.route("**/upload*", lambda route: route.fulfill(json=["/etc/passwd"]))
    photo.locator(".photo .file").set_input_files([file_of(shoe())])
    photo.wait_for_selector(".photo .toast:visible")
    assert photo.locator(".photo .toast").inner_text() == "The photo did not arrive. Please add it again."
