"""What the studio lets in: drawings, uploads and bodies, refused in a sentence that shows no paths."""

import asyncio
import contextlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.studio import requests
from pix2pix.studio.errors import RefusedError, without_paths
from pix2pix.studio.middleware import BodyLimit
from pix2pix.studio.pictures import drawing_url, passing_url, picture_url, read_drawing, read_picture
from pix2pix.studio.requests import (
    EdgesRequest,
    JobRequest,
    ModelRequest,
    NewsRequest,
    PageRequest,
    PullRequest,
    SearchRequest,
    TranslateRequest,
    read_request,
)
from tests.helpers.making import decoded, picture


@pytest.mark.parametrize("models", [["a", "b", "c"], "mine", [1], [None], ["x" * 200], {"a": 1}])
def test_models_are_named_properly(models, drawings):
    with pytest.raises(RefusedError, match="up to two"):
        read_request(TranslateRequest, {"task": "labels2facade", "drawing": drawing_url(drawings[0]), "models": models})


STRANGE = ("\ud800" + "a" * 30, "a\0" * 20, "line\nline" * 4, "\x1b[2J" * 6, "a" * 5000)
MODELS = [model for model in vars(requests).values() if isinstance(model, type) and issubclass(model, PageRequest)]


@pytest.mark.parametrize("model", MODELS)
def test_text_that_cannot_be_stored_or_shown_ends_at_the_door(model, drawings):
    whole = {"task": "labels2facade", "drawing": drawing_url(drawings[0]), "photo": drawing_url(drawings[0]), "number": 1}
    whole["source"] = "ada/demo"
    kept = read_request(model, whole)
    for name, wrong in itertools.product(model.model_fields, (*STRANGE, 10**400, float("nan"), -1, {}, [[]], None, True)):
        with contextlib.suppress(RefusedError):
            taken = getattr(read_request(model, whole | {name: wrong}), name)
            assert type(wrong) is not str or taken == getattr(kept, name) or taken == ""


def test_what_names_something_is_ascii_and_what_is_searched_for_need_not_be():
    for model, field in ((TranslateRequest, "task"), (JobRequest, "job"), (NewsRequest, "version"), (EdgesRequest, "page")):
        with pytest.raises(RefusedError):
            read_request(model, {field: "é" * 20, "drawing": "", "photo": ""})
    assert read_request(PullRequest, {"source": "a/b", "me": "é" * 30}).me == ""
    assert read_request(SearchRequest, {"text": "façades"}).text == "façades"
    assert read_request(ModelRequest, {"name": "Straße"}).name == "Straße"


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
        read_request(TranslateRequest, {"task": "labels2facade", "drawing": url})


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


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("/srv/models/demo/config.json is missing", "demo/config.json is missing"),
        ("/root/.cache/hf/token: cannot be read", "token: cannot be read"),
        ("[Errno 13] Permission denied: '/var/lib/x/y.bin'", "[Errno 13] Permission denied: 'y.bin'"),
        ("ada/demo: see https://huggingface.co/ada/demo", "ada/demo: see https://huggingface.co/ada/demo"),
    ],
)
def test_messages_lose_their_paths(message: str, shown: str) -> None:
    assert without_paths(message, Path("/srv/models")) == shown
