"""All lists of one meeting: shown together, joined and taken apart by hand."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

from django.db.models import Max, Q
from django.utils import timezone

from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

from . import matching
from .models import ImportRun, Meeting, SameMeeting
from .models.directory import MeetingQuerySet
from .models.feed import USUAL_PRIORITY
from .models.identity import leads_by

OFFERED = 15  # listings that a search by hand offers


class NotJoined(Refusal):
    sentence = "These are two meetings already. Someone else has taken them apart, or the lists have changed."


class AlreadyOne(Refusal):
    sentence = "These are one meeting already."


class ReasonNeeded(Refusal):
    sentence = "Say how you know: for example, “Two rooms of one church”."


class AnotherFellowship(Refusal):
    sentence = "Two fellowships never hold one meeting. Choose a listing of the same fellowship."


def lead_of(meeting: Meeting, *, by: StaffMember) -> SameMeeting | None:
    """The finding that puts another list's row before this one, if that row is listed at present."""
    rows = SameMeeting.objects.hiding(by).filter(listing=meeting)
    return rows.select_related("lead__feed__clinic", "listing__feed", "by").first()


def listings_of(meeting: Meeting, *, by: StaffMember) -> list[SameMeeting]:
    """The findings that put this one before other lists' rows."""
    rows = SameMeeting.objects.visible_to(by).standing().with_change().filter(lead=meeting)
    return list(rows.select_related("listing__feed__clinic", "by").order_by("pk"))


def read_on(meetings: Iterable[Meeting]) -> dict[int, datetime.datetime]:
    """When each one's list was last read and used, by feed, as far as this clinic reads it."""
    runs = ImportRun.objects.filter(feed__in={each.feed_id for each in meetings}, error="").order_by()
    return dict(runs.values_list("feed").annotate(last=Max("at")))


def undo(*, same: SameMeeting, because: str, by: StaffMember) -> SameMeeting:
    """Take apart what is not one meeting, for good: the rule never joins these two again. Raises ReasonNeeded."""
    demand(by, Permission.FEED_IMPORT, same)
    because = " ".join(because.split())[:300]
    if not says_something(because):
        raise ReasonNeeded
    with act("referrals.take_apart_meetings", by=by, clinic=same.clinic) as entry:
        matching.take_turns()
        row = SameMeeting.objects.select_for_update(no_key=True).get(pk=same.pk)
        if row.undone_at is not None:
            raise NotJoined
        row.undone_at, row.undone_by, row.undone_because = timezone.now(), by, because
        row.save(update_fields=["undone_at", "undone_by", "undone_because"])
        entry.about(row, listing=row.listing_id, lead=row.lead_id)
    return row


def join(*, one: Meeting, other: Meeting, by: StaffMember) -> SameMeeting:
    """Say that two listings are one meeting. The one that leads is that of the list with the higher priority.

    What stood behind either stands behind that one. Raises AlreadyOne, AnotherFellowship.
    """
    demand(by, Permission.FEED_IMPORT)
    if one.fellowship != other.fellowship:
        raise AnotherFellowship
    with act("referrals.join_meetings", by=by) as entry:
        matching.take_turns()
        one, other = top(one, by), top(other, by)
        if one.pk == other.pk:
            raise AlreadyOne
        lead, listing = sorted((one, other), key=lambda each: _rank(each, by), reverse=True)
        row = put_behind(listing=listing, lead=lead, found_by=SameMeeting.FoundBy.PERSON, by=by)
        entry.about(row, listing=listing.pk, lead=lead.pk)
    return row


def put_behind(
    *,
    listing: Meeting,
    lead: Meeting,
    found_by: SameMeeting.FoundBy,
    by: StaffMember,
    seen_hash: str = "",
    found_at: datetime.datetime | None = None,
) -> SameMeeting:
    """The rows themselves, inside an act: what stood behind the listing, or before it, gives way.

    `found_at`: when somebody looked at what the listing says, if that is not now.
    """
    now = timezone.now()
    standing = SameMeeting.objects.filter(clinic=by.clinic_id, undone_at=None).select_for_update(no_key=True)
    followers = list(standing.filter(lead=listing))
    given_way = standing.filter(Q(lead=listing) | Q(listing__in=(listing, lead)))
    given_way.update(undone_at=now)
    row = _found(listing.pk, lead, found_by, at=found_at or now, by=by, seen_hash=seen_hash)
    row.save()
    SameMeeting.objects.bulk_create(
        _found(each.listing_id, lead, _as_sure(each, found_by), at=now, by=by)
        for each in followers
        if each.listing_id != lead.pk
    )
    return row


def give_way(*, lead: Meeting, by: StaffMember) -> None:
    """Inside an act, as a lead goes off its list: what stood behind it stands behind the next one, and so does it.

    The next is what it corrected or, if that is not listed, the first by rank. Nothing changes if none is.
    """
    now = timezone.now()
    standing = SameMeeting.objects.filter(clinic=by.clinic_id, undone_at=None, lead=lead)
    rows = list(standing.select_for_update(no_key=True))
    behind = Meeting.objects.listed_at(by.clinic_id).filter(pk__in=[each.listing_id for each in rows])
    seen = behind.select_related("feed").in_bulk()
    listed = [each for each in rows if each.listing_id in seen]
    if not listed:
        return
    first = max(listed, key=lambda each: (each.seen_hash != "", _rank(seen[each.listing_id], by)))
    standing.update(undone_at=now)
    others = [(lead.pk, first), *((each.listing_id, each) for each in rows if each != first)]
    SameMeeting.objects.bulk_create(
        _found(listing, seen[first.listing_id], _as_sure(row, SameMeeting.FoundBy.RULE), at=now, by=by)
        for listing, row in others
    )


def _as_sure(row: SameMeeting, found_by: SameMeeting.FoundBy) -> SameMeeting.FoundBy:
    """How a follower stands behind another lead: what a person has joined stays so, all else goes as it is moved.

    With a correction it stays as long as that one is in force; after it the rule looks at it anew.
    """
    person = SameMeeting.FoundBy.PERSON
    return person if row.found_by == person else found_by


def _found(
    listing: int,
    lead: Meeting,
    found_by: SameMeeting.FoundBy,
    *,
    at: datetime.datetime,
    by: StaffMember,
    seen_hash: str = "",
) -> SameMeeting:
    return SameMeeting(
        clinic=by.clinic,
        listing_id=listing,
        lead=lead,
        found_by=found_by,
        found_at=at,
        seen_hash=seen_hash,
        by=None if found_by == SameMeeting.FoundBy.RULE else by,
    )


def others(meeting: Meeting, *, words: str, by: StaffMember) -> MeetingQuerySet:
    """Listings that may be the same one: of its fellowship, in another list, on its day first."""
    found = Meeting.objects.visible_to(by).current().leads_for(by)
    found = found.filter(fellowship=meeting.fellowship).exclude(feed=meeting.feed_id).exclude(pk=meeting.pk)
    typed = re.findall(r"\w+", words)[:6]
    for word in typed:
        found = found.filter(
            Q(name__icontains=word) | Q(venue__icontains=word) | Q(address__icontains=word) | Q(city__icontains=word)
        )
    if not typed:
        found = found.filter(weekday=meeting.weekday, start=meeting.start)
    return found.select_related("feed").order_by("weekday", "start", "name", "pk")[:OFFERED]


def top(meeting: Meeting, by: StaffMember) -> Meeting:
    """The row that is shown for this one, as it is now."""
    same = lead_of(meeting, by=by)
    return same.lead if same is not None else meeting


def all_of(meeting: Meeting, clinic: int) -> set[int]:
    """The rows, by key, that are one meeting with this one at a clinic: that which leads, and what stands behind it."""
    leading = SameMeeting.objects.leading_at(clinic)
    leads = leading.filter(Q(listing=meeting) | Q(lead=meeting)).values("lead")
    found = leading.filter(lead__in=leads).values_list("listing", "lead")
    return {meeting.pk, *(key for pair in found for key in pair)}


def referred_to(keys: Iterable[int]) -> MeetingQuerySet:
    """The rows that a chart points at, listed or not, for whoever has read them off what of it they may see."""
    return Meeting.objects.filter(pk__in=keys)


def week_of_group(meeting: Meeting, *, behind: Sequence[Meeting] | None = None, by: StaffMember) -> list[Meeting]:
    """All that the meeting's group holds in a week, in order of the week: each once, as it is shown.

    `behind`: the rows that stand behind it, for whoever has read that it leads them.
    """
    visible = Meeting.objects.visible_to(by)
    known: Iterable[Meeting] = (
        visible.filter(pk__in=all_of(meeting, by.clinic_id)) if behind is None else [meeting, *behind]
    )
    listed = visible.of_one_group(known).prefetch_related(leads_by())
    shown = {each.pk: each for each in (row.shown_at(by.clinic_id) for row in listed)}
    return sorted(
        shown.values(),
        key=lambda each: (each.weekday is None, each.weekday or 0, each.start or datetime.time.min, each.pk),
    )


def _rank(meeting: Meeting, by: StaffMember) -> tuple[bool, bool, int, bool, int]:
    """As `matching` ranks: the clinic's own, the feed's priority, the clinic's own feeds, the older row."""
    feed = meeting.feed
    ours = feed.clinic_id == by.clinic_id
    listed = meeting.retired_at is None
    return (listed, ours and feed.is_kept_by_hand, feed.priority if ours else USUAL_PRIORITY, ours, -meeting.pk)
