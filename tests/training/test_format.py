"""The number format and layout of a run: measured, said, and replaced where it fails."""

import time

import pytest
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.inference import precision as precisions
from pix2pix.inference.precision import Precision, candidates
from pix2pix.training import format as formats
from pix2pix.training.command import main
from pix2pix.training.format import choices_for, in_words, shorter
from pix2pix.training.options import parse
from pix2pix.training.step import TrainingStep
from tests.helpers.training_runs import command


@pytest.mark.slow
def test_the_fastest_format_is_chosen_and_said(data, tmp_path, capsys):
    more = ["--precision", "auto", "--layout", "auto", "--epochs", 1, "--decay-epochs", 0]
    assert main(command(data, tmp_path, *more)) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "is fastest here" in line]
    assert len(said) == 1
    assert all(f"{choice.dtype} {choice.layout}" in said[0] for choice in candidates(torch.device("cpu")))
    assert "the whole run takes about less than a minute" in said[0]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["raises", "slow", "wrong"])
def test_a_format_that_fails_is_not_taken_and_ends_no_run(data, tmp_path, capsys, monkeypatch, fault):
    """bf16 units that are there by what they say, and fail when they are used."""
    monkeypatch.setattr(precisions, "worth_trying", lambda dtype, device: dtype == "bf16")
    step = TrainingStep.__call__

    def faulty(self, a, b):
        if self.precision.dtype == "fp32":
            return step(self, a, b)
        if fault == "raises":
            raise RuntimeError("bf16 path needs the cpu support avx512bw")
        time.sleep(0.5 if fault == "slow" else 0)
        return {name: loss * (2 if fault == "wrong" else 1) for name, loss in step(self, a, b).items()}

    monkeypatch.setattr(TrainingStep, "__call__", faulty)
    more = ["--precision", "auto", "--layout", "auto", "--epochs", 1, "--decay-epochs", 0]
    assert main(command(data, tmp_path, *more)) == 0
    (said,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("precision: ")]
    assert "precision: fp32" in said
    assert ("bf16" in said) == (fault == "slow")
    assert list_entries(tmp_path / "checkpoints")[0].config.training.precision == "fp32"


@pytest.mark.slow
def test_a_format_that_was_asked_for_and_fails_is_a_sentence(data, tmp_path, capsys, monkeypatch):
    autocast = Precision.autocast

    def missing(self, device):
        if self.dtype == "bf16":
            raise RuntimeError("no kernels")
        return autocast(self, device)

    monkeypatch.setattr(Precision, "autocast", missing)
    assert main(command(data, tmp_path, "--precision", "bf16", "--layout", "auto")) == 1
    assert "cannot train in bf16 nchw or bf16 channels_last" in capsys.readouterr().err


def test_a_run_does_not_keep_a_format_that_another_machine_is_slow_in(monkeypatch):
    cpu, began = torch.device("cpu"), Precision("bf16", "channels_last")
    monkeypatch.setattr(formats, "worth_trying", lambda dtype, device: True)
    assert choices_for(cpu, "auto", "auto", began) == [began]
    monkeypatch.setattr(formats, "worth_trying", lambda dtype, device: False)
    assert choices_for(cpu, "auto", "auto", began) == [Precision("fp32", "channels_last")]
    assert choices_for(cpu, "bf16", "nchw", began) == [Precision("bf16", "nchw")]


def test_a_long_run_is_told_what_makes_it_shorter():
    options = parse(["--data", "x", "--task", "demo"])
    assert shorter(options, 3600) == ""
    said = shorter(options, 34 * 3600)
    assert said == "; shorter by: --size 128 about 4 times, --ngf 32 --ndf 32 up to 4 times, half of the 200 epochs twice"
    small = parse(["--data", "x", "--task", "demo", "--size", "64", "--ngf", "16", "--ndf", "16"])
    assert shorter(small, 34 * 3600) == "; shorter by: half of the 200 epochs twice"


@pytest.mark.parametrize(
    ("seconds", "words"), [(20, "less than a minute"), (61, "1 min"), (3600, "1 h"), (122400, "1 d 10 h"), (7505, "2 h 5 min")]
)
def test_durations_in_words(seconds, words):
    assert in_words(seconds) == words
