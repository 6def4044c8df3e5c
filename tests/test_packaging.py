"""The package as others install and import it."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest

import pix2pix
from pix2pix.checkpoint.folder import Generator
from pix2pix.inference.translator import Translator
from pix2pix.version import version
from tests.helpers.making import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = re.compile(r"pix2pix-studio\[(.*)\]")


def requirements(name: str) -> set[str]:
    """The pins of a requirements file and of those that it includes."""
    pins = set()
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        requirement = line.split("#")[0].strip()
        if requirement.startswith("-r "):
            pins |= requirements(requirement.removeprefix("-r "))
        elif requirement:
            pins.add(requirement.replace('"', "'"))
    return pins


def extra(name: str) -> set[str]:
    """The pins that an extra brings, with those of the extras that it names."""
    pins = set()
    for requirement in EXTRAS[name]:
        named = OWN.fullmatch(requirement)
        pins |= set().union(*map(extra, named[1].split(","))) if named else {requirement}
    return pins


def test_the_extras_and_the_requirements_files_have_the_same_pins() -> None:
    library = set(PROJECT["dependencies"])
    assert library | extra("app") == requirements("requirements.txt")
    assert extra("export") == requirements("requirements-export.txt")
    assert extra("metrics") == requirements("requirements-metrics.txt")
    assert library | extra("dev") == requirements("requirements-dev.txt")
    assert extra("dev") > extra("app") | extra("export")


def test_every_console_script_names_a_function() -> None:
    assert set(PROJECT["scripts"]) == {"pix2pix", "pix2pix-train", "pix2pix-studio"}
    for target in PROJECT["scripts"].values():
        module, function = target.split(":")
        assert callable(getattr(import_module(module), function))


def test_the_package_exports_its_names_and_imports_nothing_for_it() -> None:
    code = "import sys, pix2pix; assert not {'torch', 'numpy', 'gradio'} & sys.modules.keys(); print(pix2pix.__version__)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == PROJECT["version"]
    assert pix2pix.Translator is Translator
    assert pix2pix.Generator is Generator
    assert set(pix2pix.__all__) <= set(dir(pix2pix))
    assert not hasattr(pix2pix, "Painter")


def test_the_version_is_the_checkouts_or_the_installed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(_: str) -> str:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "version", installed)
    assert version(tmp_path / "pix2pix") == "unknown"
    monkeypatch.setattr(metadata, "version", {"pix2pix-studio": "1.2.3"}.__getitem__)
    assert version(tmp_path / "pix2pix") == "1.2.3"
    for name, expected in (("pix2pix-studio", "4.5.6"), ("another", "1.2.3")):
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "4.5.6"\n')
        assert version(tmp_path / "pix2pix") == expected
