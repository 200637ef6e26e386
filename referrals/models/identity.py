"""Which listings are one meeting, by clinic; and what was done by hand to a clinic's own meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from staff.access import Permission, can
from staff.models import Clinic

from .directory import Meeting
from .feed import in_use_at

if TYPE_CHECKING:
    from staff.models import StaffMember


class SameMeetingQuerySet(models.QuerySet["SameMeeting"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Those of the person's clinic: another one may see them otherwise."""
        if not can(staff_member, Permission.MEETING_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def standing(self) -> Self:
        """Those that nobody and nothing has undone."""
        return self.filter(undone_at=None)

    def hiding(self, staff_member: StaffMember) -> Self:
        """Those by which another listing is shown to the person: the listing needn't be."""
        return self.leading_at(staff_member.clinic_id)

    def leading_at(self, clinic: int | Combinable) -> Self:
        """Standing ones of a clinic (a key, or an expression) whose lead is listed now in a feed that the clinic sees.

        The one owner of which listing leads: for these, the lead's day, time, place and link are those of the meeting.
        """
        return self.standing().filter(in_use_at(clinic, "lead__feed__"), clinic=clinic, lead__retired_at=None)

    def with_change(self) -> Self:
        """With `has_changed`: since a correction was saved, its list says something else or dropped the meeting."""
        return self.annotate(has_changed=Case(When(_CHANGED, then=True), default=False)).select_related("listing")

    def overtaken(self) -> Self:
        """The corrections in force whose list has changed since: somebody should look at them."""
        return self.standing().filter(_CHANGED, found_by=SameMeeting.FoundBy.CORRECTION, lead__retired_at=None)


# Since a correction was saved last, its list says something else or has dropped the meeting.
_CHANGED = ~Q(seen_hash="") & (~Q(seen_hash=F("listing__content_hash")) | Q(listing__retired_at__gt=F("found_at")))


class SameMeeting(models.Model):
    """For one clinic, a listing is the same meeting as its lead, which is the one that is shown.

    By the rule (`referrals.matching`) or by a person. What a person has undone is never found by the rule again. A lead
    never stands behind another one, and a row changes once, when it is undone: held by the database (migration
    0005_identity_stands).
    """

    class FoundBy(models.TextChoices):
        RULE = "rule", "Found by itself"
        PERSON = "person", "Joined by hand"
        CORRECTION = "correction", "Corrected by this clinic"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    listing = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="leads")
    lead = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="listings")
    found_by = models.CharField(max_length=10, choices=FoundBy, default=FoundBy.RULE)
    found_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    seen_hash = models.CharField(
        max_length=64,
        blank=True,
        help_text="What the list said when it was corrected: another one says it has changed.",
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: the lists have changed.",
    )
    undone_because = models.CharField("reason", max_length=300, blank=True)

    objects = SameMeetingQuerySet.as_manager()

    has_changed: bool  # by `with_change`

    class Meta:
        ordering = ("-found_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "listing"), condition=Q(undone_at=None), name="listing_has_one_lead_per_clinic"
            ),
            models.CheckConstraint(condition=~Q(listing=F("lead")), name="listing_is_not_its_own_lead"),
            models.CheckConstraint(
                condition=Q(found_by="rule", by=None) | ~Q(found_by="rule") & Q(by__isnull=False),
                name="same_meeting_by_rule_or_person",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None, undone_because="")
                | Q(undone_at__isnull=False, undone_by=None, undone_because="")
                | Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_because=""),
                name="same_meeting_undone_by_a_person_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=("clinic", "lead"), condition=Q(undone_at=None), name="same_meeting_by_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} is {self.lead_id}"

    @property
    def change_words(self) -> str:
        """What has become of the listing since it was corrected, for rows `with_change`; blank if nothing has."""
        if not self.has_changed:
            return ""
        dropped_at = self.listing.retired_at
        if dropped_at is not None and dropped_at > self.found_at:
            return f"The list no longer has it, since {timezone.localtime(dropped_at):%b %-d, %Y}"
        return "The list has changed since the correction"


class OwnMeetingChangeQuerySet(models.QuerySet["OwnMeetingChange"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Changes of the clinic's own meetings."""
        if not can(staff_member, Permission.MEETING_VIEW):
            return self.none()
        return self.filter(meeting__feed__clinic=staff_member.clinic_id)


class OwnMeetingChange(models.Model):
    """What was done to one of the clinic's own meetings, by whom.

    Never changed afterward (migration 0005_identity_stands).
    """

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        RETIRED = "retired", "Taken off the list"
        BACK = "back", "Put back on the list"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict, help_text="Each field that changed, with what it was and what it is.")

    objects = OwnMeetingChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.get_kind_display()


def leads_by(path: str = "") -> Prefetch[Any, Any, Any]:
    """What `Meeting.shown_at` asks, as a prefetch: of many meetings at once, by the path to them."""
    found = SameMeeting.objects.leading_at(F("clinic")).select_related("lead__feed")
    return Prefetch(f"{path}__leads" if path else "leads", found, to_attr="led_by")


def is_meeting_listed() -> Exists:
    """Of rows that point at a client and a `meeting`: whether its own row is listed at the client's clinic."""
    return Exists(Meeting.objects.listed_at(OuterRef("client__clinic")).filter(pk=OuterRef("meeting")))
