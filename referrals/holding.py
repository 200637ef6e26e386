"""A list that has shrunk too much is held until a person decides: use it, or keep the meetings."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction

from referrals import orders, uploads
from referrals.models import ImportDecision, ImportOrder, ImportRun
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal


class NothingHeld(Refusal):
    sentence = "This list no longer waits for a decision. A later import, or someone else, has settled it."


class ListNotKept(Refusal):
    sentence = "This list was imported by a command and is not kept here. Import it again, with --confirm-drop."


def decide(
    *, run: ImportRun, verdict: ImportDecision.Verdict, at: datetime.datetime, by: StaffMember
) -> ImportOrder | None:
    """Record the decision. To use the list orders an import of the very list that was held; returns this order.

    Raises NotPermitted, NothingHeld, ListNotKept, orders.AlreadyOrdered.
    """
    demand(by, Permission.FEED_IMPORT, run.feed)
    with act("referrals.decide_import", by=by, clinic=run.feed.clinic) as entry:
        if not ImportRun.objects.held().filter(pk=run.pk).exists():
            raise NothingHeld
        try:
            with transaction.atomic():
                decision = ImportDecision.objects.create(run=run, verdict=verdict, by=by, at=at)
        except IntegrityError:
            raise NothingHeld from None
        entry.about(decision, run=run.pk, verdict=str(verdict), would_retire=run.would_retire)
        held = ImportOrder.objects.filter(run=run).first()
        if verdict == ImportDecision.Verdict.KEEP:
            uploads.forget(run.feed)
            return None
        if held is None or not held.parts.exists():
            raise ListNotKept
        return orders.place(feed=run.feed, confirm_drop=True, held=held, by=by)
