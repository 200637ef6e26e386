"""Makes `.venv` from the hash-locked requirements, once; a stamp tells when there is nothing to do."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.console import Problem, step
from launcher.places import LOCAL, LOCKS, ROOT, VENV, VENV_PYTHON

OLDEST = (3, 11)
STAMP = VENV / ".onward-stamp"


def ensure(arguments: list[str]) -> None:
    """Return if this is the Python of an up-to-date `.venv`; otherwise bring it up to date and start again in it."""
    if Path(sys.prefix) == VENV and is_fresh():
        return
    if sys.version_info < OLDEST:
        raise Problem(
            f"Onward needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try PYTHON=python3.12 make …"
        )
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands started at once do not install into each other
        if not is_fresh():
            install()
    os.chdir(ROOT)
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "launcher", *arguments])


def wanted_stamp(folder: Path = LOCKS, root: Path = ROOT) -> str:
    """What the environment is made of: the locks, the Python and the place (a moved environment is a broken one)."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {root}".encode())
    for name in ("bootstrap.txt", "dev.txt"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether `.venv` is there and made of what the locks say now."""
    return VENV_PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted_stamp()


def install() -> None:
    """Bring `.venv` up to date: uv from its own lock, then everything else by uv, or by pip where uv cannot."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    if STAMP.exists():
        STAMP.unlink()
    if not _works():
        shutil.rmtree(VENV, ignore_errors=True)
        with step("Making .venv"):
            _run(
                [base, "-m", "venv", str(VENV)],
                "python3 cannot make an environment. On Debian: apt install python3-venv",
            )
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    lock = str(LOCKS / "dev.txt")
    with step("Installing what Onward stands on (the first time takes a while)"):
        if _tried([*pip, "-r", str(LOCKS / "bootstrap.txt")]):
            uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
            if _tried([*uv, "--require-hashes", "-r", lock]):
                STAMP.write_text(wanted_stamp())
                return
        _run([*pip, "-r", lock], "The requirements could not be installed. Is there a way to a package index?")
    STAMP.write_text(wanted_stamp())


def _works() -> bool:
    return VENV_PYTHON.exists() and _tried([str(VENV_PYTHON), "-m", "pip", "--version"])


def _tried(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str], advice: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Problem(f"{tail}\n\n{advice}")
