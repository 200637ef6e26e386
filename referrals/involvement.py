"""A client's involvement in mutual help, by client report, asked again from time to time."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from .models import Involvement


def record(
    *,
    client: Client,
    by: StaffMember,
    on: datetime.date | None = None,
    fellowship: str = "",
    meetings_past_30_days: int | None = None,
    **answers: bool | None,
) -> Involvement:
    """Save one set of answers. Questions are Involvement.QUESTIONS; None is "not asked". Earlier answers stay."""
    demand(by, Permission.REFERRAL_MAKE, client)
    if unknown := set(answers) - set(Involvement.QUESTIONS):
        raise ValueError(f"No such question: {sorted(unknown)}")
    today = client.today
    if on is not None and on > today:
        raise Refusal("This date is in the future.")
    check_possible(client, on)
    with act("referrals.record_involvement", by=by, client=client) as entry:
        involvement = Involvement.objects.create(
            client=client,
            on=on or today,
            fellowship=fellowship,
            meetings_past_30_days=meetings_past_30_days,
            recorded_at=timezone.now(),
            recorded_by=by,
            **answers,
        )
        entry.about(involvement)
    return involvement


def in_words(row: Involvement) -> str:
    """One set of answers in a line: what was answered yes, and how many meetings."""
    words = {field.name: str(field.verbose_name) for field in row._meta.fields}
    said = [words[name] for name in Involvement.QUESTIONS if getattr(row, name)]
    if row.meetings_past_30_days is not None:
        said.insert(0, f"{row.meetings_past_30_days} meetings in 30 days")
    return f"{row.on:%b %-d, %Y}: {'; '.join(said) or 'no part in it'}"[:300]
