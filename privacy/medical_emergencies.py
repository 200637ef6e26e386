"""Disclosing to medical personnel in a medical emergency without consent, and the review of it (42 CFR 2.51).

What the program must document at once is the disclosure itself: to whom, of which facility, by whom, when, and the
nature of the emergency. It is a row among the client's disclosures like any other. That it still needs a review follows
from that row: nobody has to put it in a queue.
"""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Client
from privacy import disclosures
from privacy.models import Disclosure, DisclosureReview
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.office_hours import next_business_day
from staff.refusals import NotPermitted, Refusal


class DisclosureReviewed(Refusal):
    """It was reviewed already."""

    sentence = "This disclosure was already reviewed."


class OwnDisclosure(Refusal):
    """No one reviews what they disclosed or recorded themselves."""

    sentence = "You can’t review a disclosure that you made or recorded. Ask a colleague."


def disclose(
    *,
    client: Client,
    told: str,
    affiliation: str,
    nature: str,
    what: str,
    no_consent: str,
    by: StaffMember,
    disclosed_by: StaffMember | None = None,
    disclosed_at: datetime.datetime | None = None,
) -> Disclosure:
    """Record what medical personnel were told in a bona fide medical emergency, with all that 42 CFR 2.51(c) asks.

    Raises disclosures.BasisNeedsMore, fitting.SaysNothing, NotPermitted.
    """
    return disclosures.record(
        client=client,
        basis=Disclosure.Basis.EMERGENCY,
        recipient=told,
        affiliation=affiliation,
        what=what,
        why=nature,
        no_consent=no_consent,
        disclosed_by=disclosed_by,
        disclosed_at=disclosed_at,
        by=by,
    )


def review(*, disclosure: Disclosure, finding: str, by: StaffMember, note: str = "") -> DisclosureReview:
    """Record what the privacy officer found. Raises NotPermitted, DisclosureReviewed, OwnDisclosure."""
    demand(by, Permission.EMERGENCY_REVIEW, disclosure)
    if disclosure.basis != Disclosure.Basis.EMERGENCY:
        raise NotPermitted
    if by.pk in (disclosure.disclosed_by_id, disclosure.recorded_by_id):
        raise OwnDisclosure
    with act("privacy.review_emergency_disclosure", by=by, client=disclosure.client) as entry:
        try:
            with transaction.atomic():
                made = DisclosureReview.objects.create(
                    clinic=disclosure.client.clinic,
                    disclosure=disclosure,
                    finding=DisclosureReview.Finding(finding),
                    note=note.strip(),
                    reviewed_at=timezone.now(),
                    reviewed_by=by,
                )
        except IntegrityError:
            raise DisclosureReviewed from None
        entry.about(made, finding=finding)
    return made


def review_due_on(disclosure: Disclosure) -> datetime.date:
    """The next business day after it was recorded, in the clinic's zone."""
    return next_business_day(disclosure.recorded_at, disclosure.client.clinic)
