"""The folder of Gradio's temporary files: one of this program's own, gone when the program is."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "pix2pix-studio-"
# Held as long as the program runs: unlike a process number it means the same in every container.
LOCK = "in-use.lock"
# A folder without a lock may be that of a program that is just being started.
START_S = 60


@contextlib.contextmanager
def temporary_files() -> Iterator[None]:
    """Let Gradio keep its files in a folder that is removed afterwards: its own is shared by all programs and never emptied.

    Folders that killed programs left behind are removed too. Raise ValueError if the folder cannot be written.
    """
    if chosen := os.environ.get("GRADIO_TEMP_DIR"):  # the owner's choice
        _check(Path(chosen))
        yield
        return
    remove_left_behind()
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True))
            stack.enter_context(FileLock(Path(folder, LOCK), timeout=0))
        except OSError as error:
            raise ValueError(f"temporary files cannot be written ({error.strerror}); choose a folder with TMPDIR") from None

        def end(number: int, _: object) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

        before = signal.signal(signal.SIGTERM, end)  # how containers and services end a program
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["GRADIO_TEMP_DIR"]
            signal.signal(signal.SIGTERM, before)


def remove_left_behind() -> None:
    """Remove the temporary folders of studios that no longer run."""
    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError, Timeout):
                if folder.is_symlink() or not _is_own(folder):
                    continue
                if (folder / LOCK).exists():
                    FileLock(folder / LOCK, timeout=0).acquire().lock.release()
                elif time.time() - folder.stat().st_mtime < START_S:
                    continue
                shutil.rmtree(folder, ignore_errors=True)


def _is_own(folder: Path) -> bool:
    """Return whether this user made a folder. On Windows the folder of temporary files is a user's own."""
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _check(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(f"temporary files cannot be written to GRADIO_TEMP_DIR, {folder} ({error.strerror})") from None
