from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reminders import crisis, delivery, opt_outs
from reminders.tasks import BATCH


class Command(BaseCommand):
    """One pass over the outbox in this process, without the broker: what beat and the workers do, at once."""

    help = "Sends every reminder that is due now."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Release what dead workers held, then claim and deliver until nothing is due."""
        now = timezone.now()
        delivery.release_stale(now)
        crisis.answer_due(now)
        confirmed = opt_outs.confirm_due(now)
        states: Counter[str] = Counter()
        while claims := delivery.claim_due(timezone.now(), BATCH):  # a pass may take an hour: never the hour it began
            states.update(delivery.deliver(reminder_id, claim, timezone.now()) for reminder_id, claim in claims)
        said = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "nothing was due"
        self.stdout.write(f"Reminders: {said}. Opt-outs confirmed: {confirmed}.")
