from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat

from cases.models import CareTeamMember, Client, ClientRestriction
from cases.models.visibility import not_kept_from, of_clients_visible_to
from staff.access import Permission, can, roles_with
from staff.history import tracked
from staff.models import Clinic, StaffMember

from .crisis import CrisisReply
from .reminder import Kind as ReminderKind
from .reminder import Reminder

if TYPE_CHECKING:
    from reminders.task_deadlines import Cutoffs

Part = CareTeamMember.Part
# Who comes first of a care team, of those who may have a task. Emergency access makes nobody responsible.
_IN_TURN = (Part.COVERING, Part.PRIMARY, Part.COUNSELOR, Part.FACILITATOR)
_ABOUT_CLIENTS = roles_with(Permission.REMINDER_VIEW, Permission.CLIENT_VIEW)
_DESK = roles_with(Permission.REMINDER_VIEW, Permission.CLIENT_VIEW_ALL)  # the intake desk and supervisors
_MANAGERS = roles_with(Permission.REMINDER_MANAGE)
# Whose a task is that no one has: as staff read it, and as an address says it.
ABOUT_CLIENTS, ABOUT_NO_CLIENT = "Intake desk and supervisors", "Supervisors and administrators"
DESK = "desk"
# Messages that are of use until an appointment begins (`not_after`), and so is what a person does instead of one.
BEFORE_APPOINTMENT = (
    ReminderKind.CLIENT_APPOINTMENT,
    ReminderKind.CLIENT_BOOKED,
    ReminderKind.CLIENT_MOVED,
    ReminderKind.CLIENT_CANCELED,
)


class StaffTaskQuerySet(models.QuerySet["StaffTask"]):
    def visible_to(self, staff_member: StaffMember) -> StaffTaskQuerySet:
        """Tasks about clients the person may see; tasks about no client, for those who manage reminders."""
        if not can(staff_member, Permission.REMINDER_VIEW):
            return self.none()
        seen = of_clients_visible_to(staff_member, "client", among_others=True)
        if can(staff_member, Permission.REMINDER_MANAGE):
            seen |= Q(client=None)
        return self.filter(seen, clinic=staff_member.clinic_id)

    def overseen_by(self, staff_member: StaffMember) -> StaffTaskQuerySet:
        """The same, and for those who manage reminders every task of the clinic.

        Of those that `visible_to` leaves out they may be told the kind, the age and the owner: no client, no sentence.
        A task about a client who restricted them isn't there.
        """
        if can(staff_member, Permission.REMINDER_MANAGE):
            return self.filter(not_kept_from(staff_member, "client_id"), clinic=staff_member.clinic_id)
        return self.visible_to(staff_member)

    def open(self) -> StaffTaskQuerySet:
        """Tasks not done yet."""
        return self.filter(done_at=None)

    def with_owner(self) -> StaffTaskQuerySet:
        """Each with `owner_id`, whose it is, and `is_danger`; the only place where that is decided.

        The colleague it was handed to last who can still open it; else who covers now; else the client's primary
        counselor; else the first
        of the care team. None: it is everyone's at the desk it belongs to (`of_desk`).
        """
        team = CareTeamMember.objects.current().filter(
            client=OuterRef("client"),
            part__in=_IN_TURN,
            staff_member__is_active=True,
            staff_member__role__in=_ABOUT_CLIENTS,
        )
        turn = Case(*(When(part=part, then=Value(place)) for place, part in enumerate(_IN_TURN)))
        handed = TaskHandover.objects.standing().filter(task=OuterRef("pk")).order_by("-pk")
        in_danger = CrisisReply.objects.open().filter(client=OuterRef("client"), client__isnull=False)
        return self.annotate(
            owner_id=Coalesce(
                Subquery(handed.values("to")[:1]),
                Subquery(team.order_by(turn, "starts_at", "pk").values("staff_member")[:1]),
            ),
            is_danger=Exists(in_danger),
        )

    def with_owner_name(self) -> StaffTaskQuerySet:
        """Each of rows `with_owner` with `owner_name`: None for a desk's."""
        owner = StaffMember.objects.filter(pk=OuterRef("owner_id"))
        return self.annotate(owner_name=Subquery(owner.values(name=Concat("given_name", Value(" "), "family_name"))))

    def of_desk(self, staff_member: StaffMember) -> Q:
        """Of rows `with_owner`: those that are everyone's, where the person is one of them.

        About a client: the intake desk and supervisors. About no client: those who manage reminders.
        """
        theirs = Q(pk__in=())
        if staff_member.role in _DESK:
            theirs |= Q(client__isnull=False)
        if staff_member.role in _MANAGERS:
            theirs |= Q(client=None)
        return Q(owner_id=None) & theirs

    def of_no_one(self, staff_member: StaffMember) -> Q:
        """Of rows `with_owner`: those of a desk at which no one is left, in the person's clinic."""
        desk = StaffMember.objects.filter(clinic=staff_member.clinic_id, is_active=True, role__in=_DESK)
        return Q(~Exists(desk), owner_id=None, client__isnull=False)

    def late(self, cutoffs: Cutoffs) -> Q:
        """Of rows `with_owner`: those that are late by these cutoffs."""
        before_appointment = Q(reminder__kind__in=BEFORE_APPOINTMENT)
        before_appointment &= Q(kind=StaffTask.Kind.UNCERTAIN) | Q(reminder__not_after__isnull=False)
        return (
            Q(created_at__lte=cutoffs.ordinary)
            | Q(is_danger=True, created_at__lte=cutoffs.danger)
            | before_appointment
            & (Q(created_at__lte=cutoffs.before_appointment) | Q(reminder__not_after__lte=cutoffs.now))
        )


@tracked
class StaffTask(models.Model):
    """A task for a person when software could not finish: a blocked or failed message, a reply to read."""

    class Kind(models.TextChoices):
        BLOCKED = "blocked", "Contact another way"
        HELD_BACK = "held_back", "Review a held message"
        REPLY = "reply", "Read a reply"
        UNCLEAR = "unclear", "Ask whether to stop messages"
        PROVIDER = "provider", "Fix texts and calls"
        UNCERTAIN = "uncertain", "Ask whether a message arrived"
        TELL = "tell", "Tell the client"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BLOCKED)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="staff_tasks")
    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, null=True, blank=True, related_name="staff_tasks")
    sentence = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_because = models.CharField(
        max_length=120, blank=True, db_default="", help_text="Why it no longer needs doing. Blank: someone did it."
    )

    objects = StaffTaskQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, done_because="")
                | Q(done_at__isnull=False, done_by__isnull=False, done_because="")
                | Q(done_at__isnull=False, done_by=None) & ~Q(done_because=""),
                name="staff_task_done_has_time_and_author",
            )
        ]
        indexes = [
            models.Index(fields=("clinic", "created_at"), condition=Q(done_at=None), name="staff_task_open"),
            models.Index(fields=("client",), name="staff_task_by_client"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def owner_text(self) -> str:
        """Of a row `with_owner_name`: the colleague who has it, or the desk."""
        name: str | None = self.owner_name  # type: ignore[attr-defined]  # annotated
        return name or (ABOUT_CLIENTS if self.client_id else ABOUT_NO_CLIENT)

    @property
    def is_before_appointment(self) -> bool:
        """Whether it is about a message before an appointment, unsent or in doubt: done while it can still help."""
        about = self.reminder
        if about is None or about.kind not in BEFORE_APPOINTMENT:
            return False
        return self.kind == StaffTask.Kind.UNCERTAIN or about.not_after is not None


class TaskHandoverQuerySet(models.QuerySet["TaskHandover"]):
    def visible_to(self, staff_member: StaffMember) -> TaskHandoverQuerySet:
        """Of tasks that the person may see."""
        return self.filter(task__in=StaffTask.objects.visible_to(staff_member).values("pk"))

    def standing(self) -> TaskHandoverQuerySet:
        """Those to someone who can still open the task."""
        team = CareTeamMember.objects.current().filter(client=OuterRef("task__client"), staff_member=OuterRef("to"))
        may_open = Q(to__role__in=_DESK) | Q(to__role__in=_ABOUT_CLIENTS) & Exists(team)
        about_nobody = Q(task__client=None, to__role__in=_MANAGERS)
        kept = ClientRestriction.objects.in_force().filter(client=OuterRef("task__client"), staff_member=OuterRef("to"))
        about_client = Q(~Exists(kept), task__client__isnull=False) & may_open
        return self.filter(about_client | about_nobody, to__is_active=True)


@tracked
class TaskHandover(models.Model):
    """A task that someone took over or handed to a colleague: a dated, authored row that never changes."""

    task = models.ForeignKey(StaffTask, on_delete=models.PROTECT, related_name="handovers")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, help_text="Blank only for a task that no one had.")

    objects = TaskHandoverQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(to=F("by")) | ~Q(reason=""), name="task_handed_over_with_a_reason"),
        ]
        indexes = [models.Index(fields=("task", "-id"), name="task_handover_last")]

    def __str__(self) -> str:
        return f"{self.by} to {self.to}"
