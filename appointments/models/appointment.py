from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import (
    CharField,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
)
from django.utils import timezone

from appointments.codes import AHEAD, OPEN, Mode, Purpose, Step
from cases.codes import DischargeReason
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.models.visibility import not_kept_from, of_clients_visible_to
from staff.access import Permission, can
from staff.day_rules import moments_since_1900
from staff.days import later
from staff.history import tracked
from staff.models import Clinic, Program

from .availability import Holiday, TimeOff
from .room import Room
from .series import Series

if TYPE_CHECKING:
    from staff.models import StaffMember


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, staff_member: StaffMember) -> AppointmentQuerySet:
        """Appointments of clients and callers that the person may see, and their own.

        Someone who covers for a colleague sees who comes to them, and nothing more of the chart. Who restricted them
        shows as time taken, like the clients of others. Whoever only took a call does not see the caller's appointments
        once it was linked to someone whose chart they don't see: their addresses name the client.
        """
        if not can(staff_member, Permission.APPOINTMENT_VIEW):
            return self.none()
        kept = not_kept_from(staff_member, "client") & not_kept_from(staff_member, "inquiry__client")
        own = self.filter(kept, clinic=staff_member.clinic_id)
        if can(staff_member, Permission.CLIENT_VIEW_ALL):
            return own
        return own.filter(
            Q(staff_member=staff_member)
            | of_clients_visible_to(staff_member, "client", among_others=True)
            | Q(client=None, inquiry__client=None, inquiry__in=Inquiry.objects.visible_to(staff_member).values("pk"))
            | Q(client=None) & of_clients_visible_to(staff_member, "inquiry__client", among_others=True)
        )

    def of_client(self, client: Client | int) -> AppointmentQuerySet:
        """A client's appointments, with those that were booked for them as a caller."""
        return self.filter(Q(client=client) | Q(client=None, inquiry__client=client))

    def with_step(self) -> AppointmentQuerySet:
        """Each with `step`, what became of it last, and `step_at`."""
        last = AppointmentStep.objects.filter(appointment=OuterRef("pk")).order_by("-pk")
        return self.annotate(step=Subquery(last.values("step")[:1]), step_at=Subquery(last.values("at")[:1]))

    def marked(self, *steps: Step) -> AppointmentQuerySet:
        """Each with `step`, as far as it is one of these."""
        return self.with_step().filter(step__in=steps)  # type: ignore[misc]  # annotated

    def not_marked(self, *steps: Step) -> AppointmentQuerySet:
        """Each with `step`, without those of which it is one of these."""
        return self.with_step().exclude(step__in=steps)  # type: ignore[misc]  # annotated

    def ahead(self) -> AppointmentQuerySet:
        """Booked or confirmed: still to come, or nobody said what became of it."""
        return self.marked(*AHEAD)

    def open(self) -> AppointmentQuerySet:
        """The same, and those whose client has arrived."""
        return self.marked(*OPEN)

    def of_the_living(self) -> AppointmentQuerySet:
        """Appointments of nobody who died."""
        died = TreatmentEpisode.objects.filter(client=OuterRef("client"), discharge_reason=DischargeReason.DIED)
        return self.filter(~Exists(died))

    def with_closed(self) -> AppointmentQuerySet:
        """Each with `holiday`, the name of the one that it is on, and `is_off`, whether its person is off then.

        One that has a reason to be there is not asked about what was known when it was booked.
        """
        booked_at = AppointmentStep.objects.filter(appointment=OuterRef("pk")).order_by("pk").values("at")[:1]
        day = Func(
            F("starts_at"),
            F("clinic__time_zone"),
            template="(%(expressions)s)::date",
            arg_joiner=" AT TIME ZONE ",
            output_field=DateField(),
        )
        length = Func(F("minutes"), template="make_interval(mins => %(expressions)s)", output_field=DurationField())
        found = self.alias(booked_at=Subquery(booked_at), local_day=day, until=F("starts_at") + length)
        reason = ExpressionWrapper(OuterRef("outside_hours_reason"), output_field=CharField())
        is_new = Q(reason="") | Q(added_at__gt=OuterRef("booked_at"))
        holiday = Holiday.objects.alias(reason=reason).filter(
            is_new, clinic=OuterRef("clinic"), day=OuterRef("local_day")
        )
        off = TimeOff.objects.alias(reason=reason).filter(
            is_new,
            staff_member=OuterRef("staff_member"),
            starts_at__lt=OuterRef("until"),
            ends_at__gt=OuterRef("starts_at"),
        )
        return found.annotate(holiday=Subquery(holiday.values("name")[:1]), is_off=Exists(off))

    def between(self, since: datetime.datetime, until: datetime.datetime) -> AppointmentQuerySet:
        """Appointments that begin in a stretch of time, its end not included; in their order."""
        return self.filter(starts_at__gte=since, starts_at__lt=until).order_by("starts_at", "pk")


@tracked
class Appointment(models.Model):
    """One client or caller with one staff member at one time.

    Its time never changes: a move makes a new row, and the old one points to it. What became of it is in its steps.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="appointments")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    inquiry = models.ForeignKey(
        Inquiry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        help_text="The call it was booked in, for someone who is not a client yet.",
    )
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    purpose = models.CharField("type", max_length=16, choices=Purpose)
    starts_at = models.DateTimeField("start")
    minutes = models.PositiveSmallIntegerField(
        "length in minutes", default=50, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    mode = models.CharField("how", max_length=10, choices=Mode, default=Mode.IN_PERSON)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    link = models.URLField("video link", max_length=300, blank=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    moved_to = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_from", editable=False
    )
    outside_hours_reason = models.CharField(
        "why it has to be then",
        max_length=200,
        blank=True,
        help_text="Of one outside working hours, in time off or on a holiday. It says nothing of an overlap.",
    )
    overlap_reason = models.CharField(
        "why it overlaps", max_length=200, blank=True, help_text="Blank: no overlap; the database enforces this."
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "pk")
        constraints = [
            *moments_since_1900("starts_at", prefix="appointment"),
            models.CheckConstraint(
                condition=Q(client__isnull=False) | Q(inquiry__isnull=False), name="appointment_is_with_somebody"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="appointment_length_is_sane"),
            models.CheckConstraint(condition=Q(link="") | Q(mode="video"), name="appointment_link_is_for_video"),
            models.CheckConstraint(condition=Q(room=None) | Q(mode="in_person"), name="appointment_room_is_in_person"),
            models.CheckConstraint(condition=~Q(moved_to=F("id")), name="appointment_moves_to_another"),
        ]
        indexes = [
            models.Index(fields=("clinic", "starts_at"), name="appointment_by_day"),
            models.Index(fields=("staff_member", "starts_at"), name="appointment_by_staff"),
            models.Index(fields=("client", "-starts_at"), name="appointment_by_client"),
            models.Index(fields=("inquiry",), condition=Q(inquiry__isnull=False), name="appointment_by_inquiry"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.local_start:%b %-d, %Y, %-I:%M %p}"

    @property
    def person(self) -> Client | None:
        """The client, known from the start or found since the call; None for a caller who is not a client yet."""
        return self.client or (self.inquiry.client if self.inquiry else None)

    @property
    def ends_at(self) -> datetime.datetime:
        """When it is over."""
        return later(self.starts_at, datetime.timedelta(minutes=self.minutes))

    @property
    def local_start(self) -> datetime.datetime:
        """The start on the clinic's clock."""
        return timezone.localtime(self.starts_at, self.clinic.zone)

    @property
    def local_end(self) -> datetime.datetime:
        """The end on the clinic's clock."""
        return timezone.localtime(self.ends_at, self.clinic.zone)

    @property
    def local_date(self) -> datetime.date:
        """The day on the clinic's calendar."""
        return self.local_start.date()


class StepQuerySet(models.QuerySet["AppointmentStep"]):
    def visible_to(self, staff_member: StaffMember) -> StepQuerySet:
        """Steps of appointments that the person may see."""
        return self.filter(appointment__in=Appointment.objects.visible_to(staff_member).values("pk"))


@tracked
class AppointmentStep(models.Model):
    """What became of an appointment: a dated, authored row that never changes. The latest one counts."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=12, choices=Step)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank: the client answered a message.",
    )
    reason = models.CharField(max_length=200, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ("appointment", "pk")
        constraints = [*moments_since_1900("at", prefix="appointment_step")]
        indexes = [
            models.Index(fields=("appointment", "-id"), name="appointment_last_step"),
            models.Index(fields=("-at",), condition=Q(step="no_show"), name="appointment_no_shows"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()
