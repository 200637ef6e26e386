"""Supervises child processes: reports what ended, restarts what was killed, and stops everything when one gives up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from launcher.console import Problem, say

KILLED = -signal.SIGKILL
TRIES = 5  # for one program, before it is given up


class Watched(Protocol):
    """A program under watch: a Child, PostgreSQL or Valkey."""

    name: str

    def start(self) -> object:
        """Start it, again if need be."""

    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""

    def last_words(self) -> str:
        """The end of its log."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or a closed terminal."""


def stop_on_signals() -> None:
    """From now on the first of these signals raises Stopped; impatient repeats do not disturb the stopping."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in signals:
        signal.signal(number, stop)


class Watch:
    """The programs to watch, in the order they were started."""

    def __init__(self, programs: Sequence[Watched]) -> None:
        self.programs = list(programs)
        self.again: dict[str, int] = {}

    def look(self) -> None:
        """Check once. A program that was killed (by hand, or out of memory) is restarted, with a message.

        Raises Problem for a program that exited by itself, with the end of its log.
        """
        for program in self.programs:
            code = program.ended()
            if code is None:
                continue
            times = self.again[program.name] = self.again.get(program.name, 0) + 1
            if code != KILLED or times > TRIES:
                raise Problem(
                    f"{program.name} ended by itself (exit code {code}). The end of its log:\n{program.last_words()}"
                )
            say(f"  {program.name} was killed; starting it again.")
            program.start()

    def forever(self) -> None:
        """Look twice a second until something is raised."""
        make = _Make()
        while True:
            self.look()
            if make.was_interrupted():
                raise Stopped
            time.sleep(0.5)


class _Make:
    """The parent `make`. After SIGINT or SIGHUP it waits for us silently: only its signal mask shows it."""

    def __init__(self) -> None:
        self.status = Path(f"/proc/{os.getppid()}/status") if "MAKELEVEL" in os.environ else None
        self.handled = self._handles()

    def was_interrupted(self) -> bool:
        """Whether it has received one of the signals since the start: it then no longer handles that one."""
        return bool(self.handled & ~self._handles())

    def _handles(self) -> int:
        try:
            lines = self.status.read_text().splitlines() if self.status else []
        except OSError:
            return 0
        caught = [int(line.split()[1], 16) for line in lines if line.startswith("SigCgt")]
        return sum(caught) & (1 << signal.SIGINT - 1 | 1 << signal.SIGHUP - 1)
