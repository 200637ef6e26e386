"""Acknowledging what a nightly check of the logs found: someone has seen it, and says what they did about it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from privacy.models import AuditAcknowledgment, AuditCheck
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.saying import says_something


class AcknowledgmentSaysNothing(Refusal):
    """The next reader has to know what was done."""

    sentence = "Enter what you did: whom you told, and what they found."


class NothingFound(Refusal):
    """There is nothing to acknowledge."""

    sentence = "This check found nothing."


class AlreadyAcknowledged(Refusal):
    """Someone was first."""

    sentence = "Someone has already acknowledged this."


def acknowledge(*, check: AuditCheck, note: str, by: StaffMember) -> AuditAcknowledgment:
    """Record that the findings of a check were seen. A later check that finds the same no longer asks.

    Raises NotPermitted, AcknowledgmentSaysNothing, NothingFound, AlreadyAcknowledged.
    """
    demand(by, Permission.AUDIT_VERIFY)
    if check.clinic_id != by.clinic_id:
        raise NotPermitted
    if not says_something(note, least=3, length=15):
        raise AcknowledgmentSaysNothing
    if check.finished_at is None or not check.findings.exists():
        raise NothingFound
    with act("privacy.acknowledge_findings", by=by) as entry:
        try:
            with transaction.atomic():
                made = AuditAcknowledgment.objects.create(
                    clinic=by.clinic, of_check=check, by=by, at=timezone.now(), note=" ".join(note.split())
                )
        except IntegrityError as error:
            raise AlreadyAcknowledged from error
        entry.about(made, log=check.log, of_check=check.pk)
    return made
