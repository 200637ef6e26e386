"""The suspended accounting: what an agency was told and a client isn't, for a time (45 CFR 164.528(a)(2)).

A health oversight agency or a law enforcement official may state that the accounting would be reasonably likely to
impede what they do, in writing for the time that they name, or by word of mouth for at most 30 days. Meanwhile what
they were told without the client's consent is in no list or copy that the client gets. It stays on record, and is in
the list again as soon as the suspension ends or lapses.

What a client consented to is never left out: 42 CFR 2.25 gives its accounting, and the agency learned it by the
client's own form.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable

from django.utils import timezone

from cases.models import Client
from cases.people.names import is_whole
from privacy.models import AccountingSuspension, Disclosure
from privacy.models.suspension import SPOKEN_DAYS
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import PLANS, check_days

# What 45 CFR 164.512(d) and (f) allow, as far as 42 CFR part 2 does: an audit (2.53), an order (2.61 to 2.67).
TO_AGENCIES = (Disclosure.Basis.AUDIT, Disclosure.Basis.COURT_ORDER)


class SuspensionNeedsMore(Refusal):
    """Something that the law asks to write down is missing, or the time is longer than it allows; `field` names it."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def suspend(
    *,
    client: Client,
    agency: str,
    official: str,
    statement: str,
    stated_on: datetime.date,
    ends_on: datetime.date,
    in_writing: bool,
    by: StaffMember,
) -> AccountingSuspension:
    """Record who states that the accounting would impede their activities, and until when it is suspended for them.

    Raises NotPermitted, DayNotPossible, SuspensionNeedsMore.
    """
    demand(by, Permission.RECORD_GIVE, client)
    today = timezone.localdate(timezone=client.clinic.zone)
    check_days(stated_on, ahead=0, today=today)
    check_days(ends_on, ahead=PLANS, today=today)
    if not says_something(agency, length=3):
        raise SuspensionNeedsMore("Enter the agency, as the disclosure names it.", "agency")
    if not says_something(official, least=2):
        raise SuspensionNeedsMore("Enter the name and title of who made the statement.", "official")
    if not says_something(statement, least=3, length=15):
        raise SuspensionNeedsMore("Enter why they say that the list would be likely to impede them.", "statement")
    if ends_on <= stated_on:
        raise SuspensionNeedsMore("Enter a last day after the day of the statement.", "ends_on")
    if not in_writing and ends_on > stated_on + datetime.timedelta(days=SPOKEN_DAYS):
        raise SuspensionNeedsMore(
            "Unless it’s in writing, it holds for at most 30 days (45 CFR 164.528(a)(2)).", "ends_on"
        )
    with act("privacy.suspend_accounting", by=by, client=client) as entry:
        row = AccountingSuspension.objects.create(
            clinic=client.clinic,
            client=client,
            agency=agency.strip(),
            official=official.strip(),
            statement=statement.strip(),
            stated_on=stated_on,
            ends_on=ends_on,
            in_writing=in_writing,
            recorded_at=timezone.now(),
            recorded_by=by,
        )
        entry.about(row, in_writing=in_writing, ends_on=ends_on.isoformat())
    return row


def end(*, suspension: AccountingSuspension, reason: str, by: StaffMember) -> AccountingSuspension:
    """End it before its last day: the agency no longer asks for it, or never did. Raises SuspensionNeedsMore."""
    demand(by, Permission.RECORD_GIVE, suspension)
    if not says_something(reason, least=2, length=8):
        raise SuspensionNeedsMore("Enter how you know that it ended.", "reason")
    with act("privacy.end_suspension", by=by, client=suspension.client, on_merged=True) as entry:
        row = AccountingSuspension.objects.select_for_update(no_key=True).get(pk=suspension.pk)
        if row.ended_at is None:
            row.ended_at, row.ended_by, row.end_reason = timezone.now(), by, reason.strip()
            row.save(update_fields=["ended_at", "ended_by", "end_reason"])
        entry.about(row)
    return row


def left_out(client: Client) -> frozenset[int]:
    """The numbers of the client's disclosures that they are not told of today: for every list and copy they get."""
    today = timezone.localdate(timezone=client.clinic.zone)
    running = AccountingSuspension.objects.running(today).filter(client=client)
    told = told_by_agency(client, set(running.values_list("agency", flat=True)))
    return frozenset(pk for own in told.values() for pk in own)


def told_by_agency(client: Client, agencies: Collection[str]) -> dict[str, list[int]]:
    """The numbers of the disclosures to each agency, by its name, that a suspension leaves out while it runs."""
    told = list(_told(client)) if agencies else []
    return {agency: [pk for pk, *named in told if any(is_whole(agency, each) for each in named)] for agency in agencies}


def agencies_told(client: Client) -> list[str]:
    """What the disclosures that can be suspended call who got them: the office, or the recipient if it names none."""
    return sorted({affiliation or recipient for _, recipient, affiliation in _told(client)})


def _told(client: Client) -> Iterable[tuple[int, str, str]]:
    rows = Disclosure.objects.filter(client=client, basis__in=TO_AGENCIES).order_by("pk")
    return rows.values_list("pk", "recipient", "affiliation")
