"""The Models tab below the page: what is told of models, runs and pulls, and what is refused."""

import json
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fake_hub import FakeHub
from hub_helpers import point_at, translated
from making import make_config, make_networks, picture, start_apart, write_checkpoint, write_pairs, write_picture

from pix2pix.checkpoint.config import Metrics, Training
from pix2pix.checkpoint.folder import CONFIG_FILE, GENERATOR_FILE, HISTORY_FILE, SAMPLES_FOLDER, save_checkpoint
from pix2pix.checkpoint.origin import read_origin
from pix2pix.studio import launch
from pix2pix.studio.engine import CATALOG_CACHE_S, Engine
from pix2pix.studio.errors import RefusedError, without_paths
from pix2pix.studio.library.history import MAX_POINTS, read_curves
from pix2pix.studio.library.pulls import MAX_WAITING, Pull, Pulls
from pix2pix.studio.library.runs import list_runs
from pix2pix.studio.library.search import HubSearch
from pix2pix.studio.pictures import MAX_SAMPLES
from pix2pix.studio.requests import CancelRequest, PullRequest, check_source, read_request, request_model
from pix2pix.studio.tabs.models import ModelsTab
from pix2pix.training.command import main
from pix2pix.training.run_folder import OPTIONS_FILE, write_progress

ADA, BOB = "ada's browser, and nobody else's", "bob's browser, and nobody else's"
HOSTILE = '<img src=x onerror="alert(1)">\n<b>bold</b>\x07'


class Shelf:
    """The tab as the page calls it: JSON in. Refusals are raised."""

    def __init__(self, engine: Engine, runs: Path, hub: HubSearch | None):
        self.hub = hub
        self._tab = ModelsTab(engine, runs, hub)

    def __getattr__(self, name: str) -> Callable[[dict], dict]:
        function = getattr(self._tab, name)
        return lambda data: function(read_request(request_model(function), data))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def shelf(here: Path, runs: Path) -> Shelf:
    here.mkdir()
    return Shelf(Engine(here, "cpu"), runs, HubSearch(here))


def add(pulls: Pulls, source: object, name: object = None, owner: object = None) -> Pull:
    return pulls.add(read_request(PullRequest, {"source": source, "name": name, "me": owner}))


def cancel(pulls: Pulls, number: int, owner: object) -> None:
    pulls.cancel(read_request(CancelRequest, {"number": number, "me": owner}))


def metrics(**values: float) -> Metrics:
    return Metrics(data="facades", split="val", count=100, resizing="none", values=values)


def training(**changes: object) -> Training:
    facts = {
        "data": "facades",
        "pairs": 400,
        "steps": 1000,
        "epochs": 2.5,
        "batch": 1,
        "learning_rate": 2e-4,
        "seed": 1,
        "hours": 1.5,
    }
    facts |= {
        "lambda": 100,
        "gan_loss": "vanilla",
        "ema": 0,
        "precision": "bf16",
        "command": "python train.py",
        "code_version": "1",
    }
    return Training(**facts | changes)


def ended(pulls: Pulls, number: int, seconds: float = 30) -> object:
    """The pull of this number once it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pull = next(each for each in pulls.list() if each.number == number)
        if not pull.active:
            return pull
        time.sleep(0.02)
    raise AssertionError("the pull did not end")


# Models


def test_whole_and_broken_models_are_told_apart_without_paths(shelf: Shelf, here: Path, tmp_path: Path) -> None:
    write_checkpoint(here / "demo", license="MIT")
    write_checkpoint(here / "cut")
    (here / "cut" / GENERATOR_FILE).write_bytes(b"x" * 100)
    (here / "empty").mkdir()
    looked = shelf.look({})
    whole, *broken = looked["models"]
    assert (whole["name"], whole["objective"], whole["license"]) == ("demo", "L1 + cGAN", "MIT")
    assert whole["picture"].startswith("data:image/jpeg;base64,")
    assert whole["size"] == pytest.approx(
        sum(path.stat().st_size for path in (here / "demo").rglob("*") if path.is_file()) / 1e6, abs=0.06
    )
    assert {model["name"]: model["fault"].partition(" ")[0] for model in broken} == {"cut": GENERATOR_FILE, "empty": CONFIG_FILE}
    assert str(tmp_path) not in json.dumps(looked)
    assert shelf.look({"version": looked["version"]})["models"] is None
    told = shelf.model({"name": "cut"})
    assert "Train it again" in told["remedy"]
    assert str(tmp_path) not in json.dumps(told)


@pytest.mark.parametrize("name", ["../checkpoints/demo", "/etc", "", None, 7, ["demo"]])
def test_only_listed_names_are_answered(shelf: Shelf, here: Path, name: object) -> None:
    write_checkpoint(here / "demo")
    for function in (shelf.model, shelf.run):
        with pytest.raises(RefusedError, match="not here"):
            function({"name": name})


def test_a_model_is_described_with_its_sibling_measures(shelf: Shelf, here: Path) -> None:
    l1 = make_config(
        objective="l1", discriminator=None, metrics=metrics(l1=0.10, sharpness=0.5, psnr=math.nan), training=training()
    )
    full = make_config(
        metrics=metrics(l1=0.15, sharpness=1.2, psnr=12), training=training(hours=math.inf), notes=HOSTILE, license=HOSTILE
    )
    for name, config in (("demo-l1", l1), ("demo", full)):
        save_checkpoint(here / name, config, *make_networks(config))
        # pydantic reads what it does not write: numbers that are none.
        (here / name / CONFIG_FILE).write_text(json.dumps(config.model_dump(by_alias=True)))
    told = shelf.model({"name": "demo"})
    json.dumps(told, allow_nan=False)  # what the server can send
    assert [column["objective"] for column in told["metrics"]["columns"]] == ["L1 only", "L1 + cGAN"]
    rows = {row["measure"]: (row["values"], row["best"]) for row in told["metrics"]["rows"]}
    assert rows["L1 (colors in 0..1)"] == (["0.1000", "0.1500"], 0)
    assert rows["sharpness (gradient, output / truth)"] == (["0.5000", "1.200"], 1)  # 1.2 is closer to 1 than 0.5
    assert rows["PSNR (dB)"] == (["not measured", "12.00"], None)
    assert told["notes"] == '<img src=x onerror="alert(1)"> <b>bold</b>'  # one line of text, for the page to show as text
    assert told["drawn"]
    assert dict(told["training"])["Length"].startswith("1,000 steps of 1")
    assert "critic" in dict(shelf.model({"name": "demo-l1"})["networks"])["Discriminator"]


def test_models_measured_on_other_pictures_are_not_ranked(shelf: Shelf, here: Path) -> None:
    for objective, count in (("l1", 10), ("l1+cgan", 20)):
        config = make_config(
            objective=objective, metrics=Metrics(data="d", split="val", count=count, resizing="none", values={"l1": 0.1})
        )
        save_checkpoint(here / objective.replace("+", "-"), config, *make_networks(config))
    table = shelf.model({"name": "l1"})["metrics"]
    assert not table["comparable"]
    assert [row["best"] for row in table["rows"]] == [None]


def test_where_a_model_came_from(shelf: Shelf, here: Path, runs: Path, hub: FakeHub, published: Path) -> None:
    write_checkpoint(here / "copied")
    write_checkpoint(here / "trained")
    (runs / "trained").mkdir()
    pulls = shelf.hub.pulls
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    write_checkpoint(here / "local")
    origin = read_origin(here / "demo")
    disk = origin.model_copy(update={"source": "/home/someone/secret", "commit": None})
    (here / "local" / "origin.json").write_text(disk.model_dump_json())
    shorts = {model["name"]: model["origin"] for model in shelf.look({})["models"]}
    assert shorts == {"copied": "shipped", "trained": "trained here", "demo": "pulled", "local": "pulled"}
    told = shelf.model({"name": "demo"})
    assert f"ada/demo@{origin.commit[:7]}" in told["origin"]
    assert told["link"] == f"https://huggingface.co/ada/demo/tree/{origin.commit}"
    assert "secret" not in json.dumps(shelf.model({"name": "local"}))


def test_only_the_extractor_is_not_for_drawing(shelf: Shelf, here: Path) -> None:
    write_checkpoint(here / "demo")
    write_checkpoint(here / "other")
    write_checkpoint(here / "photo2edges", task="photo2edges")
    assert [shelf.model({"name": name})["drawn"] for name in ("demo", "other", "photo2edges")] == [True, True, False]


def test_samples_are_bounded_and_come_from_the_model_alone(shelf: Shelf, here: Path, tmp_path: Path) -> None:
    write_checkpoint(here / "demo")
    samples = here / "demo" / SAMPLES_FOLDER
    (samples / "02.png").symlink_to(write_picture(tmp_path / "private.png", picture(3)))
    (samples / "03.png").write_bytes(b"not a picture")
    write_picture(samples / "04.png", np.zeros((8, 6200, 3), np.uint8))
    told = shelf.model({"name": "demo"})
    assert (len(told["samples"]), told["unreadable"]) == (1, 3)
    for number in range(5, 40):
        write_picture(samples / f"{number:02}.png", picture(number))
    told = shelf.model({"name": "demo"})
    assert len(told["samples"]) + told["unreadable"] == MAX_SAMPLES


# Curves


def write_history(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HISTORY_FILE).write_text(text)
    return folder / HISTORY_FILE


def test_long_curves_are_thinned_to_means(tmp_path: Path) -> None:
    rows = "".join(f"{step},{step % 2},{'' if step % 500 else 0.5}\n" for step in range(1, 5001))
    series = read_curves(write_history(tmp_path, "step,G_L1,val_l1\n" + rows))
    assert len(series["G_L1"]) <= MAX_POINTS
    assert series["G_L1"][-1][0] == 5000
    assert np.mean([value for _, value in series["G_L1"]]) == pytest.approx(0.5, abs=0.05)
    assert series["val_l1"] == [(step, 0.5) for step in range(500, 5001, 500)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\xff",
        "step,D\n1,abc\n",
        "step,D\n1,2,3,4\n",
        "D\n1\n",
        "step,D\n1,nan\ninf,2\n",
        "step,D\n" + "1,1\n" * 3_000_000,
    ],
)
def test_a_history_that_holds_anything_is_no_error(tmp_path: Path, text: str) -> None:
    assert read_curves(write_history(tmp_path, text)) == {}


# Runs


def write_run(runs: Path, name: str, options: dict | None = None, **progress: object) -> Path:
    folder = runs / name
    (folder / SAMPLES_FOLDER).mkdir(parents=True)
    (folder / OPTIONS_FILE).write_text(json.dumps({"task": "demo", "objective": "l1+cgan", "log_every": 50} | (options or {})))
    if progress:
        write_progress(folder, **progress)
    return folder


def test_what_a_run_is_doing_is_told_from_what_it_wrote_last(runs: Path) -> None:
    far = {"step": 100, "total": 1000, "epoch": 1.0, "seconds_left": 900.0, "finished": False, "D": 0.7, "G_L1": math.inf}
    write_run(runs, "going", **far)
    write_run(runs, "slow", **far | {"seconds_left": 90_000.0})
    write_run(runs, "ending", **far | {"step": 1000, "seconds_left": 0.0})
    write_run(runs, "ended", **far | {"step": 1000, "finished": True})
    write_run(runs, "begun")
    (runs / "not-a-run").mkdir()
    (runs / "notes.txt").write_text("x")
    assert {run.name: run.state for run in list_runs(runs)} == {
        "begun": "starting", "going": "training", "slow": "training", "ending": "finishing"
    }  # fmt: skip
    going = next(run for run in list_runs(runs) if run.name == "going")
    assert (going.step, going.total, going.seconds_left, going.losses) == (100, 1000, 900.0, {"D": 0.7})
    later = {run.name: run.state for run in list_runs(runs, now=time.time() + 500)}
    assert later == {"begun": "starting", "going": "stopped", "slow": "training", "ending": "finishing"}
    much_later = {run.state for run in list_runs(runs, now=time.time() + 50_000)}
    assert much_later == {"stopped"}
    assert list_runs(runs / "absent") == []


def test_a_run_that_is_resumed_is_starting_until_its_next_row(runs: Path) -> None:
    folder = write_run(runs, "demo", step=100, total=1000, seconds_left=900.0, finished=False)
    later = time.time() + 1000
    os.utime(folder / OPTIONS_FILE, (later, later))
    assert list_runs(runs, now=later + 5)[0].state == "starting"


@pytest.mark.slow
def test_a_real_training_is_followed_until_it_is_a_model(shelf: Shelf, here: Path, runs: Path, tmp_path: Path) -> None:
    write_pairs(tmp_path / "data" / "train", 8)
    write_pairs(tmp_path / "data" / "val", 2)
    flags = (
        f"--data {tmp_path / 'data'} --task cats --size 32 --load-size 32 --levels 3 --ngf 4 --ndf 4 --patch 16 --norm instance"
    )
    flags += f" --epochs 20 --decay-epochs 0 --log-every 2 --workers 0 --precision fp32 --device cpu --runs {runs}"
    process = start_apart(main, [*flags.split(), "--checkpoints", str(here)])
    states, farthest = set(), 0
    while process.is_alive():
        for run in shelf.look({})["runs"]:
            states.add(run["state"])
            farthest = max(farthest, run["step"] / max(run["total"], 1))
        time.sleep(0.02)
    assert process.exitcode == 0
    assert "training" in states
    assert "stopped" not in states
    assert 0.1 < farthest <= 1
    time.sleep(CATALOG_CACHE_S)
    looked = shelf.look({})
    assert looked["runs"] == []
    assert [(model["name"], model["origin"]) for model in looked["models"]] == [("cats", "trained here")]
    told = shelf.model({"name": "cats"})
    assert told["samples"]
    assert {"G_L1", "D", "val_l1"} <= told["curves"]["cats"].keys()


def test_newest_samples_and_curves_of_a_run_come_once(shelf: Shelf, runs: Path) -> None:
    folder = write_run(runs, "demo", step=50, total=100, seconds_left=5.0, finished=False)
    write_history(folder, "step,D\n50,0.7\n")
    write_picture(folder / SAMPLES_FOLDER / "step_00000050.jpg", picture(1))
    news = shelf.run({"name": "demo"})
    assert (news["sampled"], news["curves"]) == (50, {"demo": {"D": [(50, 0.7)]}})
    assert news["sample"].startswith("data:image/jpeg")
    assert shelf.run({"name": "demo", "version": news["version"]}).keys() == {"version"}
    write_picture(folder / SAMPLES_FOLDER / "step_00000100.jpg", picture(2))
    assert shelf.run({"name": "demo", "version": news["version"]})["sampled"] == 100


# Pulls


@pytest.mark.parametrize(
    "source",
    [
        *("/etc/passwd", "checkpoints", "./checkpoints/demo", "../demo", "ada/../demo", "ada/demo@../x", "file:///etc/passwd"),
        *("http://127.0.0.1:9/a.pth", "https://example.org/a/b", "ada/demo/config.json", "ada\n/demo", "edges2shoes-huggan@ x"),
        *("", None, 3, {}, "a" * 5000),
    ],
)  # fmt: skip
def test_only_known_names_and_repositories_can_be_pulled(tmp_path: Path, source: object) -> None:
    with pytest.raises(RefusedError, match="owner/name"):
        add(Pulls(tmp_path), source)
    with pytest.raises(RefusedError, match="letters"):
        add(Pulls(tmp_path), "ada/demo", "../escape")


def test_sources_are_read_as_people_write_them() -> None:
    assert check_source(" ada/demo ") == "ada/demo"
    assert check_source("https://huggingface.co/ada/demo/") == "ada/demo"
    assert check_source("ada/demo@v1.0") == "ada/demo@v1.0"
    assert check_source("edges2shoes-huggan") == "edges2shoes-huggan"
    # A known model's weights do not say themselves what they are.
    assert check_source("huggan/pix2pix-edge2shoes@abc") == "edges2shoes-huggan@abc"
    assert check_source(check_source("huggan/pix2pix-edge2shoes@abc")) == "edges2shoes-huggan@abc"


def test_a_pull_in_the_background_brings_the_model(hub: FakeHub, published: Path, here: Path) -> None:
    pulls = Pulls(here)
    first = add(pulls, "ada/demo", "cats")
    pull = ended(pulls, first.number)
    assert (pull.state, pull.folder, pull.error) == ("done", "cats", "")
    assert pull.progress.done == pull.progress.total
    assert np.array_equal(translated(here / "cats"), translated(published))


def test_a_folder_of_this_disk_is_never_taken_for_a_repository(
    hub: FakeHub, published: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checkpoint(tmp_path / "ada" / "demo", seed=5)
    monkeypatch.chdir(tmp_path)
    pulls = Pulls(here)
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    assert read_origin(here / "demo").commit
    assert np.array_equal(translated(here / "demo"), translated(published))


@pytest.fixture
def held(hub: FakeHub, published: Path) -> threading.Event:
    """Downloads of weights wait until it is set."""
    free, read = threading.Event(), hub.read
    hub.read = lambda repo, revision, path: (path != GENERATOR_FILE or free.wait(20)) and read(repo, revision, path)
    return free


def test_no_more_models_than_the_owner_allows(hub: FakeHub, published: Path, here: Path) -> None:
    pulls = Pulls(here, max_models=1)
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    with pytest.raises(RefusedError, match="There are 1 models here already"):
        add(pulls, "ada/demo", "another")


def test_one_runs_few_wait_and_everybody_sees_the_same(held: threading.Event, here: Path) -> None:
    pulls = Pulls(here)
    numbers = [add(pulls, "ada/demo", f"m{number}", ADA).number for number in range(MAX_WAITING + 1)]
    assert add(pulls, "ada/demo", "m2").number == numbers[2]
    with pytest.raises(RefusedError, match="wait"):
        add(pulls, "ada/demo", "one-more")
    time.sleep(0.2)
    assert [pull.state for pull in pulls.list()] == ["pulling"] + ["waiting"] * MAX_WAITING
    cancel(pulls, numbers[-1], ADA)
    held.set()
    assert [ended(pulls, number).state for number in numbers] == ["done"] * MAX_WAITING + ["stopped"]
    assert sorted(path.name for path in here.glob("[!.]*")) == ["m0", "m1", "m2", "m3"]


def test_a_running_pull_can_be_canceled_and_taken_up_again(held: threading.Event, here: Path) -> None:
    pulls = Pulls(here)
    number = add(pulls, "ada/demo", owner=ADA).number
    while not pulls.list()[0].progress:
        time.sleep(0.01)
    cancel(pulls, number, ADA)
    assert pulls.list()[0].state == "stopping"
    held.set()
    assert ended(pulls, number).state == "stopped"
    assert not (here / "demo").exists()
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    assert len(pulls.list()) == 1


def test_only_who_began_a_pull_can_cancel_it(held: threading.Event, shelf: Shelf) -> None:
    mine = shelf.pull({"source": "ada/demo", "name": "mine", "me": ADA})
    nobodys = shelf.pull({"source": "ada/demo", "name": "nobodys"})
    assert shelf.pull({"source": "ada/demo", "name": "mine", "me": BOB})["number"] == mine["number"]
    for me in (BOB, "", None, [ADA], ADA[:5]):
        assert not any(pull["mine"] for pull in shelf.look({"me": me})["pulls"])
        for number in (mine["number"], nobodys["number"]):
            with pytest.raises(RefusedError, match="Only who began"):
                shelf.cancel({"number": number, "me": me})
    assert [pull["mine"] for pull in shelf.look({"me": ADA})["pulls"]] == [True, False]
    assert ADA not in json.dumps(shelf.look({"me": ADA}))
    shelf.cancel({"number": mine["number"], "me": ADA})
    held.set()
    assert ended(shelf.hub.pulls, mine["number"]).state == "stopped"
    assert ended(shelf.hub.pulls, nobodys["number"]).state == "done"


def test_a_failed_pull_ends_in_a_sentence_and_can_be_tried_again(
    hub: FakeHub, published: Path, here: Path, tmp_path: Path
) -> None:
    pulls = Pulls(here)
    hub.fail(rf"GET /\S+/{GENERATOR_FILE}", 429, headers={"Retry-After": "7"})
    pull = ended(pulls, add(pulls, "ada/demo").number)
    assert (pull.state, pull.error) == ("failed", "ada/demo: too many requests; try again in 7 seconds")
    assert "no such repository" in ended(pulls, add(pulls, "ada/absent").number).error
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    write_checkpoint(here / "mine")
    said = ended(pulls, add(pulls, "ada/demo", "mine").number).error
    assert "mine is there already" in said
    assert str(tmp_path) not in said


def test_a_damaged_model_is_repaired_by_pulling_it_again(hub: FakeHub, published: Path, shelf: Shelf, here: Path) -> None:
    pulls = shelf.hub.pulls
    ended(pulls, add(pulls, "ada/demo", "cats").number)
    (here / "cats" / GENERATOR_FILE).write_bytes(b"damaged")
    told = shelf.model({"name": "cats"})
    assert "Pull it again" in told["remedy"]
    assert ended(pulls, add(pulls, told["source"], told["name"]).number).state == "done"
    assert np.array_equal(translated(here / "cats"), translated(published))


def test_without_a_connection_there_is_a_sentence(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(monkeypatch, "http://127.0.0.1:9")
    hub_search = HubSearch(here)
    with pytest.raises(RefusedError, match="The search failed: there is no connection"):
        hub_search.search("")
    assert "no connection" in ended(hub_search.pulls, add(hub_search.pulls, "ada/demo").number).error
    assert hub_search.known()


@pytest.mark.parametrize(("token", "sent"), [(None, True), (False, False)])
def test_the_owners_token_is_used_only_for_the_owner(
    hub: FakeHub, published: Path, here: Path, token: bool | None, sent: bool
) -> None:
    hub.authorised.clear()
    hub_search = HubSearch(here, token)
    assert hub_search.search("demo")["found"] == 1
    assert ended(hub_search.pulls, add(hub_search.pulls, "ada/demo").number).state == "done"
    assert bool(hub.authorised) == sent


def test_a_search_finds_words_asks_once_and_marks_what_is_here(hub: FakeHub, published: Path, here: Path) -> None:
    hub_search = HubSearch(here)
    assert hub.requests == []
    found = hub_search.search("DEMO l1+cgan")
    assert [(model["source"], model["here"]) for model in found["models"]] == [("ada/demo", None)]
    assert hub_search.search("nothing like it")["models"] == []
    assert len(hub.requests) == 1
    ended(hub_search.pulls, add(hub_search.pulls, "ada/demo", "cats").number)
    assert hub_search.search("")["models"][0]["here"] == "cats"


def test_known_models_are_listed_and_marked(here: Path, hub: FakeHub, published: Path) -> None:
    hub_search = HubSearch(here)
    ended(hub_search.pulls, add(hub_search.pulls, "ada/demo").number)
    origin = read_origin(here / "demo").model_copy(update={"source": "huggan/pix2pix-maps"})
    (here / "demo" / "origin.json").write_text(origin.model_dump_json())
    known = {model["source"]: model["here"] for model in hub_search.known()}
    assert known["aerial2map-huggan"] == "demo"
    assert known["edges2shoes-huggan"] is None


def test_pulling_can_be_switched_off(here: Path, runs: Path) -> None:
    shelf = Shelf(Engine(here, "cpu"), runs, None)
    assert shelf.look({})["pulls"] is None
    for function in (shelf.known, shelf.search, shelf.pull, shelf.cancel):
        with pytest.raises(RefusedError, match="switched pulling off"):
            function({"source": "ada/demo", "number": 1, "text": ""})


def test_settings_come_from_flags_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not launch.parser().parse_args([]).no_pull
    assert launch.parser().parse_args(["--no-pull"]).no_pull
    monkeypatch.setenv("PIX2PIX_NO_PULL", "1")
    monkeypatch.setenv("PIX2PIX_RUNS", "elsewhere")
    monkeypatch.setenv("PIX2PIX_MAX_MODELS", "7")
    settings = launch.parser().parse_args(["--max-waiting", "5"])
    assert (settings.no_pull, settings.runs) == (True, Path("elsewhere"))
    assert (settings.max_models, settings.max_waiting) == (7, 5)
    monkeypatch.setenv("PIX2PIX_NO_PULL", "0")
    assert not launch.parser().parse_args([]).no_pull


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
