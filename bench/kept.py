"""Databases that outlive a run: a clinic of one size, by these migrations and this code, is built once."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.core.management import call_command
from django.db import connection

from bench.building import build
from bench.size import Size
from launcher.paths import ROOT
from launcher.testing import derived_digest, migration_digests
from staff.owner import as_owner

BUILDERS = ("building", "copying", "size", "people", "notes", "around")


def database(clients: int, *, is_fresh: bool = False) -> str:
    """The name of a database with a clinic of this size, built now if there is none."""
    size = Size(clients)
    prefix = f"bench_{clients}_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]}_"
    name = prefix + _digest()
    owner = os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(owner, autocommit=True) as server:
        known = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{prefix}%"]).fetchall()
        if (name,) in known and not is_fresh:
            return name
        for (each,) in known:  # by older code, half built, or asked to be built anew
            server.execute(f'DROP DATABASE "{each}" WITH (FORCE)')
        half = f"{prefix}half"
        print(f"  building a clinic with {clients:,} clients", file=sys.stderr, flush=True)
        server.execute(f'CREATE DATABASE "{half}"')
        with on(half), as_owner():
            call_command("migrate", verbosity=0, skip_checks=True)
            build(size)
        server.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    return name


@contextmanager
def on(name: str) -> Iterator[None]:
    """Django's connection leads to this database."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def address(name: str) -> str:
    """Of a database beside the one in DATABASE_URL."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _digest() -> str:
    """Of all that decides what is in it."""
    code = [(Path(__file__).with_name(f"{each}.py")).read_text() for each in BUILDERS]
    code.append(derived_digest())
    return hashlib.sha256(repr([sorted(migration_digests().items()), code]).encode()).hexdigest()[:10]
