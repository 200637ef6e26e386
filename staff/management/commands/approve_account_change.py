"""`manage.py approve_account_change NUMBER`: where no one else at the clinic can be the second person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import account_changes
from staff.models import AccountChange
from staff.refusals import Refusal


class Command(BaseCommand):
    help = "Approve a change of an account that no one at the clinic can approve; without a number, list them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("number", type=int, nargs="?")

    def handle(self, *args: Any, number: int | None = None, **options: Any) -> None:  # noqa: ARG002
        """Approve it, or list them."""
        waiting = AccountChange.objects.waiting().select_related("staff_member", "requested_by", "clinic")
        if number is None:
            for change in waiting:
                self.stdout.write(f"{change.pk}  {change.clinic}  {change}  asked by {change.requested_by}")
            return
        found = waiting.filter(pk=number).first()
        if found is None:
            raise CommandError("No change with this number waits for a second person.")
        try:
            account_changes.approve_on_server(change=found)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"Approved: {found}. An invited colleague uses “Reset password” on the sign-in page.")
