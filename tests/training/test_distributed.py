"""Several processes train as one."""

import os
import socket
import subprocess
import sys

import pytest
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.training.command import main
from pix2pix.training.distributed import process_group, rank, world_size
from tests.helpers.making import ROOT
from tests.helpers.training_runs import command, history_of, state_of


@pytest.mark.slow
def test_two_processes_are_one_with_their_global_batch(data, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    more = ["--dropout", 0, "--epochs", 2, "--decay-epochs", 0, "--log-every", 1, "--ema", 0]
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node=2", f"--master-port={port}", "--master-addr=127.0.0.1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, *launcher, ROOT / "train.py", *command(data, tmp_path / "two", *more, "--batch", 1)],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("done: ") == 1  # only the first process speaks
    assert main(command(data, tmp_path / "one", *more, "--batch", 2)) == 0
    for two, one in zip(history_of(tmp_path / "two"), history_of(tmp_path / "one"), strict=True):
        assert two["step"] == one["step"]
        for name in ("D", "G_GAN", "G_L1"):
            assert float(two[name]) == pytest.approx(float(one[name]), rel=1e-4)
    for network in ("generator", "discriminator"):
        two, one = (state_of(tmp_path / folder)["step"][network] for folder in ("two", "one"))
        for name in one:
            torch.testing.assert_close(two[name], one[name], rtol=0, atol=1e-5)
    for folder in ("two", "one"):
        assert list_entries(tmp_path / folder / "checkpoints")[0].config.training.batch == 2


def test_a_lone_variable_of_another_program_is_no_launch(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with process_group(torch.device("cpu")):
        assert (rank(), world_size()) == (0, 1)
