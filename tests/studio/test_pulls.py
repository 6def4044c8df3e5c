"""Pulls and searches of the Models tab: what is brought, in which order, for whom, and what is refused."""

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pix2pix.checkpoint.folder import GENERATOR_FILE
from pix2pix.checkpoint.origin import read_origin
from pix2pix.hub.publish import publish
from pix2pix.hub.pull import DOWNLOADS, pull
from pix2pix.studio.engine import Engine
from pix2pix.studio.errors import RefusedError
from pix2pix.studio.library.pulls import MAX_WAITING, Pulls
from pix2pix.studio.library.search import HubSearch
from pix2pix.studio.requests import CancelRequest, check_source, read_request
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import point_at, translated
from tests.helpers.making import write_checkpoint
from tests.helpers.shelf import Shelf, add, ended

ADA, BOB = "ada's browser, and nobody else's", "bob's browser, and nobody else's"


def cancel(pulls: Pulls, number: int, owner: object) -> None:
    pulls.cancel(read_request(CancelRequest, {"number": number, "me": owner}))


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
    assert list((here / DOWNLOADS).iterdir()) == [here / DOWNLOADS / ".demo.lock"]  # of the pull that succeeded


def test_what_a_visitor_pulled_replaces_no_model_of_the_owner_s(
    hub: FakeHub, published: Path, here: Path, tmp_path: Path
) -> None:
    write_checkpoint(here / "photo2edges", task="photo2edges", objective="l2", discriminator=None)
    theirs = {"task": "photo2edges", "objective": "l1+cgan"}
    publish(write_checkpoint(tmp_path / "theirs" / "edges", **theirs), "eve/edges")
    engine, pulls = Engine(here, "cpu"), Pulls(here)
    assert ended(pulls, add(pulls, "eve/edges", "photo2edges-better").number).state == "done"
    assert {objective: entry.name for objective, entry in engine.models()["photo2edges"].items()} == {"l2": "photo2edges"}
    assert list(engine.choices("photo2edges")) == ["photo2edges", "photo2edges-better"]  # by name it can be chosen
    pull("https://huggingface.co/eve/edges", here, "photo2edges-mine")  # the owner
    assert ended(pulls, add(pulls, "eve/edges", "photo2edges-mine").number).state == "done"  # a visitor repairs it
    names = {entry.name for entry in Engine(here, "cpu").models()["photo2edges"].values()}
    assert names == {"photo2edges-mine"}


def test_what_a_visitor_pulled_serves_tasks_that_have_nothing_else(hub: FakeHub, published: Path, here: Path) -> None:
    pulls = Pulls(here)
    assert ended(pulls, add(pulls, "ada/demo").number).state == "done"
    assert [list(found) for found in Engine(here, "cpu").models().values()] == [["l1+cgan"]]


def test_of_stopped_pulls_only_the_newest_is_kept(held: threading.Event, here: Path) -> None:
    pulls = Pulls(here)
    for name in ("first", "second"):
        held.clear()
        added = add(pulls, "ada/demo", name, ADA)
        while not added.progress:
            time.sleep(0.01)
        cancel(pulls, added.number, ADA)
        held.set()
        assert ended(pulls, added.number).state == "stopped"
    assert [path.name for path in (here / DOWNLOADS).glob("[!.]*")] == ["second"]


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
