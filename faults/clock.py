"""One clock for several processes, which can run fast, jump, and be set back.

Its face is a small file that every process maps into memory. Only what Python reads as the time of day follows it:
`time.monotonic`, the database's own `now()`, sleeping and sockets go by the real one.
"""

from __future__ import annotations

import datetime
import mmap
import struct
import time
from collections.abc import Callable
from pathlib import Path

import time_machine

FACE = struct.Struct("<qqd")  # a reading of time.monotonic_ns(), what the clock showed then (ns), how fast it runs
SIZE = 1 + 2 * FACE.size  # which of two faces is good, and both: none is ever read half written
SECOND = 1_000_000_000


class Clock:
    """The clock of a folder. Any process may read it, one sets it."""

    def __init__(self, path: Path) -> None:
        """Open it; a new one shows the real time."""
        self.path = path
        is_new = not path.exists()
        if is_new:
            path.write_bytes(b"\0" + FACE.pack(time.monotonic_ns(), time.time_ns(), 1.0) * 2)
        with path.open("r+b") as file:
            self._file = mmap.mmap(file.fileno(), SIZE)

    def time_ns(self) -> int:
        """What it shows, in nanoseconds since 1970."""
        then, shown, rate = self._face()
        return shown + int((time.monotonic_ns() - then) * rate)

    def now(self) -> datetime.datetime:
        """What it shows."""
        return datetime.datetime.fromtimestamp(self.time_ns() / SECOND, datetime.UTC)

    @property
    def rate(self) -> float:
        """How many of its seconds pass in a real one."""
        return self._face()[2]

    def set(self, to: datetime.datetime | None = None, *, rate: float | None = None) -> None:
        """Set it, let it run at another rate, or both."""
        shown = self.time_ns() if to is None else int(to.timestamp() * SECOND)
        other = 1 - self._file[0]
        face = FACE.pack(time.monotonic_ns(), shown, self.rate if rate is None else rate)
        self._file[1 + other * FACE.size : 1 + (other + 1) * FACE.size] = face
        self._file[0] = other

    def jump(self, by: datetime.timedelta) -> None:
        """Set it forward, or back."""
        self.set(self.now() + by)

    def _face(self) -> tuple[int, int, float]:
        start = 1 + self._file[0] * FACE.size
        then, shown, rate = FACE.unpack(self._file[start : start + FACE.size])
        return then, shown, rate


class _Follower(time_machine.Traveller):
    """What time-machine asks for the time."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(0, None, tick=True)
        self.clock = clock

    def time_ns(self) -> int:
        return self.clock.time_ns()


def follow(clock: Clock) -> Callable[[], None]:
    """Let this process, and those it forks, read the time from this clock. Returns what ends that."""
    journey = time_machine.travel(0)
    journey.start()
    time_machine.traveller_stack[-1] = _Follower(clock)
    return journey.stop
