from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import audit_checks, audit_heads
from staff.models import Clinic


class Command(BaseCommand):
    """Checks the audit and access logs from the first entry to the last, with AUDIT_KEY and the file of chain ends.

    Beat does the same every night and keeps what it finds (privacy/audit_checks.py); this command keeps nothing, except
    with `--heads FILE`, where it compares with a file of ends of your own and then appends to it.
    """

    help = "Verifies the audit logs; prints what is wrong with them and exits with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the ends are kept."""
        parser.add_argument("--heads", type=Path, help="use and continue this file of chain ends")

    def handle(self, *args: Any, heads: Path | None = None, **options: Any) -> None:  # noqa: ARG002
        """Check each table of settings.AUDIT_CHAINS, per clinic."""
        wrong = audit_checks.unknown_clinics(heads=heads)
        for log in settings.AUDIT_CHAINS:
            for clinic in Clinic.objects.order_by("pk").values_list("pk", flat=True):
                found, reached = audit_checks.check_now(log, clinic, heads=heads)
                wrong += [f"{log}, clinic {clinic}, entry {each.position}: {each.words}." for each in found]
                if reached.count and not found:
                    self.stdout.write(
                        f"{log} clinic {clinic}: {reached.count} entries hold, the last is {reached.hash[:16]}…"
                    )
        if wrong:
            raise CommandError("\n".join(wrong), returncode=1)
        if heads:
            audit_heads.note(audit_heads.now_in_the_database(), path=heads)
        self.stdout.write(self.style.SUCCESS("All entries verified."))
