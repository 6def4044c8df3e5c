"""Options of train.py: read once, kept, and one sentence where they are wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pix2pix.training.options import TrainingOptions, parse
from tests.helpers.training_runs import command, complaint_of, resumption


def test_options_are_read_once_and_stay():
    options = parse(["--data", "x", "y", "--task", "demo", "--objective", "l1", "--size", "64"])
    assert (options.name, options.load_size, options.data) == ("demo-l1", 72, [Path("x"), Path("y")])
    assert options == TrainingOptions.model_validate_json(options.model_dump_json())
    with pytest.raises(ValidationError, match="frozen"):
        options.batch = 2


@pytest.mark.parametrize("objective", ["l2+cgan", "l1"])
def test_a_run_is_not_resumed_with_another_objective(uninterrupted, capsys, objective):
    assert "the run was started with l1+cgan" in complaint_of(resumption(uninterrupted, "--objective", objective), capsys)
    assert parse(resumption(uninterrupted, "--objective", "l1+cgan")).objective == "l1+cgan"


@pytest.mark.parametrize(("size", "levels"), [(256, 8), (512, 8), (64, 6), (96, 5), (16, 4), (30, 3)])
def test_levels_follow_the_size_unless_given(size, levels):
    given = ["--data", "x", "--task", "demo", "--size", str(size)]
    assert parse(given).levels == levels
    assert parse([*given, "--levels", "7"]).levels == 7


def test_presets_are_defaults():
    given = ["--data", "x", "--task", "demo", "--preset", "edges2shoes"]
    options = parse(given)
    assert (options.batch, options.epochs, options.decay_epochs, options.load_size, options.flip) == (4, 15, 0, 256, False)
    assert parse([*given, "--epochs", "3"]).epochs == 3
    assert parse(["--preset", "facades", "--data", "x", "--task", "demo"]).direction == "BtoA"


def test_jitter_is_a_ratio_at_every_size(data, uninterrupted, capsys):
    """286 / 256, or none where the preset has none; a number that was typed stays."""
    given = ["--data", "x", "--task", "demo", "--preset"]
    assert parse([*given, "facades", "--size", "64"]).load_size == 72
    assert parse([*given, "maps", "--size", "512"]).load_size == 572
    assert parse([*given, "edges2shoes", "--size", "64"]).load_size == 64
    assert parse([*given, "maps"]).load_size == 286
    assert parse([*given, "maps", "--size", "512", "--load-size", "600"]).load_size == 600
    kept = resumption(uninterrupted)  # 36 of 32
    assert parse(kept).load_size == 36
    assert parse([*kept, "--size", "64"]).load_size == 72
    assert parse([*kept, "--size", "64", "--load-size", "70"]).load_size == 70
    resumed = parse([*kept, "--preset", "edges2shoes"])
    assert (resumed.load_size, resumed.batch, resumed.flip, resumed.name) == (32, 4, False, "demo")
    fine = parse([*given, "edges2shoes", "--init-from", str(uninterrupted / "checkpoints" / "demo")])
    assert (fine.size, fine.load_size) == (32, 32)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--objective", "wgan"], "--objective: invalid choice: 'wgan'"),
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--batch", "0"], "--batch must be at least 1"),
        (["--size", "8"], "--size must be at least 16"),
        (["--size", "30"], "--size 30 is not a multiple of 16"),
        (["--load-size", "8"], "load size 8 is smaller"),
        (["--patch", "286"], "--size 32 is too small for --patch 286: 96 is the least"),
        (["--levels", "2"], "levels"),
        (["--ngf", "9999"], "ngf"),
        (["--dropout", "1.5"], "dropout"),
        (["--task", "two words"], "task"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--seed", "9" * 19], "--seed must be less than 9.22337e+18"),
        (["--workers", "-1"], "--workers must be at least 0"),
        (["--decay-epochs", "-1"], "--decay-epochs must be at least 0"),
        (["--learning-rate", "-1"], "--learning-rate must be at least 0"),
        (["--lambda", "nan"], "--lambda must be at least 0"),
        (["--learning-rate", "fast"], "--learning-rate: invalid float value: 'fast'"),
        (["--device", "nonsense"], "device 'nonsense' cannot be used"),
        (["--init-from", "nowhere"], "nowhere/config.json is missing"),
        (["--resume", "nothing"], "there is no run nothing"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_a_wrong_option_is_one_sentence(data, tmp_path, capsys, more, sentence):
    assert sentence in complaint_of(command(data, tmp_path, *more), capsys)
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "checkpoints").exists()
