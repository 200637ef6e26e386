"""python -m faults [name …] [--quick] [--write]"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import shutil
import sys
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from launcher.paths import LOCAL
from launcher.ports import choose
from launcher.postgres import OWNER, Postgres
from launcher.servers import on_a_free_port
from launcher.testing import TEMPLATE, ensure_template
from launcher.valkey import Valkey

FOLDER = LOCAL / "faults"
DATABASE = "onward_faults"


def main() -> int:
    """Read the command line, start servers that may be broken, and tell the stories. 1 if a row fails."""
    parser = argparse.ArgumentParser(prog="make faults", description="What is promised while things break.")
    parser.add_argument("names", nargs="*", metavar="name", help="which faults (default: all); “list” names them")
    parser.add_argument("--quick", action="store_true", help="a backlog of 2,000 instead of 20,000")
    parser.add_argument("--write", action="store_true", help="put the table into docs/faults.md")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "faults.settings"
    with contextlib.ExitStack() as stack:
        ports = FOLDER / "ports-of-servers.json"
        postgres = on_a_free_port(
            lambda: Postgres(FOLDER / "postgres", choose("postgres", 5640, ports)), stack
        )  # durable: what it said it stored, it has after a kill
        broker = on_a_free_port(lambda: Valkey(FOLDER / "valkey", choose("valkey", 6590, ports)), stack)
        os.environ |= {"DATABASE_URL": _own_database(postgres), "REDIS_URL": broker.url, "OWNER_DATABASE_URL": ""}
        django.setup()
        return _tell(asked, postgres, broker, parser)


def _tell(asked: argparse.Namespace, postgres: Postgres, broker: Valkey, parser: argparse.ArgumentParser) -> int:
    from faults import clock, table
    from faults.rig import rig
    from faults.stories import FAULTS

    if asked.names == ["list"]:
        print(*(f"{each.name:<20}{each.words}" for each in FAULTS), sep="\n")
        return 0
    if unknown := set(asked.names) - {each.name for each in FAULTS}:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    today, rows = datetime.datetime.now(datetime.UTC).date(), []
    shutil.rmtree(FOLDER / "log", ignore_errors=True)
    with rig(
        FOLDER, database_url=os.environ["DATABASE_URL"], broker=broker, postgres=postgres, is_quick=asked.quick
    ) as made:
        back = clock.follow(made.clock)
        try:
            for fault in FAULTS:
                if asked.names and fault.name not in asked.names:
                    continue
                for channel in fault.channels:
                    rows.append(fault.run(made, channel))
                    print(table.printed(rows[-1]), flush=True)
        finally:
            back()
    failed = sum(not row.holds for row in rows)
    print(f"\n{len(rows) - failed} of {len(rows)} rows hold.")
    if asked.write:
        table.write(rows, on=today, is_quick=asked.quick)
    return 1 if failed else 0


def _own_database(postgres: Postgres) -> str:
    """A new, migrated database."""
    postgres.ensure_database("onward")
    address, owner = postgres.url("onward"), postgres.url("onward", OWNER)
    own = {"DATABASE_URL": address, "OWNER_DATABASE_URL": owner}
    ensure_template({**os.environ, **own}, FOLDER / "template.json")
    postgres.make_anew(DATABASE)  # only a superuser ends an autovacuum in the old one
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
    return urlunsplit(urlsplit(address)._replace(path=f"/{DATABASE}"))


if __name__ == "__main__":
    sys.exit(main())
