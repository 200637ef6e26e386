"""The launcher's paths. Everything is inside the checkout, in folders that git ignores."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCAL = ROOT / ".local"
LOCKS = ROOT / "requirements"
