"""Which models there are: in a checkpoints folder, whole or broken, and known ones that can be pulled."""

import logging
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pix2pix.checkpoint.atomic import locked
from pix2pix.checkpoint.config import MAX_REASON, CheckpointError, Config, shorten
from pix2pix.checkpoint.folder import CONFIG_FILE, check_folder, file_versions, recover_all
from pix2pix.checkpoint.origin import read_origin

log = logging.getLogger(__name__)

FULL_OBJECTIVE = "l1+cgan"
KNOWN_MODELS = Path(__file__).with_name("known_models.toml")


@dataclass(frozen=True)
class Entry:
    """One folder of checkpoints/: its config, or the reason why it cannot be used."""

    name: str
    folder: Path
    config: Config | None
    error: str = ""


@dataclass(frozen=True)
class UsableEntry(Entry):
    """A folder of checkpoints/ that holds a whole model. `visitors`: it was pulled by a visitor of a studio."""

    config: Config
    visitors: bool = False


def list_entries(checkpoints: Path) -> list[Entry]:
    """Return every folder of `checkpoints`, sorted by name; one that cannot be read is listed with its error."""
    if not checkpoints.is_dir():
        return []
    recover_all(checkpoints)
    with locked(checkpoints):  # so that none is missing, or half old and half new, because it is being replaced
        folders = [path for path in sorted(checkpoints.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        return [_entry(folder, file_versions(folder)) for folder in folders]


@lru_cache(maxsize=1024)
def _entry(folder: Path, versions: tuple) -> Entry:
    """Read a folder through, once for each of its versions."""
    try:
        config, origin = check_folder(folder), read_origin(folder)
        return UsableEntry(folder.name, folder, config, visitors=origin is not None and origin.visitor)
    except CheckpointError as error:
        return Entry(folder.name, folder, None, shorten(str(error), MAX_REASON))
    except Exception as error:  # whatever one folder holds, the others are offered
        log.warning("%s cannot be read", folder, exc_info=error)
        return Entry(folder.name, folder, None, f"{folder.name} cannot be read ({type(error).__name__})")


def tasks(entries: Sequence[Entry]) -> dict[str, dict[str, UsableEntry]]:
    """Return usable entries by task, then by objective.

    Of several with one objective the one whose folder is named after them wins. What visitors pulled is here only for tasks
    that have nothing else: it replaces no model of the owner's.
    """
    found: dict[str, dict[str, UsableEntry]] = {}
    usable = [entry for entry in entries if isinstance(entry, UsableEntry)]
    owned = {entry.config.task for entry in usable if not entry.visitors}
    for entry in usable:
        if entry.visitors and entry.config.task in owned:
            continue
        objectives = found.setdefault(entry.config.task, {})
        expected = entry.config.task + ("" if entry.config.objective == FULL_OBJECTIVE else f"-{entry.config.objective}")
        if entry.config.objective not in objectives or entry.name == expected:
            objectives[entry.config.objective] = entry
    return found


class KnownModel(BaseModel):
    """An entry of known_models.toml. `source` is `owner/name` or a URL, `file` the weights in a repository."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    file: str = ""
    task: str
    objective: str = FULL_OBJECTIVE
    direction: Literal["AtoB", "BtoA"]
    layout: str
    norm_statistics: Literal["image", "running"]
    license: str
    notes: str = ""


@cache
def known_models() -> dict[str, KnownModel]:
    """Return the public models that can be pulled by name."""
    entries = tomllib.loads(KNOWN_MODELS.read_text(encoding="utf-8"))
    return {name: KnownModel.model_validate(entry) for name, entry in entries.items()}


def check_name(name: str) -> str:
    """Return the name, if a checkpoint may have it.

    Raise CheckpointError, above all for what leads out of the checkpoints folder.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise CheckpointError(
            f"{name!r} cannot name a checkpoint: names are letters, digits, dots, hyphens and underscores, at most 100,"
            " and start with a letter or digit"
        )
    return name


def find_local(checkpoints: Path, name: str) -> Path | None:
    """Return the folder of a checkpoint by its name in `checkpoints` or its path, None where there is none."""
    return next((folder for folder in (checkpoints / name, Path(name)) if (folder / CONFIG_FILE).is_file()), None)


def find_pulled(checkpoints: Path, source: str, revision: str | None = None) -> Path | None:
    """Return the checkpoint folder that was pulled from `source` (`owner/name`, a URL or a path), if there is one.

    `revision` may be the one requested then, or its commit.
    """
    for folder in sorted(checkpoints.glob("[!.]*")):
        origin = read_origin(folder)
        if origin and origin.source == source and revision in (None, origin.revision, origin.commit):
            return folder
    return None
