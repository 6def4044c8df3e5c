"""Whatever people hand in becomes H x W x 3 uint8."""

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.data.images import ignored_in, pictures_in, read_image, read_square, to_rgb, to_tensor, to_uint8
from tests.helpers.making import picture, write_picture

ORIENTATION = 0x112


def saved(folder, image: Image.Image, name: str = "it.png", **options) -> np.ndarray:
    """`image` after a way through a file."""
    image.save(folder / name, **options)
    return np.asarray(read_image(folder / name))


def test_rgb_stays_as_it_is(tmp_path):
    assert np.array_equal(saved(tmp_path, Image.fromarray(picture())), picture())


def test_gray_becomes_three_equal_channels(tmp_path):
    gray = picture()[..., 0]
    assert np.array_equal(saved(tmp_path, Image.fromarray(gray)), np.stack([gray] * 3, axis=2))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_flattened_on_white(tmp_path, mode):
    alpha = np.zeros((4, 6), np.uint8)
    alpha[:, :2], alpha[:, 2:4] = 255, 128
    image = Image.new(mode, (6, 4), (0, 0) if mode == "LA" else (0, 0, 0, 0))
    image.putalpha(Image.fromarray(alpha))
    assert saved(tmp_path, image)[0, :, 1].tolist() == [0, 0, 127, 127, 255, 255]


def test_transparent_palette_color_becomes_white(tmp_path):
    image = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    assert saved(tmp_path, image, transparency=1)[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_16_bits_are_scaled_to_8(tmp_path):
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    assert saved(tmp_path, Image.fromarray(values))[0, :, 0].tolist() == [0, 1, 128, 255]
    assert saved(tmp_path, Image.fromarray(values), "it.tif")[0, :, 0].tolist() == [0, 1, 128, 255]


def test_a_dark_16_bit_picture_stays_dark(tmp_path):
    # Its neighbors in the data set are scaled by 257 as well.
    assert saved(tmp_path, Image.fromarray(np.full((2, 2), 200, np.uint16))).max() == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 100, 255]], np.int32), [0, 100, 255]),
        (np.array([[0, 32896, 65535]], np.int32), [0, 128, 255]),
        (np.array([[-5, 70000, 65535]], np.int32), [0, 255, 255]),
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, 100, 255]], np.float32), [0, 100, 255]),
        (np.array([[np.nan, 0.2, 1]], np.float32), [0, 51, 255]),
    ],
)
def test_32_bit_files_are_scaled_by_their_range(tmp_path, values, expected):
    assert saved(tmp_path, Image.fromarray(values), "it.tif")[0, :, 0].tolist() == expected


DAMAGED_EXIF = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02\x01\x12", b"Exif\x00\x00nonsense", b"II*\x00\xff\xff\xff\xff"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
@pytest.mark.parametrize("reading", [{}, {"max_side": 16}])
def test_pixels_with_damaged_exif_are_read(tmp_path, ending, reading):
    image = Image.fromarray(picture(1))
    for number, exif in enumerate(DAMAGED_EXIF):
        path = tmp_path / f"{number}.{ending}"
        image.save(path, exif=exif)
        assert min(read_image(path, **reading).size) == reading.get("max_side", 32)


@pytest.mark.parametrize("ending", ["jfif", "jpe", "ppm", "tga", "pgm", "pnm"])
def test_less_common_endings_are_read(tmp_path, ending):
    kind = {"jfif": "JPEG", "jpe": "JPEG", "tga": "TGA"}.get(ending, "PPM")
    Image.fromarray(picture(1)).save(tmp_path / f"a.{ending}", kind)
    assert [path.name for path in pictures_in(tmp_path)] == [f"a.{ending}"]
    assert read_image(tmp_path / f"a.{ending}").size == (32, 32)
    assert ignored_in(tmp_path) == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(tmp_path, orientation):
    upright = np.repeat(np.repeat(np.array([[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [9, 9, 9]]], np.uint8), 8, 0), 16, 1)
    back = {
        1: lambda x: x,
        2: lambda x: x[:, ::-1],
        3: lambda x: x[::-1, ::-1],
        4: lambda x: x[::-1],
        5: lambda x: x.swapaxes(0, 1),
        6: lambda x: np.rot90(x, 1),
        7: lambda x: x[::-1, ::-1].swapaxes(0, 1),
        8: lambda x: np.rot90(x, -1),
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = Image.fromarray(np.ascontiguousarray(back[orientation](upright)))
    assert np.array_equal(saved(tmp_path, stored, exif=exif), upright)


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    assert saved(tmp_path, frames[0], "it.gif", save_all=True, append_images=frames[1:])[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "LA", "PA", "RGBa", "I;16"])
def test_every_mode_becomes_rgb(mode):
    image = to_rgb(Image.new(mode, (3, 2)))
    assert (image.mode, image.size) == ("RGB", (3, 2))


@pytest.mark.filterwarnings("ignore")  # Pillow's, about the damage
def test_damaged_bytes_raise_nothing_but_os_and_value_errors(tmp_path):
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x10E] = 6, "a text"
    for suffix in ("png", "jpg", "webp", "bmp", "tif", "gif"):
        path = tmp_path / f"it.{suffix}"
        Image.fromarray(picture()).save(path, **({"exif": exif} if suffix in ("png", "jpg", "webp", "tif") else {}))
        whole = path.read_bytes()
        for attempt in range(150):
            damaged = bytearray(whole)
            for place in random.integers(0, min(len(whole), 200 if attempt % 2 else len(whole)), 4):
                damaged[place] = random.integers(256)
            path.write_bytes(damaged[: random.integers(1, len(whole))] if attempt % 3 == 0 else damaged)
            try:
                assert read_image(path).mode == "RGB"
            except (OSError, ValueError):
                continue


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "nothing.png")


def test_every_color_survives_the_network_range():
    colors = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    tensor = to_tensor(colors)
    assert (tensor.shape, tensor.dtype, tensor.min(), tensor.max()) == ((3, 16, 16), torch.float32, -1, 1)
    assert np.array_equal(to_uint8(tensor), colors)
    assert np.array_equal(to_uint8(torch.stack([tensor, tensor])), np.stack([colors, colors]))


def test_channels_keep_their_places():
    image = np.zeros((2, 3, 3), np.uint8)
    image[1, 2] = (255, 0, 127)
    assert to_tensor(image)[:, 1, 2].tolist() == pytest.approx([1, -1, 0], abs=0.005)


def test_outputs_beyond_the_range_are_clipped():
    assert to_uint8(torch.tensor([-3.0, 3.0]).reshape(2, 1, 1)).tolist() == [[[0, 255]]]


def test_pictures_in_a_folder(tmp_path):
    for name in ("b.PNG", "a.jpg", ".hidden.png"):
        write_picture(tmp_path / name, picture())
    (tmp_path / "notes.txt").touch()
    assert [path.name for path in pictures_in(tmp_path)] == ["a.jpg", "b.PNG"]


def test_read_square(tmp_path):
    assert read_square(write_picture(tmp_path / "a.png", picture(height=20, width=50)), 32).shape == (32, 32, 3)
    assert np.array_equal(read_square(write_picture(tmp_path / "b.png", picture()), 32), picture())
