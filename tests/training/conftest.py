"""A small data set, and a run over it that went through without a stop, for all the tests of training."""

from pathlib import Path

import pytest
import torch

from pix2pix.training.command import main
from tests.helpers.making import write_pairs
from tests.helpers.training_runs import PAIRS, command


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Sums come out the same in every process, and two processors are shared with whoever else is at work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder / "train", PAIRS)
    write_pairs(folder / "val", 2)
    return folder


@pytest.fixture(scope="package")
def uninterrupted(data, tmp_path_factory) -> Path:
    """A folder in which a run has gone through without a stop."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert main(command(data, folder)) == 0
    return folder
