from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reminders import crisis, delivery, inbox, opt_outs, sender, what_came


class Command(BaseCommand):
    """One pass over the outbox in this process, without the broker: what beat and the workers do, at once."""

    help = "Sends every reminder that is due now."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Release what dead workers held, then claim and deliver until nothing is due."""
        now = timezone.now()
        delivery.release_stale(now)
        what_came.read(now)
        crisis.answer_due(now)
        confirmed = opt_outs.confirm_due(now)
        states, _ = sender.empty_outbox()  # a pass may take an hour: each goes by the hour it is
        inbox.nudge_due(timezone.now())
        said = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "nothing was due"
        self.stdout.write(f"Reminders: {said}. Opt-outs confirmed: {confirmed}.")
