from typing import Any

from django.core.management.base import BaseCommand, CommandError

from counseling import sud_counseling_notes
from counseling.models import SeparateNote


class Command(BaseCommand):
    """Checks the hash of every signed SUD counseling note, by number; none of their words are printed."""

    help = "Verifies the hashes of all signed SUD counseling notes; prints each fault and exits with 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """All clinics."""
        signed = SeparateNote.objects.filter(signed_at__isnull=False).order_by("pk")
        faults = [note.pk for note in signed.iterator() if not sud_counseling_notes.is_unchanged(note)]
        for number in faults:
            self.stdout.write(f"SUD counseling note {number} is not what was signed, or can’t be decrypted.")
        if faults:
            raise CommandError(f"Faults: {len(faults)}. SUD counseling notes have changed.", returncode=1)
        self.stdout.write(self.style.SUCCESS("All signed SUD counseling notes are unchanged."))
