"""Where a pulled checkpoint came from: origin.json beside its config."""

import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

ORIGIN_FILE = "origin.json"
MAX_BYTES = 1_000_000


class OriginFile(BaseModel):
    """One file as it was received."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Origin(BaseModel):
    """`source` is what was requested, without revision: `owner/name`, a URL or a path. `commit` pins a repository.

    `visitor` says that it was pulled on a studio's page, where anybody may.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    revision: str | None = None
    commit: str | None = None
    files: dict[str, OriginFile]
    date: str
    visitor: bool = False


def now() -> str:
    """Return the date and time for `Origin.date`."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def read_origin(folder: Path) -> Origin | None:
    """Return where a checkpoint folder was pulled from; None if it was made here, or if its record cannot be read."""
    try:
        if (folder / ORIGIN_FILE).stat().st_size > MAX_BYTES:
            return None
        return Origin.model_validate_json((folder / ORIGIN_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def write_origin(folder: Path, origin: Origin) -> None:
    """Write origin.json into a folder that is not offered yet."""
    (folder / ORIGIN_FILE).write_text(origin.model_dump_json(indent=2) + "\n", encoding="utf-8")
