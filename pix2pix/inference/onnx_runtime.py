"""ONNX Runtime without its telemetry, which its packages bring switched on: every import of it goes through here."""

import os
from types import ModuleType


def onnx_runtime() -> ModuleType:
    """The package `onnxruntime`. Raises ImportError where it is missing, and what it raises where it does not start."""
    # Looked at once, when the package starts: later it has already told its makers of this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime
