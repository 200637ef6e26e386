"""Legal holds: while one is open, nothing destroys a client's record or moves it into another one."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client
from privacy.models import LegalHold
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import check_days


class HoldNeedsReason(Refusal):
    sentence = "Describe the reason in a few words: the matter, and who asked for the hold."


class OnLegalHold(Refusal):
    """The record has to stay as it is. Says nothing of the matter."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Record No. {number} is on legal hold: it can’t be deleted, merged, or unmerged. Ask the privacy officer."
        )


def place(*, client: Client, reason: str, from_on: datetime.date, by: StaffMember) -> LegalHold:
    """Hold a client's record from a day on. Raises HoldNeedsReason, DayNotPossible."""
    demand(by, Permission.RETENTION_KEEP, client)
    check_days(from_on, ahead=0, today=timezone.localdate(timezone=client.clinic.zone))
    if not says_something(reason, least=2, length=8):
        raise HoldNeedsReason
    with act("privacy.place_legal_hold", by=by, client=client) as entry:
        list(Client.objects.select_for_update(no_key=True).filter(pk=client.pk))  # a merge waits, or is over
        hold = LegalHold.objects.create(
            clinic=client.clinic,
            client=client,
            reason=reason.strip(),
            from_on=from_on,
            placed_at=timezone.now(),
            placed_by=by,
        )
        entry.about(hold)
    return hold


def lift(*, hold: LegalHold, reason: str, by: StaffMember) -> LegalHold:
    """The record need no longer be kept for this matter. Raises HoldNeedsReason."""
    demand(by, Permission.RETENTION_KEEP, hold)
    if not says_something(reason, least=2, length=8):
        raise HoldNeedsReason
    with act("privacy.lift_legal_hold", by=by, client=hold.client, on_merged=True) as entry:
        row = LegalHold.objects.select_for_update(no_key=True).get(pk=hold.pk)
        if row.lifted_at is None:
            row.lifted_at, row.lifted_by, row.lift_reason = timezone.now(), by, reason.strip()
            row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        entry.about(row)
    return row


def is_held(client: Client) -> bool:
    """Whether a hold is open: what anyone who sees the chart may know of it."""
    return LegalHold.objects.open().filter(client=client).exists()


def check(*clients: Client) -> None:
    """Raise OnLegalHold if one of these records is held: for whatever destroys or moves records.

    `cases` asks it by settings.RECORD_HOLDS before it merges, and before it undoes a merge.
    """
    held = LegalHold.objects.open().filter(client__in=clients).values_list("client", flat=True).first()
    if held is not None:
        raise OnLegalHold(held)
