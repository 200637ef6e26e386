"""Makes `.venv` from the hash-locked requirements, once; a stamp file says when nothing has changed.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.console import Problem, say, step
from launcher.paths import LOCAL, LOCKS, ROOT, VENV, VENV_PYTHON

OLDEST = (3, 11)
STAMP = VENV / ".onward-stamp"
ROUND = "ONWARD_LAUNCHER_ROUND"  # set by the first round, to keep a second one from starting a third


def ensure(arguments: list[str]) -> None:
    """Return if this is the Python of an up-to-date `.venv`; otherwise bring it up to date and start again in it."""
    again = os.environ.pop(ROUND, "")
    if Path(sys.prefix) == VENV and is_fresh():
        return
    if again:
        raise Problem(f"{VENV} does not work: its Python is {sys.prefix}. Remove the folder and start again.")
    if sys.version_info < OLDEST:
        raise Problem(
            f"Onward needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make … PYTHON=python3.12"
        )
    with (LOCAL / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Waiting for another command that makes .venv …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_fresh():
            install()
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    os.chdir(ROOT)
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "launcher", *arguments], {**environment, ROUND: "2"})


def wanted_stamp(locks: Path = LOCKS, venv: Path = VENV) -> str:
    """What the environment consists of: the locks, its Python, and its path (a moved environment is broken)."""
    digest = hashlib.sha256(f"{_version_of(venv)} {venv}".encode())
    for name in ("bootstrap.txt", "dev.txt"):
        digest.update((locks / name).read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether `.venv` exists and matches the current locks."""
    return VENV_PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted_stamp()


def install() -> None:
    """Bring `.venv` up to date: uv from its own lock, then everything else with uv, or with pip if uv can't."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    STAMP.unlink(missing_ok=True)
    if not _works():
        shutil.rmtree(VENV, ignore_errors=True)
        with step("Making .venv"):
            _run(
                [base, "-m", "venv", str(VENV)],
                "python3 cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv",
            )
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    lock = str(LOCKS / "dev.txt")
    with step("Installing requirements (the first time takes a while)"):
        installed = False
        if _tried([*pip, "-r", str(LOCKS / "bootstrap.txt")]):
            uv = [str(VENV_PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
            installed = _tried([*uv, "--require-hashes", "-r", lock])
        if not installed:
            _run([*pip, "-r", lock], "Could not install the requirements. Check your connection to a package index.")
    STAMP.write_text(wanted_stamp())


def _works() -> bool:
    if not VENV_PYTHON.exists():
        return False
    asks = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix != sys.argv[1])"
    return _tried([str(VENV_PYTHON), "-c", asks, str(VENV)])


def _version_of(venv: Path) -> str:
    """An environment's Python version, from its own config; this one's if there is none yet."""
    try:
        lines = (venv / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        lines = []
    noted = [line.split("=")[1].strip() for line in lines if line.partition("=")[0].strip() == "version"]
    return ".".join((noted[0] if noted else sys.version.split()[0]).split(".")[:2])


def _tried(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str], advice: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Problem(f"{tail}\n\n{advice}")
