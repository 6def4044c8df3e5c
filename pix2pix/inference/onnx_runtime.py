"""ONNX Runtime without its telemetry, which its packages bring switched on: every import of it goes through here."""

import os
from types import ModuleType


def onnx_runtime() -> ModuleType:
    """Import the package `onnxruntime`. Raise ImportError where it is missing, and what it raises where it does not start."""
    # Read once, when the package is imported: telemetry that is switched off later has been sent already.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime
