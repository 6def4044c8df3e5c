"""Publishing models to a Hub on this machine, finding them there, and what a Hub may refuse."""

import threading
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import close_session

from pix2pix.checkpoint.config import Metrics
from pix2pix.checkpoint.folder import CARD_FILE, CONFIG_FILE, GENERATOR_FILE
from pix2pix.checkpoint.origin import ORIGIN_FILE
from pix2pix.hub.errors import HubError
from pix2pix.hub.publish import check_access, publish
from pix2pix.hub.search import search
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import INFO, sentence
from tests.helpers.making import write_checkpoint


def test_publishing_again_sends_only_what_changed(hub: FakeHub, published: Path) -> None:
    again = publish(published, "ada/demo")
    assert again.sent == again.deleted == []
    assert GENERATOR_FILE in again.unchanged
    assert len(hub.committed) == 1
    write_checkpoint(published, license="MIT")
    (published / "samples" / "01.png").unlink()
    changed = publish(published, "ada/demo")
    assert sorted(changed.sent) == [CARD_FILE, CONFIG_FILE]
    assert changed.deleted == ["samples/01.png"]
    assert hub.committed[-1] == [CONFIG_FILE, CARD_FILE, "-samples/01.png"]


def test_the_card_has_tags_and_the_repository_in_its_example(hub: FakeHub, published: Path) -> None:
    card = hub.read(hub.root / "models/ada/demo", "main", CARD_FILE).decode()
    for words in ("- pix2pix-studio", "- demo", "- l1+cgan", 'Generator.from_pretrained("ada/demo")', "samples/01.png"):
        assert words in card
    write_checkpoint(published, metrics=Metrics(data="facades", split="val", count=100, resizing="none", values={"psnr": 12.5}))
    publish(published, "ada/demo")
    card = hub.read(hub.root / "models/ada/demo", "main", CARD_FILE).decode()
    assert "On 100 pairs of facades, val" in card
    assert "| PSNR (dB) | 12.5 |" in card


def test_an_edited_card_keeps_its_text_and_gets_the_tags(hub: FakeHub, published: Path) -> None:
    (published / CARD_FILE).write_text("---\ntags:\n- shoes\n---\n\nMy own words.\n")
    publish(published, "ada/demo")
    card = hub.read(hub.root / "models/ada/demo", "main", CARD_FILE).decode()
    for words in ("- shoes", "- pix2pix-studio", "My own words."):
        assert words in card


def test_nothing_but_the_checkpoint_is_published(hub: FakeHub, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mine")
    (folder / "secret.txt").write_text("password")
    (folder / ORIGIN_FILE).write_text("{}")
    sent = publish(folder, "ada/mine").sent
    assert sorted(sent) == [CARD_FILE, CONFIG_FILE, "discriminator.safetensors", GENERATOR_FILE, "samples/01.png"]


def test_files_of_others_in_the_repository_stay(hub: FakeHub, published: Path) -> None:
    repo = hub.root / "models/ada/demo"
    hub.commit(repo, {"paper.pdf": b"%PDF"}, [])
    publish(published, "ada/demo")
    assert hub.read(repo, "main", "paper.pdf") == b"%PDF"


def test_a_broken_checkpoint_is_not_published(hub: FakeHub, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "broken")
    (folder / GENERATOR_FILE).write_bytes(b"x")
    with pytest.raises(HubError) as error:
        publish(folder, "ada/broken")
    assert "damaged" in sentence(error)
    assert not hub.requests


def test_access_is_checked_before_a_training(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    check_access("ada/anything")
    check_access("club/anything")
    for repo_id, words in (("bob/anything", "ada, club"), ("anything", "owner/name")):
        with pytest.raises(HubError) as error:
            check_access(repo_id)
        assert words in sentence(error)
    hub.fail("whoami", 401)
    for _ in ("refused", "absent"):
        with pytest.raises(HubError) as error:
            check_access("ada/anything")
        assert "hf auth login" in sentence(error)
        monkeypatch.delenv("HF_TOKEN", raising=False)


def test_search_finds_models_by_tag_and_task(hub: FakeHub, published: Path, tmp_path: Path) -> None:
    publish(write_checkpoint(tmp_path / "shoes", task="edges2shoes", objective="l1", discriminator=None), "ada/shoes")
    repo = hub.create("models", "bob/stranger")
    hub.commit(repo, {CARD_FILE: b"---\ntags: [something]\n---\n"}, [])
    assert {(found.repo, found.task, found.objective) for found in search()} == {
        ("ada/demo", "demo", "l1+cgan"),
        ("ada/shoes", "edges2shoes", "l1"),
    }
    assert [found.repo for found in search("edges2shoes")] == ["ada/shoes"]
    assert search("cats") == []


@pytest.mark.parametrize(
    ("pattern", "status", "headers", "words"),
    [
        (INFO, 401, {}, "hf auth login"),
        ("POST .*/commit", 403, {}, "no permission"),
        ("POST .*/commit", 409, {}, "someone else"),
        ("POST .*/commit", 412, {}, "someone else"),
        ("POST .*/commit", 413, {}, "files of this size"),
        ("POST .*/commit", 429, {"Retry-After": "7"}, "in 7 seconds"),
        ("POST .*/commit", 500, {}, "HTTP 500"),
        ("POST .*/objects/batch", 403, {}, "no permission"),
        ("PUT .*/large", 403, {}, "no permission"),
        ("PUT .*/large", 507, {}, "no space left"),
        ("POST .*/verify", 400, {}, "HTTP 400"),
        ("POST .*/preupload", 403, {}, "no permission"),
        ("POST .*/create", 401, {}, "hf auth login"),
        ("POST .*/create", 403, {}, "no permission"),
    ],
)
def test_publishing_that_is_refused_changes_nothing(hub, published, tmp_path, pattern, status, headers, words) -> None:
    repo = hub.root / "models/ada/demo"
    before = hub.sha(repo, "main")
    write_checkpoint(published, seed=1)
    hub.fail(pattern.replace("demo", "(demo|new)"), status, headers=headers, times=9)
    with pytest.raises(HubError) as error:
        publish(published, "ada/new" if "create" in pattern else "ada/demo")
    assert words in sentence(error)
    assert hub.sha(repo, "main") == before


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Network error: HTTP status client error (401 Unauthorized), domain: http://x", "hf auth login"),
        ("Server error: HTTP status server error (503 Service Unavailable), domain: http://x", "HTTP 503"),
        ("Network error: error sending request", "the connection broke off"),
    ],
)
def test_what_hf_xet_says_is_a_sentence_too(hub, published, monkeypatch, said, words) -> None:
    """The real Hub takes large files in a protocol of its own, whose client raises such errors."""

    def failing(*arguments: object, **options: object) -> None:
        raise ConnectionError(said)

    write_checkpoint(published, seed=1)
    monkeypatch.setattr("huggingface_hub._commit_api.is_xet_available", lambda: True)
    monkeypatch.setattr("huggingface_hub._commit_api._upload_xet_files", failing)
    with pytest.raises(HubError) as error:
        publish(published, "ada/demo")
    assert words in sentence(error)
    assert "domain" not in str(error.value)


def test_publishing_while_the_connection_breaks_changes_nothing(hub, published, monkeypatch) -> None:
    repo = hub.root / "models/ada/demo"
    before = hub.sha(repo, "main")
    write_checkpoint(published, seed=1)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    hub.fail("PUT .*/large", 200, cut_after=0, times=99)
    with pytest.raises(HubError) as error:
        publish(published, "ada/demo")
    assert "the connection broke off" in sentence(error)
    assert hub.sha(repo, "main") == before
    hub.faults.clear()
    publish(published, "ada/demo")
    assert hub.sha(repo, "main") != before


def test_publishing_without_or_with_a_wrong_token(hub, published, monkeypatch) -> None:
    write_checkpoint(published, seed=1)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    for repo_id in ("ada/demo", "ada/new"):
        with pytest.raises(HubError) as error:
            publish(published, repo_id)
        assert "hf auth login" in sentence(error)
        assert "hf_wrong" not in str(error.value)
        monkeypatch.delenv("HF_TOKEN", raising=False)


def test_publishing_to_a_server_that_falls_silent_ends(hub, published, monkeypatch) -> None:
    commit, awake = hub.commit, threading.Event()
    monkeypatch.setattr("pix2pix.hub.remote.WRITING_TIMEOUT", httpx2.Timeout(0.5))
    monkeypatch.setattr(hub, "commit", lambda *asked: awake.wait(20) and commit(*asked))
    write_checkpoint(published, license="MIT")
    close_session()  # the next client of this process is made with the limit above
    try:
        with pytest.raises(HubError) as error:
            publish(published, "ada/demo")
        assert "does not answer" in sentence(error)
    finally:
        awake.set()
        close_session()


@pytest.mark.parametrize("repo_id", ["demo", "a/b/c", "../demo", "ada/demo@main", ""])
def test_publishing_to_what_is_no_repository(hub, published, repo_id) -> None:
    with pytest.raises(HubError) as error:
        publish(published, repo_id)
    assert "owner/name" in sentence(error)
