from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reminders import crisis, delivery, help_line, inbox, opt_outs, sender, turns, what_came


class Command(BaseCommand):
    """One pass over the outbox in this process, without the broker: what beat and the workers do, at once."""

    help = "Sends every reminder that is due now."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Release what dead workers held, answer, then claim and deliver until nothing is due."""
        now, confirmed = timezone.now(), 0

        def confirm() -> None:
            nonlocal confirmed
            confirmed = opt_outs.confirm_due(now)

        turns.each(
            lambda: delivery.release_stale(now),
            lambda: what_came.read(now),
            lambda: crisis.answer_due(now),
            confirm,
            lambda: help_line.answer_due(now),
        )
        states, _ = sender.empty_outbox()  # a pass may take an hour: each goes by the hour it is
        inbox.nudge_due(timezone.now())
        said = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "nothing was due"
        self.stdout.write(f"Reminders: {said}. Opt-outs confirmed: {confirmed}.")
