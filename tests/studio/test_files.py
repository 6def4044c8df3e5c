"""Files between programs, pages and the studio: what is taken, what is given, and that nothing stays."""

import asyncio
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from pix2pix.studio import files as files_module
from pix2pix.studio import large as large_module
from pix2pix.studio import launch, uploads
from pix2pix.studio import temporary as temporary_module
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.files import TempPictures, picture_file
from pix2pix.studio.jobs import Request
from pix2pix.studio.large import LargePictures
from pix2pix.studio.temporary import remove_left_behind, temporary_files
from pix2pix.studio.uploads import UploadBudget
from tests.helpers.making import ROOT, make_config, picture, write_checkpoint


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    """Gradio's folder."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    return tmp_path / "gradio"


def files_in(folder: Path) -> list[Path]:
    # Unlike rglob, this does not mind a folder that goes meanwhile.
    return [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]


# Pictures that programs name by their address


@pytest.fixture
def elsewhere():
    """The address of a server that has a small picture, an endless one and none; and what was asked of it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response({"/none": 404}.get(self.path, 200))
            self.end_headers()
            for _ in range(1 if self.path == "/small" else 10_000):
                try:
                    self.wfile.write(b"x" * 100_000)
                except OSError:
                    return

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def received(file: gr.File, source: str) -> str | None:
    return asyncio.run(file.async_move_resource_to_block_cache(source))


def test_nothing_is_fetched_from_an_address_unless_the_owner_allows_it(elsewhere):
    address, asked = elsewhere
    for refused in (f"{address}/small", "https://huggingface.co/x.png"):
        with pytest.raises(gr.Error, match="not an address"):
            received(picture_file("drawing"), refused)
    with pytest.raises(gr.Error, match="No picture can be had"):  # this machine's own servers are never asked
        received(picture_file("drawing", fetch=True), f"{address}/small")
    assert asked == []


def test_what_is_fetched_has_an_end(elsewhere, temporary, monkeypatch):
    address, _ = elsewhere

    async def taken_for_public(host: str) -> str:
        return host

    monkeypatch.setattr(files_module, "async_validate_url", taken_for_public)
    file = picture_file("drawing", fetch=True)
    assert Path(received(file, f"{address}/small")).read_bytes() == b"x" * 100_000
    kept = files_in(temporary)
    with pytest.raises(gr.Error, match="larger than 20 MB"):
        received(file, f"{address}/endless")
    with pytest.raises(gr.Error, match="No picture can be had"):
        received(file, f"{address}/none")
    assert files_in(temporary) == kept


# Large pictures on their way to the page


def test_pictures_are_put_out_as_they_are_and_taken_in_again(temporary):
    pictures = {"l1": picture(1, 300, 200), "l1+cgan": picture(2, 300, 200)}
    pictures_out = TempPictures(pictures)
    assert list(pictures_out.addresses) == list(pictures)
    for key, address in pictures_out.addresses.items():
        path = Path(address.removeprefix("gradio_api/file="))
        assert path.is_relative_to(temporary)
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image), pictures[key])
    pictures_out.delete()
    assert list(temporary.iterdir()) == []
    with pytest.raises(TypeError):
        TempPictures({"l1": pictures["l1"], "l1+cgan": np.zeros((4, 4, 7), np.uint8)})
    assert list(temporary.iterdir()) == []


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    generator = make_config().generator.model_copy(update={"levels": 5})
    write_checkpoint(folder / "aerial2map", task="aerial2map", discriminator=None, generator=generator)
    engine = Engine(folder, "cpu")
    engine.start()
    return engine


def gone(folder: Path, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while files_in(folder) and time.monotonic() < end:
        time.sleep(0.01)
    return not files_in(folder)


def test_large_pictures_are_files_until_they_are_fetched(engine, temporary):
    large = LargePictures(engine)
    job = large.start(Request("aerial2map", picture(2, 60, 40)))
    done = job.future.result(60)
    assert done.pictures == {}
    assert len(files_in(temporary)) == len(done.addresses) == 1
    large.stop(job.number)
    assert gone(temporary)
    with pytest.raises(RefusedError, match="stopped"):
        large.look(job.number)


def test_large_pictures_that_nobody_fetches_go_too(engine, temporary, monkeypatch):
    monkeypatch.setattr(large_module, "PAGE_TIMEOUT_S", 0.5)
    monkeypatch.setattr(large_module, "FETCH_TIMEOUT_S", 0.05)
    large = LargePictures(engine)
    job = large.start(Request("aerial2map", picture(2, 40, 40)))
    while not job.future.done():
        large.look(job.number)
        time.sleep(0.01)
    assert job.future.result().addresses
    assert gone(temporary)
    with pytest.raises(RefusedError, match="stopped"):
        large.look(job.number)


def test_programs_get_large_pictures_without_files(engine, temporary):
    job = LargePictures(engine).start(Request("aerial2map", picture(2, 60, 40)), watched=False)
    assert job.future.result(60).pictures["l1+cgan"].shape == (60, 40, 3)
    assert not temporary.exists()


# The folder of all that


def test_temporary_files_have_a_folder_of_their_own_that_goes(monkeypatch):
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    with temporary_files():
        folder = Path(gr.utils.get_upload_folder())
        (folder / "upload").write_text("x")
    assert not folder.exists()
    assert Path(gr.utils.get_upload_folder()) != folder


def test_the_owner_may_choose_the_folder(temporary):
    with temporary_files():
        assert Path(gr.utils.get_upload_folder()) == temporary


@pytest.mark.slow
def test_ending_the_studio_as_services_do_leaves_no_files(tmp_path):
    program = (
        "import os, time; from pathlib import Path; from pix2pix.studio.temporary import temporary_files\n"
        "with temporary_files():\n"
        "    folder = Path(os.environ['GRADIO_TEMP_DIR']); (folder / 'upload').write_text('x'); print(folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    folder = Path(process.stdout.readline().strip())
    assert folder.is_dir()
    assert folder.parent == tmp_path
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM
    assert not folder.exists()


def test_the_next_start_removes_what_killed_studios_left_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    starting, killed, other = (tmp_path / name for name in ("pix2pix-studio-starting", "pix2pix-studio-killed", "another"))
    for folder in (starting, killed, other):
        (folder / "x").mkdir(parents=True)
    (killed / temporary_module.LOCK).touch()
    program = (
        "import os, time; from pix2pix.studio.temporary import temporary_files\n"
        "with temporary_files():\n"
        "    print(os.environ['GRADIO_TEMP_DIR'], flush=True); time.sleep(60)\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    folder = Path(process.stdout.readline().strip())
    remove_left_behind()
    assert sorted(tmp_path.iterdir()) == sorted([starting, other, folder])
    process.kill()
    process.wait(20)
    with temporary_files():
        assert not folder.exists()
    assert sorted(tmp_path.iterdir()) == sorted([starting, other])


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    assert launch.main([]) == 1
    assert "temporary files cannot be written" in capsys.readouterr().err
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    assert launch.main([]) == 1
    assert "temporary files cannot be written" in capsys.readouterr().err


# How much room uploads take


class Gradio:
    """What Gradio does with an upload, in short: the body becomes a file in a folder of its own, and its path is the answer."""

    def __init__(self, folder: Path):
        self.folder, self.count = folder, 0

    async def __call__(self, scope, receive, send):
        body = (await receive())["body"]
        self.count += 1
        file = self.folder / f"{self.count:064x}" / "photo.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(body)
        os.utime(file, (self.count, self.count))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps([str(file)]).encode()})


def upload(app, visitor: str, size: int) -> int:
    sent = []

    async def receive():
        return {"type": "http.request", "body": bytes(size)}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", str(size).encode())]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": headers, "client": (visitor, 1)}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


def test_uploads_have_a_budget_in_all_and_a_visitor_and_the_oldest_go_first(temporary, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 100)
    app = UploadBudget(Gradio(temporary), max_total=1200)
    left = lambda: [int(path.parent.name, 16) for path in sorted(files_in(temporary))]  # noqa: E731
    assert [upload(app, "ada", 100) for _ in range(5)] == [200] * 5
    assert left() == [3, 4, 5]  # a quarter of the room
    for number in range(12):
        assert upload(app, f"visitor {number}", 100) == 200
    assert left() == list(range(6, 18))
    assert upload(app, "eve", 1000) == 503
    assert left() == list(range(6, 18))


def test_a_small_disk_is_not_filled(temporary, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 10)
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    app = UploadBudget(Gradio(temporary))
    for number in range(20):
        assert upload(app, f"visitor {number}", 10) == 200
    assert sum(path.stat().st_size for path in files_in(temporary)) < 120
