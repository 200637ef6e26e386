"""The demo clinic for tests: made once for all of a run, by the product, and then copied row by row.

Making it takes long, and a dozen tests begin with it, in several databases. A copy has the same rows with the same
numbers; the triggers were heard when they were made.
"""

from __future__ import annotations

import fcntl
import io
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from staff.models import Clinic
from tests.ownership import as_owner
from tests.places import NEW_YORK

PASSWORD = "onward-demo-password"
MADE_BEFORE = {"django_migrations", "django_content_type", "auth_permission"}  # by `migrate`, alike in each database

Rows = list[tuple[str, str, bytes]]  # table, its columns, its rows as COPY gives them


def settle(settings: Any, folder: Path) -> None:
    """The settings under which there is a demo clinic; what it writes to people lands in the folder."""
    settings.SHOW_DEMO_LOGINS, settings.DEMO_EMAIL_DOMAIN = True, "demo.example"
    settings.DEMO_PASSWORD, settings.MAILBOX_DIR = PASSWORD, str(folder)


def make(clients: int, *, shared: Path) -> Clinic:
    """The demo clinic with so many clients, as of today. `shared`: a folder that all processes of this run have."""
    kept = shared / f"demo-clinic-{clients}-{timezone.localdate(timezone=NEW_YORK)}"
    with _one_at_a_time(kept.with_suffix(".lock")):
        if not kept.exists():
            call_command("seed_demo", clients=clients, stdout=io.StringIO())
            kept.write_bytes(pickle.dumps(_read()))
        else:
            _write(pickle.loads(kept.read_bytes()))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # or a plan is made for the tables as some other test left them
    return Clinic.objects.get()


def shared_by_processes(folders: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a run have, and that goes with it."""
    own = folders.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _read() -> Rows:
    found: Rows = []
    # In a transaction: which clinic's rows a COPY sees is set for one, by the statements before it.
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of the transaction is checked by now
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # as they all are to begin with
        for table in _tables(cursor):
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            (columns,) = cursor.fetchone()
            with cursor.copy(f'COPY (SELECT {columns} FROM "{table}") TO STDOUT') as copying:
                rows = b"".join(copying)
            if rows:
                found.append((table, columns, rows))
    return found


def _tables(cursor: Any) -> list[str]:
    """The tables that last; an import's own go with its transaction."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in cursor.fetchall() if name not in MADE_BEFORE]


def _write(rows: Rows) -> None:
    tables = [f'"{table}"' for table, *_ in rows]
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        bound = _bound_to_a_clinic()
        # No row is copied past a policy, or past a trigger that is to hear of an act.
        cursor.execute(";".join(f"ALTER TABLE {each} DISABLE TRIGGER USER" for each in tables))
        cursor.execute(";".join(f'ALTER TABLE "{each}" NO FORCE ROW LEVEL SECURITY' for each in bound))
        for table, columns, values in rows:
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copying:
                copying.write(values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(";".join(f"ALTER TABLE {each} ENABLE TRIGGER USER" for each in tables))
        cursor.execute(";".join(f'ALTER TABLE "{each}" FORCE ROW LEVEL SECURITY' for each in bound))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _count_on(cursor)


def _bound_to_a_clinic() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity ORDER BY relname")
        return [name for (name,) in cursor.fetchall()]


def _count_on(cursor: Any) -> None:
    """Each sequence goes on after the numbers that were copied."""
    cursor.execute(
        "SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        " AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL"
    )
    for table, column, sequence in cursor.fetchall():
        if table not in MADE_BEFORE:
            cursor.execute(f'SELECT setval(%s, max("{column}")) FROM "{table}" HAVING max("{column}") > 0', [sequence])
