from typing import Any

from django.core.management.base import BaseCommand, CommandError

from counseling.signing import integrity
from staff.models import Clinic


class Command(BaseCommand):
    """Checks every signed note now, and stores the findings for the page “Signed notes”."""

    help = "Verifies the hashes of all signed notes; prints each fault and exits with 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """One pass for each clinic."""
        faults = 0
        for clinic in Clinic.objects.order_by("pk"):
            check = integrity.check_clinic(clinic)
            for finding in check.findings.iterator():
                faults += 1
                self.stdout.write(f"{clinic}: note {finding.note_number}: {finding.get_fault_display()}")
            self.stdout.write(f"{clinic}: {check.notes_checked} signed notes checked")
        if faults:
            raise CommandError(f"Faults: {faults}. Signed notes have changed.", returncode=1)
        self.stdout.write(self.style.SUCCESS("All signed notes are unchanged."))
