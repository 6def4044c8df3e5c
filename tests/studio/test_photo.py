"""The Photo tab below the page: what is read, how it is put on a page, its edges, and large pictures beside other visitors."""

import asyncio
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image

from pix2pix.data.edges import canny_edges, ink_of
from pix2pix.data.framing import framed, without_frame
from pix2pix.inference.tiles import starts, translate_tiles
from pix2pix.inference.translator import Translator
from pix2pix.studio import large as large_module
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import BusyError, RefusedError
from pix2pix.studio.jobs import Request
from pix2pix.studio.large import LargePictures, translate_large
from pix2pix.studio.middleware import BodyLimit
from pix2pix.studio.pictures import read_photo
from pix2pix.studio.requests import EdgeOptions, read_request
from pix2pix.studio.sketching import choose_extractor, draw_edges, has_learned
from pix2pix.studio.tabs import photo as photo_module
from tests.helpers.making import make_config, picture, write_checkpoint

SIDE = 32
RED = (200, 30, 40)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> Path:
    """An aerial task with both models and an edge extractor, trained at 32 pixels."""
    folder = tmp_path_factory.mktemp("checkpoints")
    bare = {"discriminator": None, "generator": make_config().generator.model_copy(update={"levels": 5})}
    write_checkpoint(folder / "aerial2map", 1, task="aerial2map", **bare)
    write_checkpoint(folder / "aerial2map-l1", 2, task="aerial2map", objective="l1", **bare)
    write_checkpoint(folder / "photo2edges", 3, task="photo2edges", objective="l2", **bare)
    return folder


@pytest.fixture(scope="module")
def engine(checkpoints) -> Engine:
    engine = Engine(checkpoints, "cpu")
    engine.start()
    return engine


# What people have on their disks: (name, how it is written, its first pixel as RGB, how far it may be off).


def _rgb(path: Path, **options) -> None:
    Image.new("RGB", (40, 30), RED).save(path, **options)


def _turned(path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image = Image.new("RGB", (30, 40), "white")
    image.paste(RED, (0, 30, 10, 40))  # bottom left becomes top left
    image.save(path, exif=exif, quality=95)


def _animated(path: Path, **options) -> None:
    Image.new("RGB", (40, 30), RED).save(path, save_all=True, append_images=[Image.new("RGB", (40, 30), "blue")], **options)


def _heic(path: Path) -> None:
    pillow_heif.from_pillow(Image.new("RGB", (40, 30), RED)).save(path, quality=95)


def _deep_rgb(path: Path) -> None:
    """A PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + struct.pack(">3H", *(value * 257 for value in RED)) * 40) * 30
    header = struct.pack(">2I5B", 40, 30, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


KINDS = {
    "rgb.jpg": (_rgb, RED, 4),
    "rgb.webp": (_rgb, RED, 8),
    "rgb.bmp": (_rgb, RED, 0),
    "rgb.tif": (_rgb, RED, 0),
    "rgb.avif": (_rgb, RED, 8),
    "photo.heic": (_heic, RED, 8),
    "rotated.jpg": (_turned, RED, 12),
    "animated.gif": (_animated, RED, 4),
    "animated.webp": (_animated, RED, 8),
    "gray.png": (lambda path: Image.new("L", (40, 30), 77).save(path), (77, 77, 77), 0),
    "gray-alpha.png": (lambda path: Image.new("LA", (40, 30), (0, 0)).save(path), (255, 255, 255), 0),
    "alpha.png": (lambda path: Image.new("RGBA", (40, 30), (*RED, 0)).save(path), (255, 255, 255), 0),
    "palette.png": (lambda path: Image.new("RGB", (40, 30), RED).quantize(4).save(path), RED, 2),
    "palette-alpha.png": (lambda path: Image.new("P", (40, 30), 0).save(path, transparency=0), (255, 255, 255), 0),
    "bits.png": (lambda path: Image.new("1", (40, 30), 1).save(path), (255, 255, 255), 0),
    "deep-gray.png": (lambda path: Image.new("I;16", (40, 30), 0x8080).save(path), (128, 128, 128), 1),
    "deep-rgb.png": (_deep_rgb, RED, 1),
    "deep.tif": (lambda path: Image.new("I;16", (40, 30), 0x8080).save(path), (128, 128, 128), 1),
    "float.tif": (lambda path: Image.new("F", (40, 30), 0.5).save(path), (128, 128, 128), 1),
    "cmyk.jpg": (lambda path: Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(path), (255, 0, 0), 6),
    "cmyk.tif": (lambda path: Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(path), (255, 0, 0), 6),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_photo_is_read(tmp_path, kind):
    write, color, off = KINDS[kind]
    write(tmp_path / kind)
    photo, before = read_photo(tmp_path / kind)
    assert photo.shape == (30, 40, 3)
    assert photo.dtype == np.uint8
    assert before == (40, 30)
    assert np.abs(photo[2, 2].astype(int) - color).max() <= off


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), (1, 1)),
        ((20_000, 3), (2048, 1)),
        ((3000, 2000), (2048, 1365)),
        ((2048, 2048), (2048, 2048)),
        ((9, 2049), (9, 2048)),
    ],
)
def test_any_size_is_read_and_large_ones_are_reduced(tmp_path, size, expected):
    for name in ("a.png", "a.jpg"):
        Image.new("RGB", size, RED).save(tmp_path / name)
        photo, before = read_photo(tmp_path / name)
        assert before == size
        assert (photo.shape[1], photo.shape[0]) == expected
        assert np.abs(photo[0, 0].astype(int) - RED).max() <= 4


def test_what_is_no_photo_gets_a_sentence(tmp_path):
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "empty.png").write_bytes(b"")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)).save(tmp_path / "whole.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:9000])
    _heic(tmp_path / "a.heic")
    (tmp_path / "half.heic").write_bytes((tmp_path / "a.heic").read_bytes()[:-100])
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    for name in ("text.jpg", "empty.png", "half.png", "half.heic", "drawing.svg", "absent.png"):
        with pytest.raises(RefusedError, match="not a readable picture") as refusal:
            read_photo(tmp_path / name)
        assert str(tmp_path) not in str(refusal.value)
    with pytest.raises(RefusedError, match="no picture"):
        read_photo(None)


@pytest.mark.parametrize("size", [(7100, 7100), (14_000, 14_000)])
def test_bombs_are_refused_before_they_are_loaded(tmp_path, size):
    Image.new("1", size).save(tmp_path / "bomb.png")
    started = time.perf_counter()
    with pytest.raises(RefusedError, match="too many pixels"):
        read_photo(tmp_path / "bomb.png")
    assert time.perf_counter() - started < 0.5


def shoe_at(left: int, top: int, width: int, height: int, page: tuple[int, int] = (900, 600), paper: int = 255) -> np.ndarray:
    photo = np.full((page[1], page[0], 3), paper, np.uint8)
    photo[top : top + height, left : left + width] = RED
    return photo


@pytest.mark.parametrize("place", [(10, 20), (500, 400), (300, 200)])
@pytest.mark.parametrize("paper", [255, 200])
def test_an_object_on_a_plain_background_is_centerd_on_white_and_fills_the_page(place, paper):
    page = framed(shoe_at(*place, 300, 120, paper=paper))
    assert page.plain
    assert page.picture.shape == (256, 256, 3)
    object_ = page.picture[..., 1] < 128
    rows, columns = np.flatnonzero(object_.any(axis=1)), np.flatnonzero(object_.any(axis=0))
    assert abs(rows.mean() - 127.5) < 2
    assert abs(columns.mean() - 127.5) < 2
    assert len(columns) == pytest.approx(0.93 * 256, abs=4)
    assert page.picture[0, 0].min() > 250


def test_dark_backgrounds_stay_dark():
    page = framed(shoe_at(300, 200, 300, 120, paper=30))
    assert page.plain
    assert page.picture[0, 0].max() == 30


def test_a_busy_photo_is_fitted_in_whole_and_its_own_edge_is_not_drawn():
    photo = np.random.default_rng(0).integers(0, 120, (200, 400, 3), np.uint8)
    page = framed(photo)
    assert not page.plain
    assert page.inner == (0, 64, 256, 192)
    assert (page.picture[:60] == 255).all()
    drawn = canny_edges(page.picture, 0.2)
    assert ink_of(drawn)[62:66].any()
    cleared = ink_of(without_frame(drawn, page.inner))
    assert not cleared[:67].any()
    assert not cleared[189:].any()
    np.testing.assert_array_equal(cleared[70:180], ink_of(drawn)[70:180])


@pytest.mark.parametrize("size", [(1, 1), (1, 2048), (2048, 1), (3, 5), (256, 256)])
def test_any_photo_has_a_page(size):
    for photo in (np.full((*size, 3), 90, np.uint8), np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)):
        page = framed(photo)
        assert page.picture.shape == (256, 256, 3)
        left, top, right, bottom = page.inner
        assert 0 <= left < right <= 256
        assert 0 <= top < bottom <= 256


def edges_of(engine: Engine, photo: np.ndarray, **asked) -> np.ndarray:
    return asyncio.run(draw_edges(engine, photo, read_request(EdgeOptions, asked)))


def test_edges_follow_extractor_detail_and_mirror(engine):
    photo = np.kron(picture(5, 16, 16), np.ones((16, 16, 1), np.uint8))
    assert has_learned(engine)
    learned, classical = (edges_of(engine, photo, extractor=name, detail=0.9) for name in ("learned", "classical"))
    np.testing.assert_array_equal(edges_of(engine, photo, detail=0.9), learned)
    np.testing.assert_array_equal(classical, canny_edges(photo, 0.9))
    assert (learned != classical).any()
    few = edges_of(engine, photo, extractor="classical", detail=0)
    assert ink_of(few).sum() < ink_of(classical).sum()
    turned = edges_of(engine, photo, extractor="classical", mirror=True, inner=[20, 0, 256, 256])
    expected = without_frame(canny_edges(np.ascontiguousarray(photo[:, ::-1])), (0, 0, 236, 256))
    np.testing.assert_array_equal(turned, expected)


def test_without_a_model_edges_are_classical(tmp_path):
    engine = Engine(tmp_path, "cpu")
    assert choose_extractor(EdgeOptions(), engine) == "classical"
    with pytest.raises(RefusedError, match="No learned extractor"):
        choose_extractor(EdgeOptions(extractor="learned"), engine)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"extractor": "sobel"}, "extractor"),
        ({"detail": 1.5}, "Detail"),
        ({"detail": "much"}, "Detail"),
        ({"detail": float("nan")}, "Detail"),
        ({"detail": True}, "Detail"),
        ({"inner": [0, 0, 300, 256]}, "whole numbers"),
        ({"inner": [0, 0, 1]}, "whole numbers"),
        ({"inner": "all"}, "whole numbers"),
    ],
)
def test_bad_settings_get_a_sentence(asked, words):
    with pytest.raises(RefusedError, match=words):
        read_request(EdgeOptions, asked)


@pytest.fixture
def functions(engine, tmp_path, monkeypatch) -> dict:
    """The tab's server functions by name, their upload folder below tmp_path."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return {
        function.__name__: lambda asked, call=function: asyncio.run(call(asked)) for function in photo_module._functions(engine)
    }


def uploaded(tmp_path: Path, image: Image.Image) -> Path:
    """A file where Gradio puts uploads."""
    path = tmp_path / "uploads" / ("0" * 64) / "1.photo"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG")
    return path


def test_an_upload_is_deleted_once_it_is_read(functions, tmp_path):
    path = uploaded(tmp_path, Image.new("RGB", (99, 50), RED))
    answer = functions["open_photo"]({"path": str(path), "task": "edges2shoes", "preview": True})
    assert answer["before"] == (99, 50)
    assert answer["photo"].startswith("data:image/png")
    assert answer["preview"].startswith("data:image/webp")
    assert not path.parent.exists()
    path = uploaded(tmp_path, Image.new("RGB", (9, 9)))
    path.write_text("no picture")
    assert "not a readable" in functions["open_photo"]({"path": str(path), "task": "edges2shoes"})["error"]
    assert not path.exists()


def test_nothing_but_uploads_is_read_or_deleted(functions, tmp_path):
    outside = tmp_path / "secret.png"
    Image.new("RGB", (9, 9)).save(outside)
    inside = uploaded(tmp_path, Image.new("RGB", (9, 9)))
    sibling = tmp_path / "uploads" / "deep_links" / "secret.png"
    sibling.parent.mkdir()
    Image.new("RGB", (9, 9)).save(sibling)
    for path in (outside, sibling, inside.parent / ".." / ".." / "secret.png", inside.parent, "/etc/passwd", "", None, 7):
        answer = functions["open_photo"]({"path": str(path) if isinstance(path, Path) else path, "task": "edges2shoes"})
        assert answer["error"] == "The photo did not arrive. Please add it again."
    assert outside.exists()
    assert sibling.exists()
    assert inside.exists()
    assert "JSON" in functions["edges"]([1])["error"]
    assert "PNG" in functions["edges"]({"photo": str(outside)})["error"]
    assert functions["stop"]({"job": "7"}) == {}
    assert "stopped" in functions["look"]({"job": "7"})["error"]


@pytest.mark.slow
def test_a_large_picture_is_followed_to_its_end(functions, engine, checkpoints, tmp_path):
    image = picture(2, 70, 110)
    started = functions["open_photo"](
        {"path": str(uploaded(tmp_path, Image.fromarray(image))), "task": "aerial2map", "page": "a"}
    )
    end, shares = time.monotonic() + 60, []
    while "pictures" not in (answer := functions["look"]({"job": started["job"]})):
        assert "error" not in answer
        shares.append(answer["share"] or 0)
        assert time.monotonic() < end
        time.sleep(0.002)
    assert shares == sorted(shares)
    assert list(answer["pictures"]) == ["l1", "l1+cgan"]
    given = {key: Path(address.removeprefix("gradio_api/file=")) for key, address in answer["pictures"].items()}
    pictures = {key: np.asarray(Image.open(path)) for key, path in given.items()}
    functions["stop"]({"job": started["job"]})
    assert "error" in functions["look"]({"job": started["job"]})
    waited(lambda: not any(path.exists() for path in given.values()))
    direct = translate_large(engine, Request("aerial2map", image))
    for objective, name in (("l1", "aerial2map-l1"), ("l1+cgan", "aerial2map")):
        translator = Translator.from_folder(checkpoints / name, "cpu")
        expected = translate_tiles(image, translator.translate_batch, SIDE)
        assert direct.pictures[objective].shape == image.shape
        np.testing.assert_array_equal(pictures[objective], direct.pictures[objective])
        assert np.abs(direct.pictures[objective].astype(int) - expected).max() <= 6


def test_an_unknown_task_is_refused(functions, tmp_path):
    path = uploaded(tmp_path, Image.new("RGB", (9, 9)))
    assert "installed" in functions["open_photo"]({"path": str(path), "task": "../../etc"})["error"]


def waited(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_drawing_does_not_wait_for_a_large_picture(engine):
    engine.submit(Request("photo2edges", picture(0, SIDE, SIDE))).result(60)
    large = LargePictures(engine)
    image = picture(2, 800, 800)
    assert len(starts(800, SIDE)) ** 2 > 2000
    job = large.start(Request("aerial2map", image))
    waited(lambda: job.share)
    before = job.share
    engine.submit(Request("photo2edges", picture(1, SIDE, SIDE))).result(60)
    assert job.share - before < 0.05
    assert not job.future.done()
    large.stop(job.number)
    with pytest.raises(RefusedError, match="stopped"):
        job.future.result(60)


def test_a_page_has_one_large_picture_and_the_abandoned_ones_end(engine, monkeypatch):
    large = LargePictures(engine)
    image = picture(2, 500, 500)
    first = large.start(Request("aerial2map", image, page="a"))
    other = large.start(Request("aerial2map", image, page="b"))
    second = large.start(Request("aerial2map", image, page="a"))
    with pytest.raises(RefusedError, match="stopped"):
        first.future.result(60)
    assert large.look(other.number) is other
    other.seen = time.monotonic() - large_module.PAGE_TIMEOUT_S - 1
    with pytest.raises(RefusedError, match="stopped"):
        other.future.result(60)
    monkeypatch.setattr(large_module, "MAX_JOBS", 1)
    with pytest.raises(BusyError, match="Many people"):
        large.start(Request("aerial2map", image, page="c"))
    large.stop(second.number)


def test_tiles_wait_while_the_queue_is_full(engine, monkeypatch):
    monkeypatch.setattr(large_module, "RETRY_S", 0.01)
    refusals, submit = [], engine.submit

    def busy(request: Request):
        if len(refusals) < 3:
            refusals.append(request)
            raise BusyError("full")
        return submit(request)

    monkeypatch.setattr(engine, "submit", busy)
    image = picture(2, 40, 40)
    assert translate_large(engine, Request("aerial2map", image)).pictures["l1"].shape == image.shape
    assert len(refusals) == 3


def test_a_failing_model_is_told_without_a_path(engine, checkpoints, monkeypatch):
    monkeypatch.setattr(large_module, "translate_tiles", lambda *_, **__: (_ for _ in ()).throw(OSError(str(checkpoints))))
    job = LargePictures(engine).start(Request("aerial2map", picture(1)))
    with pytest.raises(RefusedError) as refusal:
        job.future.result(60)
    assert str(checkpoints) not in str(refusal.value)


def test_cards_offer_edge_tasks_first_and_not_the_extractor(functions):
    cards = functions["cards"]({})
    assert cards["learned"] is True
    assert [card["name"] for card in cards["tasks"]] == ["aerial2map"]
    assert [(model["key"], model["name"]) for model in cards["tasks"][0]["models"]] == [
        ("l1", "aerial2map-l1"),
        ("l1+cgan", "aerial2map"),
    ]


@pytest.mark.parametrize(("size", "status"), [(20_000_000, 200), (22_000_000, 413)])
def test_uploads_have_a_limit_for_all_their_files_together(size, status):
    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        nonlocal size
        size -= 1_000_000
        return {"type": "http.request", "body": bytes(1_000_000), "more_body": size > 0}

    async def send(message):
        sent.append(message)

    sent = []
    scope = {"type": "http", "path": "/gradio_api/upload", "method": "POST", "headers": []}
    asyncio.run(BodyLimit(app)(scope, receive, send))
    assert sent[0]["status"] == status
