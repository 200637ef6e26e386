from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from staff.history import tracked

from .clinic import Clinic
from .staff_member import Role, StaffMember


class AccountChangeQuerySet(models.QuerySet["AccountChange"]):
    def visible_to(self, staff_member: StaffMember) -> AccountChangeQuerySet:
        """Changes of accounts of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def waiting(self) -> AccountChangeQuerySet:
        """Those that wait for a second person."""
        return self.filter(outcome="")


@tracked
class AccountChange(models.Model):
    """A change of who may do what, which takes effect when a second person approves it (staff.account_changes)."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "New account"
        ROLE = "role", "Other role"
        SUPERVISION = "supervision", "Other supervisor or credential"
        EMAIL = "email", "Other email address"
        SECOND_STEP = "second_step", "Two-step sign-in removed"
        RETURN = "return", "Account turned on again"
        DEPARTURE = "departure", "Work here ends"

    class Outcome(models.TextChoices):
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    staff_member = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="account_changes",
        help_text="Blank for an invitation until it is approved.",
    )
    reason = models.CharField(max_length=300)
    # what it will be; for an invitation the whole account
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    administers = models.BooleanField(default=False)
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)
    credential = models.CharField(max_length=30, blank=True)
    supervisor = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    takes_over = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who gets the work of someone whose work here ends.",
    )
    # what it was
    was = models.CharField(max_length=300, blank=True, editable=False)

    requested_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    on_server = models.BooleanField(
        default=False, help_text="Approved by whoever runs the server, as no one else at the clinic could."
    )

    objects = AccountChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None, decided_by=None, on_server=False)
                | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="account_change_is_decided_or_waits",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approved")
                | Q(on_server=True, decided_by=None, staff_member__isnull=False)
                | (
                    Q(on_server=False, decided_by__isnull=False, staff_member__isnull=False)
                    & ~Q(decided_by=F("requested_by"))
                    & ~Q(decided_by=F("staff_member"))
                ),
                name="account_change_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(kind="role") | ~Q(staff_member=F("requested_by")), name="nobody_asks_for_another_role"
            ),
            models.CheckConstraint(
                condition=~Q(kind="supervision")
                | ~Q(staff_member=F("requested_by")) & (Q(supervisor=None) | ~Q(supervisor=F("staff_member"))),
                name="nobody_asks_for_their_own_supervision",
            ),
            models.CheckConstraint(
                condition=Q(kind="invitation") | Q(staff_member__isnull=False), name="account_change_says_whose"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("invitation", "email")) | ~Q(email=""), name="account_change_says_which_address"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("invitation", "role")) | ~Q(role=""), name="account_change_says_which_role"
            ),
            models.CheckConstraint(
                condition=~Q(kind="departure")
                | Q(takes_over__isnull=False) & ~Q(takes_over=F("staff_member")) & ~Q(requested_by=F("staff_member")),
                name="departure_says_who_takes_over",
            ),
            models.UniqueConstraint(
                fields=("staff_member", "kind"), condition=Q(outcome=""), name="account_change_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.whom}"

    @property
    def whom(self) -> str:
        """Whose account."""
        return str(self.staff_member) if self.staff_member else f"{self.given_name} {self.family_name}"

    @property
    def will_be(self) -> str:
        """What the change comes to, in words."""
        role = f"{self.get_role_display()}{', opens the administration pages' if self.administers else ''}"
        if self.kind == self.Kind.INVITATION:
            known = [role, self.credential, f"supervised by {self.supervisor}" if self.supervisor else ""]
            return f"{self.email}: {', '.join(filter(None, known))}"
        if self.kind == self.Kind.SUPERVISION:
            return self.supervision(self.credential, self.supervisor)
        if self.kind == self.Kind.DEPARTURE:
            return f"Account off, work handed over to {self.takes_over}"
        return {self.Kind.ROLE: role, self.Kind.EMAIL: self.email}.get(self.Kind(self.kind), "")

    @staticmethod
    def supervision(credential: str, supervisor: StaffMember | None) -> str:
        """A credential and a supervisor in words."""
        return f"{credential or 'No credential'}, {f'supervised by {supervisor}' if supervisor else 'no supervisor'}"
