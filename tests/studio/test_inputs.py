"""What the studio offers to begin with: cards, ready inputs of every kind of task, and how patch scores are sent."""

import asyncio
import base64
import shutil
from pathlib import Path

import numpy as np
import pytest

from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.data.examples import examples_of, random_examples_of
from pix2pix.studio.engine import Engine
from pix2pix.studio.inputs import card_url, has_random, random_input
from pix2pix.studio.tabs import draw, photo
from pix2pix.studio.tabs.draw import encode_scores
from pix2pix.studio.tasks import in_order, task_facts
from tests.helpers.making import make_config, make_networks, picture, write_checkpoint


def bare(folder: Path, task: str) -> None:
    """A model without samples."""
    config = make_config(task=task)
    save_checkpoint(folder / task, config, *make_networks(config))


@pytest.fixture
def engine(tmp_path) -> Engine:
    """Models with samples and without, of known tasks and of one that train.py was given."""
    for task in ("edges2shoes", "edges2handbags", "labels2facade", "map2aerial", "aerial2map", "colorize"):
        bare(tmp_path, task)
    write_checkpoint(tmp_path / "day2night", task="day2night")
    return Engine(tmp_path, "cpu")


def test_every_known_task_and_every_model_with_samples_has_a_picture_on_its_card(engine):
    found = {name: card_url(task_facts(name), entries) for name, entries in engine.models().items()}
    assert {name for name, url in found.items() if url is None} == {"colorize"}  # nobody knows what it looks like
    assert len(set(found.values())) == len(found)


def test_a_card_shows_the_models_samples_as_soon_as_there_are_some(engine, tmp_path):
    task = task_facts("edges2shoes")
    drawn = card_url(task, engine.models()["edges2shoes"])
    config = make_config(task="edges2shoes")
    save_checkpoint(tmp_path / "edges2shoes", config, *make_networks(config), samples=[(picture(1), picture(2))])
    assert card_url(task, engine.models()["edges2shoes"]) != drawn
    (tmp_path / "edges2shoes" / "samples" / "01.png").write_bytes(b"no picture")
    assert card_url(task, engine.models()["edges2shoes"]) == drawn


def test_a_task_of_ones_own_starts_from_the_inputs_of_its_samples(engine):
    assert has_random(task_facts("day2night"), engine)
    given = asyncio.run(random_input(task_facts("day2night"), 3, engine))
    assert given.shape == (256, 256, 3)
    assert np.abs(given[::8, ::8].astype(int) - picture(1)).mean() < 12  # enlarged from 32 x 32
    assert not has_random(task_facts("colorize"), engine)


def test_there_is_enough_to_start_from():
    assert [len(examples_of(task)) for task in ("edges2shoes", "edges2handbags")] == [16, 16]
    assert [len(random_examples_of(task)) for task in ("labels2facade", "map2aerial", "edges2shoes")] == [200, 100, 16]
    assert examples_of("day2night") == random_examples_of("day2night") == []


@pytest.mark.parametrize(("tab", "name"), [(draw, "catalog"), (photo, "cards")])
def test_cards_are_sent_once_and_again_when_they_change(engine, tmp_path, tab, name):
    call = next(function for function in tab._functions(engine) if function.__name__ == name)
    first = asyncio.run(call({}))
    assert first["tasks"]
    assert not asyncio.run(call({"version": first["version"]})).get("tasks")
    assert asyncio.run(call([1]))["tasks"] == first["tasks"]
    shutil.rmtree(tmp_path / "colorize")
    engine._catalog = (0.0, [])  # as two seconds later
    again = asyncio.run(call({"version": first["version"]}))
    assert len(again["tasks"]) == len(first["tasks"]) - 1


def test_encoded_scores_are_told_apart_near_both_ends():
    values = np.array([[0, 1e-9, 0.001, 0.01, 0.02], [0.5, 0.98, 0.99, 0.999, 1]], np.float32)
    sent = encode_scores(values)
    data = np.frombuffer(base64.b64decode(sent["data"]), np.uint8).reshape(sent["height"], sent["width"])
    assert data[0, 0] == data[0, 1] == 0
    assert data[1, 4] == 255
    assert (np.diff(data.ravel().astype(int))[1:] > 5).all()
    odds = (data / 127.5 - 1) * 8  # as discriminator-view.js has it
    shares = 1 / (1 + np.exp(-odds))
    np.testing.assert_allclose(shares, values, atol=0.01)


def test_random_inputs_repeat_with_their_seed(checkpoints):
    engine = Engine(checkpoints, "cpu")
    task = task_facts("labels2facade")
    assert has_random(task, engine)
    first, again, other = (asyncio.run(random_input(task, seed, engine)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (256, 256, 3)
    assert (first != other).any()


def test_every_task_has_facts_and_known_ones_come_first():
    assert in_order(["zebras", "labels2facade", "edges2shoes"]) == ["edges2shoes", "labels2facade", "zebras"]
    for name in ("edges2shoes", "labels2facade", "map2aerial", "aerial2map", "edges2cats", "day2night"):
        task = task_facts(name)
        assert task.tool in task.tools
        assert task.color in task.palette
        assert set(task.hints) <= set(task.palette)
