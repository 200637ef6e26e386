"""A process that belongs to the launcher: it has a log, is asked to stop kindly, and does not outlive its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


class Child:
    """One started program."""

    def __init__(
        self,
        name: str,
        command: list[str],
        log: Path,
        *,
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the launcher, which then stops it in order."""
        self.name, self.log, self.stop_signal = name, log, stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=folder,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(stop_signal),
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
            )

    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self.process.poll()

    def stop(self, patience: float = 15) -> None:
        """Ask it to stop; after `patience` seconds, make it, with all that it started."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def die_with_parent(how: signal.Signals) -> None:
    """Have Linux stop this process when the launcher is killed outright; elsewhere the next start cleans up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)
