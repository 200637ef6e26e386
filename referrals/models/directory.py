from __future__ import annotations

import datetime
import functools
import operator
import zoneinfo
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, When
from django.db.models import Value as V
from django.db.models.functions import Coalesce, Concat, Cos, Lower, NullIf, Radians, Sin

from referrals.fellowships import LOCATION_CLOSED, MEDICATION_FRIENDLY, Fellowship, meaning
from referrals.listing import DEFAULT_DURATION, Attendance, LocatedBy
from staff.time_zones import is_time_zone

from .feed import MeetingFeed, in_use_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.expressions import Combinable

    from staff.models import StaffMember

    from .identity import SameMeeting

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


# What is looked for by words: one text in small letters, compared once.
SEARCHED = ("name", "group_name", "venue", "address", "city", "region")


class PositionField(models.Field):
    """A place as a point of the unit sphere, in PostgreSQL's `cube`: it is only searched, never edited.

    Straight through the Earth, what is nearer is nearer over its surface, too, so an index on these points answers
    “the nearest” exactly, at any distance and across the date line. One on latitude and longitude would not: degrees
    of longitude are shorter than those of latitude.
    """

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  # Django passes it
        """The column type."""
        return "cube"


def _on_the_sphere() -> Func:
    latitude, longitude = Radians("latitude"), Radians("longitude")
    return Func(
        Cos(latitude) * Cos(longitude),
        Cos(latitude) * Sin(longitude),
        Sin(latitude),
        template="cube(ARRAY[%(expressions)s])",
        output_field=PositionField(),
    )


def _group() -> Coalesce:
    """What meetings of one group have in common in their feed: the group's name or, where there is none, their own."""
    return Coalesce(NullIf("group_name", V("")), "name")


# By its own words or its fellowship's, or because the clinic ticked it.
FRIENDLY_TO_MEDICATION = Q(welcomes_medication=True) | Q(types__contains=[MEDICATION_FRIENDLY])


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, staff_member: StaffMember) -> MeetingQuerySet:
        """Meetings of the feeds that the person's clinic has."""
        return self.filter(feed__in=MeetingFeed.objects.visible_to(staff_member))

    def current(self) -> MeetingQuerySet:
        """Listed at present, in a feed that is in use."""
        return self.filter(retired_at=None, feed__is_active=True)

    def listed_at(self, clinic: int | Combinable) -> MeetingQuerySet:
        """Listed at present, in a list that this clinic has in use. What it referred to may be so no longer."""
        return self.filter(in_use_at(clinic, "feed__"), retired_at=None)

    def leads_for(self, staff_member: StaffMember) -> MeetingQuerySet:
        """One listing of each meeting: not those that stand behind another list's, as long as that one lists it.

        (`referrals.matching` says which listings are one meeting; each clinic has its own answer.)
        """
        from .identity import SameMeeting  # it has keys to this table

        return self.exclude(Exists(SameMeeting.objects.hiding(staff_member).filter(listing=OuterRef("pk"))))

    def of_one_group(self, listings: Iterable[Meeting]) -> MeetingQuerySet:
        """All that a meeting's group holds in a week, by all the lists that have the meeting: these rows of it.

        A list that names no groups tells them by the meeting's own name and place, or link.
        """
        of_group = functools.reduce(operator.or_, (_of_group(each) for each in listings))
        return self.current().alias(group=_group()).filter(of_group)


def _of_group(meeting: Meeting) -> Q:
    here = Q(feed=meeting.feed_id, fellowship=meeting.fellowship)
    if meeting.group_name:
        return here & Q(group=meeting.group_name, group_name=meeting.group_name)
    place = Q(address=meeting.address)
    if meeting.conference_url:
        place |= Q(conference_url=meeting.conference_url)
    return here & Q(group=meeting.name, group_name="") & place


class Meeting(models.Model):
    """One weekly occurrence of a meeting, as its feed lists it. Only imports write it; public, so without a history.

    Those of the clinic's own feed are written by hand (`referrals.own_meetings`), with `OwnMeetingChange` as history.
    """

    feed = models.ForeignKey(MeetingFeed, on_delete=models.PROTECT, related_name="meetings")
    external_id = models.CharField("id in the feed", max_length=255)
    fellowship = models.CharField(max_length=20, choices=Fellowship)
    name = models.CharField(max_length=255)
    weekday = models.PositiveSmallIntegerField(
        null=True, choices=list(enumerate(WEEKDAYS)), help_text="0 = Sunday. Blank: by appointment."
    )
    start = models.TimeField("starts at", null=True, help_text="In the meeting’s own time zone.")
    duration = models.PositiveSmallIntegerField("minutes", null=True, help_text="Blank: the feed doesn’t say.")
    time_zone = models.CharField(max_length=64, validators=[is_time_zone])
    types = ArrayField(models.CharField(max_length=24), default=list, blank=True, help_text="The fellowship’s codes.")
    attendance = models.CharField(max_length=12, choices=Attendance)
    venue = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=400, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    located_by = models.CharField("coordinates from", max_length=8, choices=LocatedBy, blank=True)
    approximate = models.BooleanField("only a town or area is given", default=False)
    conference_url = models.CharField(max_length=2000, blank=True)
    conference_url_notes = models.TextField(blank=True)
    conference_provider_known = models.BooleanField(default=True)
    conference_phone = models.CharField(max_length=120, blank=True)
    conference_phone_notes = models.TextField(blank=True)
    notes = models.TextField(blank=True, help_text="Monthly exceptions are listed only here. Always show them.")
    location_notes = models.TextField(blank=True)
    group_name = models.CharField(max_length=255, blank=True)
    group_notes = models.TextField(blank=True)
    entity = models.CharField("listed by", max_length=255, blank=True)
    entity_phone = models.CharField(max_length=64, blank=True)
    entity_url = models.CharField(max_length=2000, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    source_updated = models.DateTimeField("changed at the source", null=True)
    content_hash = models.CharField(max_length=64, editable=False)
    row_hash = models.CharField(
        max_length=32, editable=False, blank=True, help_text="Of the row as written: the same row is not read again."
    )
    imported_at = models.DateTimeField("last changed here")
    retired_at = models.DateTimeField("no longer listed since", null=True)
    # Only places where people meet have a position: the coordinates of an online meeting mean nothing.
    position = models.GeneratedField(
        expression=Case(
            When(
                Q(attendance__in=[Attendance.IN_PERSON, Attendance.HYBRID])
                & Q(latitude__isnull=False, longitude__isnull=False),
                then=_on_the_sphere(),
            ),
            default=None,
            output_field=PositionField(),
        ),
        output_field=PositionField(),
        db_persist=True,
        editable=False,
    )
    # See migration 0001_initial for both functions.
    week_minute = models.GeneratedField(
        expression=Func(F("weekday"), F("start"), F("time_zone"), function="referrals_week_minute"),
        output_field=models.IntegerField(null=True),
        db_persist=True,
        editable=False,
    )
    welcomes_medication = models.GeneratedField(
        expression=Func(
            F("fellowship"),
            Concat(
                *("name", V(". "), "notes", V(". "), "group_name", V(". "), "group_notes", V(". "), "location_notes"),
                output_field=models.TextField(),
            ),
            function="referrals_welcomes_medication",
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        editable=False,
    )
    searched = models.GeneratedField(
        expression=Lower(
            Concat(
                *(each for field in SEARCHED for each in (field, V(" "))),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects = MeetingQuerySet.as_manager()

    # Annotated by the finder, and by the handout.
    next_start: datetime.datetime | None
    is_held: bool
    known_as: Meeting  # the row by which it was asked for
    led_by: list[SameMeeting]  # by `identity.leads_by`
    # By the page of own meetings: what has become of the listing that one corrects.
    change_words: str

    class Meta:
        ordering = ("weekday", "start", "name")
        constraints = [
            models.UniqueConstraint(fields=("feed", "external_id"), name="meeting_id_once_per_feed"),
            models.CheckConstraint(condition=Q(weekday=None) | Q(weekday__lte=6), name="meeting_weekday_0_to_6"),
            models.CheckConstraint(
                condition=Q(weekday=None, start=None) | Q(weekday__isnull=False, start__isnull=False),
                name="meeting_day_and_time_or_by_appointment",
            ),
            models.CheckConstraint(
                condition=Q(duration=None) | Q(duration__gte=1, duration__lte=1440), name="meeting_lasts_up_to_a_day"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="meeting_coordinates_both_and_on_earth",
            ),
        ]
        indexes = [
            GistIndex(fields=("position",), name="meeting_by_position"),
            GinIndex(fields=("types",), name="meeting_by_types"),
            GinIndex(OpClass("searched", "gin_trgm_ops"), condition=Q(retired_at=None), name="meeting_by_words"),
            models.Index(
                fields=("fellowship", "weekday", "start"), condition=Q(retired_at=None), name="meeting_current_by_day"
            ),
            models.Index(fields=("week_minute",), condition=Q(retired_at=None), name="meeting_by_week_minute"),
            models.Index(fields=("latitude", "longitude"), condition=Q(retired_at=None), name="meeting_by_latitude"),
            models.Index(
                fields=("fellowship",),
                condition=Q(retired_at=None) & FRIENDLY_TO_MEDICATION,
                name="meeting_medication",
            ),
            models.Index(F("feed"), _group(), condition=Q(retired_at=None), name="meeting_by_group"),
            # Few have no coordinates; without this, all that are online would be looked through for them.
            models.Index(
                fields=("feed",),
                condition=Q(
                    retired_at=None,
                    position__isnull=True,
                    attendance__in=[Attendance.IN_PERSON, Attendance.HYBRID],
                ),
                name="meeting_off_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.when}"

    def shown_at(self, clinic: int) -> Meeting:
        """The listing that leads for this one at a clinic, by its key; itself if none does.

        Read for many at once by the prefetch `identity.leads_by`, else looked up.
        """
        from .identity import SameMeeting  # it has keys to this table

        known: list[SameMeeting] | None = self.__dict__.get("led_by")
        if known is None:
            known = list(SameMeeting.objects.leading_at(clinic).filter(listing=self).select_related("lead__feed"))
        return next((each.lead for each in known if each.clinic_id == clinic), self)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which the meeting starts."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def minutes(self) -> int:
        """How long it lasts: the feed's value, or an hour."""
        return self.duration or DEFAULT_DURATION

    @property
    def end(self) -> datetime.time | None:
        """When it ends by the clock; on the next day if it runs past midnight."""
        if self.start is None:
            return None
        day = datetime.datetime.combine(datetime.date(2000, 1, 1), self.start)
        return (day + datetime.timedelta(minutes=self.minutes)).time()

    @property
    def ends_next_day(self) -> bool:
        """It runs to midnight or through it."""
        return self.start is not None and self.start.hour * 60 + self.start.minute + self.minutes >= 24 * 60

    @property
    def when(self) -> str:
        """Day and time in words."""
        if self.weekday is None or self.start is None:
            return "by appointment"
        return f"{WEEKDAYS[self.weekday]} {self.start:%-I:%M %p}"

    @property
    def type_names(self) -> list[str]:
        """The meanings of its codes at its fellowship. What `is_medication_friendly` says isn't among them."""
        unsaid = (LOCATION_CLOSED, MEDICATION_FRIENDLY)
        return [meaning(self.fellowship, code) for code in self.types if code not in unsaid]

    @property
    def is_medication_friendly(self) -> bool:
        """As `FRIENDLY_TO_MEDICATION` finds them."""
        return self.welcomes_medication or MEDICATION_FRIENDLY in self.types

    @property
    def all_notes(self) -> list[str]:
        """All the list's notes; exceptions to the weekly rule are only there."""
        about_it = (self.notes, self.location_notes, self.group_notes)
        about_joining = (self.conference_url_notes, self.conference_phone_notes)
        return list(filter(None, dict.fromkeys(about_it + about_joining)))

    @property
    def has_place(self) -> bool:
        """One can go there."""
        return self.attendance in (Attendance.IN_PERSON, Attendance.HYBRID)

    @property
    def place_words(self) -> str:
        """Venue, street and town, as much as the list gives; the whole address if it is not in parts."""
        parts = (self.venue, self.street, self.city) if self.street or self.city else (self.venue, self.address)
        return ", ".join(dict.fromkeys(filter(None, parts)))

    @property
    def location_is_rough(self) -> bool:
        """Its point is the middle of a town or ZIP area: distances are about."""
        return self.approximate or self.is_by_zip

    @property
    def is_by_zip(self) -> bool:
        """Nothing better is known of its place than its ZIP code."""
        return self.located_by == LocatedBy.ZIP
