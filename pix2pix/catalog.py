"""Which models there are in a checkpoints folder, whole or broken."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pix2pix.checkpoint import check_folder, file_versions, recover_all
from pix2pix.config import CheckpointError, Config

FULL_OBJECTIVE = "l1+cgan"


@dataclass(frozen=True)
class Entry:
    """One folder of checkpoints/: its config, or the reason why it cannot be used."""

    name: str
    folder: Path
    config: Config | None
    fault: str = ""


def list_entries(checkpoints: Path) -> list[Entry]:
    """Every folder of `checkpoints`, sorted by name; one that cannot be read is listed with its fault."""
    if not checkpoints.is_dir():
        return []
    recover_all(checkpoints)
    entries = []
    for folder in sorted(checkpoints.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            entries.append(_entry(folder, file_versions(folder)))
    return entries


@lru_cache(maxsize=1024)
def _entry(folder: Path, versions: tuple) -> Entry:
    """Reads a folder through, once for each of its versions."""
    try:
        return Entry(folder.name, folder, check_folder(folder))
    except CheckpointError as error:
        return Entry(folder.name, folder, None, str(error))


def tasks(entries: list[Entry]) -> dict[str, dict[str, Entry]]:
    """Usable entries by task, then by objective; of several with one objective the one whose folder is named after them wins."""
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        if entry.config is None:
            continue
        objectives = found.setdefault(entry.config.task, {})
        expected = entry.config.task + ("" if entry.config.objective == FULL_OBJECTIVE else f"-{entry.config.objective}")
        if entry.config.objective not in objectives or entry.name == expected:
            objectives[entry.config.objective] = entry
    return found
