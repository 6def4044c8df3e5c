"""olah, a Hub mirror by other people, in a virtual environment of its own: made once, 113 MB, in .venv-olah."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.making import ROOT

VERSION = "0.5.4"
ENVIRONMENT = ROOT / ".venv-olah"

# Port 9 is closed: what olah does not have, it cannot get from elsewhere.
CONFIG = """
[basic]
host = "127.0.0.1"
port = {port}
repos-path = "{work}/cache"
hf-scheme = "http"
hf-netloc = "127.0.0.1:9"
hf-lfs-netloc = "127.0.0.1:9"
mirror-scheme = "http"
mirror-netloc = "127.0.0.1:{port}"
mirror-lfs-netloc = "127.0.0.1:{port}"
mirrors-path = ["{root}"]
[accessibility]
offline = true
"""


def installed() -> Path:
    """The server's program, installed now if it is not yet."""
    done = ENVIRONMENT / VERSION
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        pip = [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"olah=={VERSION}"], check=True)
        done.touch()
    return ENVIRONMENT / "bin" / "olah-cli"


@contextlib.contextmanager
def olah(root: Path, work: Path) -> Iterator[str]:
    """Serves the bare git repositories at `root`/models/owner/name; its endpoint. It writes to `work`."""
    program = installed()
    work.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (work / "olah.toml").write_text(CONFIG.format(port=port, work=work, root=root))
    with (work / "output.txt").open("w") as output:
        server = subprocess.Popen(
            [program, "-c", "olah.toml"], cwd=work, stdout=output, stderr=output, env=os.environ | {"HOME": str(work)}
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while not _answers(endpoint):
            assert server.poll() is None, (work / "output.txt").read_text()
            assert time.monotonic() < deadline, (work / "output.txt").read_text()
            time.sleep(0.2)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def _answers(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
