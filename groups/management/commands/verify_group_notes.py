from typing import Any

from django.core.management.base import BaseCommand, CommandError

from groups import verifying
from staff.models import Clinic


class Command(BaseCommand):
    """Checks the hash of every signed group note, member note and addendum."""

    help = "Verifies the hashes of all signed group notes; prints each fault and exits with 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """One pass for each clinic."""
        faults = 0
        for clinic in Clinic.objects.order_by("pk"):
            for session, fault in verifying.check_clinic(clinic):
                faults += 1
                self.stdout.write(f"{clinic}: notes of group session {session}: {fault.label}")
        if faults:
            raise CommandError(f"Faults: {faults}. Signed group notes have changed.", returncode=1)
        self.stdout.write(self.style.SUCCESS("All signed group notes are unchanged."))
