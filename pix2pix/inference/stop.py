"""Stopping a computation that nobody waits for any more, from another thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class StoppedError(Exception):
    """The computation was stopped before its end."""


class Stop:
    """A flag that any thread may set once. A computation checks it, or registers a function that interrupts it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._interrupts: list[Callable[[], None]] = []

    def set(self) -> None:
        """Stop what runs `under` this now, and what starts later."""
        with self._lock:
            self._is_set = True
            for interrupt in self._interrupts:
                interrupt()

    @contextlib.contextmanager
    def under(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Let `set` call `interrupt` while entered. Raise StoppedError if it was set before, or when it is set meanwhile."""
        with self._lock:
            if self._is_set:
                raise StoppedError
            self._interrupts.append(interrupt)
        try:
            yield
        except Exception:
            if self._is_set:
                raise StoppedError from None
            raise
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)
