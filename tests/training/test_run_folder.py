"""What a run leaves on disk: whole after a kill or on a full disk, and never mixed with another's."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys

import pytest
import torch
from PIL import Image

from pix2pix.training.command import main
from pix2pix.training.run_folder import STATE_KEYS, claimed, load_state, read_history, save_state
from tests.helpers.making import ROOT, picture, run_apart, write_checkpoint, write_picture
from tests.helpers.training_runs import STEPS, command, complaint_of, history_of, resumption, state_of, stopping_at, train_apart


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


@pytest.mark.slow
def test_a_run_is_neither_overwritten_nor_mixed(data, tmp_path, capsys):
    assert train_apart(command(data, tmp_path), tmp_path / "log", stopping_at(8)) == 130
    kept = (tmp_path / "runs" / "demo" / "state.pt").read_bytes()
    complaint = complaint_of(command(data, tmp_path), capsys)
    assert "--resume demo goes on with it, --overwrite starts again" in complaint
    assert "cannot be resumed with others" in complaint_of(resumption(tmp_path, "--batch", 3), capsys)
    for objective in ("l1+gan", "l2+cgan"):
        assert "the run was started with l1+cgan" in complaint_of(resumption(tmp_path, "--objective", objective), capsys)
    for change in (["--ngf", 5], ["--ema", 0.5, "--patch", 1]):
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


@pytest.mark.parametrize("place", ["runs", "checkpoints"])
def test_a_folder_of_other_things_is_not_taken(data, tmp_path, capsys, place):
    mine = write_picture(tmp_path / place / "demo" / "samples" / "holiday.jpg", picture())
    for more in ([], ["--overwrite"]):
        assert "demo holds other things (samples)" in complaint_of(command(data, tmp_path, *more), capsys)
    assert mine.exists()


class Fatal:
    """Kills the process that pickles it."""

    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_kill_while_a_state_is_written_leaves_the_old(tmp_path):
    state = dict.fromkeys(STATE_KEYS, 1)
    save_state(tmp_path, state)
    assert run_apart(save_fatal_state, tmp_path) == -signal.SIGKILL
    assert load_state(tmp_path) == state
    save_state(tmp_path, state | {"done": 2})
    assert load_state(tmp_path) == state | {"done": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def save_fatal_state(folder) -> None:
    save_state(folder, {"weights": torch.zeros(1000), "end": Fatal()})


def test_a_run_has_one_trainer_at_a_time(data, tmp_path, capsys):
    folder = tmp_path / "runs" / "demo"
    with claimed(folder):
        complaint = complaint_of(command(data, tmp_path), capsys)
    assert f"is being trained by process {os.getpid()}: wait until it ends, stop it, or choose another --name" in complaint
    assert not (folder / "process.txt").exists()


def test_a_model_that_a_run_did_not_make_is_not_replaced(data, tmp_path, capsys):
    write_checkpoint(tmp_path / "checkpoints" / "demo")
    kept = (tmp_path / "checkpoints" / "demo" / "model.safetensors").read_bytes()
    assert "is a model already: choose another --name" in complaint_of(command(data, tmp_path), capsys)
    assert (tmp_path / "checkpoints" / "demo" / "model.safetensors").read_bytes() == kept
    assert not (tmp_path / "runs" / "demo" / "state.pt").exists()


def test_a_run_is_not_its_own_checkpoint(data, tmp_path, capsys):
    complaint = complaint_of([*command(data, tmp_path), "--checkpoints", str(tmp_path / "runs")], capsys)
    assert "--runs and --checkpoints are one folder" in complaint


@pytest.mark.parametrize("name", ["../evil", "exp/one", "my model", "." * 3, "a" * 101])
def test_a_run_has_a_name_that_a_checkpoint_may_have(data, tmp_path, capsys, name):
    assert "cannot name a checkpoint" in complaint_of(command(data, tmp_path, "--name", name), capsys)
    assert "cannot name a checkpoint" in complaint_of(["--resume", name, "--runs", str(tmp_path)], capsys)


@pytest.mark.parametrize("state", [[1], {"step": {}}, {}], ids=str)
def test_a_state_of_another_kind_is_one_sentence(data, tmp_path, capsys, state):
    folder = tmp_path / "runs" / "demo"
    folder.mkdir(parents=True)
    (folder / "options.json").write_text(json.dumps({"data": [str(data)], "task": "demo", "command": "x", "seed": None}))
    torch.save(state, folder / "state.pt")
    assert "is not the state of a run. Start again with --overwrite" in complaint_of(resumption(tmp_path), capsys)


@pytest.mark.parametrize(
    ("kept", "complaint"), [("[]", "it holds no options"), ("{", "cannot be read"), ("{}", "--data and --task")]
)
def test_options_of_another_kind_are_one_sentence(tmp_path, capsys, kept, complaint):
    (tmp_path / "runs" / "demo").mkdir(parents=True)
    (tmp_path / "runs" / "demo" / "options.json").write_text(kept)
    assert complaint in complaint_of(resumption(tmp_path), capsys)


def test_rows_of_a_history_without_a_step_or_with_too_many_columns_are_left_out(tmp_path):
    (tmp_path / "history.csv").write_text("step,D\n1,0.5\n,0.4\n3,0.3,9\n")
    assert read_history(tmp_path / "history.csv") == [{"step": 1, "D": 0.5}]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_nobody_foresaw_ends_the_run_in_a_sentence_with_its_state(data, tmp_path, workers):
    arguments = command(data, tmp_path, "--workers", workers)
    program = (
        "import sys, pix2pix.training.step as step\n"
        "from pix2pix.training.command import main\n"
        "call, n = step.TrainingStep.__call__, [0]\n"
        "def fail(self, *batch):\n"
        "    n[0] += 1\n"
        "    if n[0] > 9: raise RuntimeError('the card fell off\\nmore')\n"
        "    return call(self, *batch)\n"
        "step.TrainingStep.__call__ = fail; sys.exit(main(sys.argv[1:]))"
    )
    ended = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    done = state_of(tmp_path)["done"]
    assert 1 <= done <= 9
    assert (
        f"stopped after step {done} by RuntimeError: the card fell off; --resume demo goes on from what was saved."
        in ended.stderr
    )
    assert main(resumption(tmp_path)) == 0
