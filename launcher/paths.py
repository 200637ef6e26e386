"""The launcher's paths. Everything is inside the checkout, in folders that git ignores."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCAL = ROOT / ".local"
LOCKS = ROOT / "requirements"
COMPILED = LOCAL / "compiled"


def compiled_once(environment: dict[str, str]) -> dict[str, str]:
    """The environment with a directory for compiled modules, outside the source tree.

    Many processes are started (workers, servers, commands); each would otherwise compile three thousand modules, for
    seconds.
    """
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(COMPILED)}
