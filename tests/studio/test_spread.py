"""How much a model depends on its noise, measured by the studio."""

import asyncio
import shutil

import numpy as np
import pytest

from pix2pix.inference.translator import Translator
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.inputs import random_input
from pix2pix.studio.spread import SEEDS, NoiseSpread
from pix2pix.studio.tasks import task_facts


def test_the_spread_is_what_two_seeds_change_and_is_measured_once(checkpoints, tmp_path, monkeypatch):
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints, folder)
    engine = Engine(folder, "cpu")
    engine.start()
    spread = NoiseSpread(engine)
    found = asyncio.run(spread.measure("labels2facade"))
    task = task_facts("labels2facade")
    drawing = asyncio.run(random_input(task, task.first_seed, engine))
    model = Translator.from_folder(folder / "labels2facade", "cpu")
    first, second = (model.translate(drawing, True, seed).astype(float) for seed in SEEDS)
    assert found == pytest.approx(np.abs(first - second).mean(), rel=0.1)
    assert found > 0
    monkeypatch.setattr(engine, "submit", None)
    assert asyncio.run(spread.measure("labels2facade")) == found
    with pytest.raises(RefusedError, match="not here"):
        asyncio.run(spread.measure("../labels2facade"))
