"""The studio below the page: the engine's queue, what is let in, and the endpoints for programs."""

import argparse
import asyncio
import shutil
import threading

import numpy as np
import pytest
import torch
from making import decoded, picture
from PIL import Image

from pix2pix.checkpoint.config import Config
from pix2pix.checkpoint.folder import save_checkpoint
from pix2pix.inference.translator import Translator
from pix2pix.networks.config import DiscriminatorArguments, GeneratorArguments
from pix2pix.networks.patchgan import PatchGAN
from pix2pix.networks.unet import UNet
from pix2pix.studio import launch
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import BusyError, RefusedError, SupersededError
from pix2pix.studio.inputs import has_random, random_input
from pix2pix.studio.jobs import Request
from pix2pix.studio.middleware import BodyLimit
from pix2pix.studio.pictures import drawing_url, passing_url, picture_url, read_drawing, read_picture
from pix2pix.studio.requests import TranslateRequest, read_request
from pix2pix.studio.tasks import in_order, task_facts

TASK = "labels2facade"


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    for objective in ("l1", "l1+cgan"):
        arguments = GeneratorArguments(ngf=4, norm="instance")
        arguments_d = DiscriminatorArguments(ndf=4, norm="instance") if objective == "l1+cgan" else None
        config = Config(task=TASK, objective=objective, direction="AtoB", generator=arguments, discriminator=arguments_d)
        discriminator = PatchGAN(**arguments_d.model_dump()) if arguments_d else None
        name = TASK if arguments_d else f"{TASK}-l1"
        save_checkpoint(folder / name, config, UNet(**arguments.model_dump()), discriminator)
    return folder


@pytest.fixture
def drawings():
    return [np.random.default_rng(seed).integers(0, 256, (256, 256, 3), np.uint8) for seed in range(4)]


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


@pytest.mark.parametrize("models", [["a", "b", "c"], "mine", [1], [None], ["x" * 200], {"a": 1}])
def test_models_are_named_properly(models, drawings):
    with pytest.raises(RefusedError, match="up to two"):
        read_request(TranslateRequest, {"task": TASK, "drawing": drawing_url(drawings[0]), "models": models})


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


def test_a_drawing_arrives_as_it_was_sent(drawings):
    np.testing.assert_array_equal(read_drawing(drawing_url(drawings[0])), drawings[0])


def test_pictures_arrive_exactly_and_passing_ones_nearly():
    sent = picture(0, 256, 256)
    exact, passing = picture_url(sent), passing_url(sent)
    np.testing.assert_array_equal(decoded(exact), sent)
    assert np.abs(decoded(passing).astype(int) - sent).mean() < 3
    assert len(passing) < len(exact)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "PNG"),
        ("file:///etc/passwd", "PNG"),
        ("data:image/png;base64,@@@@", "not a readable"),
        ("data:image/png;base64,iVBORw0KGgo=", "not a readable"),
        ("data:image/png;base64," + "A" * 300_000, "too large"),
        (drawing_url(np.zeros((256, 255, 3), np.uint8)), "256 x 256"),
        (drawing_url(np.zeros((2000, 2000, 3), np.uint8)), "256 x 256"),
    ],
)
def test_bad_drawings_are_refused_with_a_sentence(url, words):
    with pytest.raises(RefusedError, match=words):
        read_request(TranslateRequest, {"task": TASK, "drawing": url})


def test_uploads_are_checked_before_they_are_loaded(tmp_path):
    with pytest.raises(RefusedError, match="no picture"):
        read_picture(None)
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(RefusedError, match="not a readable") as refusal:
        read_picture(tmp_path / "a.png")
    assert str(tmp_path) not in str(refusal.value)
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(RefusedError, match="too many pixels"):
        read_picture(tmp_path / "bomb.png")
    Image.new("1", (3000, 10)).save(tmp_path / "wide.png")
    with pytest.raises(RefusedError, match="2048"):
        read_picture(tmp_path / "wide.png")


@pytest.mark.parametrize("announced", [True, False])
def test_bodies_over_the_limit_are_refused(announced):
    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def status(size: int) -> int:
        sent, chunks = [], [b"x" * 100] * (size // 100)
        headers = [(b"content-length", str(size).encode())] if announced else []

        async def receive():
            return {"type": "http.request", "body": chunks.pop() if chunks else b"", "more_body": bool(chunks)}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "path": "/gradio_api/queue/join", "method": "POST", "headers": headers}
        asyncio.run(BodyLimit(app, max_body=1000)(scope, receive, send))
        return sent[0]["status"]

    assert status(1000) == 200
    assert status(1100) == 413


def test_random_inputs_repeat_with_their_seed(checkpoints):
    engine = Engine(checkpoints, "cpu")
    task = task_facts(TASK)
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


def test_settings_come_from_arguments_then_environment(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "0.0.0.0")
    settings = launch.parser().parse_args(["--port", "9001"])
    assert isinstance(settings, argparse.Namespace)
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(SystemExit):
        launch.parser().parse_args([])
    assert "whole number" in capsys.readouterr().err
