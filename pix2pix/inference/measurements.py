"""What was measured on this machine, kept between processes in a small file of the user's cache folder."""

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

import platformdirs

from pix2pix.checkpoint.atomic import write_atomically

# Machines and networks that are remembered; the oldest are forgotten.
MAX_ENTRIES = 200
log = logging.getLogger(__name__)
_lock = threading.Lock()


def measurements_file() -> Path:
    """Return where measurements are kept; PIX2PIX_CACHE names another folder. May be deleted at any time."""
    return Path(os.environ.get("PIX2PIX_CACHE") or platformdirs.user_cache_dir("pix2pix-studio", False)) / "measurements.json"


def recall(key: str) -> dict[str, Any]:
    """Return what was kept for `key`; empty where nothing usable was."""
    kept = _read().get(key)
    return kept if isinstance(kept, dict) else {}


def keep(key: str, found: dict[str, Any]) -> None:
    """Remember plain JSON values for `key`. Where nothing can be written, nothing is remembered."""
    _write(key, found)


def forget(key: str) -> None:
    """Let `key` be measured anew."""
    _write(key, None)


def _write(key: str, entry: dict[str, Any] | None) -> None:
    with _lock:
        kept = _read()
        kept.pop(key, None)
        if entry is not None:
            kept[key] = entry
        while len(kept) > MAX_ENTRIES:
            del kept[next(iter(kept))]
        try:
            write_atomically(measurements_file(), lambda temporary: temporary.write_text(json.dumps(kept, indent=1)))
        except OSError as error:
            log.debug("measurements are not kept: %s", error)


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(measurements_file().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
