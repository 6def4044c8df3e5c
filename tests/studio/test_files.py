"""Files between programs, pages and the studio: what is taken, what is given, and that nothing stays."""

import asyncio
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from pix2pix.studio import files as files_module
from pix2pix.studio import large as large_module
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.files import TempPictures, picture_file
from pix2pix.studio.jobs import Request
from pix2pix.studio.large import LargePictures
from pix2pix.studio.launch import temporary_files
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
        "import os, time; from pathlib import Path; from pix2pix.studio.launch import temporary_files\n"
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
