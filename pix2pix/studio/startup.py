"""What makes the studio start sooner: two things that importing Gradio does, which a program that serves has no use for."""

import contextlib
import gc
import inspect
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Speed up imports while entered: no garbage is collected, of which imports make none, and no type stubs are written.

    At each import Gradio renders a stub beside the file of every component class, for editors. It leaves out classes whose
    file is not known, so for component classes it is not.
    """
    getfile = inspect.getfile

    def of_others(object: Any) -> str:  # the parameter has the name it has in inspect
        if isinstance(object, type) and hasattr(object, "EVENTS"):
            raise OSError(f"{object.__name__} needs no stub")
        return getfile(object)

    inspect.getfile = of_others
    gc.disable()
    try:
        yield
    finally:
        inspect.getfile = getfile
        gc.freeze()  # what was imported stays to the end: later searches need not look at it
        gc.enable()
