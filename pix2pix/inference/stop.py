"""Stopping a computation that nobody waits for any more, from another thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class StoppedError(Exception):
    """The computation was stopped before its end."""


class Stop:
    """Set once, by any thread; what computes meanwhile looks at it, or gives it a function that interrupts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._interrupts: list[Callable[[], None]] = []

    def set(self) -> None:
        """Stops what runs `under` this, and what will."""
        with self._lock:
            self._is_set = True
            for interrupt in self._interrupts:
                interrupt()

    @contextlib.contextmanager
    def under(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """While entered, `set` calls `interrupt`. Raises StoppedError if it was set before, or when it is set meanwhile."""
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
