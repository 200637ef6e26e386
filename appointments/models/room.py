from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    from staff.models import StaffMember


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, staff_member: StaffMember) -> RoomQuerySet:
        """Rooms of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def in_use(self) -> RoomQuerySet:
        """Rooms that can be booked."""
        return self.filter(is_in_use=True)


@tracked
class Room(models.Model):
    """A room in which one thing happens at a time."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)
    seats = models.PositiveSmallIntegerField(default=3)
    is_in_use = models.BooleanField("can be booked", default=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=("clinic", "name"),
                name="room_name_once_per_clinic",
                violation_error_message="The clinic already has a room with this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name
