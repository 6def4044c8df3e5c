"""Files of more than 8 bits a channel: one scale for a data set, so that equal numbers are equal grays in all pictures."""

import numpy as np
import pytest
from PIL import Image

from pix2pix.checkpoint.config import read_config
from pix2pix.cli import main as pix2pix
from pix2pix.data.pairs import Source, find_ranges, read_pair
from pix2pix.data.values import find_range
from pix2pix.training.command import main
from tests.helpers.making import picture, write_picture
from tests.helpers.training_runs import command, resumption, stopping_at, train_apart


def saved(folder, *arrays):
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.tif" for number in range(len(arrays))]
    for path, array in zip(paths, arrays, strict=True):
        Image.fromarray(array).save(path)
    return paths


def ramp(low, high, kind):
    return np.linspace(low, high, 32 * 32).reshape(32, 32).astype(kind)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ([ramp(0, 254, np.float32), ramp(0, 256, np.float32)], (0, 256)),
        ([ramp(0, 0.5, np.float32), ramp(0, 1, np.float32)], (0, 1)),
        ([ramp(0, 200, np.float32), ramp(0, 255, np.float32)], (0, 255)),
        ([ramp(-1000, 1000, np.int32), ramp(0, 5, np.int32)], (-1000, 1000)),
        ([ramp(0, 4000, np.uint16), ramp(0, 90, np.uint16)], (0, 4095)),
        ([ramp(0, 65000, np.uint16)], (0, 65535)),
        ([ramp(0, 1e6, np.float32)], (0, 1e6)),
        ([picture(1)], None),
    ],
)
def test_a_data_set_has_one_scale(tmp_path, arrays, expected):
    assert find_range(saved(tmp_path, *arrays)) == expected


def test_equal_numbers_are_equal_grays(tmp_path):
    """Metres of depth in two files, one near and one far, beside 8-bit photos."""
    near, far = ramp(0, 2, np.float32), ramp(0, 8, np.float32)
    truths = saved(tmp_path / "B", near, far)
    sources = [Source(write_picture(tmp_path / "A" / f"{n}.png", picture(n)), truth) for n, truth in enumerate(truths)]
    ranges = find_ranges(sources)
    assert ranges == (None, (0, 8))
    pairs = [read_pair(source, ranges=ranges) for source in sources]
    grays = [np.asarray(b)[..., 0].astype(int) for _, b in pairs]
    assert (grays[0].max(), grays[1].max()) == (64, 255)
    assert np.array_equal(np.asarray(pairs[0][0]), picture(0))


@pytest.mark.slow
def test_the_scale_is_kept_and_used(tmp_path, capsys):
    """By training, by its resumption, by evaluate and by translate."""
    for n in range(4):
        deep = ramp(-1000, 1000 - 100 * n, np.int32)
        saved(tmp_path / "data" / "A", *[deep] * (n + 1))
        saved(tmp_path / "data" / "B", *[deep] * (n + 1))
    more = ["--unchecked", "--epochs", 2, "--decay-epochs", 0]
    assert train_apart(command(tmp_path / "data", tmp_path, *more), tmp_path / "log", stopping_at(3)) == 130
    assert "A -1000 to 700, B -1000 to 700" in (tmp_path / "log").read_text()
    saved(tmp_path / "data" / "A", ramp(-2000, 9, np.int32))  # what is there later changes nothing
    assert main(resumption(tmp_path)) == 0
    config = read_config(tmp_path / "checkpoints" / "demo" / "config.json")
    assert config.values_a == config.values_b == (-1000, 700)
    (flat,) = saved(tmp_path / "in", np.full((32, 32), 700, np.int32))
    white = write_picture(tmp_path / "white.png", np.full((32, 32, 3), 255, np.uint8))
    call = ["--checkpoints", str(tmp_path / "checkpoints"), "translate", "--checkpoint", "demo"]
    for source, name in ((flat, "a.png"), (white, "b.png")):
        assert pix2pix([*call, str(source), str(tmp_path / name)]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert pix2pix([*call, str(flat), str(tmp_path / "c.png"), "--range", "0", "10000"]) == 0
    assert (tmp_path / "c.png").read_bytes() != (tmp_path / "b.png").read_bytes()
