"""Small runs of train.py: started, stopped, resumed and compared."""

import csv
import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from pix2pix.data.pairs import Pairs
from pix2pix.training.command import main
from tests.helpers.making import run_apart

SETTINGS = """
    --task demo --size 32 --load-size 36 --levels 4 --ngf 4 --ndf 4 --patch 16 --norm instance --batch 2 --epochs 3
    --decay-epochs 2 --ema 0.9 --seed 3 --device cpu --precision fp32 --layout nchw --workers 0
    --log-every 4 --sample-every 2 --validate-every 2
"""

PAIRS, STEPS = 6, 15


def command(data: Path, folder: Path, *more: object) -> list[str]:
    """The arguments of a run of 15 steps with everything random switched on, later options replacing earlier ones."""
    places = ["--data", data, "--runs", folder / "runs", "--checkpoints", folder / "checkpoints"]
    return [str(part) for part in [*SETTINGS.split(), *places, *more]]


def resumption(folder: Path, *more: object) -> list[str]:
    return [str(part) for part in ["--resume", "demo", "--runs", folder / "runs", *more]]


def state_of(folder: Path, name: str = "demo") -> dict:
    return torch.load(folder / "runs" / name / "state.pt", weights_only=True)


def history_of(folder: Path, name: str = "demo") -> list[dict[str, str]]:
    with (folder / "runs" / name / "history.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key != "pictures_per_second"} for row in csv.DictReader(file)]


def assert_equal(left: object, right: object) -> None:
    """Equality of nested states, bit for bit."""
    assert type(left) is type(right)
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for name in left:
            assert_equal(left[name], right[name])
    elif isinstance(left, list):
        for one, other in zip(left, right, strict=True):
            assert_equal(one, other)
    elif isinstance(left, torch.Tensor):
        assert torch.equal(left, right)
    else:
        assert left == right


def assert_same_run(folder: Path, expected: Path) -> None:
    """The same weights, optimizers and losses, and the same finished model."""
    ended, other = state_of(folder), state_of(expected)
    assert ended.pop("seconds") > 0
    assert other.pop("seconds") > 0
    assert_equal(ended, other)
    assert history_of(folder) == history_of(expected)
    for file in ("model.safetensors", "discriminator.safetensors"):
        ours, theirs = (place / "checkpoints" / "demo" / file for place in (folder, expected))
        assert ours.read_bytes() == theirs.read_bytes()


def run(arguments: list[str], log: Path, prepare: Callable[[], None] | None = None) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if prepare is not None:
        prepare()
    sys.exit(main(arguments))


def train_apart(arguments: list[str], log: Path, prepare: Callable[[], None] | None = None) -> int:
    """The exit code of train.py in a process of its own, in which `prepare` is called first. It writes to `log`."""
    return run_apart(run, arguments, log, prepare)


class stopping_at:  # noqa: N801 (reads like a function where it is used)
    """Sends the training process a signal when the `item`-th picture pair is read."""

    def __init__(self, item: int, number: int = signal.SIGINT, group: bool = False):
        self.item, self.number, self.group = item, number, group

    def __call__(self) -> None:
        trainer, read = os.getpid(), Pairs.__getitem__
        items = itertools.count(1)
        if self.group:
            os.setsid()

        def counting(pairs, key):
            if next(items) == self.item:
                (os.killpg if self.group else os.kill)(trainer, self.number)
            return read(pairs, key)

        Pairs.__getitem__ = counting


def complaint_of(arguments: list[str], capsys) -> str:
    """Runs train.py, which has to fail, and returns the one sentence it fails with."""
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = exit_.code
    assert code in (1, 2)
    lines = [line.rpartition("\r")[2] for line in capsys.readouterr().err.split("\n")]  # what a bar left on the screen
    *before, complaint, end = lines
    assert not before or before[0].startswith("usage: ")
    assert len(before) < 2
    assert end == ""
    assert complaint.startswith("train.py: ")
    return complaint
