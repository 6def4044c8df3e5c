"""A Space: its front matter, exactly its files, and that it starts from them."""

import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
import yaml

from pix2pix.hub.errors import HubError
from pix2pix.hub.space import space, space_files
from pix2pix.inference.precision import choose_device
from pix2pix.studio import launch
from tests.helpers.fake_hub import FakeHub
from tests.helpers.hub_helpers import sentence
from tests.helpers.making import ROOT, picture, write_checkpoint, write_picture
from tools.bench import print_cold_start
from tools.bench.load import report_start
from tools.bench.server import opened

COLORS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def front_matter() -> dict:
    return yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])


def pins() -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    return dict(line.replace("[mcp]", "").split("==") for line in lines if line)


def test_the_front_matter_is_complete_and_agrees_with_the_requirements() -> None:
    front = front_matter()
    assert front["sdk"] == "gradio"
    assert front["sdk_version"] == pins()["gradio"]
    assert (ROOT / front["app_file"]).is_file()
    assert front["python_version"] == "3.12.12"  # of the two that ZeroGPU has, the one that the pinned packages run on
    assert front["suggested_hardware"] == "cpu-basic"
    assert {front["colorFrom"], front["colorTo"]} <= COLORS
    assert front["title"]
    assert front["emoji"]
    assert front["license"] == "mit"
    assert len(front["short_description"]) <= 60


def test_every_requirement_is_pinned_and_from_the_package_index() -> None:
    for file in ("requirements.txt", "requirements-export.txt"):
        for line in (ROOT / file).read_text().splitlines():
            assert re.fullmatch(r"(#.*|[a-z0-9-]+(\[mcp\])?==[0-9.]+(; [^#]+)?\s+#.*)", line), line


@pytest.fixture
def models(tmp_path: Path) -> Path:
    write_checkpoint(tmp_path / "checkpoints" / "labels2facade", task="labels2facade")
    write_checkpoint(tmp_path / "checkpoints" / "edges2shoes", task="edges2shoes", discriminator=None)
    return tmp_path / "checkpoints"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the app, in which nobody edits anything."""
    shutil.copytree(ROOT / "pix2pix", tmp_path / "root" / "pix2pix", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "root" / "examples" / "demo").mkdir(parents=True)
    write_picture(tmp_path / "root" / "examples" / "demo" / "1.png", picture(1))
    for name in ("README.md", "LICENSE", "app.py", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


def test_a_space_has_the_files_that_it_needs_and_no_others(models: Path) -> None:
    (models / "broken").mkdir()
    (models / "edges2shoes" / "origin.json").write_text("{}")
    files = space_files(models)
    assert {path.split("/")[0] for path in files} == {
        "README.md",
        "LICENSE",
        "app.py",
        "requirements.txt",
        "pix2pix",
        "examples",
        "checkpoints",
    }
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pix2pix").rglob("*.py")}
    assert modules <= files.keys()
    assert not [path for path in files if re.search(r"pycache|\.pyc|/\.|test_|origin\.json|broken", path)]
    assert "checkpoints/edges2shoes/model.safetensors" in files
    assert not [path for path in space_files(models, ["labels2facade"]) if "edges2shoes/model" in path]
    for names in (["broken"], ["absent"], [".."], ["../checkpoints/edges2shoes"]):
        with pytest.raises(HubError) as error:
            space_files(models, names)
        sentence(error)


def test_a_space_is_uploaded_once_and_then_what_changed(hub: FakeHub, models: Path, root: Path) -> None:
    done = space("ada/studio", models, root=root)
    repo = hub.root / "spaces/ada/studio"
    assert done.url == f"{hub.endpoint}/spaces/ada/studio"
    assert {path for path, _, _ in hub.tree(repo, "main")} - {".gitattributes"} == space_files(models, root=root).keys()
    hub.commit(repo, {"pix2pix/old.py": b"x", "logo.png": b"x"}, [])
    write_checkpoint(models / "edges2shoes", seed=1, task="edges2shoes", discriminator=None)
    again = space("ada/studio", models, root=root)
    assert again.deleted == ["pix2pix/old.py"]
    assert again.sent
    assert all(path.startswith("checkpoints/edges2shoes/") for path in again.sent)
    assert hub.read(repo, "main", "logo.png") == b"x"


@pytest.mark.slow
def test_a_space_starts_from_its_files_and_writes_nothing_beside_them(
    hub: FakeHub, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    space("ada/studio", models)
    clean, home = tmp_path / "clean", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", hub.root / "spaces/ada/studio", clean], check=True)
    before = sorted(clean.rglob("*"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"GRADIO_SERVER_NAME": "0.0.0.0", "SYSTEM": "spaces", "SPACE_ID": "ada/studio"}  # as Spaces set them
    with opened(clean, environment) as server:
        report_start(server)
    assert "with the models of 2 task(s)" in capsys.readouterr().out
    assert sorted(clean.rglob("*")) == before


@pytest.mark.slow
def test_the_cold_start_of_a_space_is_measured(models: Path, capsys: pytest.CaptureFixture) -> None:
    print_cold_start(models)
    size, start = capsys.readouterr().out.splitlines()
    files = space_files(models)
    assert size.startswith(f"a Space of {len(files)} files, {sum(path.stat().st_size for path in files.values()) / 1e6:.1f} MB")
    page, pictures = map(float, re.search(r"page served after ([\d.]+) s, .* and ([\d.]+) s after the start", start).groups())
    assert 0 < page < pictures


def test_a_space_is_reached_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "GRADIO_SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    assert launch.parser().parse_args([]).host == "127.0.0.1"
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")  # as Spaces set it
    assert launch.parser().parse_args([]).host == "0.0.0.0"


def test_the_readme_lists_every_setting_with_its_environment_variable() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for setting in launch.parser()._actions[1:]:  # all but --help
        assert f"`{setting.option_strings[-1]}`" in readme
        for variable in re.findall(r"\(([A-Z0-9_]+)(?:=1)?\)", setting.help):
            assert f"`{variable}" in readme


def test_on_zerogpu_a_function_is_declared_and_the_cpu_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    launch.declare_gpu()
    declared: list[object] = []
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=declared.append))
    launch.declare_gpu()
    assert len(declared) == 1
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert choose_device("auto").type == "cpu"


def test_the_image_runs_without_root_and_writes_only_to_volumes_and_temporary_files() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(lines)
    assert "FROM python:3.11-slim" in lines
    assert lines.index("USER studio") < lines.index('CMD ["python", "app.py"]')
    for setting in ("HOST=0.0.0.0", "PORT=7860", "PIX2PIX_CHECKPOINTS=/checkpoints", "GRADIO_TEMP_DIR=/tmp/", "HF_HOME=/cache/"):
        assert setting in text
    assert 'VOLUME ["/cache", "/checkpoints"]' in lines
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1] if not name.startswith("--")}
    assert copied == {path.split("/")[0] for path in space_files(ROOT / "checkpoints")} | {"checkpoints"}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
