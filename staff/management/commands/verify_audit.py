import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

BROKEN = """
    WITH linked AS (
        SELECT r.clinic_id, r.position, r.hash, r.previous_hash,
               row_number() OVER chain AS place, coalesce(lag(r.hash) OVER chain, '') AS hash_before,
               {table}_link_hash(r) AS computed
        FROM {table} r WINDOW chain AS (PARTITION BY r.clinic_id ORDER BY r.position)
    )
    SELECT clinic_id, position,
           CASE WHEN position <> place THEN 'entry ' || place || ' is missing'
                WHEN previous_hash <> hash_before THEN 'it does not follow from the entry before it'
                ELSE 'its content was altered' END
    FROM linked WHERE position <> place OR previous_hash <> hash_before OR hash <> computed
    ORDER BY clinic_id, position LIMIT 1
"""
HEADS = "SELECT DISTINCT ON (clinic_id) clinic_id, position, hash FROM {table} ORDER BY clinic_id, position DESC"


class Command(BaseCommand):
    """Checks the hash chains of the audit and access logs and stops at the first broken link.

    A chain shows altered, inserted and missing entries, but not that its end was cut off. Pass `--heads FILE` on every
    run, and keep the file where the database's owner cannot write: everything recorded in it must still be there.
    """

    help = "Verifies the audit logs; prints the first broken link and exits with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to remember how far each chain reached."""
        parser.add_argument("--heads", type=Path, help="compare with and then rewrite this file of chain ends")

    def handle(self, *args: Any, heads: Path | None = None, **options: Any) -> None:  # noqa: ARG002
        """Check each table of settings.AUDIT_CHAINS, per clinic."""
        remembered = json.loads(heads.read_text()) if heads and heads.exists() else {}
        reached: dict[str, list[Any]] = {}
        for label in settings.AUDIT_CHAINS:
            table = apps.get_model(label)._meta.db_table
            if broken := self._rows(BROKEN, table):
                clinic, position, why = broken[0]
                raise CommandError(f"{label}, clinic {clinic}, entry {position}: {why}.", returncode=1)
            ends = {f"{label} clinic {clinic}": [position, end] for clinic, position, end in self._rows(HEADS, table)}
            for chain, (position, end) in remembered.items():
                if chain.startswith(f"{label} clinic "):
                    self._still_there(table, chain, position, end)
            for chain, (position, end) in ends.items():
                self.stdout.write(f"{chain}: {position} entries hold, the last is {end[:16]}…")
            reached |= ends
        if heads:
            heads.write_text(json.dumps(reached, indent=1) + "\n")
        self.stdout.write(self.style.SUCCESS("All entries verified."))

    def _rows(self, sql: str, table: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=connection.ops.quote_name(table).strip('"')))
            return list(cursor.fetchall())

    def _still_there(self, table: str, chain: str, position: int, end: str) -> None:
        clinic = int(chain.rpartition(" ")[2])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT hash FROM {table} WHERE clinic_id = %s AND position = %s",  # noqa: S608  # nosec B608 - a model's table
                [clinic, position],
            )
            row = cursor.fetchone()
        if row is None or row[0] != end:
            raise CommandError(
                f"{chain}, entry {position}: it was there on an earlier run and is not now.", returncode=1
            )
