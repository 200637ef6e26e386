from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cases.models.visibility import not_kept_from
from staff.access import Permission, can
from staff.day_rules import moments_since_1900
from staff.days import later
from staff.history import tracked

from .group import Group, GroupFacilitator

if TYPE_CHECKING:
    from staff.models import StaffMember


class GroupSessionQuerySet(models.QuerySet["GroupSession"]):
    def visible_to(self, staff_member: StaffMember) -> GroupSessionQuerySet:
        """Sessions of the clinic's groups, for roles that see groups."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        return self.filter(group__clinic=staff_member.clinic_id)

    def held(self) -> GroupSessionQuerySet:
        """Sessions that the clinic did not cancel."""
        return self.filter(cancelled_at=None)

    def with_counts(self, staff_member: StaffMember) -> GroupSessionQuerySet:
        """Each with `marked`, `attended` and `notes_due`, counted in the database; the latest first.

        Without members who are kept from the reader: a count would tell that there is one more.
        """
        from .attendance import was_there  # that module reads this one

        there = was_there("attendances__")
        shown = not_kept_from(staff_member, "attendances__membership__client")
        return self.annotate(
            marked=models.Count("attendances", filter=shown),
            attended=models.Count("attendances", filter=there & shown),
            notes_due=models.Count("attendances", filter=there & shown & Q(attendances__signed_at=None)),
        ).order_by("-starts_at", "-pk")

    def with_holder(self, staff_member: StaffMember) -> GroupSessionQuerySet:
        """Each with `is_held_by_reader`: whether the person writes about it.

        They held, cover or took over the session, or lead its group and did so already when it began. Who came to the
        group later writes nothing about sessions before their time (`groups.leading`).
        """
        own = SessionFacilitator.objects.held_by(staff_member).filter(session=OuterRef("pk"))
        return self.annotate(is_held_by_reader=Exists(own) | Exists(_leading_then(staff_member)))

    def led_by(self, staff_member: StaffMember) -> GroupSessionQuerySet:
        """Sessions the person facilitates or took over, or of a group they led then if the session names no one."""
        own = SessionFacilitator.objects.held_by(staff_member).values("session")
        return self.filter(Q(pk__in=own) | (Q(facilitator_rows=None) & Exists(_leading_then(staff_member))))


def _leading_then(staff_member: StaffMember) -> models.QuerySet[GroupFacilitator]:
    return GroupFacilitator.objects.filter(
        group=OuterRef("group"), staff_member=staff_member, since__lte=OuterRef("starts_at")
    )


@tracked
class GroupSession(models.Model):
    """One meeting of a group, with one note about the group in which no member is named."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(
        "length in minutes", default=90, validators=[MinValueValidator(10), MaxValueValidator(600)]
    )
    topic = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=120, blank=True, help_text="Method used, e.g. role play, worksheet.")
    facilitators = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="SessionFacilitator",
        through_fields=("session", "staff_member"),
        blank=True,
        related_name="facilitated_sessions",
    )
    group_note = models.TextField(blank=True, help_text="About the whole group. No names or initials.")
    note_signed_at = models.DateTimeField(null=True, blank=True)
    note_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("canceled by the clinic at", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_reason = models.CharField(max_length=200, blank=True)

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "-pk")
        constraints = [
            *moments_since_1900("starts_at", prefix="session"),
            models.UniqueConstraint(
                fields=("group", "starts_at"),
                name="one_session_at_a_time",
                violation_error_message="The group already has a session at that time.",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=10, minutes__lte=600), name="session_length_is_sane"),
            models.CheckConstraint(
                condition=Q(note_signed_at=None, note_signed_by=None)
                | (Q(note_signed_at__isnull=False, note_signed_by__isnull=False) & ~Q(group_note="")),
                name="group_note_signature_has_time_and_author",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="cancelling_has_time_and_author",
            ),
        ]
        indexes = [models.Index(fields=("starts_at",), name="session_by_time")]

    def __str__(self) -> str:
        return f"{self.group}, {self.local_start:%b %-d, %Y}"

    @property
    def cancelled_by_clinic(self) -> bool:
        """Did not take place; no attendance counts."""
        return self.cancelled_at is not None

    @property
    def local_start(self) -> datetime.datetime:
        """The start on the clinic's clock."""
        return timezone.localtime(self.starts_at, self.group.clinic.zone)

    @property
    def local_date(self) -> datetime.date:
        """The day on the clinic's calendar."""
        return self.local_start.date()

    @property
    def ends_at(self) -> datetime.datetime:
        """When it is over."""
        return later(self.starts_at, datetime.timedelta(minutes=self.minutes))


class SessionFacilitatorQuerySet(models.QuerySet["SessionFacilitator"]):
    def held_by(self, staff_member: StaffMember) -> SessionFacilitatorQuerySet:
        """Rows of those who led, and of those who finish the notes for someone who left the clinic."""
        return self.filter(Q(staff_member=staff_member) | Q(taken_over_by=staff_member))

    def open_for(self, staff_member: StaffMember) -> SessionFacilitatorQuerySet:
        """Rows whose notes are this person's to finish: they led, or took over, and nobody has taken over from them."""
        return self.filter(Q(staff_member=staff_member, taken_over_by=None) | Q(taken_over_by=staff_member))


@tracked
class SessionFacilitator(models.Model):
    """A staff member who led a session. Every session has at least one, peer-led ones too."""

    session = models.ForeignKey(GroupSession, on_delete=models.CASCADE, related_name="facilitator_rows")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who finishes the notes, as the facilitator left the clinic. Who led stays.",
    )

    objects = SessionFacilitatorQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("session", "staff_member"), name="facilitator_once_per_session")]

    def __str__(self) -> str:
        return f"{self.staff_member} led session {self.session_id}"
