"""Pulling and publishing models, against a Hub on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from fake_hub import FakeHub
from hub_helpers import assert_offered, contents, sentence, translated
from making import ROOT, make_config, write_checkpoint
from test_foreign import generator_unet_state, unet_state, written

from pix2pix.catalog import KnownModel, find_pulled, known_models
from pix2pix.checkpoint import CARD_FILE, CONFIG_FILE, GENERATOR_FILE, Generator
from pix2pix.config import read_config
from pix2pix.foreign.layouts import LAYOUTS
from pix2pix.foreign.reader import read_generator
from pix2pix.hub.errors import HubError
from pix2pix.hub.progress import Progress
from pix2pix.hub.publish import check_access, publish
from pix2pix.hub.pull import ensure, pull
from pix2pix.hub.search import search
from pix2pix.origin import ORIGIN_FILE, read_origin

# What publishing changes: the card names the repository, and where a model came from is the puller's affair.
OWN = (CARD_FILE, ORIGIN_FILE)


def test_what_was_published_comes_back_and_makes_the_same_pictures(hub: FakeHub, published: Path, here: Path) -> None:
    assert pull("ada/demo", here) == here / "demo"
    assert_offered(here, "demo")
    assert contents(here / "demo", *OWN) == contents(published, *OWN)
    assert np.array_equal(translated(here / "demo"), translated(published))
    assert "samples/01.png" in contents(here / "demo")


def test_a_pull_is_pinned_to_its_commit_and_files(hub: FakeHub, published: Path, here: Path) -> None:
    commit = hub.sha(hub.root / "models/ada/demo", "main")
    origin = read_origin(pull("ada/demo@main", here))
    assert (origin.source, origin.revision, origin.commit) == ("ada/demo", "main", commit)
    assert origin.files[GENERATOR_FILE].size == (published / GENERATOR_FILE).stat().st_size
    assert len(origin.files[GENERATOR_FILE].sha256) == 64
    write_checkpoint(published, seed=1)
    publish(published, "ada/demo")
    old = pull("ada/demo", here, "old", revision=commit)
    assert read_origin(old).commit == commit
    assert not np.array_equal(translated(old), translated(published))
    assert np.array_equal(translated(pull("ada/demo", here)), translated(published))


def test_pulling_again_fetches_only_what_changed(hub: FakeHub, published: Path, here: Path) -> None:
    pull("ada/demo", here)
    write_checkpoint(published, licence="MIT")
    publish(published, "ada/demo")
    hub.requests.clear()
    pull("ada/demo", here)
    assert read_config(here / "demo" / CONFIG_FILE).licence == "MIT"
    assert hub.downloads(CONFIG_FILE)
    assert not hub.downloads(GENERATOR_FILE)


def test_the_hub_cache_is_used(hub: FakeHub, published: Path, here: Path) -> None:
    Generator.from_pretrained("ada/demo")
    hub.requests.clear()
    pull("ada/demo", here)
    assert not hub.downloads(GENERATOR_FILE)


def test_progress_tells_bytes_and_speed(hub: FakeHub, published: Path, here: Path) -> None:
    told: list[Progress] = []
    pull("ada/demo", here, progress=told.append)
    origin = read_origin(here / "demo")
    assert told[-1].done == told[-1].total == sum(file.size for file in origin.files.values())
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].speed > 0
    assert told[-1].seconds_left == 0
    assert "MB" in str(told[-1])


def test_a_model_that_was_made_here_is_not_replaced(hub: FakeHub, published: Path, here: Path) -> None:
    write_checkpoint(here / "demo", seed=5)
    before = contents(here / "demo")
    with pytest.raises(HubError, match="choose another name"):
        pull("ada/demo", here)
    assert contents(here / "demo") == before
    pull("ada/demo", here, overwrite=True)
    assert read_origin(here / "demo").source == "ada/demo"


def test_ensure_pulls_once(hub: FakeHub, published: Path, here: Path) -> None:
    folder = ensure("ada/demo", here)
    commit = read_origin(folder).commit
    hub.requests.clear()
    assert ensure("ada/demo", here) == ensure(f"ada/demo@{commit}", here) == folder
    assert not hub.requests
    write_checkpoint(published, seed=1)
    publish(published, "ada/demo")
    assert ensure("ada/demo", here) == folder
    assert ensure("ada/demo@main", here) == here / "demo-main"
    assert (translated(here / "demo-main") == translated(published)).all()
    assert find_pulled(here, "ada/demo", commit) == folder
    assert find_pulled(here, "ada/other") is None


def test_a_repository_may_be_given_as_its_page(hub: FakeHub, published: Path, here: Path) -> None:
    assert pull(f"{hub.endpoint}/ada/demo/tree/main", here) == here / "demo"
    assert read_origin(here / "demo").source == "ada/demo"


def test_plain_python_loads_a_published_model(hub: FakeHub, published: Path, tmp_path: Path) -> None:
    program = (
        "from pix2pix.checkpoint import Generator; import torch;"
        "torch.manual_seed(1); print(Generator.from_pretrained('ada/demo')(torch.randn(1, 3, 32, 32)).sum().item())"
    )
    environment = os.environ | {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_TELEMETRY": "1"}
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    torch.manual_seed(1)
    with torch.inference_mode():
        assert float(answer.stdout) == pytest.approx(Generator.from_pretrained(published)(torch.randn(1, 3, 32, 32)).sum().item())


# Publishing


def test_publishing_again_sends_only_what_changed(hub: FakeHub, published: Path) -> None:
    again = publish(published, "ada/demo")
    assert again.sent == again.deleted == []
    assert GENERATOR_FILE in again.unchanged
    assert len(hub.committed) == 1
    write_checkpoint(published, licence="MIT")
    (published / "samples" / "01.png").unlink()
    changed = publish(published, "ada/demo")
    assert sorted(changed.sent) == [CARD_FILE, CONFIG_FILE]
    assert changed.deleted == ["samples/01.png"]
    assert hub.committed[-1] == [CONFIG_FILE, CARD_FILE, "-samples/01.png"]


def test_the_card_has_tags_and_the_repository_in_its_example(hub: FakeHub, published: Path) -> None:
    card = hub.read(hub.root / "models/ada/demo", "main", CARD_FILE).decode()
    for words in ("- pix2pix-studio", "- demo", "- l1+cgan", 'Generator.from_pretrained("ada/demo")', "samples/01.png"):
        assert words in card


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


# Other projects' weights


def store(hub: FakeHub, repo_id: str, **files: bytes) -> None:
    hub.commit(hub.create("models", repo_id), files, [])


def saved(tmp_path: Path, state: object) -> bytes:
    return written(tmp_path, state).read_bytes()


def test_a_known_model_is_converted(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    weights = written(tmp_path, generator_unet_state(5, 4))
    store(hub, "huggan/pix2pix-maps", **{"pytorch_model.bin": weights.read_bytes(), "README.md": b"hello"})
    folder = pull("aerial2map-huggan", here)
    assert_offered(here, "aerial2map-huggan")
    config, origin = read_config(folder / CONFIG_FILE), read_origin(folder)
    assert (config.task, config.direction, config.licence, config.norm_statistics) == ("aerial2map", "AtoB", "MIT", "image")
    assert origin.source == "huggan/pix2pix-maps"
    for words in ("huggan/pix2pix-maps at commit", origin.commit, "PyTorch-GAN", "MIT", "trained elsewhere"):
        assert words in (folder / CARD_FILE).read_text()
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.inference_mode():
        expected = read_generator(weights).network(picture)
        assert torch.allclose(Generator.from_pretrained(folder)(picture), expected, atol=1e-2)


def test_facts_replace_what_the_catalog_knows(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    store(hub, "bob/cats", **{"netG.pth": saved(tmp_path, unet_state(5, 4, "batch", False)), "notes.txt": b"x"})
    folder = pull(
        "bob/cats", here, "cats", direction="BtoA", norm_statistics="running", licence="CC0", notes="Meow.", dropout=0.0
    )
    config = read_config(folder / CONFIG_FILE)
    assert (config.task, config.direction, config.norm_statistics, config.licence) == ("cats", "BtoA", "running", "CC0")
    assert config.generator.dropout == 0
    assert "Meow." in config.notes


def test_one_of_several_files(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    content = saved(tmp_path, unet_state(5, 4, "batch", False))
    store(hub, "bob/many", **{"a.pth": content, "b.pth": content})
    with pytest.raises(HubError) as error:
        pull("bob/many", here)
    assert "a.pth, b.pth" in sentence(error)
    assert pull("bob/many", here, file="a.pth") == here / "many"
    with pytest.raises(HubError) as error:
        pull("bob/many", here, file="c.pth")
    assert "c.pth" in sentence(error)


def test_a_url_with_and_without_its_hash(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    content = saved(tmp_path, unet_state(5, 4, "batch", False))
    (hub.root / "files" / "edges2cats.pth").write_bytes(content)
    url = f"{hub.endpoint}/files/edges2cats.pth"
    folder = pull(url, here)
    assert (folder.name, read_config(folder / CONFIG_FILE).task) == ("edges2cats", "edges2cats")
    assert read_origin(folder).source == url
    received = read_origin(folder).files["edges2cats.pth"].sha256
    pull(f"{url}#sha256={received}", here)
    with pytest.raises(HubError) as error:
        pull(f"{url}#sha256={'0' * 64}", here, "other")
    assert "damaged" in sentence(error)
    assert_offered(here, "edges2cats")


def test_a_url_gets_no_token(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    (hub.root / "files" / "a.pth").write_bytes(saved(tmp_path, unet_state(5, 4, "batch", False)))
    pull(f"{hub.endpoint}/files/a.pth", here)
    assert not hub.authorised


def test_files_and_folders_of_this_disk(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    weights = written(tmp_path / "runs", unet_state(5, 4, "batch", False))
    folder = pull(str(weights), here, "cats", task="edges2cats")
    assert read_config(folder / CONFIG_FILE).task == "edges2cats"
    assert pull(str(weights.parent), here, "again") == here / "again"
    other = write_checkpoint(tmp_path / "elsewhere" / "mine")
    assert contents(pull(str(other), here), *OWN) == contents(other, *OWN)
    assert not hub.requests
    assert_offered(here, "again", "cats", "mine")


def test_a_pickle_that_runs_code_is_refused(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return os.system, (f"touch {tmp_path}/owned",)

    store(hub, "bob/evil", **{"pytorch_model.bin": saved(tmp_path, {"weight": Evil()})})
    with pytest.raises(HubError) as error:
        pull("bob/evil", here)
    assert "refused" in sentence(error)
    assert str(here) not in str(error.value)
    assert not (tmp_path / "owned").exists()
    assert_offered(here)


def test_known_models_are_complete_and_of_layouts_that_are_read() -> None:
    models = known_models()
    assert len(models) == 9
    assert {model.layout for model in models.values()} <= {layout.name for layout in LAYOUTS}
    assert sum(model.source.startswith("huggan/") for model in models.values()) == 4
    for name, model in models.items():
        assert isinstance(model, KnownModel)
        assert name.startswith(f"{model.task}-")
        assert model.licence != "unknown"
        make_config(task=model.task, objective=model.objective)
