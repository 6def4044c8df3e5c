"""Large pictures in tiles: whole, in order, and without seams."""

import numpy as np
import pytest
import torch

from pix2pix.cli import main
from pix2pix.data.images import read_image
from pix2pix.inference.tiles import starts, translate_tiles, weights
from pix2pix.inference.translator import Translator
from tests.helpers.making import make_config, make_networks, picture, write_checkpoint, write_picture

SIDE = 32
SIZES = [(1, 1), (1, 90), (31, 33), (32, 32), (33, 32), (100, 170)]


@pytest.mark.parametrize("length", [1, 31, 32, 33, 48, 49, 100, 2048])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5])
def test_tiles_cover_every_pixel_with_at_least_their_overlap(length, overlap):
    beginnings = starts(length, SIDE, overlap)
    assert beginnings[0] == 0
    assert beginnings[-1] == max(0, length - SIDE)
    assert all(0 < step <= SIDE * (1 - overlap) for step in np.diff(beginnings))


@pytest.mark.parametrize("length", [32, 48, 100, 500])
def test_weights_sum_to_one_and_fade_out_towards_inner_borders(length):
    total = np.zeros(length)
    for start, weight in zip(starts(length, SIDE), weights(length, SIDE), strict=True):
        total[start : start + SIDE] += weight
        if start > 0:
            assert weight[0] < 0.02
        if start + SIDE < length:
            assert weight[-1] < 0.02
    np.testing.assert_allclose(total, 1, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_what_is_not_changed_comes_back_exactly(height, width):
    image = picture(3, height, width)
    np.testing.assert_array_equal(translate_tiles(image, lambda tiles: tiles, SIDE), image)


def test_tiles_that_differ_in_brightness_leave_no_seam():
    """Each tile comes out brighter or darker by itself, as normalization by its own statistics makes it."""
    gray = np.full((150, 200, 3), 128, np.uint8)

    def uneven() -> object:
        shift = np.random.default_rng(0)
        return lambda tiles: [np.full_like(tile, 128 + shift.integers(-40, 41)) for tile in tiles]

    hard = translate_tiles(gray, uneven(), SIDE, overlap=0.0).astype(int)
    soft = translate_tiles(gray, uneven(), SIDE).astype(int)
    assert max(np.abs(np.diff(hard, axis=axis)).max() for axis in (0, 1)) > 40
    assert max(np.abs(np.diff(soft, axis=axis)).max() for axis in (0, 1)) <= 9
    assert soft.std() > 3


def test_normalizing_each_tile_by_itself_leaves_no_seam():
    """What instance norm does to tiles: on a picture that gets brighter all the way, every tile becomes equally bright."""
    image = np.repeat(np.linspace(0, 255, 6 * SIDE).round().astype(np.uint8)[None, :, None], 3, axis=2).repeat(SIDE, axis=0)

    def normalized(tiles: list[np.ndarray]) -> list[np.ndarray]:
        return [((tile - tile.mean()) / tile.std() * 40 + 128).clip(0, 255).astype(np.uint8) for tile in tiles]

    def largest_step(overlap: float) -> int:
        return np.abs(np.diff(translate_tiles(image, normalized, SIDE, overlap=overlap).astype(int), axis=1)).max()

    assert largest_step(0.0) > 100
    assert largest_step(0.5) <= 8


def test_one_tile_is_what_the_translator_makes_of_it():
    torch.manual_seed(0)
    config = make_config(discriminator=None)
    translator = Translator(make_networks(config)[0], 3, device="cpu")
    image = picture(1, SIDE, SIDE)
    np.testing.assert_array_equal(translate_tiles(image, translator.translate_batch, SIDE), translator.translate(image))


def test_batches_are_small_and_progress_is_told_to_the_end():
    sizes, shares = [], []

    def translate(tiles: list[np.ndarray]) -> list[np.ndarray]:
        sizes.append(len(tiles))
        return [np.concatenate([tile, 255 - tile], axis=2) for tile in tiles]

    image = picture(0, 70, 90)
    output = translate_tiles(image, translate, SIDE, batch=3, progress=shares.append)
    np.testing.assert_array_equal(output, np.concatenate([image, 255 - image], axis=2))
    assert max(sizes) == 3
    assert sum(sizes) == len(starts(70, SIDE)) * len(starts(90, SIDE))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_translate_raises_ends_the_work():
    with pytest.raises(InterruptedError):
        translate_tiles(picture(0, 70, 90), lambda tiles: (_ for _ in ()).throw(InterruptedError), SIDE)


@pytest.mark.slow
def test_the_command_line_translates_in_tiles_at_the_own_scale_unless_asked_not_to(tmp_path):
    write_checkpoint(tmp_path / "checkpoints" / "demo", discriminator=None)
    image = write_picture(tmp_path / "a.png", picture(1, 50, 70))

    def translated(*options: str) -> np.ndarray:
        arguments = ["--checkpoints", str(tmp_path / "checkpoints"), "translate", "--checkpoint", "demo", "--overwrite", *options]
        assert main([*arguments, str(image), str(tmp_path / "b.png")]) == 0
        return np.asarray(read_image(tmp_path / "b.png")).astype(int)

    translator = Translator.from_folder(tmp_path / "checkpoints" / "demo")
    assert np.abs(translated("--scale", "own") - translate_tiles(picture(1, 50, 70), translator.translate_batch, SIDE)).max() <= 2
    assert np.abs(translated("--whole") - translator.translate(picture(1, 50, 70))).max() <= 2
    assert (translated("--whole") != translated("--scale", "own")).any()
