"""`manage.py rotate_field_keys`: what is under an older key, or none that is newest, is encrypted with the newest."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from staff import encrypting_rows, field_keys, second_factors
from staff.encrypted_fields import Column, columns
from staff.owner import as_owner


class Command(BaseCommand):
    """Encrypts every field anew that is not under the first of FIELD_KEYS, histories and signed rows included.

    So are secrets of the second step, those included that were stored before they were encrypted.

    Each batch is a transaction of the tables' owner (staff/encrypting_rows.py), so it may stop at any moment: started
    again, it goes on with what is left. Values that no key can read are named, stay as they are, and make it exit with
    1. First give the new list of keys to every server and worker: one that still has the old list writes with it.
    """

    help = "Encrypts fields with the newest of FIELD_KEYS; prints what is done, and exits with 1 if anything is left."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many rows at once, or none."""
        parser.add_argument("--batch", type=int, default=500, help="rows of a transaction (500)")
        parser.add_argument("--check", action="store_true", help="change nothing: count, and read every value")

    def handle(self, *args: Any, batch: int = 500, check: bool = False, **options: Any) -> None:  # noqa: ARG002
        """Column by column."""
        self.stdout.write(f"The newest key is {field_keys.newest()}.")
        with as_owner():
            faults: list[str] = []
            for column in columns() if not check else ():
                faults += self._rotate(column, most=max(1, batch))
            if not check:
                faults += self._rotate_second_factors()
            with connection.cursor() as cursor:
                left = sum(encrypting_rows.under_other_keys(cursor, column) for column in columns())
                faults += [fault for column in columns() for fault in encrypting_rows.unreadable(cursor, column)]
            left += second_factors.not_under_newest()
            faults += second_factors.unreadable()
        if check and left and not faults:
            self.stdout.write(f"Everything can be read; {left} values are under older keys, which have to stay.")
            return
        if faults or left:
            said = sorted(set(faults))
            raise CommandError("\n".join([*said, f"{left} values are not under the newest key."]), returncode=1)
        self.stdout.write(
            self.style.SUCCESS("Everything is under the newest key, and can be read. Older keys may leave FIELD_KEYS.")
        )

    def _rotate(self, column: Column, *, most: int) -> list[str]:
        done, faults, after, is_over = 0, [], 0, False
        while not is_over:
            with transaction.atomic(), connection.cursor() as cursor:
                batch = encrypting_rows.rotate_batch(cursor, column, after=after, most=most)
            done, after, is_over = done + batch.done, batch.last, batch.is_over
            faults += batch.faults
        self.stdout.write(f"{column.table}.{column.column}: {done} encrypted anew")
        return faults

    def _rotate_second_factors(self) -> list[str]:
        done, faults = second_factors.rotate()
        self.stdout.write(f"mfa_authenticator.data: {done} encrypted anew")
        return faults
