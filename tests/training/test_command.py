"""train.py as it is typed: what it cannot begin with is one sentence."""

import subprocess
import sys

import pytest

from tests.helpers.making import ROOT, picture, write_pairs, write_picture
from tests.helpers.training_runs import command, complaint_of


def test_wrong_data_is_one_sentence(tmp_path, capsys):
    assert "nowhere is not a folder" in complaint_of(command(tmp_path / "nowhere", tmp_path), capsys)
    (tmp_path / "empty").mkdir()
    assert "empty holds no pictures" in complaint_of(command(tmp_path / "empty", tmp_path), capsys)
    write_picture(tmp_path / "lonely" / "A" / "x.png", picture())
    assert "B is missing" in complaint_of(command(tmp_path / "lonely", tmp_path), capsys)
    assert "--data and --task are needed" in complaint_of([], capsys)


def test_photos_are_not_cut_in_half_unasked(tmp_path, capsys):
    for number in range(2):
        write_picture(tmp_path / "photos" / f"{number}.png", picture(number, 60, 80))
    complaint = complaint_of(command(tmp_path / "photos", tmp_path), capsys)
    assert "plain photos" in complaint
    assert "--make-pairs" in complaint
    assert "--unchecked trains all the same" in complaint


@pytest.mark.filterwarnings("ignore:left out")
def test_too_small_pictures_are_one_sentence(tmp_path, capsys):
    complaint = complaint_of(command(write_pairs(tmp_path / "small", 2, size=8), tmp_path), capsys)
    assert "none of the 2 pictures" in complaint
    assert "at least 16x16" in complaint


def test_a_place_that_cannot_be_written(data, tmp_path, capsys):
    (tmp_path / "runs").touch()
    assert "runs" in complaint_of(command(data, tmp_path), capsys)


@pytest.mark.slow
def test_a_failure_of_the_command_itself(tmp_path):
    arguments = [sys.executable, ROOT / "train.py", "--data", tmp_path / "nowhere", "--task", "demo"]
    ended = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"train.py: {tmp_path}/nowhere is not a folder. Give the folder that holds the pictures (or train/ and val/)."
    ]
