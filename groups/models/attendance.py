from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models.visibility import not_kept_from, of_clients_visible_to
from staff.access import Permission, can
from staff.credentials import SignedWith
from staff.history import tracked

from .group import GroupFacilitator
from .membership import Membership
from .session import GroupSession, SessionFacilitator

if TYPE_CHECKING:
    from staff.models import StaffMember


class Mark(models.TextChoices):
    """Attendance mark. “Canceled by the clinic” is set on the session, once for everyone."""

    PRESENT = "present", "Present"
    LATE = "late", "Late"
    LEFT_EARLY = "left_early", "Left early"
    EXCUSED = "excused", "Excused"
    UNEXCUSED = "unexcused", "Unexcused"
    REMOVED = "removed", "Removed"


ATTENDED = (Mark.PRESENT, Mark.LATE, Mark.LEFT_EARLY)  # counts as attended, and needs a member note
ABSENT = (Mark.EXCUSED, Mark.UNEXCUSED)


def is_attended(mark: str, minutes_credited: int) -> bool:
    """The one rule: whether a mark with this many minutes is attendance. Late by the whole session is not."""
    return mark in ATTENDED and minutes_credited > 0


def was_there(prefix: str = "") -> Q:
    """`is_attended` as a condition on rows, or on rows reached through `prefix`, e.g. `attendances__`."""
    return Q(**{f"{prefix}mark__in": ATTENDED, f"{prefix}minutes_credited__gt": 0})


class Participation(models.TextChoices):
    """How a member took part."""

    ACTIVE = "active", "Active"
    SOME = "some", "Some"
    QUIET = "quiet", "Quiet, attentive"
    MINIMAL = "minimal", "Minimal"
    DISTRACTED = "distracted", "Distracted or distressed"


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, staff_member: StaffMember) -> AttendanceQuerySet:
        """Marks in the clinic's groups, for roles that see groups. The two below decide who reads them."""
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        kept = not_kept_from(staff_member, "membership__client")
        return self.filter(kept, session__group__clinic=staff_member.clinic_id)

    def marks_visible_to(self, staff_member: StaffMember) -> AttendanceQuerySet:
        """Rows that say when a member attended: dates of treatment, which a roster does not tell.

        Of clients the person sees, of sessions they hold or cover, and of groups they lead now, earlier sessions too:
        who leads decides about mentors by them. Whoever says who leads any group reads them as well.
        """
        rows = self.visible_to(staff_member)
        if can(staff_member, Permission.GROUP_LEADERS_SET):
            return rows
        held = SessionFacilitator.objects.held_by(staff_member).values("session")
        leads = GroupFacilitator.objects.filter(group=OuterRef("session__group"), staff_member=staff_member)
        return rows.filter(
            of_clients_visible_to(staff_member, "membership__client", among_others=True)
            | Q(session__in=held)
            | Q(Exists(leads))
        )

    def notes_visible_to(self, staff_member: StaffMember) -> AttendanceQuerySet:
        """Rows whose member note the person may read: of clients they see, and of sessions they lead or cover.

        Who leads the group also reads the sessions that others hold, from the day they lead it (`groups.leading`).
        """
        if not (can(staff_member, Permission.GROUP_VIEW) and can(staff_member, Permission.NOTE_VIEW)):
            return self.none()
        led = SessionFacilitator.objects.held_by(staff_member).values("session")
        leads_since = GroupFacilitator.objects.filter(
            group=OuterRef("session__group"), staff_member=staff_member, since__lte=OuterRef("session__starts_at")
        )
        kept = not_kept_from(staff_member, "membership__client")
        return self.filter(kept, session__group__clinic=staff_member.clinic_id).filter(
            of_clients_visible_to(staff_member, "membership__client", among_others=True)
            | Q(session__in=led)
            | Q(Exists(leads_since))
        )

    def attended(self) -> AttendanceQuerySet:
        """Members who attended, for at least a minute, a session that took place."""
        return self.filter(was_there(), session__cancelled_at=None)

    def minutes_by_session(self) -> models.QuerySet[Attendance, tuple[int, int]]:
        """Minutes credited over all members, as (session id, minutes) pairs."""
        rows = self.attended().order_by().values("session").annotate(total=models.Sum("minutes_credited"))
        return rows.values_list("session", "total")

    def without_signed_note(self) -> AttendanceQuerySet:
        """Members who attended and whose note is not signed: the worklist."""
        return self.attended().filter(signed_at=None)


@tracked
class Attendance(models.Model):
    """One member in one session: how they attended, for how long, and the note about them alone."""

    session = models.ForeignKey(GroupSession, on_delete=models.PROTECT, related_name="attendances")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendances")
    mark = models.CharField(max_length=10, choices=Mark)
    minutes_late = models.PositiveSmallIntegerField(default=0)
    minutes_early = models.PositiveSmallIntegerField("minutes left early", default=0)
    minutes_credited = models.PositiveSmallIntegerField(default=0, help_text="Minutes attended.")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    participation = models.CharField(max_length=10, choices=Participation, blank=True)
    response = models.TextField(blank=True, help_text="How the client responded to the session.")
    progress = models.TextField(blank=True, help_text="Progress on the client’s own goals.")
    written_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ("session", "membership")
        constraints = [
            models.UniqueConstraint(fields=("session", "membership"), name="one_mark_per_member_and_session"),
            models.CheckConstraint(
                condition=~Q(mark=Mark.PRESENT) | Q(minutes_late=0, minutes_early=0), name="present_is_all_of_it"
            ),
            models.CheckConstraint(condition=~Q(mark=Mark.LATE) | Q(minutes_late__gte=1), name="late_says_how_late"),
            models.CheckConstraint(
                condition=~Q(mark=Mark.LEFT_EARLY) | Q(minutes_early__gte=1), name="left_early_says_how_early"
            ),
            models.CheckConstraint(
                condition=~Q(mark__in=ABSENT) | Q(minutes_credited=0, minutes_late=0, minutes_early=0),
                name="absence_earns_no_minutes",
            ),
            models.CheckConstraint(
                condition=~Q(mark__in=ATTENDED) | Q(minutes_credited__gte=1), name="attended_means_minutes_there"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | (
                    Q(signed_at__isnull=False, signed_by__isnull=False, mark__in=ATTENDED)
                    & ~Q(participation="")
                    & ~Q(response="")
                ),
                name="member_note_signature_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=("membership", "session"), name="attendance_by_membership"),
            models.Index(
                fields=("session",), condition=Q(signed_at=None, mark__in=ATTENDED), name="attendance_note_to_write"
            ),
        ]

    def __str__(self) -> str:
        return self.get_mark_display()

    @property
    def is_signed(self) -> bool:
        """The note is closed: corrections are addenda."""
        return self.signed_at is not None

    @property
    def needs_note(self) -> bool:
        """Was there, so a note is due."""
        return self.is_attended

    @property
    def is_attended(self) -> bool:
        """Was there for at least a minute."""
        return is_attended(self.mark, self.minutes_credited)

    def is_late_entry(self, hours: int) -> bool:
        """Signed more than so many hours after the session; both times are kept."""
        return self.signed_at is not None and self.signed_at > self.session.ends_at + datetime.timedelta(hours=hours)


class AttendanceAddendumQuerySet(models.QuerySet["AttendanceAddendum"]):
    def visible_to(self, staff_member: StaffMember) -> AttendanceAddendumQuerySet:
        """Addenda to member notes that the person may read."""
        return self.filter(attendance__in=Attendance.objects.notes_visible_to(staff_member))


@tracked
class AttendanceAddendum(models.Model):
    """An addendum to a signed member note: dated and authored. The database refuses changes."""

    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=160, blank=True, help_text="Name and credential of the author at the time.")
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its text; empty if older than the rule.")
    text_version = models.PositiveSmallIntegerField(default=1, help_text="Version of the rules for that text.")
    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True)

    objects = AttendanceAddendumQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name_plural = "addenda to member notes"
        constraints = [
            models.CheckConstraint(
                condition=Q(hash="") | Q(hash__regex=r"^[0-9a-f]{64}$"), name="member_addendum_hash_is_sha256"
            )
        ]

    def __str__(self) -> str:
        return f"Addendum {self.pk}"
