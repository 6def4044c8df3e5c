"""The Models tab as a person uses it: what is installed, what is being trained, and pulling more from a Hub on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pix2pix.checkpoint.config import Metrics
from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, HISTORY_FILE, SAMPLES_FOLDER, save_checkpoint
from pix2pix.training.run_folder import OPTIONS_FILE, write_progress
from tests.helpers.fake_hub import FakeHub
from tests.helpers.making import ROOT, make_config, make_networks, picture, write_checkpoint, write_picture

HOSTILE = "<img src=x onerror=\"document.title='broken into'\"><b>notes</b>"
HISTORY = "step,epoch,D,G_L1,val_l1\n" + "".join(
    f"{step},{step / 100},{0.7 - step / 1e5},{0.4 - step / 1e5},{0.2 if step % 1000 == 0 else ''}\n"
    for step in range(50, 5001, 50)
)
SEEN = 8_000  # milliseconds in which a change has to be there, a look at the server being every three seconds


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> Path:
    """A task with both models, measured and with curves, whose text is not to be trusted; and a folder that is broken."""
    folder = tmp_path_factory.mktemp("checkpoints")
    history = folder.parent / "history.csv"
    history.write_text(HISTORY)
    for name, objective, l1 in (("labels2facade", "l1+cgan", 0.2), ("labels2facade-l1", "l1", 0.1)):
        measured = Metrics(data="facades", split="val", count=100, resizing="none", values={"l1": l1})
        config = make_config(task="labels2facade", objective=objective, metrics=measured, notes=HOSTILE, license="MIT")
        save_checkpoint(folder / name, config, *make_networks(config), history=history, samples=[(picture(1), picture(2))])
    (folder / "broken").mkdir()
    (folder / "broken" / CONFIG_FILE).write_text("{")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """A Hub with one model of this app."""
    folder = tmp_path_factory.mktemp("remote")
    server = FakeHub(folder / "hub")
    model = write_checkpoint(folder / "shoes", task="edges2shoes")
    files = {path.relative_to(model).as_posix(): path.read_bytes() for path in model.rglob("*") if path.is_file()}
    server.commit(server.create("models", "ada/shoes"), files, [])
    yield server
    server.close()


@pytest.fixture(scope="module")
def serve(checkpoints, runs, remote, tmp_path_factory):
    """Starts studios on this machine's Hub: `serve("--no-pull")` gives the address."""
    servers = []
    environment = os.environ | {"HF_ENDPOINT": remote.endpoint, "HF_HOME": str(tmp_path_factory.mktemp("home"))}

    def started(*flags: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            sys.executable,
            "app.py",
            "--port",
            str(port),
            "--checkpoints",
            checkpoints,
            "--runs",
            runs,
            "--device",
            "cpu",
            *flags,
        ]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        servers.append(server)
        assert "open at" in server.stdout.readline()
        return f"http://127.0.0.1:{port}"

    yield started
    for server in servers:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def address(serve) -> str:
    return serve()


@pytest.fixture
def shelf(open_studio):
    """The studio at its Models tab, in any window: `shelf(viewport=...)`."""

    def opened(**options):
        page = open_studio(**options)
        page.get_by_role("tab", name="Models").click()
        page.wait_for_selector(".shelf .usable .item")
        return page

    return opened


def choose(page, name: str) -> None:
    page.locator(f".usable li[data-key='{name}'] .item, .unusable li[data-key='{name}'] .item").click()
    page.locator(".about-model h2", has_text=name).wait_for()


def add(page) -> None:
    page.get_by_role("button", name="Add a model").click()
    page.wait_for_selector(".known li")


def pull(page, name: str):
    """The row of a pull."""
    return page.get_by_role("region", name="Pulls").locator("li", has_text=name).first


def test_the_list_shows_whole_and_broken_models(shelf, checkpoints):
    page = shelf()
    card = page.locator(".usable li[data-key=labels2facade]").inner_text()
    assert "Building · L1 + cGAN" in card
    assert "MB · MIT" in card
    assert page.locator(".usable img").count() == 2
    broken = page.locator(".unusable li[data-key=broken]").inner_text()
    assert "config.json is not a valid config" in broken
    choose(page, "broken")
    assert "remove the folder broken" in page.locator(".about-model").inner_text()
    assert str(checkpoints) not in page.content()


def test_details_are_text_and_measures_stand_side_by_side(shelf):
    page = shelf()
    choose(page, "labels2facade")
    assert page.locator(".notes").inner_text() == HOSTILE
    assert page.locator(".notes *").count() == 0
    assert page.title() == "pix2pix studio"
    cells = [text.split("\n")[0].strip() for text in page.locator(".about-model tr").first.locator("th").all_inner_texts()]
    assert cells[1:3] == ["L1 only", "L1 + cGAN"]
    assert page.locator("td.best").inner_text().split() == ["0.1000", "best"]
    assert "lower is better" in page.locator("tbody tr").first.inner_text()
    page.get_by_role("button", name="Enlarge: Sample 1").click()
    assert page.locator(".shelf .lightbox img").get_attribute("src").startswith("data:image/jpeg")
    page.keyboard.press("Escape")
    assert page.locator(".shelf .lightbox").is_hidden()


def test_curves_are_toggled_read_off_smoothed_and_compared(shelf):
    page = shelf()
    choose(page, "labels2facade")
    chart = page.locator(".chart", has_text="D's loss")
    end = chart.locator(".reading").inner_text()
    plot = chart.locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 40)
    start = chart.locator(".reading").inner_text()
    assert float(start) > float(end)
    step = page.get_by_label("Step")
    step.focus()
    page.keyboard.press("End")
    assert chart.locator(".reading").inner_text() == end
    assert page.locator(".dials output").inner_text() == "5,000"
    smooth = chart.locator("path.own").get_attribute("d")
    page.get_by_label("Smoothing").fill("0")
    assert chart.locator("path.own").get_attribute("d") != smooth
    page.get_by_role("group", name="Compared with").get_by_role("button", name="labels2facade-l1").click()
    assert chart.locator("path.other").count() == 1
    assert "labels2facade-l1" in chart.locator(".reading").inner_text()
    page.get_by_role("button", name="D's loss", exact=True).click()
    assert chart.count() == 0


def test_models_appear_change_and_go_by_themselves(shelf, checkpoints):
    page = shelf()
    save_checkpoint(checkpoints / "new", make_config(task="map2aerial"), *make_networks(make_config()))
    page.wait_for_selector(".usable li[data-key=new]", timeout=SEEN)
    choose(page, "new")
    page.get_by_text("It came without sample pictures.").wait_for()
    (checkpoints / "new" / GENERATOR_FILE).write_bytes(b"cut")
    page.wait_for_selector(".unusable li[data-key=new]", timeout=SEEN)
    page.locator(".about-model .bad", has_text="damaged").wait_for()
    shutil.rmtree(checkpoints / "new")
    page.wait_for_selector(".stock li[data-key=new]", state="detached", timeout=SEEN)


def test_a_training_shows_how_far_it_is_and_becomes_a_model(shelf, checkpoints, runs):
    page = shelf()
    folder = runs / "cats"
    (folder / SAMPLES_FOLDER).mkdir(parents=True)
    (folder / OPTIONS_FILE).write_text(json.dumps({"task": "edges2cats", "objective": "l1"}))
    item = page.locator(".running li[data-key=cats]")
    item.get_by_text("Starting").wait_for(timeout=SEEN)
    far = {"total": 1000, "epoch": 1.0, "seconds_left": 300.0, "finished": False}
    write_progress(folder, step=250, G_L1=0.31, **far)
    (folder / HISTORY_FILE).write_text(HISTORY)
    write_picture(folder / SAMPLES_FOLDER / "step_00000250.jpg", picture(1))
    item.get_by_text("25 %, 5 min left").wait_for(timeout=SEEN)
    item.get_by_role("button").click()
    assert page.locator(".about-run .far").evaluate("(bar) => bar.value / bar.max") == 0.25
    assert "0.31" in page.locator(".losses").inner_text()
    page.get_by_text("Made after 250 steps.").wait_for()
    assert page.locator(".about-run .chart").count() > 0
    before = page.locator(".newest img").get_attribute("src")
    write_picture(folder / SAMPLES_FOLDER / "step_00000500.jpg", picture(2))
    write_progress(folder, step=500, G_L1=0.3, **far)
    page.get_by_text("step 500 of 1,000").wait_for(timeout=SEEN)
    page.get_by_text("Made after 500 steps.").wait_for(timeout=SEEN)
    assert page.locator(".newest img").get_attribute("src") != before
    config = make_config(task="edges2cats", objective="l1")
    save_checkpoint(checkpoints / "cats", config, *make_networks(config))
    write_progress(folder, step=1000, G_L1=0.3, **far | {"finished": True})
    page.wait_for_selector(".running li[data-key=cats]", state="hidden", timeout=SEEN)
    page.locator(".about-model h2", has_text="cats").wait_for(timeout=SEEN)
    shutil.rmtree(checkpoints / "cats")


def test_a_run_without_news_is_said_to_have_stopped(shelf, runs):
    folder = runs / "old"
    folder.mkdir()
    (folder / "progress.json").write_text(json.dumps({"step": 5, "total": 10, "finished": False, "updated": time.time() - 3600}))
    page = shelf()
    page.locator(".halted li[data-key=old] .item").click()
    assert "python train.py --resume old" in page.locator(".halt").inner_text()
    shutil.rmtree(folder)


def test_nothing_is_asked_of_the_hub_unless_somebody_asks(shelf, remote):
    remote.requests.clear()
    page = shelf()
    add(page)
    page.get_by_label("Words").fill("shoes")
    page.wait_for_timeout(4000)
    assert remote.requests == []
    page.keyboard.press("Enter")
    page.get_by_text("1 model found.").wait_for()
    assert len(remote.requests) == 1
    assert "ada/shoes" in page.locator(".found").inner_text()


def test_a_pull_fails_with_a_sentence_is_tried_again_and_used_in_draw(shelf, remote, checkpoints):
    page = shelf()
    add(page)
    remote.fail(rf"GET /\S+/{GENERATOR_FILE}", 503)
    page.get_by_label("Repository").fill("ada/shoes")
    page.get_by_role("button", name="Pull", exact=True).click()
    row = pull(page, "ada/shoes")
    row.get_by_text("the server has a problem of its own (HTTP 503)").wait_for()
    other = shelf()
    add(other)
    assert "HTTP 503" in pull(other, "ada/shoes").inner_text()  # everybody sees the same pulls
    row.get_by_role("button", name="Try again").click()
    row.get_by_text("Here as shoes").wait_for()
    page.wait_for_selector(".usable li[data-key=shoes]", timeout=SEEN)
    page.get_by_label("Words").fill("shoes")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Here as shoes").click()
    page.get_by_text("Pulled from ada/shoes@").wait_for()
    page.get_by_role("button", name="Use it in Draw").click()
    page.wait_for_selector(".card[data-task=edges2shoes][aria-pressed=true]")
    page.locator(".output img:visible").first.wait_for()
    assert "shoes" in page.locator(".status").inner_text()
    shutil.rmtree(checkpoints / "shoes")


def test_a_pull_in_progress_is_shown_and_canceled(shelf, remote, checkpoints):
    page = shelf()
    add(page)
    # The connection breaks again and again: the pull waits between its attempts, as it does on a poor line.
    remote.fail(rf"GET /\S+/{GENERATOR_FILE}", cut_after=200, times=1000)
    page.get_by_label("Repository").fill("ada/shoes")
    page.get_by_label("Called here").fill("slow")
    page.keyboard.press("Enter")
    row = pull(page, "ada/shoes as slow")
    row.get_by_text("a second").wait_for()
    assert row.locator("progress").evaluate("(bar) => bar.value > 0 && bar.value < bar.max")
    other = shelf(viewport={"width": 1200, "height": 900})  # somebody else's browser
    add(other)
    pull(other, "ada/shoes as slow").get_by_text("a second").wait_for()
    assert pull(other, "ada/shoes as slow").get_by_role("button").count() == 0
    page.reload()  # who began it may, whatever happened to the page
    page.get_by_role("tab", name="Models").click()
    add(page)
    row.get_by_role("button", name="Cancel").click()
    row.get_by_text("Canceled").wait_for(timeout=30_000)
    remote.faults.clear()
    assert not (checkpoints / "slow").exists()


def test_what_cannot_be_pulled_is_refused_in_a_sentence(shelf, remote):
    page = shelf()
    add(page)
    remote.requests.clear()
    page.get_by_label("Repository").fill("/etc/passwd")
    page.keyboard.press("Enter")
    page.locator(".shelf .toast", has_text="owner/name").wait_for()
    assert remote.requests == []


def test_a_phone_shows_one_thing_at_a_time(shelf):
    page = shelf(viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.locator(".pane").is_hidden()
    choose(page, "labels2facade")
    assert page.locator(".stock").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="All models").click()
    assert page.locator(".stock").is_visible()
    assert page.evaluate("document.activeElement.closest('li').dataset.key") == "labels2facade"


def test_everything_can_be_reached_by_keyboard(shelf):
    page = shelf()
    page.get_by_role("button", name="Add a model").focus()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"))
    assert any(name.startswith("labels2facade-l1") for name in reached)
    assert any(name.startswith("Enlarge: Sample 1") for name in reached)
    assert {"Use it in Draw", "Measures", "D's loss"} <= reached


@pytest.mark.parametrize("pane", ["model", "broken", "add"])
def test_axe_finds_no_serious_violation(shelf, pane):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = shelf()
    {"model": lambda: choose(page, "labels2facade"), "broken": lambda: choose(page, "broken"), "add": lambda: add(page)}[pane]()
    found = axe.Axe().run(page).response["violations"]
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_timeout(400)
    found += axe.Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []


def test_the_owner_can_switch_pulling_off(serve, browser):
    page = browser.new_page()
    page.goto(serve("--no-pull"))
    page.get_by_role("tab", name="Models").click()
    page.wait_for_selector(".shelf .usable .item")
    page.get_by_role("button", name="Add a model").click()
    page.get_by_text("has switched pulling off").wait_for()
    assert page.get_by_text("Pulls run in the background").is_hidden()
    assert page.get_by_label("Repository").is_hidden()
    page.close()
