"""Qualified service organizations: the register of agreements, and whether one covers a disclosure (42 CFR 2.11).

What such an organization needs for its services is disclosed without consent (42 CFR 2.12(c)(4)), as long as the
written agreement is current. The privacy officer keeps the register, not those who record disclosures.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.people import names
from privacy.models import ServiceAgreement
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import LONG_TERM, check_days


class DescribeServices(Refusal):
    sentence = "Enter the organization, and which services it provides to the clinic (42 CFR 2.11)."


class PromisesMissing(Refusal):
    """Without them it is no qualified service organization."""

    sentence = (
        "The agreement must acknowledge that the organization is bound by 42 CFR part 2, and that it will resist "
        "efforts to get the records in judicial proceedings (42 CFR 2.11). Ask for an agreement that does."
    )


class EndsTooEarly(Refusal):
    sentence = "The last day is before the date of the agreement. Check the dates."


class NoCurrentAgreement(Refusal):
    """Nothing may be disclosed to it as to a qualified service organization."""

    field = "agreement"

    def __init__(self, agreement: ServiceAgreement | None, day: datetime.date) -> None:
        if agreement is None:
            super().__init__("Choose the agreement with this organization (42 CFR 2.11).")
            return
        super().__init__(
            f"There is no current agreement with {agreement.name} on {day_in_words(day)}. Ask the privacy officer to "
            "renew it, or the client for a consent (42 CFR 2.12(c)(4))."
        )


class AnotherOrganization(Refusal):
    """The agreement is with someone else."""

    field = "recipient"

    def __init__(self, agreement: ServiceAgreement) -> None:
        super().__init__(f"This agreement is with {agreement.name}. Enter that name as the recipient.")


def add(
    *,
    name: str,
    services: str,
    agreed_on: datetime.date,
    is_bound: bool,
    resists: bool,
    by: StaffMember,
    ends_on: datetime.date | None = None,
) -> ServiceAgreement:
    """Record an agreement, or the renewal of one. Raises DescribeServices, PromisesMissing, EndsTooEarly."""
    demand(by, Permission.RECIPIENTS_KEEP)
    today = _today(by.clinic)
    check_days(agreed_on, ahead=0, today=today)
    check_days(ends_on, ahead=LONG_TERM, today=today)
    if not says_something(name) or not says_something(services, length=4):
        raise DescribeServices
    if not (is_bound and resists):
        raise PromisesMissing
    if ends_on is not None and ends_on < agreed_on:
        raise EndsTooEarly
    with act("privacy.add_service_agreement", by=by) as entry:
        made = ServiceAgreement.objects.create(
            clinic=by.clinic,
            name=name.strip(),
            services=services.strip(),
            agreed_on=agreed_on,
            ends_on=ends_on,
            is_bound=is_bound,
            resists=resists,
            added_at=timezone.now(),
            added_by=by,
        )
        entry.about(made)
    return made


def end(*, agreement: ServiceAgreement, by: StaffMember) -> ServiceAgreement:
    """It ends today, or is not renewed; past disclosures stay on record. Raises NotPermitted."""
    demand(by, Permission.RECIPIENTS_KEEP, agreement)
    with act("privacy.end_service_agreement", by=by) as entry:
        row = ServiceAgreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
        if row.ended_on is None:
            row.ended_on, row.ended_at, row.ended_by = _today(by.clinic), timezone.now(), by
            row.save(update_fields=["ended_on", "ended_at", "ended_by"])
        entry.about(row)
    return row


def check(
    agreement: ServiceAgreement | None, *, clinic: Clinic, recipient: str, day: datetime.date
) -> ServiceAgreement:
    """Raise NoCurrentAgreement or AnotherOrganization unless it covers this recipient on that day."""
    if agreement is None or agreement.clinic_id != clinic.pk:
        raise NoCurrentAgreement(None, day)
    # read again: what the caller holds may be from before its end
    if not ServiceAgreement.objects.filter(pk=agreement.pk).current_on(day).exists():
        raise NoCurrentAgreement(agreement, day)
    if not names.is_whole(recipient, agreement.name):
        raise AnotherOrganization(agreement)
    return agreement


def to_renew(agreements: list[ServiceAgreement], *, until: datetime.date) -> list[ServiceAgreement]:
    """Of those that no one has ended: expired ones and those whose last day is near, unless a later one goes on."""
    return [
        each
        for each in agreements
        if each.ends_on is not None
        and each.ends_on <= until
        and not any(
            names.is_whole(other.name, each.name) and (other.ends_on is None or other.ends_on > each.ends_on)
            for other in agreements
        )
    ]


def _today(clinic: Clinic) -> datetime.date:
    return timezone.localdate(timezone=clinic.zone)
