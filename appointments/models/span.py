from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from staff.history import tracked
from staff.models import Clinic

from .room import Room


@tracked
class BookedSpan(models.Model):
    """Time in which a staff member or a room is taken: one table for all that may take it.

    `held_by` and `holder_id` name the row that needs it, which may be of an app above this one. The database refuses
    an overlap; a deliberate one has a reason and stands beside what was there. The exclusion leaves those with a reason
    out, against anyone: it is the writers who take turns and look at all of them (appointments.spans.hold).
    """

    class HeldBy(models.TextChoices):
        APPOINTMENT = "appointment", "Appointment"
        GROUP_SESSION = "group_session", "Group session"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    held_by = models.CharField(max_length=16, choices=HeldBy)
    holder_id = models.BigIntegerField()
    staff_member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="booked_spans"
    )
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="booked_spans")
    during = DateTimeRangeField(help_text="Half-open: one may end when the next begins.")
    overlap_reason = models.CharField(
        max_length=200, blank=True, help_text="Why it overlaps another one. Blank: no overlap."
    )

    class Meta:
        ordering = ("during",)
        constraints = [
            models.CheckConstraint(
                condition=Q(staff_member__isnull=False, room=None) | Q(staff_member=None, room__isnull=False),
                name="span_takes_a_person_or_a_room",
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="span_has_both_ends",
            ),
            ExclusionConstraint(
                name="staff_booked_once_at_a_time",
                expressions=[("staff_member", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(overlap_reason="", staff_member__isnull=False),
                violation_error_message="The staff member already has something at that time.",
            ),
            ExclusionConstraint(
                name="room_booked_once_at_a_time",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(overlap_reason="", room__isnull=False),
                violation_error_message="The room is already taken at that time.",
            ),
            models.UniqueConstraint(fields=("held_by", "holder_id", "staff_member"), name="span_once_per_person"),
            models.UniqueConstraint(fields=("held_by", "holder_id", "room"), name="span_once_per_room"),
        ]

    def __str__(self) -> str:
        return f"{self.get_held_by_display()} {self.holder_id}"
