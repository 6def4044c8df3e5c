"""Putting the studio itself on the Hub, as a Space."""

from collections.abc import Sequence
from pathlib import Path

from pix2pix.checkpoint.catalog import check_name
from pix2pix.checkpoint.config import CheckpointError
from pix2pix.checkpoint.folder import check_folder
from pix2pix.hub.contents import checkpoint_files
from pix2pix.hub.errors import HubError, explained
from pix2pix.hub.remote import writer
from pix2pix.hub.upload import Upload, upload

ROOT = Path(__file__).resolve().parents[2]
# What the studio runs on: no tests, no runs, nothing that only develops it.
APP_FILES = ("README.md", "LICENSE", "app.py", "requirements.txt")
APP_FOLDERS = ("pix2pix", "examples")
# Drawings that `evaluate` measures models on.
CRUDE_DRAWINGS = ("examples", "crude")
CHECKPOINTS = "checkpoints"


def space(
    repo_id: str,
    checkpoints: Path,
    names: Sequence[str] = (),
    *,
    private: bool = False,
    root: Path = ROOT,
    endpoint: str | None = None,
    token: str | None = None,
) -> Upload:
    """Make `repo_id` a Space of the app at `root` with the named checkpoints, all usable ones by default.

    Only what has changed is sent, in one commit; files of the Space that the app does not know are left alone. Raise
    HubError with one sentence.
    """
    files = space_files(checkpoints, names, root)
    with explained(repo_id):
        return upload(
            writer(endpoint, token),
            repo_id,
            files,
            lambda path: path.split("/")[0] in (*APP_FOLDERS, CHECKPOINTS),
            "pix2pix studio",
            repo_type="space",
            private=private,
            space_sdk="gradio",
        )


def space_files(checkpoints: Path, names: Sequence[str] = (), root: Path = ROOT) -> dict[str, Path]:
    """Return exactly the files that a Space needs, by their path in it. Raise HubError if a named checkpoint is not usable."""
    if not (root / "app.py").is_file():
        raise HubError(f"{root} does not hold the app: a Space is made from a copy of the project's folder")
    files = {name: root / name for name in APP_FILES}
    for part in APP_FOLDERS:
        for path in sorted((root / part).rglob("*")):
            parts = path.relative_to(root).parts
            unused = any(each.startswith((".", "__pycache__")) for each in parts) or parts[:2] == CRUDE_DRAWINGS
            if path.is_file() and not unused:
                files[path.relative_to(root).as_posix()] = path
    for name in names or sorted(path.name for path in checkpoints.glob("[!.]*") if path.is_dir()):
        folder = checkpoints / name
        try:
            check_name(name)
            check_folder(folder)
        except CheckpointError as error:
            if names:
                raise HubError(f"this cannot go into a Space: {error}") from error
            continue
        held = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        files |= {f"{CHECKPOINTS}/{name}/{path}": folder / path for path in checkpoint_files(held)}
    return files
