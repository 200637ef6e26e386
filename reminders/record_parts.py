"""What reminders/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES)."""

from __future__ import annotations

from cases.models import Client
from reminders.models import ClientChoice, CrisisReply, Reminder
from staff.record_part import Part, part

_MACHINERY = (
    "dedupe_key", "context", "claim", "claimed_at", "claims", "attempts", "attempts_before", "not_after",
    "staff_member",
)  # fmt: skip


def parts(client: Client) -> list[Part]:
    """Messages that were sent to the client, which they want, and their replies about danger."""
    sent = Reminder.objects.filter(client=client, staff_member=None, sent_at__isnull=False)
    return [
        part("messages", "Messages sent to you", sent.order_by("sent_at", "pk"), but=_MACHINERY),
        part("message_choices", "Which messages you want", ClientChoice.objects.filter(client=client).order_by("pk")),
        part(
            "replies_about_danger",
            "Your replies about danger",
            CrisisReply.objects.filter(client=client, is_shared=False).order_by("received_at", "pk"),
            but=("source_key", "is_shared"),
        ),
    ]
