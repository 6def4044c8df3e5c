"""Writing files so that a kill at any moment leaves the old file or the new one, whole."""

import contextlib
import glob
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor

# Pause between two attempts to take a lock that somebody else holds.
POLL_INTERVAL_S = 0.005


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed process left behind is overwritten, and does not pile up.
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a folder's lock against other threads and processes. Yield False where it is held already and is not to be waited for.

    The system frees it when the process ends, however that happens, and nothing of it stays beside the folder.
    """
    with _lockable(folder) as descriptor:
        try:
            yield _lock(descriptor, wait)
        finally:
            with contextlib.suppress(OSError):
                unlock_descriptor(descriptor)  # closing is not enough: a process forked meanwhile would hold it on


@contextlib.contextmanager
def _lockable(folder: Path) -> Iterator[int]:
    """Yield an open descriptor for a folder: its own, or on Windows, which opens no folders, that of a temporary file."""
    if os.name != "nt":
        descriptor, stand_in = os.open(folder, os.O_RDONLY), None
    else:
        # Not in the folder: Windows renames no folder in which a file is open.
        identity = hashlib.sha256(os.path.normcase(folder.resolve(strict=True)).encode()).hexdigest()
        stand_in = Path(tempfile.gettempdir(), f"pix2pix-{identity}.lock")
        descriptor = os.open(stand_in, os.O_RDWR | os.O_CREAT)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        if stand_in is not None:
            with contextlib.suppress(OSError):  # Windows removes no file that somebody else waits at
                stand_in.unlink()


def _lock(descriptor: int, wait: bool) -> bool:
    try:
        return lock_descriptor(descriptor, blocking=wait, poll_interval=POLL_INTERVAL_S)
    except OSError:
        return wait  # some network disks have no locks: a single writer is safe there, and leftovers of others are not touched


@contextlib.contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """Yield an empty hidden folder beside `target` for this writer alone.

    It is removed afterwards, and so are those that killed writers left.
    """
    folder = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    with contextlib.ExitStack() as stack:
        with locked(target.parent):
            for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
                with contextlib.suppress(FileNotFoundError), locked(left, wait=False) as abandoned:
                    if abandoned:
                        shutil.rmtree(left, ignore_errors=True)
            folder.mkdir()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(locked(folder))
        yield folder


def flush(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb+") as file:  # to write, which Windows demands for this
        os.fsync(file.fileno())
