"""Strokes of color for training: where they are, what color they have, and what recoloring leaves alone."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage.color import rgb2lab

from pix2pix.data.augment import augmentation
from pix2pix.data.sketch import as_sketched
from pix2pix.data.strokes import recolored, with_strokes
from pix2pix.training.options import parse

UPPER, SOLE = (40, 90, 160), (200, 190, 180)


@pytest.fixture
def pair():
    """A thing of two parts on white, shaded from left to right, and its outlines."""
    photo, drawing = (Image.new("RGB", (256, 256), "white") for _ in range(2))
    for box, color in (((60, 60, 200, 140), UPPER), ((60, 140, 200, 180), SOLE)):
        ImageDraw.Draw(photo).rectangle(box, fill=color)
        ImageDraw.Draw(drawing).rectangle(box, outline="black")
    shade = np.linspace(0.9, 1.1, 256)[None, :, None]
    photo = np.asarray(photo)
    return np.asarray(drawing), np.where(photo == 255, 255, photo * shade).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(8))
def test_strokes_have_the_photos_colors_and_leave_lines_and_page_alone(pair, seed):
    drawing, photo = pair
    stroked = with_strokes(drawing, photo, np.random.default_rng(seed))
    painted = (stroked != drawing).any(axis=-1)
    assert 10 < painted.sum() < 0.8 * 140 * 120
    assert (photo[painted].min(axis=-1) < 245).all()
    assert (stroked[(drawing == 0).all(axis=-1)] == 0).all()
    # The paint itself, without its soft edge, is of the part that it lies in.
    near = np.abs(stroked.astype(int) - photo).max(axis=-1)[painted]
    assert np.quantile(near, 0.5) < 30


@pytest.mark.parametrize("seed", range(8))
def test_recoloring_keeps_the_page_and_the_shading(pair, seed):
    drawing, photo = pair
    changed = recolored(drawing, photo, np.random.default_rng(seed))
    outside = np.s_[:50]
    np.testing.assert_array_equal(changed[outside], photo[outside])
    assert np.abs(changed[70:130, 70:190].astype(int) - photo[70:130, 70:190]).mean() > 5
    before, after = (rgb2lab(picture)[100, 70:190, 0] for picture in (photo, changed))
    assert np.corrcoef(before, after)[0, 1] > 0.6  # less where the screen has no such color


def test_what_is_blank_stays_blank(pair):
    blank = np.full((256, 256, 3), 255, np.uint8)
    assert (recolored(pair[0], blank, np.random.default_rng(0)) == 255).all()
    np.testing.assert_array_equal(with_strokes(pair[0], blank, np.random.default_rng(0)), pair[0])


def test_augmentations_go_together_and_repeat(pair):
    both = augmentation(["sketch", "color"])
    results = [both(*pair, np.random.default_rng(seed)) for seed in range(20)]
    again = [both(*pair, np.random.default_rng(seed)) for seed in range(20)]
    for one, other in zip(results, again, strict=True):
        np.testing.assert_array_equal(one, other)
    colored = [np.ptp(drawing.astype(int), axis=-1).max() > 10 for drawing, _ in results]
    assert 10 <= sum(colored) <= 18
    alone = augmentation(["sketch"])(*pair, np.random.default_rng(3))
    np.testing.assert_array_equal(alone, as_sketched(*pair, np.random.default_rng(3)))
    assert augmentation([]) is None


def test_augmentations_are_options(tmp_path):
    given = ["--data", str(tmp_path), "--task", "edges2shoes", "--runs", str(tmp_path)]
    assert parse([*given, "--augment", "sketch", "color"]).augment == ["sketch", "color"]
    assert parse(given).augment == []
    with pytest.raises(SystemExit):
        parse([*given, "--augment", "blur"])
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "options.json").write_text('{"data": ["x"], "task": "edges2shoes", "augment": "sketch"}')
    assert parse(["--resume", "old", "--runs", str(tmp_path)]).augment == ["sketch"]
