"""Options of train.py: read once, kept, and one sentence where they are wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pix2pix.training.options import TrainingOptions, parse
from tests.helpers.training_runs import command, complaint_of


def test_options_are_read_once_and_stay():
    options = parse(["--data", "x", "y", "--task", "demo", "--objective", "l1", "--size", "64"])
    assert (options.name, options.load_size, options.data) == ("demo-l1", 72, [Path("x"), Path("y")])
    assert options == TrainingOptions.model_validate_json(options.model_dump_json())
    with pytest.raises(ValidationError, match="frozen"):
        options.batch = 2


def test_presets_are_defaults():
    given = ["--data", "x", "--task", "demo", "--preset", "edges2shoes"]
    options = parse(given)
    assert (options.batch, options.epochs, options.decay_epochs, options.load_size, options.flip) == (4, 15, 0, 256, False)
    assert parse([*given, "--epochs", "3"]).epochs == 3
    assert parse(["--preset", "facades", "--data", "x", "--task", "demo"]).direction == "BtoA"


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
