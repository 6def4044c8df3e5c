"""`python -m pix2pix data`: what training would see, and what looks wrong."""

import numpy as np
import pytest

from pix2pix.cli import main
from pix2pix.cli.data import class_colors
from pix2pix.data.images import read_image
from tests.helpers.making import picture, write_pairs, write_picture


def test_what_training_would_see_is_said(tmp_path, capsys):
    write_pairs(tmp_path / "d" / "train", 5)
    write_pairs(tmp_path / "d" / "test", 2, 16)
    (tmp_path / "d" / "train" / "broken.png").write_bytes(b"no")
    (tmp_path / "d" / "train" / "notes.txt").touch()
    assert main(["data", str(tmp_path / "d"), "--size", "32", "--preview", str(tmp_path / "sheet.png")]) == 0
    said = capsys.readouterr().out
    assert "train: 5 pairs, in files of" in said
    assert "64x32 (5)" in said
    assert "broken.png" in said
    assert "1 file(s) ignored" in said
    assert "val: none" in said
    assert "test: 2 pairs" in said
    assert "WRONG" not in said
    sheet = np.asarray(read_image(tmp_path / "sheet.png")).astype(int)
    assert sheet.shape == (3 * 32, 2 * 64, 3)
    assert np.abs(sheet[:32, :32] + sheet[:32, 32:64] - 255).max() <= 2  # input and its negative, jittered alike
    assert main(["data", str(tmp_path / "d"), "--preview", str(tmp_path / "sheet.png")]) == 1


def test_photos_are_said_to_be_wrong(tmp_path, capsys):
    for number in range(3):
        write_picture(tmp_path / f"{number}.png", picture(number, 60, 80))
    assert main(["data", str(tmp_path)]) == 0
    assert "WRONG: these look like plain photos" in capsys.readouterr().out
    assert main(["data", str(tmp_path), "--make-pairs", "gray"]) == 0
    assert "WRONG" not in capsys.readouterr().out


def test_class_numbers_become_colors(tmp_path):
    numbers = np.repeat(np.arange(4, dtype=np.uint8)[None], 4, axis=0)
    write_picture(tmp_path / "B" / "x.png", numbers)
    assert main(["data", str(tmp_path / "B"), "--colors", str(tmp_path / "C")]) == 0
    colored = np.asarray(read_image(tmp_path / "C" / "x.png"))[0].tolist()
    assert colored == [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]
    assert main(["data", str(tmp_path / "B"), "--colors", str(tmp_path / "C")]) == 1


@pytest.mark.parametrize("count", [2, 12, 32])
def test_colors_differ(count):
    assert len({tuple(color) for color in class_colors(count)}) == count
