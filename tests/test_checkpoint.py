"""Checkpoints: what is written is read back, whole at any moment, and whatever is broken says so."""

import inspect
import itertools
import json
import os
import pickle
import re
import resource
import signal
import sys
import threading
import time

import numpy as np
import pytest
import torch
import yaml
from making import make_config, make_networks, picture, run_apart, start_apart, write_checkpoint
from PIL import Image
from safetensors.torch import load_file, save_file

from pix2pix.checkpoint.atomic import write_atomically
from pix2pix.checkpoint.card import card_text
from pix2pix.checkpoint.catalog import list_entries, tasks
from pix2pix.checkpoint.config import CheckpointError, Config, Metrics, Training, read_config
from pix2pix.checkpoint.folder import Generator, load_discriminator, load_generator, recover_all, save_checkpoint, staged
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.training.run_folder import load_state, save_state

TRAINING = Training(
    data="facades", pairs=400, steps=1200, epochs=3, batch=1, learning_rate=2e-4, seed=7, hours=1.5, gan_loss="vanilla", ema=0.0,
    precision="bf16", command="python train.py --data facades", code_version="0.1.0", **{"lambda": 100.0},
)  # fmt: skip
METRICS = Metrics(data="facades", split="val", count=100, resizing="to 32x32", values={"l1": 0.1234, "lab": 0.5})


# --- round trip ---


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize("upsampling", ["deconv", "resize"])
def test_weights_come_back_up_to_half_precision(tmp_path, norm, upsampling):
    config = make_config(generator=GeneratorArguments(ngf=4, levels=3, norm=norm, upsampling=upsampling))
    generator, discriminator = make_networks(config)
    save_checkpoint(tmp_path / "demo", config, generator, discriminator)
    for network, loaded in (
        (generator, load_generator(tmp_path / "demo")),
        (discriminator, load_discriminator(tmp_path / "demo")),
    ):
        assert not loaded.training
        for name, tensor in loaded.state_dict().items():
            original = network.state_dict()[name]
            assert tensor.dtype == original.dtype
            assert torch.equal(tensor, original.half().float() if original.is_floating_point() else original)


def test_config_comes_back(tmp_path):
    config = make_config(training=TRAINING, metrics=METRICS, license="CC0", notes="By hand.", direction="BtoA")
    save_checkpoint(tmp_path / "demo", config, *make_networks(config))
    assert read_config(tmp_path / "demo" / "config.json") == config
    assert load_generator(tmp_path / "demo").checkpoint_config == config


def test_what_a_folder_holds(tmp_path):
    history = tmp_path / "losses.csv"
    history.write_text("step,D\n1,0.5\n")
    config = make_config()
    save_checkpoint(tmp_path / "demo", config, *make_networks(config), history, [(picture(1), picture(2))])
    files = sorted(str(path.relative_to(tmp_path / "demo")) for path in (tmp_path / "demo").rglob("*") if path.is_file())
    assert files == [
        "README.md", "config.json", "discriminator.safetensors", "history.csv", "model.safetensors", "samples/01.png",
    ]  # fmt: skip
    assert (tmp_path / "demo" / "history.csv").read_text() == history.read_text()
    sample = np.asarray(Image.open(tmp_path / "demo" / "samples" / "01.png"))
    assert np.array_equal(sample, np.concatenate([picture(1), picture(2)], axis=1))
    assert {tensor.dtype for tensor in load_file(tmp_path / "demo" / "model.safetensors").values()} == {torch.float16}
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "demo").rglob("*"))  # others may read it


def test_a_discriminator_is_optional(tmp_path):
    write_checkpoint(tmp_path / "demo", objective="l1", discriminator=None)
    assert load_discriminator(tmp_path / "demo") is None
    write_checkpoint(tmp_path / "gone")
    (tmp_path / "gone" / "discriminator.safetensors").unlink()
    assert load_discriminator(tmp_path / "gone") is None
    assert not list_entries(tmp_path)[1].fault


def test_saving_again_leaves_nothing_of_the_old(tmp_path):
    write_checkpoint(tmp_path / "demo")
    config = make_config(objective="l1", discriminator=None)
    save_checkpoint(tmp_path / "demo", config, make_networks(config, seed=1)[0])
    assert not (tmp_path / "demo" / "discriminator.safetensors").exists()
    assert list((tmp_path / "demo" / "samples").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_from_pretrained_reads_a_folder(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    for model_id in (folder, str(folder)):
        network = Generator.from_pretrained(model_id)
        assert network.checkpoint_config == make_config()
        assert not network.training
        with torch.inference_mode():
            assert network(torch.zeros(1, 3, 16, 16)).shape == (1, 3, 16, 16)


def test_save_pretrained_writes_what_from_pretrained_reads(tmp_path):
    network = load_generator(write_checkpoint(tmp_path / "demo"))
    network.save_pretrained(tmp_path / "copy")
    copy = load_generator(tmp_path / "copy")
    assert copy.checkpoint_config == network.checkpoint_config
    assert all(torch.equal(a, b) for a, b in zip(copy.parameters(), network.parameters(), strict=True))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
def test_weights_that_half_precision_cannot_hold_do_not_replace_good_ones(tmp_path, value):
    folder = write_checkpoint(tmp_path / "demo")
    before = (folder / "model.safetensors").read_bytes()
    generator, _ = make_networks(make_config())
    with torch.no_grad():
        generator.down[1].conv.weight[0, 0, 0, 0] = value
    with pytest.raises(CheckpointError, match=r"down\.1\.conv\.weight is not finite"):
        save_checkpoint(folder, make_config(), generator)
    assert (folder / "model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


# --- whole at any moment ---


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
        assert not entry.fault
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
        assert not entry.fault
        assert number_of(folder) >= before


@pytest.mark.slow
def test_kills_at_random_times_leave_a_whole_checkpoint(tmp_path):
    assert run_apart(kill_at_random, tmp_path) == 0


class Fatal:
    """Kills the process that pickles it."""

    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_kill_while_a_state_is_written_leaves_the_old(tmp_path):
    save_state(tmp_path, {"done": 1})
    assert run_apart(save_fatal_state, tmp_path) == -signal.SIGKILL
    assert load_state(tmp_path) == {"done": 1}
    save_state(tmp_path, {"done": 2})
    assert load_state(tmp_path) == {"done": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def save_fatal_state(folder) -> None:
    save_state(folder, {"weights": torch.zeros(1000), "end": Fatal()})


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
                assert not entry.fault
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
    assert not list_entries(tmp_path)[0].fault


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
        assert not entry.fault
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


# --- broken folders ---


def broken_folder(path, how: str):
    """A checkpoint damaged in one way."""
    folder = write_checkpoint(path)
    weights, config = folder / "model.safetensors", folder / "config.json"
    values = json.loads(config.read_text())
    tensors = {name: tensor.clone() for name, tensor in load_file(weights).items()}  # the file itself is about to change
    first = next(iter(tensors))
    match how:
        case "no config":
            config.unlink()
        case "config is no JSON":
            config.write_text("{")
        case "config is no text":
            config.write_bytes(b"\xff\xfe\x00")
        case "config is a list":
            config.write_text("[]")
        case "config is a folder":
            config.unlink()
            config.mkdir()
        case "other version":
            config.write_text(json.dumps({**values, "format_version": 2}))
        case "unknown field":
            config.write_text(json.dumps({**values, "color": "blue"}))
        case "missing field":
            config.write_text(json.dumps({name: value for name, value in values.items() if name != "task"}))
        case "unknown norm":
            config.write_text(json.dumps({**values, "generator": {**values["generator"], "norm": "layer"}}))
        case "black is white":
            config.write_text(json.dumps({**values, "image_range": [1, 1]}))
        case "no weights":
            weights.unlink()
        case "empty weights":
            weights.write_bytes(b"")
        case "truncated weights":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "weights are a pickle":
            torch.save(tensors, weights)
        case "missing tensor":
            save_file({name: tensor for name, tensor in tensors.items() if name != first}, weights)
        case "foreign tensor":
            save_file({**tensors, "more": torch.zeros(1)}, weights)
        case "other shape":
            save_file({**tensors, first: torch.zeros(1, 2)}, weights)
        case "not a number":
            save_file({**tensors, first: torch.full_like(tensors[first], torch.nan)}, weights)
        case "infinite":
            save_file({**tensors, first: torch.full_like(tensors[first], torch.inf)}, weights)
        case "other width":
            config.write_text(json.dumps({**values, "generator": {**values["generator"], "ngf": 5}}))
        case "damaged discriminator":
            (folder / "discriminator.safetensors").write_bytes(b"{}")
    return folder


BROKEN = {
    "no config": "config.json is missing",
    "config is no JSON": "config.json is not a valid config",
    "config is no text": "config.json is not a valid config",
    "config is a list": "config.json is not a valid config",
    "config is a folder": "config.json cannot be read: Is a directory",
    "other version": "config.json is not a valid config: format_version",
    "unknown field": "config.json is not a valid config: color",
    "missing field": "config.json is not a valid config: task",
    "unknown norm": "config.json is not a valid config: generator.unet.norm",
    "black is white": "config.json is not a valid config: image_range: .*an image range of 1 to 1 holds no pictures",
    "no weights": "model.safetensors is missing",
    "empty weights": "model.safetensors is damaged",
    "truncated weights": "model.safetensors is damaged",
    "weights are a pickle": "model.safetensors is damaged",
    "missing tensor": "model.safetensors lacks 1 tensors",
    "foreign tensor": "model.safetensors has 1 tensors that its config does not know, the first is more",
    "other shape": r"model.safetensors: down.0.conv.weight has shape \(1, 2\), its config asks for \(4, 3, 4, 4\)",
    "not a number": "model.safetensors: down.0.conv.weight holds values that are not finite",
    "infinite": "model.safetensors: down.0.conv.weight holds values that are not finite",
    "other width": "model.safetensors: .* has shape",
    "damaged discriminator": "discriminator.safetensors is damaged",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_folder_says_what_is_wrong_with_which_file(tmp_path, how):
    broken_folder(tmp_path / "broken", how)
    write_checkpoint(tmp_path / "whole")
    with pytest.raises(CheckpointError, match=BROKEN[how]):
        load_discriminator(tmp_path / "broken") if "discriminator" in how else load_generator(tmp_path / "broken")
    broken, whole = list_entries(tmp_path)
    assert (broken.name, broken.config) == ("broken", None)
    assert re.search(BROKEN[how], broken.fault)
    assert broken.fault.startswith("broken/")
    assert str(tmp_path) not in broken.fault  # visitors read it
    assert (whole.name, whole.config, whole.fault) == ("whole", make_config(), "")
    assert tasks([broken, whole]) == {"demo": {"l1+cgan": whole}}


def test_a_missing_folder_is_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"nowhere/config\.json is missing"):
        load_generator(tmp_path / "nowhere")


def test_weights_are_never_unpickled(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    marker = tmp_path / "opened"

    class Trap:
        def __reduce__(self):
            return (marker.touch, ())

    with (folder / "model.safetensors").open("wb") as file:
        pickle.dump(Trap(), file)
    with pytest.raises(CheckpointError, match="damaged"):
        load_generator(folder)
    assert not marker.exists()


# --- the catalog ---


def test_entries_are_the_folders_by_name(tmp_path):
    for name in ("b", "a"):
        write_checkpoint(tmp_path / name)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").touch()
    assert [entry.name for entry in list_entries(tmp_path)] == ["a", "b"]
    assert list_entries(tmp_path / "nowhere") == []


def test_a_repaired_or_newly_broken_folder_is_noticed(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    whole = (folder / "model.safetensors").read_bytes()
    assert not list_entries(tmp_path)[0].fault
    (folder / "model.safetensors").write_bytes(whole[:-1])
    assert "damaged" in list_entries(tmp_path)[0].fault
    (folder / "model.safetensors").write_bytes(whole)
    assert not list_entries(tmp_path)[0].fault
    write_checkpoint(folder, notes="new")
    assert list_entries(tmp_path)[0].config.notes == "new"


def test_tasks_prefer_the_folder_named_after_them(tmp_path):
    for name, objective in (("demo", "l1+cgan"), ("a-demo", "l1+cgan"), ("zz", "l1+cgan"), ("demo-l1", "l1"), ("demo-x", "l1")):
        write_checkpoint(tmp_path / name, objective=objective)
    write_checkpoint(tmp_path / "other", task="other")
    found = tasks(list_entries(tmp_path))
    assert {task: {objective: entry.name for objective, entry in found[task].items()} for task in found} == {
        "demo": {"l1+cgan": "demo", "l1": "demo-l1"},
        "other": {"l1+cgan": "other"},
    }


# --- config and card ---


def test_network_arguments_are_the_networks_own():
    for arguments, network in ((GeneratorArguments(), UNet), (DiscriminatorArguments(), PatchGAN)):
        parameters = inspect.signature(network.__init__).parameters
        assert arguments.model_dump() == {name: p.default for name, p in parameters.items() if name != "self"}


@pytest.mark.parametrize("task", ["", "../up", "a/b", ".hidden", "two words"])
def test_a_task_is_a_folder_name(task):
    with pytest.raises(ValueError, match="task"):
        make_config(task=task)


def front_matter(text: str) -> dict:
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def test_the_card_says_what_the_model_is(tmp_path):
    config = make_config(training=TRAINING, metrics=METRICS, license="CC BY 4.0", notes="Windows are hard.")
    text = card_text(config, ["samples/01.png"])
    front = front_matter(text)
    assert front["pipeline_tag"] == "image-to-image"
    assert {"pix2pix", "demo", "l1+cgan"} <= set(front["tags"])
    assert (front["license"], "license_name" in front) == ("cc-by-4.0", False)
    front = front_matter(card_text(make_config(license="research and non-commercial use"), []))
    assert (front["license"], front["license_name"]) == ("other", "research-and-non-commercial-use")
    for fact in (
        "demo", "U-Net of 3 levels", "ngf=4", "instance norm", "PatchGAN 16", "CC BY 4.0", "Windows are hard.", "samples/01.png",
        "400 pairs (facades", "direction AtoB", "1200 steps", "seed 7", "lambda 100", "python train.py --data facades",
        "100 pairs of facades, val", "to 32x32", "0.1234", "Isola", "translate --checkpoint", "from_pretrained",
    ):  # fmt: skip
        assert fact in text


def test_a_card_without_training_or_metrics():
    generator = GeneratorArguments(skips=False)
    text = card_text(make_config(objective="l1", discriminator=None, generator=generator), [])
    assert "encoder-decoder" in text
    assert "Discriminator: none" in text
    assert "## Measured" not in text
    assert front_matter(text)["license"] == "unknown"


@pytest.mark.parametrize("license", ["a: b", "# no", "'", "[x]", "zwölf"])
def test_any_license_leaves_the_front_matter_readable(license):
    assert "license_name" in front_matter(card_text(make_config(license=license), []))


def test_a_written_card_is_the_configs(tmp_path):
    folder = write_checkpoint(tmp_path / "demo")
    assert (folder / "README.md").read_text(encoding="utf-8") == card_text(make_config(), ["samples/01.png"])


def test_a_config_reads_its_own_json():
    config = make_config(training=TRAINING, metrics=METRICS)
    assert Config.model_validate_json(config.model_dump_json(by_alias=True)) == config
