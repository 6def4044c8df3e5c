"""Writing files so that a kill at any moment leaves the old file or the new one, whole."""

import contextlib
import fcntl
import glob
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Lets `write` fill a temporary file beside `path`, then puts it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed process left behind is overwritten, not collected.
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path, wait: bool = True) -> Iterator[bool]:
    """Holds a folder's lock against other threads and processes. Gives False where it is held already and is not waited for.

    The kernel frees it when the process ends, however that happens, and nothing of it stays on the disk.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _lock(descriptor, wait)
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing is not enough: a process forked meanwhile would hold it on
        os.close(descriptor)


def _lock(descriptor: int, wait: bool) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return wait  # some network disks have no locks: one writer is safe there, and what others left is not touched
    return True


@contextlib.contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """An empty hidden folder beside `target` for this writer alone; removed afterwards, and so are those of killed writers."""
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
    """Waits until a file's content is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
