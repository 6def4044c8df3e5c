"""The package: its pins, and what is inside the wheel."""

import re
import tomllib
from importlib import import_module

from making import ROOT

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
    assert library | extra("dev") == requirements("requirements-dev.txt")
    assert extra("dev") > extra("app") | extra("export")


def test_every_console_script_names_a_function() -> None:
    assert set(PROJECT["scripts"]) == {"pix2pix", "pix2pix-train", "pix2pix-studio"}
    for target in PROJECT["scripts"].values():
        module, function = target.split(":")
        assert callable(getattr(import_module(module), function))
