"""`make lint`, `make types` and `make fmt`: each check is one command in one table, which CI reads as well.

None of them needs a database.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys

from launcher.console import Problem, say, step
from launcher.paths import LOCAL, ROOT, VENV, compiled_once

FLOORS = (
    "config",
    "desk",
    "counseling",
    "groups",
    "referrals",
    "appointments",
    "reminders",
    "privacy",
    "cases",
    "staff",
    "demo",
)
PACKAGES = [name for name in (*FLOORS, "launcher") if (ROOT / name / "__init__.py").exists()]
NO_SERVERS = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}

LINT: dict[str, str] = {
    "ruff": "ruff check .",
    "format": "ruff format --check .",
    "templates": "djangofmt --check --profile django --line-length 120 --indent-width 2"
    " --custom-blocks empty_state,callout templates",
    "djlint": "djlint --quiet --lint templates",
    "spelling": "codespell",
    "security": f"bandit --quiet --configfile pyproject.toml --recursive {' '.join(PACKAGES)}",
    "imports": "lint-imports --no-logo --cache-dir .local/lint/imports",
    "migrations": "python manage.py makemigrations --check --dry-run",
    "settings": "python manage.py check",
    "deploy": "python manage.py check --deploy --fail-level WARNING",
}
TYPES = {"mypy": f"mypy --cache-dir .local/lint/mypy {' '.join(PACKAGES)}"}
FORMATTERS = {
    "ruff": "ruff check --fix --quiet .",
    "format": "ruff format --quiet .",
    "templates": LINT["templates"].replace("--check ", ""),
    "picture": "python docs/pictures/architecture.py",
}

# What a clinic's settings ask for. Nothing is sent there.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "ALLOWED_HOSTS": "onward.example",
    "AUDIT_HEADS_DIR": "/audit",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "DEFAULT_FROM_EMAIL": "appointments@onward.example",
    "REMINDER_REPLY_TO": "replies@onward.example",
}


def lint(names: list[str]) -> int:
    """Run the checks with these names, or all of them. A single one always shows its output."""
    if names == ["list"]:
        for name, command in LINT.items():
            print(f"{name:<12}{command}")
        return 0
    if unknown := [name for name in names if name not in LINT]:
        raise Problem(f"There is no check named {unknown[0]}. There are: {', '.join(LINT)}.")
    return _run({name: LINT[name] for name in names or LINT}, "lint", shows_all=len(names) == 1)


def types(_names: list[str]) -> int:
    """Run mypy over the product and the launcher."""
    return _run(TYPES, "types", shows_all=True)


def fmt(_names: list[str]) -> int:
    """Format everything, and print what ruff cannot fix by itself."""
    failed = 0
    for name, command in FORMATTERS.items():
        done = _done(name, command)
        # djangofmt and ruff end with 1 where something is left to do by hand; they say what.
        failed |= done.returncode
        if said := (done.stdout + done.stderr).strip():
            say(said)
    return 1 if failed else 0


def _run(checks: dict[str, str], target: str, *, shows_all: bool) -> int:
    """Run each check; print the output of failed ones last. Returns the exit code."""
    failed: list[tuple[str, str]] = []
    for name, command in checks.items():
        try:
            with step(name):
                done = _done(name, command)
                said = (done.stdout + done.stderr).strip()
                if done.returncode != 0:
                    raise _Failed
        except _Failed:
            failed.append((name, said))
        else:
            if shows_all and said:
                print(said, flush=True)
    for name, said in failed:
        alone = f"make {target}" if target == "types" else f"make {target} ARGS={name}"
        say(f"\n{said}\n\n{name} failed; the reason stands above. Alone: {alone}")
    return 1 if failed else 0


class _Failed(Exception):
    pass


def _done(name: str, command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    path = [sys.executable] if program == "python" else [str(VENV / "bin" / program)]
    return subprocess.run(
        [*path, *arguments], cwd=ROOT, env=_environment(name), capture_output=True, text=True, check=False
    )


def _environment(name: str) -> dict[str, str]:
    kept = LOCAL / "lint"
    kept.mkdir(parents=True, exist_ok=True)
    environment = compiled_once({**os.environ, **NO_SERVERS, "DJANGO_SETTINGS_MODULE": "config.settings.test"})
    environment |= {"RUFF_CACHE_DIR": str(kept / "ruff"), "PYTHONWARNINGS": "ignore"}
    if name == "deploy":
        keys = {name: secrets.token_urlsafe(64) for name in ("SECRET_KEY", "AUDIT_KEY", "FIELD_KEYS")}
        environment |= {**PRODUCTION, **keys}
    return environment
