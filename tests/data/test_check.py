"""Data that looks wrong is noticed before time is spent on it, and sound data is not."""

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.check import examine, is_whole
from pix2pix.data.pairs import find_pairs
from tests.helpers.making import ROOT, picture, write_pairs, write_picture


def test_photos_are_no_pairs(tmp_path):
    for number in range(4):
        write_picture(tmp_path / "wide" / f"{number}.png", picture(number, 60, 80))
        write_picture(tmp_path / "twice" / f"{number}.png", picture(number, 40, 80))
    assert "plain photos" in examine(find_pairs(tmp_path / "wide")).clear[0]
    findings = examine(find_pairs(tmp_path / "twice"))  # halves are square: they may be pairs after all
    assert not findings.clear
    assert "plain photos" in findings.doubts[0]


def test_equal_sides_teach_nothing(tmp_path):
    for number in range(2):
        write_picture(tmp_path / f"{number}.png", np.concatenate([picture(number)] * 2, axis=1))
    assert "equal in every pair" in examine(find_pairs(tmp_path)).clear[0]


def test_class_numbers_are_not_colors(tmp_path):
    for number in range(2):
        write_picture(tmp_path / "A" / f"{number}.png", picture(number))
        write_picture(tmp_path / "B" / f"{number}.png", picture(number)[..., 0] // 20)
    (said,) = examine(find_pairs(tmp_path)).clear
    assert said.startswith("B holds class numbers from 0 to 12")
    assert "--colors" in said


def test_sound_pairs_are_left_alone(tmp_path):
    assert examine(find_pairs(write_pairs(tmp_path / "pairs", 4))) == examine([])
    noise = np.random.default_rng(0).integers(0, 256, (40, 90, 3), np.uint8)
    assert not is_whole(noise)
    assert not is_whole(np.full((40, 90, 3), 255, np.uint8))


@pytest.mark.parametrize("task", ["edges2shoes", "labels2facade", "map2aerial"])
def test_samples_of_the_shipped_models_are_pairs_and_photos_are_not(task):
    """Input and output side by side, as on the cards; inputs and outputs alone are whole."""
    samples = sorted((ROOT / "checkpoints" / task / "samples").glob("*.png"))
    assert not [path for path in samples if is_whole(np.asarray(Image.open(path).convert("RGB")))]


def test_dark_wide_values_are_no_class_numbers(tmp_path):
    for number in range(2):
        depth = np.linspace(0, 3, 32 * 32, dtype=np.float32).reshape(32, 32)
        write_picture(tmp_path / "A" / f"{number}.png", picture(number))
        write_picture(tmp_path / "B" / f"{number}.tif", depth)
    assert examine(find_pairs(tmp_path)) == examine([])
