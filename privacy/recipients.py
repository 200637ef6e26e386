"""The clinic's list of providers, payers and partners: whom a consent in general terms can mean.

Kept by the privacy officer, not by those who record disclosures: a name and a choice in a list make nobody a provider.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.people import names
from privacy.models import KnownRecipient
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.saying import says_something


class AlreadyListed(Refusal):
    sentence = "This recipient is already on the list in this role."


class HowKnownNeeded(Refusal):
    sentence = "Enter the name, and how you know what they are: license or NPI, plan number, or contract."


def add(*, name: str, kind: str, known_by: str, by: StaffMember) -> KnownRecipient:
    """Put somebody on the list, in one role. Raises NotPermitted, HowKnownNeeded, AlreadyListed."""
    demand(by, Permission.RECIPIENTS_KEEP)
    if not says_something(name) or not says_something(known_by, least=2):
        raise HowKnownNeeded
    with act("privacy.add_recipient", by=by) as entry:
        try:
            with transaction.atomic():
                made = KnownRecipient.objects.create(
                    clinic=by.clinic, name=name.strip(), kind=kind, known_by=known_by.strip(), added_at=timezone.now(),
                    added_by=by,
                )  # fmt: skip
        except IntegrityError:
            raise AlreadyListed from None
        entry.about(made, kind=kind)
        return made


def end(*, recipient: KnownRecipient, by: StaffMember) -> KnownRecipient:
    """Take somebody off the list; past disclosures stay. Raises NotPermitted."""
    demand(by, Permission.RECIPIENTS_KEEP, recipient)
    with act("privacy.end_recipient", by=by) as entry:
        row = KnownRecipient.objects.select_for_update(no_key=True).get(pk=recipient.pk)
        if row.ended_at is None:
            row.ended_at, row.ended_by = timezone.now(), by
            row.save(update_fields=["ended_at", "ended_by"])
        entry.about(row)
        return row


def is_listed(clinic: Clinic, recipient: str, kind: str) -> bool:
    """Whether the clinic has checked that this recipient is of this kind, by the comparison of `named_on`."""
    listed = KnownRecipient.objects.current().filter(clinic=clinic, kind=kind).values_list("name", flat=True)
    return any(names.is_whole(recipient, each) for each in listed)
