"""Pulling other projects' weights: converted on the way, with what the catalog, the file and the flags say."""

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from pix2pix.checkpoint.catalog import KnownModel, known_models
from pix2pix.checkpoint.config import read_config
from pix2pix.checkpoint.folder import CARD_FILE, CONFIG_FILE, Generator
from pix2pix.checkpoint.origin import read_origin
from pix2pix.convert.layouts import LAYOUTS
from pix2pix.convert.reader import read_generator
from pix2pix.hub.errors import HubError
from pix2pix.hub.pull import pull
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import OWN, assert_offered, contents, refused, sentence
from tests.helpers.making import make_config, write_checkpoint
from tests.helpers.other_projects import generator_unet_state, unet_state, written


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
    assert (config.task, config.direction, config.license, config.norm_statistics) == ("aerial2map", "AtoB", "MIT", "image")
    assert origin.source == "huggan/pix2pix-maps"
    for words in ("huggan/pix2pix-maps at commit", origin.commit, "PyTorch-GAN", "license: mit\n", "trained elsewhere"):
        assert words in (folder / CARD_FILE).read_text()
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.inference_mode():
        expected = read_generator(weights).network(picture)
        assert torch.allclose(Generator.from_pretrained(folder)(picture), expected, atol=1e-2)


def test_facts_replace_what_the_catalog_knows(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    store(hub, "bob/cats", **{"netG.pth": saved(tmp_path, unet_state(5, 4, "batch", False)), "notes.txt": b"x"})
    folder = pull(
        "bob/cats", here, "cats", direction="BtoA", norm_statistics="running", license="CC0", notes="Meow.", dropout=0.0
    )
    config = read_config(folder / CONFIG_FILE)
    assert (config.task, config.direction, config.norm_statistics, config.license) == ("cats", "BtoA", "running", "CC0")
    assert config.generator.dropout == 0
    assert "Meow." in config.notes


def test_a_copy_of_a_known_model_is_pulled_under_its_name(hub: FakeHub, here: Path, tmp_path: Path) -> None:
    """The authors' server is often down. Elsewhere their names mean nothing."""
    weights = written(tmp_path, unet_state(5, 4, "batch", False))
    config = read_config(pull(str(weights), here, "labels2facade-authors") / CONFIG_FILE)
    assert (config.task, config.direction, config.license) == ("labels2facade", "BtoA", "BSD-2-Clause")
    store(hub, "bob/other", **{"netG.pth": weights.read_bytes()})
    config = read_config(pull("bob/other", here, "map2aerial-authors") / CONFIG_FILE)
    assert (config.direction, config.license) == ("AtoB", "unknown")


@pytest.mark.parametrize("stem", ["netG", "of-their-own"])
def test_safetensors_are_preferred_to_pickles(hub: FakeHub, here: Path, stem: str) -> None:
    weights = save(unet_state(5, 4, "batch", False))
    store(hub, "bob/both", **{f"{stem}.pth": b"not read", f"{stem}.safetensors": weights})
    assert list(read_origin(pull("bob/both", here)).files) == [f"{stem}.safetensors"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["model_index.json", "unet/a.safetensors", "vae/b.safetensors"], "diffusion model"),
        (["saved_model.pb", "variables/variables.index"], "TensorFlow"),
        (["edges2shoes_net_G.t7"], "Lua Torch"),
        (["model.onnx"], "ONNX"),
        (["README.md"], "holds no weights"),
    ],
)
def test_families_are_refused_by_what_their_repositories_hold(hub: FakeHub, here: Path, files: list[str], words: str) -> None:
    store(hub, "bob/other", **dict.fromkeys(files, b"x"))
    assert words in refused("bob/other", here)
    assert [request for request in hub.requests if "resolve" in request] == []


def test_weights_that_are_too_large_are_not_downloaded(hub: FakeHub, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(hub, "bob/large", **{"v1-5.ckpt": b"x" * 100})
    for module in ("pix2pix.hub.pull", "pix2pix.convert.weights"):
        monkeypatch.setattr(f"{module}.MAX_BYTES", 50)
    assert "instruct-pix2pix" in refused("bob/large", here)
    assert not hub.downloads("v1-5.ckpt")


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
        assert model.license != "unknown"
        make_config(task=model.task, objective=model.objective)
