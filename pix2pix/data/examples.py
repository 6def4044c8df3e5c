"""The project's own pictures in examples/: inputs to start from, by task, and crude drawings that models are measured on.

They are drawn by tools/examples, and read here as files.
"""

from pathlib import Path

from pix2pix.data.images import pictures_in

_PACKAGE = Path(__file__).resolve().parents[1]
# Beside the package in a checkout, inside it where it was installed.
_BESIDE = _PACKAGE.parent / "examples"
EXAMPLES = _BESIDE if _BESIDE.is_dir() else _PACKAGE / "examples"
_CRUDE = "crude"


def examples_of(task: str) -> list[Path]:
    """Return the example inputs of a task, in the order in which they are offered."""
    return _pictures(EXAMPLES / task)


def random_examples_of(task: str) -> list[Path]:
    """Return the inputs that Random chooses from: the task's own collection if it has one, else the examples."""
    return _pictures(EXAMPLES / task / "random") or examples_of(task)


def crude_drawings_of(task: str) -> list[tuple[Path, Path]]:
    """Return hasty drawings, and each of them without the lines that enclose background, such as a bag's handles."""
    drawings = [path for path in _pictures(EXAMPLES / _CRUDE / task) if not path.stem.endswith("_body")]
    bodies = [path.with_stem(f"{path.stem}_body") for path in drawings]
    return [(path, body if body.exists() else path) for path, body in zip(drawings, bodies, strict=True)]


def tasks_with_crude_drawings() -> list[str]:
    """Return the tasks that have crude drawings."""
    return sorted(folder.name for folder in (EXAMPLES / _CRUDE).glob("*/"))


def _pictures(folder: Path) -> list[Path]:
    return pictures_in(folder) if folder.is_dir() else []
