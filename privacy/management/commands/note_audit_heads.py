from typing import Any

from django.core.management.base import BaseCommand

from privacy import audit_heads


class Command(BaseCommand):
    """Appends where each chained log ends now to the file of ends. Beat does so every 15 minutes."""

    help = "Notes where the audit logs end, in the file of AUDIT_HEADS_DIR."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Write the lines that are new."""
        written = audit_heads.note(audit_heads.now_in_the_database())
        self.stdout.write(f"{written} new in {audit_heads.file()}")
