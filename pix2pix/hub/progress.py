"""How far a download is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

# Progress is reported at most this often, and once at the end.
REPORT_INTERVAL_S = 0.1


@dataclass(frozen=True)
class Progress:
    """Bytes of all files together. `total` and what follows from it are None where the server does not say."""

    file: str
    done: int
    total: int | None
    speed: float

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far."""
        return (self.total - self.done) / self.speed if self.total is not None and self.speed > 0 else None

    def __str__(self) -> str:
        of = f" of {self.total / 1e6:.1f}" if self.total is not None else ""
        left = f", {self.seconds_left:.0f} s left" if self.seconds_left is not None else ""
        return f"{self.file}: {self.done / 1e6:.1f}{of} MB, {self.speed / 1e6:.1f} MB/s{left}"


class Meter:
    """Adds bytes up and tells `callback`. What the callback raises ends the download, which can be resumed."""

    def __init__(self, total: int | None, callback: Callable[[Progress], None] | None = None):
        self.total, self.callback = total, callback
        self._done = self._received = 0
        self._started = time.monotonic()
        self._reported_at = 0.0

    def have(self, file: str, count: int) -> None:
        """Count bytes that were there already; a negative `count` takes bytes back."""
        self._done += count
        self._report(file)

    def receive(self, file: str, count: int) -> None:
        """Count bytes from the network."""
        self._received += count
        self.have(file, count)

    def _report(self, file: str) -> None:
        now = time.monotonic()
        if self.callback and (now - self._reported_at >= REPORT_INTERVAL_S or self._done == self.total):
            self._reported_at = now
            self.callback(Progress(file, self._done, self.total, self._received / max(now - self._started, 1e-3)))
