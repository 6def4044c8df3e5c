"""The engine's queue: what is computed together, replaced, refused and stopped."""

import shutil
import threading

import numpy as np
import pytest

from pix2pix.inference.translator import Translator
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import BusyError, RefusedError, SupersededError
from pix2pix.studio.jobs import Request

TASK = "labels2facade"


def test_answers_are_what_the_models_say(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu")
    plain = engine.submit(Request(TASK, drawings[0]))
    futures = [engine.submit(Request(TASK, drawing, seed=7)) for drawing in drawings]
    engine.start()
    assert plain.result(60).pictures
    single = {name: Translator.from_folder(checkpoints / name, "cpu") for name in (TASK, f"{TASK}-l1")}
    for drawing, future in zip(drawings, futures, strict=True):
        answer = future.result(60)
        assert list(answer.pictures) == ["l1", "l1+cgan"]
        for objective, name in (("l1", f"{TASK}-l1"), ("l1+cgan", TASK)):
            alone = single[name].translate(drawing, noise=True, seed=7)
            assert np.abs(answer.pictures[objective].astype(int) - alone).max() <= 6


def test_critic_is_asked_for_and_given(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu")
    engine.start()
    scores = engine.submit(Request(TASK, drawings[0], patch_scores=True)).result(60).patch_scores
    assert {objective: values.shape for objective, values in scores.items()} == {"l1": (30, 30), "l1+cgan": (30, 30)}


def test_any_models_of_a_task_can_be_asked_for(checkpoints, drawings, tmp_path):
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints, folder)
    shutil.copytree(folder / f"{TASK}-l1", folder / "mine")
    engine = Engine(folder, "cpu")
    engine.start()
    assert list(engine.choices(TASK)) == [f"{TASK}-l1", TASK, "mine"]
    mine = engine.submit(Request(TASK, drawings[0], patch_scores=True, models=("mine", TASK))).result(60)
    usual = engine.submit(Request(TASK, drawings[0], patch_scores=True)).result(60)
    assert list(mine.pictures) == list(mine.patch_scores) == ["mine", TASK]
    assert (mine.discriminator, usual.discriminator) == (TASK, "l1+cgan")
    np.testing.assert_array_equal(mine.pictures["mine"], usual.pictures["l1"])
    with pytest.raises(RefusedError, match="critic"):
        engine.submit(Request(TASK, drawings[0], patch_scores=True, models=("mine",)))
    with pytest.raises(RefusedError, match="no longer installed"):
        engine.submit(Request(TASK, drawings[0], models=("../mine",)))


def test_only_the_newest_drawing_of_a_page_waits(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu")  # not started: everything waits
    first, other, second = (
        engine.submit(Request(TASK, drawing, page=page)) for drawing, page in zip(drawings, "aba", strict=False)
    )
    with pytest.raises(SupersededError):
        first.result(0)
    engine.start()
    assert other.result(60).pictures
    assert second.result(60).pictures


class Slow:
    """An engine that takes its time, unless it is stopped."""

    nbytes = 0

    def __init__(self):
        self.begun = threading.Event()

    def __call__(self, *inputs, fields=None, stop=None):
        stopped = threading.Event()
        with stop.under(stopped.set):
            self.begun.set()
            if stopped.wait(5):
                raise RuntimeError("interrupted")
        return inputs[0]


def test_what_a_page_no_longer_waits_for_is_stopped(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu")
    engine.start()
    engine.submit(Request(TASK, drawings[0])).result(60)
    slow, quick = Slow(), {}
    for entry in engine.models()[TASK].values():
        translator = engine.translators.get(entry.folder)
        quick[translator], translator.backend = translator.backend, slow
    first = engine.submit(Request(TASK, drawings[0], page="mine"))
    assert slow.begun.wait(5)
    for translator, backend in quick.items():
        translator.backend = backend
    assert engine.submit(Request(TASK, drawings[1], page="mine")).result(4).pictures
    with pytest.raises(SupersededError):
        first.result(0)


def test_a_full_queue_says_so(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu", max_waiting=2)
    futures = [engine.submit(Request(TASK, drawings[0])) for _ in range(2)]
    with pytest.raises(BusyError, match="drawing right now"):
        engine.submit(Request(TASK, drawings[0]))
    engine.start()
    assert all(future.result(60) for future in futures)


def test_a_failing_model_stops_nobody_else_and_shows_no_path(checkpoints, drawings, monkeypatch):
    engine = Engine(checkpoints, "cpu")
    engine.start()
    engine.submit(Request(TASK, drawings[0])).result(60)
    monkeypatch.setattr(engine.translators, "get", lambda *_: (_ for _ in ()).throw(OSError(f"{checkpoints} is gone")))
    with pytest.raises(RefusedError) as refusal:
        engine.submit(Request(TASK, drawings[0])).result(60)
    assert str(checkpoints) not in str(refusal.value)
    monkeypatch.undo()
    assert engine.submit(Request(TASK, drawings[0])).result(60).pictures


def test_a_model_that_loads_holds_up_nobody_else(checkpoints, drawings, tmp_path, monkeypatch):
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints, folder)
    shutil.copytree(folder / TASK, folder / "slow")
    engine = Engine(folder, "cpu")
    engine.start()
    engine.submit(Request(TASK, drawings[0])).result(60)
    free, begun, get = threading.Event(), threading.Event(), engine.translators.get

    def held(path, norm_statistics=None):
        if path.name == "slow" and not free.is_set():
            begun.set()
            free.wait(60)
        return get(path, norm_statistics)

    monkeypatch.setattr(engine.translators, "get", held)
    slow = engine.submit(Request(TASK, drawings[0], models=("slow",)))
    assert begun.wait(60)
    assert engine.submit(Request(TASK, drawings[1])).result(60).pictures
    assert not slow.done()
    free.set()
    assert list(slow.result(60).pictures) == ["slow"]


def test_a_model_that_cannot_be_loaded_is_told_to_all_who_wait_for_it(checkpoints, drawings, tmp_path):
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints, folder)
    engine = Engine(folder, "cpu")
    futures = [engine.submit(Request(TASK, drawing, models=(TASK,))) for drawing in drawings]
    (folder / TASK / "model.safetensors").write_bytes(b"cut")
    engine.start()
    for future in futures:
        with pytest.raises(RefusedError, match="cannot be read") as refusal:
            future.result(60)
        assert str(tmp_path) not in str(refusal.value)
    assert engine.submit(Request(TASK, drawings[0], models=(f"{TASK}-l1",))).result(60).pictures


def test_models_that_do_not_fit_together_still_answer(checkpoints, drawings):
    engine = Engine(checkpoints, "cpu")
    engine.translators.max_bytes = 1  # one at a time
    engine.start()
    for drawing in drawings:
        assert len(engine.submit(Request(TASK, drawing)).result(60).pictures) == 2


def test_unknown_tasks_are_refused(checkpoints, drawings):
    with pytest.raises(RefusedError, match="installed"):
        Engine(checkpoints, "cpu").submit(Request("../../etc/passwd", drawings[0]))
    assert Engine(checkpoints / "nowhere", "cpu").models() == {}
