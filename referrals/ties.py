"""A client's sponsor and home group, by client report: facts with dates, never more of a person than a first name."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import volunteers
from .fellowships import Fellowship
from .models import Meeting, Tie


class NotNamed(Refusal):
    """A home group needs a meeting or words."""

    sentence = "Choose a meeting, or say which group it is."


class TieEnded(Refusal):
    """It has ended, perhaps in another tab."""

    sentence = "This has already ended."


def sponsor(
    *,
    client: Client,
    fellowship: str,
    name: str,
    by: StaffMember,
    is_first_name: bool = False,
    since: datetime.date | None = None,
    at: datetime.datetime | None = None,
) -> Tie:
    """Record that the client has a sponsor, by first name or initials. Raises volunteers.TooMuchNamed."""
    demand(by, Permission.REFERRAL_MAKE, client)
    name = volunteers.first_name_or_initial(name, is_first_name=is_first_name)
    check_possible(client, since, ahead=0)
    with act("referrals.sponsor", by=by, client=client) as entry:
        row = Tie.objects.create(
            client=client,
            kind=Tie.Kind.SPONSOR,
            fellowship=Fellowship.read(fellowship),
            name=name,
            since=since,
            recorded_at=at or timezone.now(),
            recorded_by=by,
        )
        entry.about(row)
    return row


def home_group(
    *,
    client: Client,
    by: StaffMember,
    meeting: Meeting | None = None,
    fellowship: str = "",
    group: str = "",
    since: datetime.date | None = None,
    at: datetime.datetime | None = None,
) -> Tie:
    """Record that the client has a home group: a listed meeting, or its name. Raises NotNamed."""
    demand(by, Permission.REFERRAL_MAKE, client)
    group = " ".join(group.split())
    if meeting is None and not group:
        raise NotNamed
    check_possible(client, since, ahead=0)
    with act("referrals.home_group", by=by, client=client) as entry:
        row = Tie.objects.create(
            client=client,
            kind=Tie.Kind.HOME_GROUP,
            fellowship=meeting.fellowship if meeting is not None else Fellowship.read(fellowship),
            meeting=meeting,
            group="" if meeting is not None else group,
            since=since,
            recorded_at=at or timezone.now(),
            recorded_by=by,
        )
        entry.about(row)
    return row


def end(*, tie: Tie, until: datetime.date, by: StaffMember) -> Tie:
    """Record that it has ended. It stays on record: it may be taken up again. Raises TieEnded."""
    demand(by, Permission.REFERRAL_MAKE, tie.client)
    check_possible(tie.client, until, ahead=0)
    if tie.since is not None and until < tie.since:
        raise Refusal(f"This is before it began, on {tie.since:%b %-d, %Y}.")
    with act("referrals.tie_end", by=by, client=tie.client) as entry:
        row = Tie.objects.select_for_update(of=("self",), no_key=True).get(pk=tie.pk)
        if row.until is not None:
            raise TieEnded
        row.until = until
        row.save(update_fields=["until"])
        entry.about(row)
    return row
