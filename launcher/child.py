"""A child process of the launcher: it has a log, is stopped gracefully, and does not outlive its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from launcher.console import Problem

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
        """Describe it; `start()` starts it. `user` is the id of the user it runs as, if not this one."""
        self.name, self.command, self.log, self.stop_signal = name, command, log, stop_signal
        self.environment, self.folder, self.user = environment, folder, user
        self.note = log.with_suffix(".pid")
        self.started, self.asked = 0, False
        self.process: subprocess.Popen[bytes]

    def start(self) -> Child:
        """Start it in its own session, so Ctrl-C reaches only the launcher, which then stops it in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        end_leftover(self.note)
        with self.log.open("ab" if self.started else "wb") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(self.stop_signal),
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user is not None else None,
            )
        self.started, self.asked = self.started + 1, False
        self.note.write_text(f"{self.process.pid} {birth_of(self.process.pid)}")
        return self

    def ended(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Tell it that the end has come, without waiting."""
        self.asked = True
        if self.started and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self, patience: float = 15) -> None:
        """Ask it to stop; after `patience` seconds, make it, with all that it started."""
        if not self.started:
            return
        if not self.asked:
            self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.note.unlink(missing_ok=True)

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def die_with_parent(how: int = signal.SIGKILL) -> None:
    """Have Linux end this process when its parent is killed outright; elsewhere the next start cleans up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)


def end_leftover(note: Path, patience: float = 10) -> None:
    """End what an earlier, killed launcher may have left running under this note, and wait until it is gone."""
    try:
        pid, birth = note.read_text().split(maxsplit=1)
    except (OSError, ValueError):
        return
    end(int(pid), birth, signal.SIGTERM, patience)


def end(pid: int, birth: str, how: signal.Signals, patience: float) -> None:
    """End a process that is not a child of this one. Raises Problem if it belongs to someone else."""
    for number, wait in ((how, patience), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + wait
        if not _lives(pid, birth):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise Problem(f"Another user's server (process {pid}) runs on this checkout. Stop it first.") from error
        while _lives(pid, birth) and time.monotonic() < deadline:
            time.sleep(0.05)


def _lives(pid: int, birth: str) -> bool:
    return bool(birth) and birth_of(pid) == birth


def birth_of(pid: int) -> str:
    """When a process began, as the system reports it; empty if there is no such process.

    A number alone could by now be another process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        if Path("/proc/self").exists():
            return ""
        asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return asked.stdout.strip()
    state, began = fields[0], fields[19]
    return "" if state == "Z" else began
