"""A client's sponsor and home group, by client report: facts with dates, never more of a person than a first name.

What is wrong is corrected or withdrawn with a reason, never overwritten.
"""

from __future__ import annotations

import datetime
from typing import TypedDict, Unpack

from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from staff import sent_twice
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

from . import volunteers
from .fellowships import Fellowship
from .models import Meeting, Tie


class NotNamed(Refusal):
    """A home group needs a meeting or words."""

    sentence = "Choose a meeting, or say which group it is."


class TieWithdrawn(Refusal):
    """It has been corrected or withdrawn, perhaps in another tab."""

    sentence = "This entry has already been corrected or withdrawn."


class ReasonNeeded(Refusal):
    """Why an entry is wrong was not said."""

    sentence = "Say what was wrong with the entry. It stays readable, with your reason."


class NothingToCorrect(Refusal):
    """A correction that says the same."""

    sentence = "Nothing is different. Change what is wrong, or withdraw the entry."


class TieEnded(Refusal):
    """It has ended, perhaps in another tab."""

    sentence = "This has already ended."


class TieFacts(TypedDict, total=False):
    """What an entry says, as `correct` takes it; what is left out stays as it was."""

    fellowship: str
    name: str
    is_first_name: bool
    meeting: Meeting | None
    group: str
    since: datetime.date | None
    until: datetime.date | None


_FACTS = ("fellowship", "name", "meeting", "group", "since", "until")


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
    """Record that the client has a sponsor, by first name or initials. A form that was sent twice is one entry.

    Raises volunteers.TooMuchNamed.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    row = _said(
        Tie(client=client, kind=Tie.Kind.SPONSOR),
        {"fellowship": fellowship, "name": name, "is_first_name": is_first_name, "since": since},
    )
    with act("referrals.sponsor", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        again = _just_recorded(row, by=by, at=at or timezone.now())
        if again is None:
            _record(row, by=by, at=at)
        entry.about(again or row, sent_twice=again is not None)
    return again or row


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
    """Record that the client has a home group: a listed meeting, or its name. A form that was sent twice is one entry.

    Raises NotNamed.
    """
    demand(by, Permission.REFERRAL_MAKE, client)
    row = _said(
        Tie(client=client, kind=Tie.Kind.HOME_GROUP),
        {"meeting": meeting, "fellowship": fellowship, "group": group, "since": since},
    )
    with act("referrals.home_group", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        again = _just_recorded(row, by=by, at=at or timezone.now())
        if again is None:
            _record(row, by=by, at=at)
        entry.about(again or row, sent_twice=again is not None)
    return again or row


def correct(*, tie: Tie, because: str, by: StaffMember, **facts: Unpack[TieFacts]) -> Tie:
    """Put a right entry in the place of a wrong one, which is withdrawn with the reason and stays readable.

    Raises ReasonNeeded, TieWithdrawn, NothingToCorrect, and what `sponsor` or `home_group` raises.
    """
    demand(by, Permission.REFERRAL_MAKE, tie.client)
    with act("referrals.tie_correct", by=by, client=tie.client) as entry:
        wrong = _withdrawn(tie, because, by=by)
        said: TieFacts = {
            "fellowship": wrong.fellowship, "name": wrong.name, "meeting": wrong.meeting, "group": wrong.group,
            "since": wrong.since, "until": wrong.until, **facts,
        }  # fmt: skip
        if said["name"] == wrong.name:
            said["is_first_name"] = True  # as it was taken before
        row = _said(Tie(client=tie.client, kind=wrong.kind, corrects=wrong), said)
        if all(getattr(row, name) == getattr(wrong, name) for name in _FACTS):
            raise NothingToCorrect
        _record(row, by=by, at=None)
        entry.about(row, corrects=wrong.pk)
    return row


def withdraw(*, tie: Tie, because: str, by: StaffMember) -> Tie:
    """Say that an entry is wrong and nothing takes its place. Raises ReasonNeeded, TieWithdrawn."""
    demand(by, Permission.REFERRAL_MAKE, tie.client)
    with act("referrals.tie_withdraw", by=by, client=tie.client) as entry:
        row = _withdrawn(tie, because, by=by)
        entry.about(row)
    return row


def _said(row: Tie, facts: TieFacts) -> Tie:
    """The row filled with what is said of it, checked."""
    meeting = facts.get("meeting")
    if row.kind == Tie.Kind.SPONSOR:
        row.name = volunteers.first_name_or_initial(facts["name"], is_first_name=facts.get("is_first_name", False))
    else:
        row.meeting, row.group = meeting, "" if meeting is not None else " ".join(facts.get("group", "").split())
        if meeting is None and not row.group:
            raise NotNamed
    row.fellowship = meeting.fellowship if meeting is not None else Fellowship.read(facts["fellowship"])
    row.since, row.until = facts.get("since"), facts.get("until")
    check_possible(row.client, row.since, ahead=0)
    check_possible(row.client, row.until, ahead=0)
    _check_order(row.since, row.until)
    return row


def _record(row: Tie, *, by: StaffMember, at: datetime.datetime | None) -> None:
    row.recorded_at, row.recorded_by = at or timezone.now(), by
    row.save()


def _just_recorded(row: Tie, *, by: StaffMember, at: datetime.datetime) -> Tie | None:
    """What the same form made a moment ago. Somebody may have two sponsors of one first name, but not typed at once."""
    said = {name: getattr(row, name) for name in _FACTS}
    same = Tie.objects.standing().filter(client=row.client, kind=row.kind, corrects=None, recorded_by=by, **said)
    return same.filter(recorded_at__range=(sent_twice.since(at), at)).first()


def _withdrawn(tie: Tie, because: str, *, by: StaffMember) -> Tie:
    if not says_something(because):
        raise ReasonNeeded
    row = _locked(tie)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_because = timezone.now(), by, because.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    return row


def _locked(tie: Tie) -> Tie:
    row = Tie.objects.select_for_update(of=("self",), no_key=True).select_related("meeting").get(pk=tie.pk)
    if row.withdrawn_at is not None:
        raise TieWithdrawn
    return row


def _check_order(since: datetime.date | None, until: datetime.date | None) -> None:
    if since is not None and until is not None and until < since:
        raise Refusal(f"This is before it began, on {since:%b %-d, %Y}.")


def end(*, tie: Tie, until: datetime.date, by: StaffMember) -> Tie:
    """Record that it has ended. It stays on record: it may be taken up again. Raises TieEnded, TieWithdrawn."""
    demand(by, Permission.REFERRAL_MAKE, tie.client)
    check_possible(tie.client, until, ahead=0)
    _check_order(tie.since, until)
    with act("referrals.tie_end", by=by, client=tie.client) as entry:
        row = _locked(tie)
        if row.until is not None:
            raise TieEnded
        row.until = until
        row.save(update_fields=["until"])
        entry.about(row)
    return row
