"""What makes the studio start sooner: two things that importing Gradio does, which a program that serves has no use for."""

import contextlib
import gc
import inspect
from collections.abc import Iterator


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """While entered, no garbage is looked for, of which imports make none, and no type stubs are written.

    At each import Gradio renders a stub beside the file of every component class, for editors. It leaves out classes whose
    file is not known, so for component classes it is not.
    """
    getfile = inspect.getfile

    def of_others(thing: object) -> str:
        if isinstance(thing, type) and hasattr(thing, "EVENTS"):
            raise OSError(f"{thing.__name__} needs no stub")
        return getfile(thing)

    inspect.getfile = of_others
    gc.disable()
    try:
        yield
    finally:
        inspect.getfile = getfile
        gc.freeze()  # what was imported stays to the end: later searches need not look at it
        gc.enable()
