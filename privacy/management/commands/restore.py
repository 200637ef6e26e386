"""`manage.py restore FILE`: a backup into an empty database, compared and verified."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from privacy import audit_heads
from staff import backups, encrypting_rows, second_factors
from staff.encrypted_fields import columns


class Command(BaseCommand):
    """Restores a backup, compares each table with what was backed up, and runs all checks (docs/backups.md)."""

    help = "Restores a backup into an empty database; prints each difference and exits with 1 if there is one."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """From where."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:  # noqa: ARG002
        """Restore, compare, verify."""
        connection.close()
        try:
            restored = backups.restore(file)
        except (backups.BackupFailed, backups.NotWhole, OSError) as failed:
            raise CommandError(f"{failed}\nNothing was restored.", returncode=1) from failed
        for difference in restored.differences:
            self.stdout.write(self.style.ERROR(difference))
        self.stdout.write(
            f"{len(restored.contents.tables)} tables with {restored.contents.rows} rows of {restored.at}."
        )
        self._put_back(restored.files)
        faults = [*restored.differences, *self._checked()]
        if faults:
            raise CommandError(f"Restored, with {len(faults)} faults: see above.", returncode=1)
        self.stdout.write(self.style.SUCCESS("Restored: every row and every check is as it was."))

    def _put_back(self, files: dict[str, bytes]) -> None:
        """The file of chain ends, unless there is one: it may know of entries that came after the backup."""
        path = audit_heads.file()
        content = files.get(audit_heads.NAME)
        if content is None:
            return
        if path.exists():
            self.stdout.write(f"{path} is there already and stays: it says what came after the backup, too.")
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(content)
        self.stdout.write(f"{path}: put back.")

    def _checked(self) -> list[str]:
        """What doesn't hold, each printed."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            behind = "The backup is of an older version. Run migrate, then the checks: " + ", ".join(settings.CHECKS)
            self.stdout.write(self.style.ERROR(behind))
            return [behind]
        with connection.cursor() as cursor:
            faults = [fault for column in columns() for fault in encrypting_rows.unreadable(cursor, column)]
        faults += second_factors.unreadable()
        for name in settings.CHECKS:
            try:
                call_command(name, stdout=self.stdout, stderr=self.stderr)
            except CommandError as failed:
                faults.append(f"{name}: {failed}")
        for fault in faults:
            self.stdout.write(self.style.ERROR(fault))
        return faults
