"""Whole at any moment: killed, written by several at once, or on a full disk, a checkpoint is the old one or the new."""

import itertools
import os
import resource
import signal
import sys
import threading
import time

import numpy as np
import pytest
import torch

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.catalog import list_entries
from pix2pix.checkpoint.folder import load_discriminator, load_generator, recover_all, save_checkpoint, staged
from tests.helpers.making import make_config, make_networks, picture, run_apart, start_apart

TOUCHES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}


def save_numbered(folder, number: int) -> None:
    """Saves a checkpoint in which every value is `number`."""
    config = make_config(notes=str(number))
    networks = make_networks(config)
    with torch.no_grad():
        for network in networks:
            for parameter in network.parameters():
                parameter.fill_(number)
    save_checkpoint(folder, config, *networks, samples=[(picture(), picture())])


def number_of(folder) -> int:
    """The one number in every file of a folder that `save_numbered` wrote; fails if it is not whole."""
    numbers = {float(load_generator(folder).checkpoint_config.notes)}
    for network in (load_generator(folder), load_discriminator(folder)):
        numbers |= {value for tensor in network.state_dict().values() for value in tensor.unique().tolist()}
    assert len(numbers) == 1
    return int(numbers.pop())


def save_and_die(folder, number: int, moment: int) -> None:
    """Saves until the process is about to touch the disk for the `moment`-th time, and is killed there."""
    touches = itertools.count(1)

    def watch(event, arguments):
        reading = event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in TOUCHES and not reading and next(touches) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    save_numbered(folder, number)


def forked(function, *arguments) -> int:
    """The process in which `function` runs."""
    child = os.fork()
    if not child:
        function(*arguments)
        os._exit(0)
    return child


def exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_everywhere(checkpoints) -> None:
    folder = checkpoints / "demo"
    save_numbered(folder, 1)
    found, ended = [1], -signal.SIGKILL
    while ended:
        ended = exit_code(forked(save_and_die, folder, found[-1] + 1, len(found)))
        assert ended in (0, -signal.SIGKILL)
        (entry,) = list_entries(checkpoints)
        assert not entry.error
        assert number_of(folder) in (found[-1], found[-1] + 1)
        found.append(number_of(folder))
    assert len(found) > 15
    assert found[1] == 1  # killed at the first touch: the old
    assert found[-2] > found[-3]  # killed at the last one, with only the old to remove: the new
    assert [path.name for path in checkpoints.iterdir()] == ["demo"]  # and of all the dead nothing is left


@pytest.mark.slow
def test_a_kill_at_any_touch_of_the_disk_leaves_the_old_or_the_new(tmp_path):
    assert run_apart(kill_everywhere, tmp_path) == 0


def save_for_ever(folder) -> None:
    for number in itertools.count(number_of(folder) + 1):
        save_numbered(folder, number)


def kill_at_random(checkpoints) -> None:
    folder = checkpoints / "demo"
    save_numbered(folder, 1)
    random = np.random.default_rng()
    kills = 0
    while kills < 20 or number_of(folder) < 5:
        before = number_of(folder)
        child = forked(save_for_ever, folder)
        time.sleep(random.uniform(0, 0.01 * kills))
        os.kill(child, signal.SIGKILL)
        assert exit_code(child) == -signal.SIGKILL
        kills += 1
        (entry,) = list_entries(checkpoints)
        assert not entry.error
        assert number_of(folder) >= before


@pytest.mark.slow
def test_kills_at_random_times_leave_a_whole_checkpoint(tmp_path):
    assert run_apart(kill_at_random, tmp_path) == 0


def write_and_die(path) -> None:
    def write(temporary):
        temporary.write_text("half of the n")
        os.kill(os.getpid(), signal.SIGKILL)

    write_atomically(path, write)


@pytest.mark.slow
def test_a_kill_while_a_file_is_written_leaves_the_old(tmp_path):
    path = tmp_path / "progress.json"
    path.write_text("the old")
    assert run_apart(write_and_die, path) == -signal.SIGKILL
    assert path.read_text() == "the old"
    write_atomically(path, lambda temporary: temporary.write_text("the new"))
    assert path.read_text() == "the new"
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_someone_may_read_while_someone_writes(tmp_path):
    folder = tmp_path / "demo"
    save_numbered(folder, 1)
    done, failures = threading.Event(), []

    def read():
        while not done.is_set():
            try:
                recover_all(tmp_path)
                (entry,) = list_entries(tmp_path)  # not gone, not even while it is being replaced
                assert not entry.error
                time.sleep(0.001)
            except Exception as error:  # whatever it is, the studio would have shown it
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(2, 22):
        save_numbered(folder, number)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert number_of(folder) == 21
    assert not list_entries(tmp_path)[0].error


def save_in_turn(folder, first: int, count: int) -> None:
    for number in range(first, first + count):
        save_numbered(folder, number)


@pytest.mark.slow
def test_several_processes_may_write_the_same_checkpoint(tmp_path):
    folder = tmp_path / "demo"
    save_numbered(folder, 1)
    writers = [start_apart(save_in_turn, folder, first, 8) for first in (100, 200, 300)]
    seen = set()
    while any(writer.is_alive() for writer in writers):
        (entry,) = list_entries(tmp_path)
        assert not entry.error
        seen.add(int(entry.config.notes) // 100)
        time.sleep(0.01)
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(seen) > 1  # they did write at the same time
    assert number_of(folder) in (107, 207, 307)  # whichever was last
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_the_last_of_two_writers_wins_whole(tmp_path):
    folder = tmp_path / "demo"
    with staged(folder) as slow:
        (slow / "begun").touch()
        with staged(folder) as fast:
            (fast / "fast").touch()
        assert [path.name for path in folder.iterdir()] == ["fast"]
        assert (slow / "begun").exists()
        (slow / "slow").touch()
    assert sorted(path.name for path in folder.iterdir()) == ["begun", "slow"]
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def begin_and_die(folder) -> None:
    with staged(folder) as staging:
        (staging / "half").touch()
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    assert run_apart(begin_and_die, tmp_path / "demo") == -signal.SIGKILL
    assert run_apart(begin_and_die, tmp_path / "other") == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    save_numbered(tmp_path / "demo", 1)
    assert sorted(path.name[:6] for path in tmp_path.iterdir()) == [".other", "demo"]


def fill_up(folder) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
    with pytest.raises(OSError, match=r"model\.safetensors cannot be written") as full:
        save_numbered(folder, 2)
    assert str(folder.parent) not in str(full.value)


@pytest.mark.slow
def test_a_full_disk_keeps_the_old(tmp_path):
    folder = tmp_path / "demo"
    save_numbered(folder, 1)
    assert run_apart(fill_up, folder) == 0
    assert number_of(folder) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
