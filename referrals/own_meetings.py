"""A clinic's own meetings, and its corrections of listed ones: written by hand, and never by an import."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from django.utils import timezone

from staff import time_zones
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.saying import says_something

from . import cleaning, kinds, locations, matching, sources
from .fellowships import Fellowship
from .listing import Attendance, LocatedBy
from .models import Meeting, MeetingFeed, OwnMeetingChange, SameMeeting

FEED_NAME = "Kept by this clinic"
MINUTES_OF_A_DAY = 24 * 60
# What a correction takes over from the list that it corrects, beside the facts.
_TAKEN_OVER = (
    "region", "group_name", "group_notes", "location_notes", "conference_url_notes", "conference_phone_notes",
    "conference_provider_known",
)  # fmt: skip
_PLACE = ("street", "city", "state", "postal_code")
_POINT = ("latitude", "longitude", "located_by", "approximate")


class NameNeeded(Refusal):
    sentence = "Enter the name of the meeting."


class DayAndTime(Refusal):
    sentence = "Enter both the day and the time, or neither if it meets by appointment."


class WhereNeeded(Refusal):
    sentence = "Enter an address with its town for a meeting in person, or a link or phone number for one online."


class NotALength(Refusal):
    sentence = "Enter from 1 to 1440 minutes (a day), or leave it blank."


class NotAPhone(Refusal):
    sentence = "Enter the phone number that people dial, such as (518) 555-0130."


class PlaceUnknown(Refusal):
    sentence = "Enter latitude and longitude with a comma, such as 42.65, -73.75, or leave it blank."


class ZoneUnknown(Refusal):
    sentence = "Choose a time zone of the list."


class KindUnknown(Refusal):
    sentence = "This fellowship’s lists have no such type of meeting. Choose among the types of the form."


class AlreadyCorrected(Refusal):
    sentence = "This meeting is already corrected by this clinic. Change that correction."


class NotKeptHere(Refusal):
    sentence = "This meeting is in a published list. Correct it instead: the correction is the clinic’s own."


class MeetingFacts(TypedDict, total=False):
    """What is known of a meeting, as `add` and `change` take it.

    `time_zone`: blank for that of the place, else the clinic's; left out, as it was.
    """

    name: str
    fellowship: str
    weekday: int | None
    start: datetime.time | None
    duration: int | None
    time_zone: str
    attendance: str
    venue: str
    street: str
    city: str
    state: str
    postal_code: str
    latitude: float | None
    longitude: float | None
    types: list[str]
    conference_url: str
    conference_phone: str
    notes: str


FACTS = tuple(MeetingFacts.__annotations__)


def facts_of(meeting: Meeting) -> MeetingFacts:
    """What a listing says, for a correction to start from."""
    return {
        "name": meeting.name,
        "fellowship": meeting.fellowship,
        "weekday": meeting.weekday,
        "start": meeting.start,
        "duration": meeting.duration,
        "attendance": meeting.attendance,
        "venue": meeting.venue,
        "street": meeting.street,
        "city": meeting.city,
        "state": meeting.state,
        "postal_code": meeting.postal_code,
        "latitude": meeting.latitude,
        "longitude": meeting.longitude,
        "types": list(meeting.types),
        "conference_url": meeting.conference_url,
        "conference_phone": meeting.conference_phone,
        "notes": meeting.notes,
    }


def feed_of(clinic: Clinic) -> MeetingFeed:
    """The clinic's own feed, made when it is first needed."""
    feed, _ = MeetingFeed.objects.get_or_create(
        clinic=clinic,
        format=MeetingFeed.Format.OWN,
        defaults={"name": _free_name(clinic), "fellowship": Fellowship.OTHER, "often": MeetingFeed.Often.BY_HAND},
    )
    return feed


def _free_name(clinic: Clinic) -> str:
    return f"{FEED_NAME} (by hand)" if clinic.meeting_feeds.filter(name=FEED_NAME).exists() else FEED_NAME


def add(*, by: StaffMember, corrects: Meeting | None = None, **facts: Unpack[MeetingFacts]) -> Meeting:
    """Put a meeting into the clinic's own list, or a correction of a listed one before it.

    `latitude` and `longitude`: where it is, if that is known better than by its ZIP code; left out of a correction,
    those of the list. `types`: the fellowship's codes, or those that `kinds` has.

    Raises NotPermitted, NameNeeded, DayAndTime, WhereNeeded, PlaceUnknown, ZoneUnknown, KindUnknown, AlreadyCorrected.
    """
    demand(by, Permission.PLACES_KEEP)
    now = timezone.now()
    with act("referrals.correct_meeting" if corrects else "referrals.add_meeting", by=by) as entry:
        # One by one: two corrections of one listing would both lead.
        feed = MeetingFeed.objects.select_for_update(no_key=True).get(pk=feed_of(by.clinic).pk)
        matching.take_turns()
        corrects = sources.top(corrects, by) if corrects is not None else None
        # What leads is this clinic's own: a correction in force. One that is off the list stands in nobody's way.
        if corrects is not None and corrects.feed_id == feed.pk:
            raise AlreadyCorrected
        meeting = Meeting(feed=feed, imported_at=now, time_zone=by.clinic.time_zone, external_id="")
        if corrects is not None:
            for name in (*_TAKEN_OVER, *_PLACE, *_POINT, "types", "address"):
                setattr(meeting, name, getattr(corrects, name))
            meeting.time_zone = corrects.time_zone
        _fill(meeting, facts)
        meeting.external_id = f"own-{uuid.uuid4().hex}"
        meeting.save()
        said = {name: [None, _plain(getattr(meeting, name))] for name in FACTS if getattr(meeting, name)}
        _note(meeting, OwnMeetingChange.Kind.ADDED, said, by=by, at=now)
        if corrects is not None:
            sources.put_behind(
                listing=corrects,
                lead=meeting,
                found_by=SameMeeting.FoundBy.CORRECTION,
                seen_hash=corrects.content_hash,
                by=by,
            )
        entry.about(meeting, **({"corrects": corrects.pk} if corrects else {}))
    return meeting


def change(*, meeting: Meeting, by: StaffMember, **facts: Unpack[MeetingFacts]) -> Meeting:
    """Change one of the clinic's own meetings; what it was stays in its history.

    A correction that is saved again is taken as made against what the list says now. Raises what `add` raises, and
    NotKeptHere.
    """
    demand(by, Permission.PLACES_KEEP, meeting.feed)
    now = timezone.now()
    with act("referrals.change_meeting", by=by) as entry:
        matching.take_turns()
        meeting = _own(meeting)
        before = {name: getattr(meeting, name) for name in FACTS}
        _fill(meeting, facts)
        changed = {
            name: [_plain(was), _plain(getattr(meeting, name))]
            for name, was in before.items()
            if getattr(meeting, name) != was
        }
        if changed:
            meeting.imported_at = now
            meeting.save()
            _note(meeting, OwnMeetingChange.Kind.CHANGED, changed, by=by, at=now)
        seen = _seen_again(meeting, by=by, at=now)
        if not (changed or seen):
            entry.nothing_changed()
        entry.about(meeting, changed=sorted(changed), seen=seen)
    return meeting


def set_listed(*, meeting: Meeting, listed: bool, by: StaffMember) -> Meeting:
    """Take one of the clinic's own meetings off its list, or put it back. What it corrected is shown again meanwhile,
    before all that is the same meeting.

    Raises NotPermitted, NotKeptHere, AlreadyCorrected if another correction has taken its place.
    """
    demand(by, Permission.PLACES_KEEP, meeting.feed)
    now = timezone.now()
    with act("referrals.list_meeting" if listed else "referrals.retire_meeting", by=by) as entry:
        matching.take_turns()
        meeting = _own(meeting)
        if (meeting.retired_at is None) == listed:
            entry.nothing_changed()
        else:
            if listed and _is_replaced(meeting):
                raise AlreadyCorrected
            meeting.retired_at = None if listed else now
            meeting.save(update_fields=["retired_at"])
            if listed:
                _lead_again(meeting, by=by)
            else:
                sources.give_way(lead=meeting, by=by)
            kind = OwnMeetingChange.Kind.BACK if listed else OwnMeetingChange.Kind.RETIRED
            _note(meeting, kind, {}, by=by, at=now)
        entry.about(meeting)
    return meeting


def _own(meeting: Meeting) -> Meeting:
    row = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("feed__clinic").get(pk=meeting.pk)
    if not row.feed.is_kept_by_hand:
        raise NotKeptHere
    return row


def _is_replaced(meeting: Meeting) -> bool:
    """What it corrected has another correction now."""
    corrections = SameMeeting.objects.filter(found_by=SameMeeting.FoundBy.CORRECTION)
    once = corrections.filter(lead=meeting, undone_by=None).values("listing")
    return corrections.standing().filter(listing__in=once, lead__retired_at=None).exclude(lead=meeting).exists()


def _lead_again(meeting: Meeting, *, by: StaffMember) -> None:
    """Put it before what leads now: for the listing that it corrected, or for itself."""
    rows = SameMeeting.objects.filter(clinic=by.clinic_id).select_related("listing", "lead")
    corrected = rows.filter(lead=meeting, found_by=SameMeeting.FoundBy.CORRECTION, undone_by=None).exclude(seen_hash="")
    was = corrected.order_by("-pk").first()
    if was is not None:
        sources.put_behind(
            listing=sources.top(was.listing, by),
            lead=meeting,
            found_by=SameMeeting.FoundBy.CORRECTION,
            by=by,
            seen_hash=was.seen_hash,
            found_at=was.found_at,
        )
    elif (now := rows.standing().filter(listing=meeting).first()) is not None:
        sources.put_behind(listing=now.lead, lead=meeting, found_by=SameMeeting.FoundBy(now.found_by), by=by)


def _seen_again(meeting: Meeting, *, by: StaffMember, at: datetime.datetime) -> bool:
    """Whoever saves a correction has seen what the list says now: that is what it is about from here on."""
    rows = SameMeeting.objects.standing().filter(lead=meeting, found_by=SameMeeting.FoundBy.CORRECTION)
    seen = False
    for row in rows.with_change():
        if row.has_changed:
            seen = True
            SameMeeting.objects.filter(pk=row.pk).update(undone_at=at)
            SameMeeting.objects.create(
                clinic_id=row.clinic_id,
                listing=row.listing,
                lead=meeting,
                found_by=SameMeeting.FoundBy.CORRECTION,
                found_at=at,
                by=by,
                seen_hash=row.listing.content_hash,
            )
    return seen


def _note(
    meeting: Meeting,
    kind: OwnMeetingChange.Kind,
    facts: Mapping[str, object],
    *,
    by: StaffMember,
    at: datetime.datetime,
) -> None:
    OwnMeetingChange.objects.create(meeting=meeting, kind=kind, at=at, by=by, facts=dict(facts))


def _plain(value: object) -> object:
    return value.isoformat("minutes") if isinstance(value, datetime.time) else value


def _fill(meeting: Meeting, facts: MeetingFacts) -> None:
    place, point = [[getattr(meeting, name) for name in names] for names in (_PLACE, _POINT[:2])]
    had, zone = set(meeting.types), facts.get("time_zone")
    for name, value in facts.items():
        if name == "time_zone":
            continue
        setattr(meeting, name, value.strip() if isinstance(value, str) else value)
    if not says_something(meeting.name):
        raise NameNeeded
    meeting.fellowship = Fellowship.read(meeting.fellowship)
    meeting.types = sorted(set(meeting.types))
    if not kinds.are_known(set(meeting.types) - had, meeting.fellowship):
        raise KindUnknown
    if (meeting.weekday is None) != (meeting.start is None):
        raise DayAndTime
    if meeting.duration is not None and not 1 <= meeting.duration <= MINUTES_OF_A_DAY:
        raise NotALength
    if meeting.conference_phone and not cleaning.dial_string(meeting.conference_phone):
        raise NotAPhone
    if not _is_somewhere(meeting):
        raise WhereNeeded
    has_moved = place != [getattr(meeting, name) for name in _PLACE] or not meeting.address
    _locate(meeting, before=point, has_moved=has_moved)
    if zone is not None:
        _set_zone(meeting, zone)
    said = [_plain(getattr(meeting, name)) for name in FACTS]
    meeting.content_hash = hashlib.sha256(repr(said).encode()).hexdigest()


def _set_zone(meeting: Meeting, chosen: str) -> None:
    if chosen and chosen not in time_zones.places():
        raise ZoneUnknown
    meeting.time_zone = chosen or zone_of_place(meeting) or meeting.feed.clinic.time_zone


def zone_of_place(meeting: Meeting) -> str:
    """The time zone where the meeting is, by coordinates, ZIP code or town. Empty if the place doesn't tell."""
    point = (meeting.latitude, meeting.longitude)
    by_point = locations.zone_at(*point) or locations.zip_zone(meeting.postal_code, meeting.state)
    return by_point or locations.town_zone(meeting.city, meeting.state)


def _is_somewhere(meeting: Meeting) -> bool:
    here = bool(meeting.street and meeting.city) or bool(meeting.address and not meeting.approximate)
    online = bool(meeting.conference_url or meeting.conference_phone)
    return {
        Attendance.IN_PERSON: here,
        Attendance.ONLINE: online,
        Attendance.HYBRID: here and online,
        Attendance.INACTIVE: True,
    }[Attendance(meeting.attendance)]


def _locate(meeting: Meeting, *, before: Sequence[float | None], has_moved: bool) -> None:
    """The address in one line and, offline, where it is: as typed, else the middle of its ZIP area.

    Coordinates that nobody changed are those of the former address: with another one, they no longer hold.
    """
    said = [meeting.latitude, meeting.longitude]
    is_typed = said != [None, None] and said != list(before)
    if not (is_typed or has_moved or said != list(before)):
        return
    point = locations.coordinates(*said) if is_typed else None
    if is_typed and point is None:
        raise PlaceUnknown
    address = locations.from_parts(
        street=meeting.street,
        city=meeting.city,
        state=meeting.state,
        postal_code=meeting.postal_code,
        country=meeting.country,
    )
    latitude, longitude = point or (None, None)
    default = locations.town_zone(address.city, address.state) or meeting.time_zone
    spot = locations.locate(address, latitude, longitude, None, "", default)
    if has_moved:
        meeting.address, meeting.country, meeting.state = address.line, address.country, address.state
        meeting.postal_code = address.postal_code
    meeting.latitude, meeting.longitude = spot.latitude, spot.longitude
    meeting.located_by, meeting.time_zone = LocatedBy(spot.located_by), spot.time_zone
    meeting.approximate = meeting.approximate and not (has_moved or is_typed)
