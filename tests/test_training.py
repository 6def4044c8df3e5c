"""train.py from outside: what it leaves behind when it ends, is stopped, is killed, or cannot go on."""

import csv
import itertools
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from making import ROOT, picture, run_apart, start_apart, write_checkpoint, write_pairs, write_picture
from PIL import Image
from pydantic import ValidationError

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.folder import load_discriminator, load_generator
from pix2pix.data.pairs import Pairs
from pix2pix.inference import precision as precisions
from pix2pix.inference.precision import Precision, candidates
from pix2pix.inference.translator import Translator
from pix2pix.networks.losses import Objective
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.training import format as formats
from pix2pix.training.command import main
from pix2pix.training.format import choices_for, in_words
from pix2pix.training.options import TrainingOptions, parse
from pix2pix.training.step import TrainingStep
from pix2pix.training.trainer import Trainer, learning_rate_factor

SETTINGS = """
    --task demo --size 32 --load-size 36 --levels 4 --ngf 4 --ndf 4 --patch 16 --norm instance --batch 2 --epochs 3
    --decay-epochs 2 --ema 0.9 --seed 3 --device cpu --precision fp32 --layout nchw --workers 0
    --log-every 4 --sample-every 2 --validate-every 2
"""
PAIRS, STEPS = 6, 15


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Sums come out the same in every process, and two processors are shared with whoever else is at work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder / "train", PAIRS)
    write_pairs(folder / "val", 2)
    return folder


def command(data: Path, folder: Path, *more: object) -> list[str]:
    """The arguments of a run of 15 steps with everything random switched on, later options replacing earlier ones."""
    places = ["--data", data, "--runs", folder / "runs", "--checkpoints", folder / "checkpoints"]
    return [str(part) for part in [*SETTINGS.split(), *places, *more]]


def resumption(folder: Path, *more: object) -> list[str]:
    return [str(part) for part in ["--resume", "demo", "--runs", folder / "runs", *more]]


@pytest.fixture(scope="module")
def uninterrupted(data, tmp_path_factory) -> Path:
    """A folder in which a run has gone through without a stop."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert main(command(data, folder)) == 0
    return folder


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


# --- to the end ---


def test_a_finished_run_is_a_model_that_the_catalog_offers(uninterrupted, data):
    (entry,) = list_entries(uninterrupted / "checkpoints")
    assert (entry.name, entry.fault) == ("demo", "")
    config = entry.config
    assert (config.task, config.objective, config.direction, config.image_size) == ("demo", "l1+cgan", "AtoB", 32)
    assert (config.generator.ngf, config.generator.levels, config.generator.norm) == (4, 4, "instance")
    assert (config.discriminator.ndf, config.discriminator.patch) == (4, 16)
    assert (config.training.steps, config.training.epochs, config.training.pairs) == (STEPS, 5, PAIRS)
    assert (config.training.batch, config.training.seed, config.training.ema) == (2, 3, 0.9)
    assert (config.metrics.count, config.metrics.split) == (2, "val")
    assert set(config.metrics.values) == {"l1", "psnr", "ssim", "sharpness", "lab_l", "lab_a", "lab_b", "lab"}
    assert Translator.from_folder(entry.folder, "cpu").translate(picture(1, 20, 45)).shape == (20, 45, 3)
    card = (entry.folder / "README.md").read_text()
    assert f"{PAIRS} pairs ({data.name}" in card
    assert (entry.folder / "samples" / "01.png").exists()


def test_what_a_run_leaves_on_disk(uninterrupted):
    run = uninterrupted / "runs" / "demo"
    rows = history_of(uninterrupted)
    assert [row["step"] for row in rows] == ["4", "6", "8", "12", "15"]  # losses every 4, measures every 2 epochs and at the end
    assert all(float(row[name]) > 0 for row in (rows[0], rows[2], rows[4]) for name in ("D", "G_GAN", "G_L1"))
    assert rows[1]["val_l1"]
    assert rows[4]["val_l1"]
    assert not rows[0]["val_l1"]
    assert (uninterrupted / "checkpoints" / "demo" / "history.csv").read_text() == (run / "history.csv").read_text()
    samples = sorted(path.name for path in (run / "samples").iterdir())
    assert samples == ["step_00000006.jpg", "step_00000012.jpg", "step_00000015.jpg"]
    with Image.open(run / "samples" / samples[-1]) as grid:
        assert grid.size == (3 * 32, 2 * 32)  # input, output, truth of the two held-out pairs
    progress = json.loads((run / "progress.json").read_text())
    assert (progress["step"], progress["total"], progress["finished"]) == (STEPS, STEPS, True)
    assert not [path for path in run.rglob(".*")]  # no temporary files


def test_tensorboard_gets_scalars_and_pictures(uninterrupted):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(uninterrupted / "runs" / "demo" / "tensorboard")).Reload()
    assert {"D", "G_GAN", "G_L1", "learning_rate", "val_l1"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Scalars("G_L1")] == [4, 8, 12, 15]
    assert [event.step for event in events.Images("input | output | truth")] == [6, 12, 15]


def test_the_model_is_the_running_mean(uninterrupted):
    state = state_of(uninterrupted)["step"]
    loaded = load_generator(uninterrupted / "checkpoints" / "demo").state_dict()
    for name, tensor in loaded.items():
        assert torch.equal(tensor, state["averaged"][name].half().float())
    assert any(not torch.equal(state["averaged"][name], state["generator"][name]) for name in loaded)


@pytest.mark.slow
def test_training_again_gives_the_same(data, uninterrupted, tmp_path):
    assert main(command(data, tmp_path, "--workers", 1, "--save-minutes", 0)) == 0
    assert_same_run(tmp_path, uninterrupted)


@pytest.mark.slow
def test_another_seed_gives_another_model(data, uninterrupted, tmp_path):
    assert main(command(data, tmp_path, "--seed", 4)) == 0
    assert history_of(tmp_path)[0]["G_L1"] != history_of(uninterrupted)[0]["G_L1"]


@pytest.mark.slow
def test_losses_fall(data, tmp_path):
    assert main(command(data, tmp_path, "--objective", "l1", "--epochs", 40, "--decay-epochs", 0, "--learning-rate", 2e-3)) == 0
    losses = [float(row["G_L1"]) for row in history_of(tmp_path, "demo-l1") if row["G_L1"]]
    assert losses[-1] < 0.6 * losses[0]
    assert not (tmp_path / "checkpoints" / "demo-l1" / "discriminator.safetensors").exists()


def test_the_rate_is_constant_and_then_falls_to_zero():
    rates = [learning_rate_factor(step, 4, 4) for step in range(9)]
    assert rates == pytest.approx([1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0])
    assert learning_rate_factor(10**6, 10**6 + 1, 0) == 1


@pytest.mark.slow
def test_the_rate_of_a_run(data, tmp_path):
    assert main(command(data, tmp_path, "--log-every", 1, "--learning-rate", 0.001)) == 0
    rates = [float(row["learning_rate"]) for row in history_of(tmp_path)]
    assert rates == pytest.approx([0.001 * learning_rate_factor(step, 9, 6) for step in range(STEPS)], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0, 0.5])
def test_every_step_draws_its_own_noise(tmp_path, dropout):
    still = ["--load-size", 32, "--no-flip", "--learning-rate", 0, "--batch", 1, "--log-every", 1, "--dropout", dropout]
    assert main(command(write_pairs(tmp_path / "one", 1), tmp_path, *still)) == 0
    assert len({row["G_L1"] for row in history_of(tmp_path)}) == (5 if dropout else 1)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["l2", "gan", "cgan", "l1+gan", "l2+cgan"])
def test_every_objective_trains(data, tmp_path, objective):
    assert main(command(data, tmp_path, "--objective", objective, "--epochs", 1, "--decay-epochs", 0)) == 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.name == f"demo-{objective}"
    assert (entry.config.discriminator is not None) == ("gan" in objective)
    discriminator = load_discriminator(entry.folder)
    assert discriminator is None or discriminator.conditional == ("cgan" in objective)


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ["--norm", "batch", "--upsampling", "resize", "--gan-loss", "lsgan"],
        ["--norm", "none", "--no-skips", "--no-flip", "--load-size", 32, "--patch", 1, "--direction", "BtoA"],
        ["--precision", "bf16", "--layout", "channels_last", "--patch", 70, "--levels", 5],
    ],
)
def test_other_networks_train(data, tmp_path, more):
    assert main(command(data, tmp_path, "--epochs", 1, "--decay-epochs", 0, *more)) == 0
    assert not list_entries(tmp_path / "checkpoints")[0].fault


@pytest.mark.slow
@pytest.mark.parametrize("maker", ["edges", "gray", "inpaint", "superres"])
def test_plain_photos_are_enough(tmp_path, maker):
    for number in range(2):
        write_picture(tmp_path / "photos" / f"{number}.png", picture(number, 40, 50))
    more = ["--make-pairs", maker, "--epochs", 1, "--decay-epochs", 0, "--export-every", 1]
    assert main(command(tmp_path / "photos", tmp_path, *more)) == 0
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert maker in entry.config.training.data
    assert entry.config.metrics is None  # nothing was held out


@pytest.mark.slow
def test_several_folders_are_one_data_set(data, tmp_path):
    write_pairs(tmp_path / "more", 3)
    assert main(command(data, tmp_path, "--data", data, tmp_path / "more", "--epochs", 1, "--decay-epochs", 0)) == 0
    config = list_entries(tmp_path / "checkpoints")[0].config
    assert config.training.pairs == PAIRS + 3
    assert "more" in config.training.data
    assert "more" not in config.metrics.data  # it holds no val pictures to measure on


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


@pytest.mark.parametrize(
    ("seconds", "words"), [(20, "less than a minute"), (61, "1 min"), (3600, "1 h"), (122400, "1 d 10 h"), (7505, "2 h 5 min")]
)
def test_durations_in_words(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.slow
def test_exports_while_training(data, tmp_path):
    more = ["--export-every", 2, "--epochs", 50]
    assert train_apart(command(data, tmp_path, *more), tmp_path / "log", stopping_at(20)) == 130
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.config.training.epochs in (2, 4, 6)
    assert entry.config.metrics.count == 2


@pytest.mark.slow
def test_init_from_takes_weights_and_architecture(data, uninterrupted, tmp_path):
    original = uninterrupted / "checkpoints" / "demo"
    more = [
        "--init-from",
        original,
        "--name",
        "tuned",
        "--learning-rate",
        0,
        "--ngf",
        9,
        "--levels",
        3,
        "--ndf",
        9,
        "--epochs",
        1,
    ]
    assert main(command(data, tmp_path, *more)) == 0
    tuned = tmp_path / "checkpoints" / "tuned"
    for file in ("model.safetensors", "discriminator.safetensors"):
        assert (tuned / file).read_bytes() == (original / file).read_bytes()
    (entry,) = list_entries(tmp_path / "checkpoints")
    assert entry.config.training.init_from == "demo"
    assert entry.config.generator.ngf == 4


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["l1+cgan", "l1"])
def test_a_resumed_run_does_not_need_what_it_was_initialized_from(data, uninterrupted, tmp_path, objective):
    source = shutil.copytree(uninterrupted / "checkpoints" / "demo", tmp_path / "source")
    more = ["--init-from", source, "--name", "demo", "--ngf", 9, "--ndf", 9, "--patch", 1, "--objective", objective]
    assert main(command(data, tmp_path / "whole", *more)) == 0
    assert train_apart(command(data, tmp_path, *more), tmp_path / "log", stopping_at(9)) == 130
    shutil.rmtree(source)
    assert main(resumption(tmp_path)) == 0
    stopped, whole = (load_generator(folder / "checkpoints" / "demo").state_dict() for folder in (tmp_path, tmp_path / "whole"))
    assert_equal(stopped, whole)
    assert list_entries(tmp_path / "checkpoints")[0].config.generator.ngf == 4


@pytest.mark.slow
def test_the_card_tells_what_a_resumption_changed(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(9)) == 130
    assert main(resumption(tmp_path, "--decay-epochs", 0, "--notes", "shorter")) == 0
    commands = list_entries(tmp_path / "checkpoints")[0].config.training.command.splitlines()
    assert commands == [commands[0], "python train.py --resume demo --runs runs --decay-epochs 0 --notes shorter"]
    assert main(resumption(tmp_path, "--notes", "finished")) == 0
    config = list_entries(tmp_path / "checkpoints")[0].config
    assert (config.notes, config.training.command.splitlines()) == ("finished", commands)


@pytest.mark.slow
def test_a_state_from_before_it_kept_its_networks_is_resumed(data, uninterrupted, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(9)) == 130
    state = state_of(tmp_path)
    del state["networks"]
    torch.save(state, tmp_path / "runs" / "demo" / "state.pt")
    assert main(resumption(tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)


def test_options_as_older_versions_kept_them_are_resumed(data, uninterrupted, tmp_path):
    assert train_apart(command(data, tmp_path, "--license", "CC0"), tmp_path / "log", stopping_at(9)) == 130
    path = tmp_path / "runs" / "demo" / "options.json"
    kept = json.loads(path.read_text())
    assert not {"resume", "overwrite", "resumed_by"} & kept.keys()
    kept |= {"license": kept.pop("license"), "augment": None, "an_option_that_is_gone": 1}
    path.write_text(json.dumps(kept))
    assert main(resumption(tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)
    assert list_entries(tmp_path / "checkpoints")[0].config.license == "CC0"
    assert json.loads(path.read_text())["license"] == "CC0"


def test_options_are_read_once_and_stay():
    options = parse(["--data", "x", "y", "--task", "demo", "--objective", "l1", "--size", "64"])
    assert (options.name, options.load_size, options.data) == ("demo-l1", 72, [Path("x"), Path("y")])
    assert options == TrainingOptions.model_validate_json(options.model_dump_json())
    with pytest.raises(ValidationError, match="frozen"):
        options.batch = 2


@pytest.mark.slow
def test_init_from_a_model_without_discriminator(data, tmp_path):
    write_checkpoint(tmp_path / "plain", objective="l1", discriminator=None)
    assert main(command(data, tmp_path, "--init-from", tmp_path / "plain", "--epochs", 1, "--decay-epochs", 0)) == 0
    assert load_discriminator(tmp_path / "checkpoints" / "demo") is not None


def test_presets_are_defaults():
    given = ["--data", "x", "--task", "demo", "--preset", "edges2shoes"]
    options = parse(given)
    assert (options.batch, options.epochs, options.decay_epochs, options.load_size, options.flip) == (4, 15, 0, 256, False)
    assert parse([*given, "--epochs", "3"]).epochs == 3
    assert parse(["--preset", "facades", "--data", "x", "--task", "demo"]).direction == "BtoA"


# --- stopped and resumed ---


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("item", "number", "workers"),
    [
        (1, signal.SIGINT, 0),
        (9, signal.SIGINT, 0),
        (16, signal.SIGTERM, 0),
        (2 * STEPS, signal.SIGINT, 0),
        (12, signal.SIGINT, 1),
        (20, signal.SIGTERM, 1),
    ],
)
def test_stopped_and_resumed_is_uninterrupted_bit_for_bit(data, uninterrupted, tmp_path, item, number, workers):
    ended = train_apart(command(data, tmp_path, "--workers", workers), tmp_path / "log", stopping_at(item, number))
    if item < 2 * STEPS:
        assert ended == 130
        done = state_of(tmp_path)["done"]
        assert f"saved at step {done} of {STEPS}" in (tmp_path / "log").read_text()
        assert (done == (item + 1) // 2) if not workers else (0 < done < STEPS)
        assert main(resumption(tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)


@pytest.mark.slow
def test_stopped_many_times(data, uninterrupted, tmp_path):
    arguments, done = command(data, tmp_path), 0
    for steps in (2, 3, 6):
        assert train_apart(arguments, tmp_path / "log", stopping_at(2 * steps)) == 130
        done += steps
        assert state_of(tmp_path)["done"] == done
        arguments = resumption(tmp_path)
    assert main(arguments) == 0
    assert_same_run(tmp_path, uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_every_process_of_the_run(data, uninterrupted, tmp_path, number):
    # What a terminal's Ctrl-C and a service manager do: the loading processes are told as well.
    ended = train_apart(command(data, tmp_path, "--workers", 1), tmp_path / "log", stopping_at(12, number, group=True))
    assert ended == 130, (tmp_path / "log").read_text()
    assert main(resumption(tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)


def insist() -> None:
    stopping_at(5)()
    stopping_at(5)()  # two signals before the step is done


@pytest.mark.slow
def test_a_second_signal_ends_at_once(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", insist) == 130
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert not (tmp_path / "runs" / "demo" / "state.pt").exists()


def interrupt_reading() -> None:
    def interrupted(pairs, source):
        os.kill(os.getpid(), signal.SIGINT)

    Pairs._decode = interrupted


@pytest.mark.slow
def test_ctrl_c_before_the_first_step(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", interrupt_reading) == 130
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_finished_run_can_be_resumed(data, uninterrupted, tmp_path):
    shutil.copytree(uninterrupted, tmp_path / "copy")
    folder = tmp_path / "copy"
    shutil.rmtree(folder / "checkpoints")
    assert main(resumption(folder, "--checkpoints", folder / "checkpoints")) == 0
    assert_same_run(folder, uninterrupted)
    assert main(resumption(folder, "--checkpoints", folder / "checkpoints", "--decay-epochs", 3)) == 0
    assert list_entries(folder / "checkpoints")[0].config.training.steps == STEPS + PAIRS // 2


@pytest.mark.slow
def test_a_resumed_run_keeps_its_own_options(data, tmp_path):
    more = ["--batch", 3, "--lambda", 7, "--patch", 1, "--no-flip", "--license", "CC0"]
    assert train_apart(command(data, tmp_path, *more), tmp_path / "log", stopping_at(10)) == 130
    assert main(resumption(tmp_path, "--notes", "resumed")) == 0
    config = list_entries(tmp_path / "checkpoints")[0].config
    assert (config.training.batch, config.training.lambda_, config.discriminator.patch) == (3, 7, 1)
    assert (config.license, config.notes) == ("CC0", "resumed")
    assert "--patch 1" in config.training.command  # how it was made, not only how it was resumed


# --- killed ---


class killed_at_touch:  # noqa: N801
    """Kills the training process when it is about to change files for the `moment`-th time."""

    def __init__(self, moment: int):
        self.moment = moment

    def __call__(self) -> None:
        touches = itertools.count(1)

        def watch(event, arguments):
            writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            changing = writing or event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir")
            if changing and next(touches) == self.moment:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)


def next_arguments(data: Path, folder: Path) -> list[str]:
    """What one would type after a crash."""
    if (folder / "runs" / "demo" / "state.pt").exists():
        assert 0 < state_of(folder)["done"] <= STEPS
        return resumption(folder)
    return command(data, folder, "--save-minutes", 0)


@pytest.mark.slow
def test_killed_while_writing(data, uninterrupted, tmp_path):
    draws = random.Random(0)
    kills = 0
    for _ in range(6):
        ended = train_apart(next_arguments(data, tmp_path), tmp_path / "log", killed_at_touch(draws.randint(5, 60)))
        assert ended in (0, -signal.SIGKILL), (tmp_path / "log").read_text()
        kills += ended != 0
    assert kills > 2
    assert main(next_arguments(data, tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)
    assert not [path for path in (tmp_path / "runs").rglob(".*.tmp")]


@pytest.mark.slow
def test_killed_at_any_time(data, uninterrupted, tmp_path):
    draws = random.Random()
    for _ in range(8):
        process = start_apart(run, next_arguments(data, tmp_path), tmp_path / "log")
        process.join(draws.uniform(0.2, 1.2))
        process.kill()
        process.join()
    assert main(next_arguments(data, tmp_path)) == 0
    assert_same_run(tmp_path, uninterrupted)


@pytest.mark.slow
def test_loading_processes_end_with_a_killed_trainer(data, tmp_path):
    endless = command(data, tmp_path, "--workers", 1, "--epochs", 1000)
    assert train_apart(endless, tmp_path / "log", stopping_at(30, signal.SIGKILL)) == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while children_named(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not children_named(tmp_path)


def children_named(folder: Path) -> list[str]:
    """Processes that hold a log below `folder` open."""
    holding = []
    for descriptor in Path("/proc").glob("[0-9]*/fd/1"):
        try:
            if str(descriptor.readlink()).startswith(str(folder)):
                holding.append(descriptor.parent.parent.name)
        except OSError:
            continue
    return holding


# --- what cannot go on ---


@pytest.mark.slow
def test_a_loss_that_is_not_finite_stops_the_run(data, tmp_path, capsys):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(8)) == 130
    kept = (tmp_path / "runs" / "demo" / "state.pt").read_bytes()
    assert main(resumption(tmp_path, "--learning-rate", 1e30)) == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert "the loss is no longer finite at step" in complaint
    assert "The last good state is kept in" in complaint
    assert (tmp_path / "runs" / "demo" / "state.pt").read_bytes() == kept
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.slow
def test_weights_that_are_not_finite_are_not_kept(data, tmp_path, capsys):
    assert main(command(data, tmp_path, "--objective", "l1", "--learning-rate", "inf", "--save-minutes", 0)) == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert "weights are no longer finite at step 1. No state was saved before: start again with a lower" in complaint
    assert not (tmp_path / "runs" / "demo-l1" / "state.pt").exists()


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


@pytest.mark.slow
def test_files_that_cannot_be_written(data, tmp_path):
    ended = train_apart(command(data, tmp_path), tmp_path / "log", limit_files)
    said = (tmp_path / "log").read_text()
    assert ended == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("train.py: ")
    assert "state.pt cannot be written, is the disk full?" in said.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk(data, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=True)
    try:
        ended = train_apart(command(data, disk), tmp_path / "log", stopping_at(8))
        assert ended == 130
        kept = (disk / "runs" / "demo" / "state.pt").read_bytes()
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        ended = train_apart(resumption(disk), tmp_path / "second.log")
        said = (tmp_path / "second.log").read_text()
        assert ended == 1
        assert "Traceback" not in said
        assert "What was saved before is intact" in said.splitlines()[-1]
        assert (disk / "runs" / "demo" / "state.pt").read_bytes() == kept
        (disk / "filler").unlink()
        assert main(resumption(disk)) == 0
    finally:
        subprocess.run(["umount", disk], check=True)


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


def test_wrong_data_is_one_sentence(tmp_path, capsys):
    assert "nowhere is not a folder" in complaint_of(command(tmp_path / "nowhere", tmp_path), capsys)
    (tmp_path / "empty").mkdir()
    assert "empty holds no pictures" in complaint_of(command(tmp_path / "empty", tmp_path), capsys)
    write_picture(tmp_path / "lonely" / "A" / "x.png", picture())
    assert "B is missing" in complaint_of(command(tmp_path / "lonely", tmp_path), capsys)
    assert "--data and --task are needed" in complaint_of([], capsys)


@pytest.mark.filterwarnings("ignore:left out")
def test_too_small_pictures_are_one_sentence(tmp_path, capsys):
    complaint = complaint_of(command(write_pairs(tmp_path / "small", 2, size=8), tmp_path), capsys)
    assert "none of the 2 pictures" in complaint
    assert "at least 16x16" in complaint


def test_nothing_to_resume(data, uninterrupted, tmp_path, capsys):
    run = tmp_path / "runs" / "demo"
    shutil.copytree(uninterrupted / "runs" / "demo", run)
    (run / "state.pt").write_bytes(b"PK" + bytes(100))
    assert "state.pt cannot be read" in complaint_of(resumption(tmp_path), capsys)
    (run / "state.pt").unlink()
    assert "there is nothing to resume" in complaint_of(resumption(tmp_path), capsys)
    (run / "options.json").write_text("{")
    assert "options.json" in complaint_of(resumption(tmp_path), capsys)


@pytest.mark.slow
def test_the_card_does_not_tell_of_this_machine(data, tmp_path):
    more = ["--epochs", 1, "--decay-epochs", 0, f"--runs={tmp_path / 'runs'}", "--notes", "half\na/b"]
    assert main(command(data, tmp_path, *more)) == 0
    folder = tmp_path / "checkpoints" / "demo"
    for file in ("README.md", "config.json"):
        text = (folder / file).read_text()
        assert str(tmp_path) not in text
        assert f"--data {data.name} " in text
    assert "--runs=runs --notes 'half a/b'" in (folder / "README.md").read_text()


def watch_export() -> None:
    export = Trainer._finish

    def watched(trainer):
        before = json.loads((trainer.folder / "progress.json").read_text())
        export(trainer)
        after = json.loads((trainer.folder / "progress.json").read_text())
        print("finished:", before["finished"], after["finished"], "step:", before["step"], after["step"])

    Trainer._finish = watched


@pytest.mark.slow
def test_a_run_is_finished_when_its_model_is_there(data, tmp_path):
    assert train_apart(command(data, tmp_path), tmp_path / "log", watch_export) == 0
    assert f"finished: False True step: {STEPS} {STEPS}" in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_run_is_neither_overwritten_nor_mixed(data, tmp_path, capsys):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(8)) == 130
    kept = (tmp_path / "runs" / "demo" / "state.pt").read_bytes()
    complaint = complaint_of(command(data, tmp_path), capsys)
    assert "--resume demo goes on with it, --overwrite starts again" in complaint
    assert "cannot be resumed with others" in complaint_of(resumption(tmp_path, "--batch", 3), capsys)
    for change in (["--ngf", 5], ["--objective", "l1+gan"], ["--ema", 0.5, "--patch", 1]):
        assert "other networks or another objective" in complaint_of(resumption(tmp_path, *change), capsys)
    assert (tmp_path / "runs" / "demo" / "state.pt").read_bytes() == kept
    run = tmp_path / "runs" / "demo"
    old = [run / "samples" / "step_00000004.jpg", *(run / "tensorboard").iterdir()]
    assert all(path.exists() for path in old)
    (run / "notes.txt").touch()
    assert main(command(data, tmp_path, "--overwrite")) == 0
    assert [row["step"] for row in history_of(tmp_path)] == ["4", "6", "8", "12", "15"]
    assert not any(path.exists() for path in old)
    assert (run / "notes.txt").exists()  # not ours


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


# --- several processes ---


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


# --- one step ---


def make_step(name: str, norm: str = "instance", **options) -> TrainingStep:
    torch.manual_seed(0)
    objective = Objective(name)
    generator = UNet(ngf=4, levels=3, norm=norm, dropout=0.0)
    discriminator = PatchGAN(ndf=4, patch=16, norm=norm, conditional=objective.conditional) if objective.adversarial else None
    return TrainingStep(generator, discriminator, objective, Precision(), **options)


def batch(count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(torch.rand(2, count, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1)


@pytest.mark.parametrize(
    ("name", "losses"), [("l1", {"G_L1"}), ("gan", {"G_L1", "G_GAN", "D"}), ("l1+cgan", {"G_L1", "G_GAN", "D"})]
)
def test_a_step_tells_the_losses_of_its_objective(name, losses):
    a, b = batch()
    step = make_step(name)
    with torch.no_grad():
        expected = (step.generator(a) - b).abs().mean().item()
    told = step(a, b)
    assert set(told) == losses
    assert told["G_L1"].item() == pytest.approx(expected, rel=1e-5)


def test_each_network_learns_from_its_own_loss_only():
    a, b = batch()
    step, alone = make_step("l1+cgan"), make_step("l1+cgan")
    step.set_learning_rate(1e-3)
    step(a, b)
    # D's step, spelled out: its gradient comes from its own loss over real and generated pictures, and from nothing else.
    fake = alone.generator(a).detach()
    loss = alone.objective.discriminator_gan(alone.discriminator(a, b), alone.discriminator(a, fake))
    gradients = torch.autograd.grad(loss, list(alone.discriminator.parameters()))
    for parameter, gradient in zip(step.discriminator.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("norm", ["instance", "none", "batch"])
def test_real_and_generated_pictures_may_share_a_pass(norm):
    a, b = batch()
    step = make_step("l1+cgan", norm)
    fake = torch.zeros_like(b)
    for together, apart in zip(
        step._discriminate_both(a, b, fake), (step.discriminator(a, b), step.discriminator(a, fake)), strict=True
    ):
        torch.testing.assert_close(together, apart)


def test_the_running_mean_of_the_weights():
    a, b = batch()
    step = make_step("l1", norm="batch", ema=0.75)
    expected = {name: tensor.clone() for name, tensor in step.generator.named_parameters()}
    for number in range(3):
        step(a, b)
        # Short at first: 1/10, 2/11, 3/12 of the old mean.
        kept = (1 + number) / (10 + number)
        for name, tensor in step.generator.named_parameters():
            expected[name] = kept * expected[name] + (1 - kept) * tensor.detach()
    averaged = dict(step.best_generator.named_parameters())
    for name, tensor in expected.items():
        torch.testing.assert_close(averaged[name], tensor)
    for mine, its in zip(step.best_generator.buffers(), step.generator.buffers(), strict=True):
        assert torch.equal(mine, its)
    assert make_step("l1").best_generator is not None
    step.ema_steps = 1000
    before = {name: tensor.clone() for name, tensor in step.best_generator.named_parameters()}
    step(a, b)
    for name, tensor in step.best_generator.named_parameters():
        now = dict(step.generator.named_parameters())[name].detach()
        torch.testing.assert_close(tensor, 0.75 * before[name] + 0.25 * now)


@pytest.mark.parametrize("layout", ["nchw", "channels_last"])
def test_layouts_learn_the_same(layout):
    a, b = batch()
    losses = []
    for precision in (Precision("fp32", "nchw"), Precision("fp32", layout)):
        torch.manual_seed(0)
        objective = Objective("l1+cgan")
        step = TrainingStep(
            UNet(ngf=4, levels=3, norm="instance", dropout=0), PatchGAN(ndf=4, patch=16, norm="instance"), objective, precision
        )
        losses.append([step(a, b)[name].item() for _ in range(3) for name in ("D", "G_GAN", "G_L1")])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)
