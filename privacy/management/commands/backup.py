"""`manage.py backup [FILE]`: everything that Onward keeps, encrypted with BACKUP_KEY."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.module_loading import import_string

from privacy import audit_heads
from staff import backups


class Command(BaseCommand):
    """Writes the database, and where the logs ended, into one encrypted file (docs/backups.md).

    Without a name it is the nightly one: into BACKUP_DIR, where the last BACKUPS_KEPT stay, and how it went is
    noted.
    """

    help = "Writes an encrypted backup of the database and of the file of chain ends; without FILE, into BACKUP_DIR."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, nargs="?", help="a new file; without it, the nightly one")

    def handle(self, *args: Any, file: Path | None = None, **options: Any) -> None:  # noqa: ARG002
        """Write it; no file of this name is there unless it is whole."""
        try:
            path, saved = (file, self._saved(file)) if file else self._nightly()
        except (backups.BackupFailed, backups.NotWhole, OSError) as failed:
            raise CommandError(f"{failed}\nNo backup was made.", returncode=1) from failed
        beside = f", and {', '.join(saved.files)}" if saved.files else "; no file of chain ends was there"
        self.stdout.write(
            f"{path}: {len(saved.contents.tables)} tables with {saved.contents.rows} rows{beside}. "
            f"{path.stat().st_size} bytes, encrypted."
        )

    def _saved(self, file: Path) -> backups.Saved:
        return backups.save(file, files={audit_heads.NAME: audit_heads.file()})

    def _nightly(self) -> tuple[Path, backups.Saved]:
        if not settings.BACKUP_DIR:
            raise CommandError("Name a file, or set BACKUP_DIR for the nightly backup.", returncode=1)
        try:
            made = backups.make(
                Path(settings.BACKUP_DIR),
                keep=settings.BACKUPS_KEPT,
                files={audit_heads.NAME: audit_heads.file()},
            )
        except Exception:
            self._noted("failed")
            raise
        self._noted("succeeded")
        for each in made.deleted:
            self.stdout.write(f"{each}: deleted, as {settings.BACKUPS_KEPT} newer ones are kept.")
        return made.path, made.saved

    def _noted(self, outcome: str) -> None:
        """A backup counts, and a failure is told, even if the database doesn't take the note."""
        try:
            import_string(settings.BACKUP_NOTED[outcome])()
        except DatabaseError as error:
            self.stderr.write(f"How it went could not be noted in the database ({type(error).__name__}).")
