"""Installs the build of PyTorch that fits this machine: `make app` runs it before everything else is installed.

The package index has the build for NVIDIA GPUs only, on Linux. Where there is no GPU, PyTorch's own index has one that takes a
quarter of the disk; it is tried with a short time limit. Needs nothing but Python.
"""

import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# What TORCH= says for the package index that pip is set to.
DEFAULT = "default"
TIMEOUT_S = 5
# Of .venv with all that the studio needs, on Linux x86-64: measured, and estimated as that without what CUDA takes of it.
WITH_CUDA = "5.9 GB on disk (PyTorch with CUDA)"
FOR_CPU = "1.6 GB on disk (PyTorch for the CPU)"
# pip prefers an index's own build, such as 2.14.1+cpu, to a plain one of the same version.
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")


def main(arguments: list[str]) -> int:
    """`[INDEX]`: the address to take PyTorch from, "default" for pip's own index, "" to choose. 0 if pip can go on."""
    requested = arguments[0] if arguments else ""
    pin = torch_pin((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    if is_installed(pin):
        return 0
    index = requested or (CPU_INDEX if wants_cpu_build() and answers(f"{CPU_INDEX}/torch/") else DEFAULT)
    if index == DEFAULT:
        print(f"installing into {sys.prefix}: about {WITH_CUDA if platform.system() == 'Linux' else FOR_CPU}", flush=True)
        return 0  # with the other requirements
    print(f"installing into {sys.prefix}: about {FOR_CPU if index == CPU_INDEX else WITH_CUDA}, {index}", flush=True)
    failed = subprocess.run([*PIP, "--index-url", index, pin]).returncode
    if failed and not requested:
        print(f"{index} could not give it: PyTorch comes from the package index, about {WITH_CUDA}", flush=True)
        return 0
    return failed


def torch_pin(requirements: str) -> str:
    """The text of requirements.txt -> its line about PyTorch, without the comment."""
    return re.search(r"^torch==[^\s#;]+", requirements, re.MULTILINE)[0]


def is_installed(pin: str) -> bool:
    """Whether any build of the pinned version is here already."""
    try:
        return metadata.version("torch").split("+")[0] == pin.removeprefix("torch==")
    except metadata.PackageNotFoundError:
        return False


def wants_cpu_build() -> bool:
    """Whether the package index's build would bring CUDA to a machine that has no NVIDIA GPU."""
    return platform.system() == "Linux" and shutil.which("nvidia-smi") is None


def answers(url: str, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether something is served there, within a time limit that holds for looking its name up, too."""
    found: list[bool] = []

    def look() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=timeout_s):
                found.append(True)
        except OSError:
            pass

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
