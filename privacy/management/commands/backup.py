"""`manage.py backup FILE`: everything that Onward keeps, encrypted with BACKUP_KEY."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import audit_heads
from staff import backups


class Command(BaseCommand):
    """Writes the database, and where the logs ended, into one encrypted file (docs/backups.md)."""

    help = "Writes an encrypted backup of the database and of the file of chain ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:  # noqa: ARG002
        """Write it; no file of this name is there unless it is whole."""
        try:
            saved = backups.save(file, files={audit_heads.NAME: audit_heads.file()})
        except (backups.BackupFailed, OSError) as failed:
            raise CommandError(f"{failed}\nNo backup was made.", returncode=1) from failed
        beside = f", and {', '.join(saved.files)}" if saved.files else "; no file of chain ends was there"
        self.stdout.write(
            f"{file}: {len(saved.contents.tables)} tables with {saved.contents.rows} rows{beside}. "
            f"{file.stat().st_size} bytes, encrypted."
        )
