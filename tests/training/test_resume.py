"""Stopped, killed and resumed: the run ends as if nothing had happened."""

import itertools
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
import torch

from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.folder import load_generator
from pix2pix.data.pairs import Pairs
from pix2pix.training.command import main
from tests.helpers.making import start_apart
from tests.helpers.training_runs import (
    PAIRS,
    STEPS,
    assert_equal,
    assert_same_run,
    command,
    complaint_of,
    resumption,
    run,
    state_of,
    stopping_at,
    train_apart,
)


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


def test_nothing_to_resume(data, uninterrupted, tmp_path, capsys):
    run = tmp_path / "runs" / "demo"
    shutil.copytree(uninterrupted / "runs" / "demo", run)
    (run / "state.pt").write_bytes(b"PK" + bytes(100))
    assert "state.pt cannot be read" in complaint_of(resumption(tmp_path), capsys)
    (run / "state.pt").unlink()
    assert "there is nothing to resume" in complaint_of(resumption(tmp_path), capsys)
    (run / "options.json").write_text("{")
    assert "options.json" in complaint_of(resumption(tmp_path), capsys)
