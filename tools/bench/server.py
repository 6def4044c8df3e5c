"""The real app.py as a process of its own, on a free port: when its page is served and what memory it holds."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

START_TIMEOUT_S = 180
ROOT = Path(__file__).resolve().parent.parent.parent


class ServerError(Exception):
    """The studio could not be started, or does not answer as it should; the message says why."""


class Server:
    """A studio that serves the models of a folder. `seconds` is the time from starting the process to its page."""

    def __init__(self, pid: int, address: str, seconds: float):
        self.pid, self.address, self.seconds = pid, address, seconds

    def megabytes(self) -> float:
        """Resident memory of the process and its children; NaN where psutil is not installed. Raises ServerError."""
        try:
            import psutil
        except ImportError:
            return float("nan")
        try:
            server = psutil.Process(self.pid)
            return sum(process.memory_info().rss for process in (server, *server.children(recursive=True))) / 1e6
        except psutil.NoSuchProcess:
            raise ServerError("app.py ended while it was measured") from None


def studio(checkpoints: Path) -> contextlib.AbstractContextManager[Server]:
    """This studio on `checkpoints`, as `opened` does it."""
    return opened(ROOT, os.environ, "--host", "127.0.0.1", "--checkpoints", checkpoints)


@contextlib.contextmanager
def opened(root: Path, environment: Mapping[str, str], *flags: str | Path) -> Iterator[Server]:
    """Opens the app.py of `root` and closes it afterwards. Raises ServerError with what it said if it ends by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command, environment = [sys.executable, root / "app.py", *flags], {**environment, "PORT": str(port)}
    with tempfile.TemporaryFile() as said:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, cwd=root, env=environment)
        try:
            while not _answers(address):
                if process.poll() is not None:
                    said.seek(0)
                    raise ServerError(f"app.py ended: {said.read().decode(errors='replace').strip()[-500:]}")
                if time.perf_counter() - begin > START_TIMEOUT_S:
                    raise ServerError(f"app.py did not serve its page within {START_TIMEOUT_S} s")
                time.sleep(0.02)
            yield Server(process.pid, address, time.perf_counter() - begin)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except OSError:
        return False
    return True
