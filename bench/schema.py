"""python -m bench.schema URL URL: differences between two databases' schemas, and which tables have rows.

For rewritten migrations: the first URL is a database from the old ones, the second from the new. pg_dump dumps both,
and the dumps are compared statement by statement; the order of statements and columns, and indentation, do not count.
Exit code 1 if they differ.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys

import psycopg
from psycopg import sql

from launcher.postgres import find_binaries

# Each kind of database object, as pg_dump heads it.
_HEAD = re.compile(r"^-- Name: .*$", re.MULTILINE)
# Rows that Django itself writes after migrating.
OF_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}


def dumped(address: str) -> str:
    """The schema as pg_dump writes it."""
    command = [str(find_binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", address]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def statements(dump: str) -> list[str]:
    """A dump's statements, without comments and indentation, sorted."""
    found = []
    for part in _HEAD.split(dump)[1:]:
        lines = [line.strip() for line in part.splitlines()]
        lines = [line for line in lines if line and not line.startswith(("--", "SET ", "\\"))]
        if lines and lines[0].startswith("CREATE TABLE"):
            lines = [lines[0], *sorted(line.removesuffix(",") for line in lines[1:-1]), lines[-1]]
        found.append("\n".join(lines))
    return sorted(found)


def differences(old: str, new: str) -> list[str]:
    """Lines that only one of the dumps has, each under the first line of its statement."""
    before, after = statements(old), statements(new)
    ours, theirs = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    lines = difflib.unified_diff("\n".join(ours).splitlines(), "\n".join(theirs).splitlines(), "old", "new", n=3)
    return [line.rstrip("\n") for line in lines]


def rows(address: str) -> dict[str, int]:
    """Row counts of nonempty tables, except those Django itself fills."""
    with psycopg.connect(address) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            if name not in OF_DJANGO
        ]
        counts = {
            name: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
            for name in names
        }
    return {name: count[0] for name, count in sorted(counts.items()) if count and count[0]}


def main(old: str, new: str) -> int:
    """Print the differences. Returns the exit code."""
    before, after = dumped(old), dumped(new)
    found = differences(before, after)
    print(*found, sep="\n")
    held = rows(old), rows(new)
    print(f"{len(statements(before))} statements before, {len(statements(after))} after; rows: {held[0]} and {held[1]}")
    return 1 if found or held[0] != held[1] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
