"""Runs in the Models tab: their curves, and what they are doing."""

import json
import math
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from pix2pix.checkpoint.folder import HISTORY_FILE, SAMPLES_FOLDER
from pix2pix.studio.engine import CATALOG_CACHE_S
from pix2pix.studio.library.history import MAX_POINTS, read_curves
from pix2pix.studio.library.runs import list_runs
from pix2pix.training.command import main
from pix2pix.training.run_folder import OPTIONS_FILE, claimed, write_progress
from tests.helpers.making import picture, run_apart, start_apart, write_pairs, write_picture
from tests.helpers.shelf import Shelf


def write_history(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HISTORY_FILE).write_text(text)
    return folder / HISTORY_FILE


def test_long_curves_are_thinned_to_means(tmp_path: Path) -> None:
    rows = "".join(f"{step},{step % 2},{'' if step % 500 else 0.5}\n" for step in range(1, 5001))
    series = read_curves(write_history(tmp_path, "step,G_L1,val_l1\n" + rows))
    assert len(series["G_L1"]) <= MAX_POINTS
    assert series["G_L1"][-1][0] == 5000
    assert np.mean([value for _, value in series["G_L1"]]) == pytest.approx(0.5, abs=0.05)
    assert series["val_l1"] == [(step, 0.5) for step in range(500, 5001, 500)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\xff",
        "step,D\n1,abc\n",
        "step,D\n1,2,3,4\n",
        "D\n1\n",
        "step,D\n1,nan\ninf,2\n",
        "step,D\n" + "1,1\n" * 3_000_000,
    ],
)
def test_a_history_that_holds_anything_is_no_error(tmp_path: Path, text: str) -> None:
    assert read_curves(write_history(tmp_path, text)) == {}


def write_run(runs: Path, name: str, options: dict | None = None, **progress: object) -> Path:
    folder = runs / name
    (folder / SAMPLES_FOLDER).mkdir(parents=True, exist_ok=True)
    (folder / OPTIONS_FILE).write_text(json.dumps({"task": "demo", "objective": "l1+cgan", "log_every": 50} | (options or {})))
    if progress:
        write_progress(folder, **progress)
    return folder


def test_what_a_run_is_doing_is_told_from_what_it_wrote_last(runs: Path) -> None:
    far = {"step": 100, "total": 1000, "epoch": 1.0, "seconds_left": 900.0, "finished": False, "D": 0.7, "G_L1": math.inf}
    write_run(runs, "going", **far)
    write_run(runs, "slow", **far | {"seconds_left": 90_000.0})
    write_run(runs, "ending", **far | {"step": 1000, "seconds_left": 0.0})
    write_run(runs, "ended", **far | {"step": 1000, "finished": True})
    write_run(runs, "begun")
    (runs / "not-a-run").mkdir()
    (runs / "notes.txt").write_text("x")
    assert {run.name: run.state for run in list_runs(runs)} == {
        "begun": "starting", "going": "training", "slow": "training", "ending": "finishing"
    }  # fmt: skip
    going = next(run for run in list_runs(runs) if run.name == "going")
    assert (going.step, going.total, going.seconds_left, going.losses) == (100, 1000, 900.0, {"D": 0.7})
    later = {run.name: run.state for run in list_runs(runs, now=time.time() + 500)}
    assert later == {"begun": "starting", "going": "stopped", "slow": "training", "ending": "finishing"}
    much_later = {run.state for run in list_runs(runs, now=time.time() + 50_000)}
    assert much_later == {"stopped"}
    assert list_runs(runs / "absent") == []


def claim_and_be_killed(folder: Path) -> None:
    with claimed(folder):
        write_run(folder.parent, folder.name, step=100, total=1000, seconds_left=900.0, finished=False)
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_run_whose_process_was_killed_has_stopped(runs: Path) -> None:
    folder = runs / "demo"
    folder.mkdir(parents=True)
    assert run_apart(claim_and_be_killed, folder) == -signal.SIGKILL
    soon = time.time() + 10
    assert list_runs(runs, now=soon)[0].state == "stopped"
    with claimed(folder):  # resumed
        assert list_runs(runs, now=soon)[0].state == "training"
    assert list_runs(runs, now=soon)[0].state == "stopped"


def test_a_run_that_is_resumed_is_starting_until_its_next_row(runs: Path) -> None:
    folder = write_run(runs, "demo", step=100, total=1000, seconds_left=900.0, finished=False)
    later = time.time() + 1000
    os.utime(folder / OPTIONS_FILE, (later, later))
    assert list_runs(runs, now=later + 5)[0].state == "starting"


@pytest.mark.slow
def test_a_real_training_is_followed_until_it_is_a_model(shelf: Shelf, here: Path, runs: Path, tmp_path: Path) -> None:
    write_pairs(tmp_path / "data" / "train", 8)
    write_pairs(tmp_path / "data" / "val", 2)
    flags = (
        f"--data {tmp_path / 'data'} --task cats --size 32 --load-size 32 --levels 3 --ngf 4 --ndf 4 --patch 16 --norm instance"
    )
    flags += f" --epochs 20 --decay-epochs 0 --log-every 2 --workers 0 --precision fp32 --device cpu --runs {runs}"
    process = start_apart(main, [*flags.split(), "--checkpoints", str(here)])
    states, farthest = set(), 0
    while process.is_alive():
        for run in shelf.look({})["runs"]:
            states.add(run["state"])
            farthest = max(farthest, run["step"] / max(run["total"], 1))
        time.sleep(0.02)
    assert process.exitcode == 0
    assert "training" in states
    assert "stopped" not in states
    assert 0.1 < farthest <= 1
    time.sleep(CATALOG_CACHE_S)
    looked = shelf.look({})
    assert looked["runs"] == []
    assert [(model["name"], model["origin"]) for model in looked["models"]] == [("cats", "trained here")]
    told = shelf.model({"name": "cats"})
    assert told["samples"]
    assert {"G_L1", "D", "val_l1"} <= told["curves"]["cats"].keys()


def test_newest_samples_and_curves_of_a_run_come_once(shelf: Shelf, runs: Path) -> None:
    folder = write_run(runs, "demo", step=50, total=100, seconds_left=5.0, finished=False)
    write_history(folder, "step,D\n50,0.7\n")
    write_picture(folder / SAMPLES_FOLDER / "step_00000050.jpg", picture(1))
    news = shelf.run({"name": "demo"})
    assert (news["sampled"], news["curves"]) == (50, {"demo": {"D": [(50, 0.7)]}})
    assert news["sample"].startswith("data:image/jpeg")
    assert shelf.run({"name": "demo", "version": news["version"]}).keys() == {"version"}
    write_picture(folder / SAMPLES_FOLDER / "step_00000100.jpg", picture(2))
    assert shelf.run({"name": "demo", "version": news["version"]})["sampled"] == 100
